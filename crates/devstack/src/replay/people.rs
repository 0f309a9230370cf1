//! The people of the replay and their clients: every act is a gRPC call in somebody's name.

use anyhow::{Context, Result, ensure};
use proto::analytics::v1::analytics_service_client::AnalyticsServiceClient;
use proto::analytics::v1::{GetTotalsRequest, Totals};
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::mediation::v1::mediation_service_client::MediationServiceClient;
use proto::routing::v1::routing_service_client::RoutingServiceClient;
use tonic::Request;
use tonic::transport::{Channel, Endpoint};

use super::insisting::Insisting;

/// The gRPC endpoints of the four services.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// Intake.
    pub intake: String,
    /// Routing.
    pub routing: String,
    /// Mediation.
    pub mediation: String,
    /// Analytics.
    pub analytics: String,
}

/// Clients of the four services; clones share connections.
#[derive(Clone, Debug)]
pub struct People {
    /// Takes filings.
    pub intake: IntakeServiceClient<Insisting>,
    /// Routes.
    pub routing: RoutingServiceClient<Insisting>,
    /// Negotiation and mediation.
    pub mediation: MediationServiceClient<Insisting>,
    /// Figures.
    pub analytics: AnalyticsServiceClient<Insisting>,
}

impl People {
    /// Connects when first needed.
    ///
    /// # Errors
    /// When an endpoint is no address.
    pub fn new(addresses: &Addresses) -> Result<Self> {
        Self::of_replicas(std::slice::from_ref(addresses))
    }

    /// Speaks to whichever replica answers; connects when first needed.
    ///
    /// # Errors
    /// When an endpoint is no address, or there is no replica.
    pub fn of_replicas(replicas: &[Addresses]) -> Result<Self> {
        ensure!(!replicas.is_empty(), "people need somebody to speak to");
        let channels = |address: fn(&Addresses) -> &str| {
            let channels = replicas.iter().map(|replica| channel(address(replica)));
            Ok::<_, anyhow::Error>(Insisting::new(channels.collect::<Result<_>>()?))
        };
        Ok(Self {
            intake: IntakeServiceClient::new(channels(|replica| &replica.intake)?),
            routing: RoutingServiceClient::new(channels(|replica| &replica.routing)?),
            mediation: MediationServiceClient::new(channels(|replica| &replica.mediation)?),
            analytics: AnalyticsServiceClient::new(channels(|replica| &replica.analytics)?),
        })
    }
}

impl People {
    /// The totals of all cases, as analytics gives them.
    ///
    /// # Errors
    /// When analytics does not answer.
    pub async fn totals(&self) -> Result<Totals> {
        let totals = self
            .analytics
            .clone()
            .get_totals(by(OPERATOR, GetTotalsRequest::default()))
            .await;
        Ok(totals.context("GetTotals")?.into_inner())
    }
}

fn channel(address: &str) -> Result<Channel> {
    Ok(Endpoint::from_shared(address.to_owned())
        .with_context(|| format!("{address} is no address"))?
        .connect_lazy())
}

/// A request in somebody's name.
pub(super) fn by<T>(who: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    chassis::principal::attach(&mut request, who);
    request
}

/// The consumer of a row.
pub(super) fn consumer(row: usize) -> String {
    format!("consumer/-/c{row}")
}

/// Somebody of an enterprise.
pub(super) fn enterprise(uscc: &str) -> String {
    format!("enterprise/{uscc}/e1")
}

/// An official of an authority.
pub(super) fn official(authority: &str) -> String {
    format!("official/{authority}/o1")
}

/// Who runs the platform.
pub(super) const OPERATOR: &str = "operator/-/replay";
