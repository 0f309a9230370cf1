//! Where the services are, and requests in the operator's name.

use anyhow::{Context, Result};
use chassis::pb::ops_service_client::OpsServiceClient;
use clap::{Args, ValueEnum};
use proto::mediation::v1::mediation_service_client::MediationServiceClient;
use tonic::Request;
use tonic::transport::{Channel, Endpoint};

const OPERATOR: &str = "operator/-/odrctl";

/// gRPC addresses of the services.
#[derive(Args, Clone, Debug)]
pub(crate) struct Services {
    /// Intake
    #[arg(
        long,
        env = "ODR_INTAKE",
        default_value = "http://127.0.0.1:7101",
        global = true
    )]
    intake: String,
    /// Routing
    #[arg(
        long,
        env = "ODR_ROUTING",
        default_value = "http://127.0.0.1:7102",
        global = true
    )]
    routing: String,
    /// Mediation
    #[arg(
        long,
        env = "ODR_MEDIATION",
        default_value = "http://127.0.0.1:7103",
        global = true
    )]
    mediation: String,
    /// Analytics
    #[arg(
        long,
        env = "ODR_ANALYTICS",
        default_value = "http://127.0.0.1:7104",
        global = true
    )]
    analytics: String,
}

/// A service by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Service {
    Intake,
    Routing,
    Mediation,
    Analytics,
}

impl Services {
    pub(crate) fn address(&self, service: Service) -> &str {
        match service {
            Service::Intake => &self.intake,
            Service::Routing => &self.routing,
            Service::Mediation => &self.mediation,
            Service::Analytics => &self.analytics,
        }
    }

    pub(crate) fn all(&self) -> Vec<String> {
        Service::value_variants()
            .iter()
            .map(|service| self.address(*service).to_owned())
            .collect()
    }

    pub(crate) async fn mediation(&self) -> Result<MediationServiceClient<Channel>> {
        Ok(MediationServiceClient::new(
            self.channel(Service::Mediation).await?,
        ))
    }

    pub(crate) async fn ops(&self, service: Service) -> Result<OpsServiceClient<Channel>> {
        Ok(OpsServiceClient::new(self.channel(service).await?))
    }

    async fn channel(&self, service: Service) -> Result<Channel> {
        let address = self.address(service);
        let endpoint = Endpoint::from_shared(address.to_owned())
            .with_context(|| format!("{address} is no address"))?;
        endpoint
            .connect()
            .await
            .with_context(|| format!("{service:?} does not answer at {address}"))
    }
}

pub(crate) fn request<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    chassis::principal::attach(&mut request, OPERATOR);
    request
}

/// An answer's error, without the parts that are not for people.
pub(crate) fn said(status: tonic::Status) -> anyhow::Error {
    let reason = chassis::status::reason_of(&status)
        .map_or_else(String::new, |reason| format!(" ({reason})"));
    anyhow::anyhow!("{}: {}{reason}", status.code(), status.message())
}
