//! Clients of the services of one replica each, and requests in somebody's name.

use std::time::Duration;

use anyhow::{Context, Result};
use chassis::pb::ops_service_client::OpsServiceClient;
use devstack::services::{NAMES, Stack};
use proto::analytics::v1::analytics_service_client::AnalyticsServiceClient;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::mediation::v1::mediation_service_client::MediationServiceClient;
use proto::routing::v1::routing_service_client::RoutingServiceClient;
use tonic::Request;
use tonic::transport::{Channel, Endpoint};

/// Who runs the platform.
pub const OPERATOR: &str = "operator/-/scenario";

/// Callers wait so long, unless they say otherwise.
const USUAL: Duration = Duration::from_secs(20);

/// Clients of the services; clones share connections.
#[derive(Clone, Debug)]
pub struct Clients {
    /// Takes filings.
    pub intake: IntakeServiceClient<Channel>,
    /// Chooses holders.
    pub routing: RoutingServiceClient<Channel>,
    /// Negotiation and mediation.
    pub mediation: MediationServiceClient<Channel>,
    /// Figures.
    pub analytics: AnalyticsServiceClient<Channel>,
    channels: Vec<(String, Channel)>,
    deadline: Option<Duration>,
}

impl Clients {
    /// Clients of this replica of every service that runs; connected when first needed.
    ///
    /// # Errors
    /// When an endpoint is no address.
    pub fn new(stack: &Stack, replica: usize) -> Result<Clients> {
        Clients::at(NAMES.map(|service| {
            let runs = stack.options().names.iter().any(|name| name == service);
            if runs {
                stack.endpoint(service, replica)
            } else {
                // a service that does not run answers nobody
                "http://127.0.0.1:1".to_owned()
            }
        }))
    }

    /// Clients of services at these addresses, in the order of [`NAMES`]; connected when first needed.
    ///
    /// # Errors
    /// When one is no address.
    pub fn at(addresses: [String; 4]) -> Result<Clients> {
        let channel = |address: String| -> Result<Channel> {
            let endpoint = Endpoint::from_shared(address).context("an endpoint is an address")?;
            Ok(endpoint
                .connect_timeout(Duration::from_secs(2))
                .connect_lazy())
        };
        let channels = NAMES
            .into_iter()
            .zip(addresses)
            .map(|(name, address)| Ok((name.to_owned(), channel(address)?)))
            .collect::<Result<Vec<_>>>()?;
        Ok(Clients {
            intake: IntakeServiceClient::new(channels[0].1.clone()),
            routing: RoutingServiceClient::new(channels[1].1.clone()),
            mediation: MediationServiceClient::new(channels[2].1.clone()),
            analytics: AnalyticsServiceClient::new(channels[3].1.clone()),
            channels,
            deadline: Some(USUAL),
        })
    }

    /// The same, with callers who wait no longer than this for an answer.
    #[must_use]
    pub fn patient_for(mut self, deadline: Duration) -> Clients {
        self.deadline = Some(deadline);
        self
    }

    /// The same, with callers who name no deadline and trust the services to have one.
    #[must_use]
    pub fn trusting(mut self) -> Clients {
        self.deadline = None;
        self
    }

    /// A request in somebody's name, with these callers' deadline.
    pub fn by<T>(&self, who: &str, message: T) -> Request<T> {
        let mut request = in_the_name_of(who, message);
        if let Some(deadline) = self.deadline {
            request.set_timeout(deadline);
        }
        request
    }

    /// The operations service of one of them.
    ///
    /// # Panics
    /// When there is no such service.
    pub fn ops(&self, service: &str) -> OpsServiceClient<Channel> {
        let found = self.channels.iter().find(|(name, _)| name == service);
        let (_, channel) = found.unwrap_or_else(|| panic!("there is no service {service}"));
        OpsServiceClient::new(channel.clone())
    }
}

/// A request in somebody's name.
pub fn by<T>(who: &str, message: T) -> Request<T> {
    let mut request = in_the_name_of(who, message);
    request.set_timeout(USUAL);
    request
}

fn in_the_name_of<T>(who: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    chassis::principal::attach(&mut request, who);
    request
}

/// An official of an authority.
pub fn official(authority: &str) -> String {
    format!("official/{authority}/o1")
}
