//! The enterprises that complaints go to.

use anyhow::{Context, Result};
use proto::routing::v1::routing_service_client::RoutingServiceClient;
use proto::routing::v1::{AdmitEnterpriseRequest, FiveOnes, RegisterEnterpriseRequest};
use tonic::transport::Channel;

use super::{OPERATOR, by};

/// Credit codes of synthetic enterprises: valid check characters.
const ENTERPRISES: [&str; 4] = [
    "Y10000000000000017",
    "Y10000000000000025",
    "Y10000000000000033",
    "Y10000000000000041",
];

/// Registers and admits the enterprises; gives their credit codes.
pub(super) async fn register(routing: &mut RoutingServiceClient<Channel>) -> Result<Vec<String>> {
    let enterprises: Vec<String> = ENTERPRISES.iter().map(|first| with_check(first)).collect();
    for uscc in &enterprises {
        register_one(routing, uscc).await?;
    }
    Ok(enterprises)
}

/// The first 17 characters with their right check character.
fn with_check(code: &str) -> String {
    let first = &code[..17];
    "0123456789ABCDEFGHJKLMNPQRTUWXY"
        .chars()
        .map(|check| format!("{first}{check}"))
        .find(|code| proto::wire::uscc(code).is_some())
        .expect("one of the alphabet's characters is the check")
}

async fn register_one(routing: &mut RoutingServiceClient<Channel>, uscc: &str) -> Result<()> {
    let request = RegisterEnterpriseRequest {
        request_id: format!("register-{uscc}"),
        uscc: uscc.to_owned(),
        name: format!("Synthetic {uscc}"),
        region: "CA".into(),
        industry: "retail".into(),
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
        .context("RegisterEnterprise")?;
    let request = AdmitEnterpriseRequest {
        request_id: format!("admit-{uscc}"),
        uscc: uscc.to_owned(),
        etag: String::new(),
    };
    routing
        .admit_enterprise(by(OPERATOR, request))
        .await
        .context("AdmitEnterprise")?;
    Ok(())
}
