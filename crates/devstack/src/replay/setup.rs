//! Before the first filing: every company of the file becomes an admitted ODR enterprise.

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use proto::routing::v1::{AdmitEnterpriseRequest, FiveOnes, RegisterEnterpriseRequest};

use super::people::{OPERATOR, People, by};
use super::plan::Plan;

const AT_ONCE: usize = 16;

/// Registers and admits all companies; asked twice, it changes nothing.
///
/// # Errors
/// When a registration is refused.
pub async fn set_up(people: &People, plan: &Plan) -> Result<()> {
    stream::iter(plan.companies.iter())
        .map(|(name, uscc)| {
            let mut routing = people.routing.clone();
            async move {
                let request = RegisterEnterpriseRequest {
                    request_id: format!("register-{uscc}"),
                    uscc: uscc.to_string(),
                    name: name.clone(),
                    region: "US".into(),
                    industry: "finance".into(),
                    five_ones: Some(FiveOnes {
                        fixed_place: true,
                        staff: true,
                        computer: true,
                        telephone: true,
                        rules: true,
                    }),
                    delegate_uscc: String::new(),
                    synthetic: true,
                };
                routing
                    .register_enterprise(by(OPERATOR, request))
                    .await
                    .with_context(|| format!("{name} could not be registered"))?;
                let request = AdmitEnterpriseRequest {
                    request_id: format!("admit-{uscc}"),
                    uscc: uscc.to_string(),
                    etag: String::new(),
                };
                routing
                    .admit_enterprise(by(OPERATOR, request))
                    .await
                    .with_context(|| format!("{name} could not be admitted"))?;
                anyhow::Ok(())
            }
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await
}
