//! The running service: started, asked, stopped or killed.

use std::net::SocketAddr;
use std::time::Duration;

use chassis::principal;
use chassis::shutdown::Shutdown;
use clap::Parser;
use docket::launch::Listeners;
use proto::analytics::v1::analytics_service_client::AnalyticsServiceClient;
use proto::analytics::v1::*;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use super::rig::World;
use super::story::Story;
use super::{BOUND, eventually};

pub(crate) const OPERATOR: &str = "operator/-/o-1";

#[derive(Debug, Parser)]
struct Settings {
    #[command(flatten)]
    config: analytics::Config,
}

/// The service in this process, on a runtime of its own, so that it can be killed as a whole.
pub(crate) struct Service {
    client: AnalyticsServiceClient<Channel>,
    shutdown: Shutdown,
    running: JoinHandle<anyhow::Result<()>>,
    runtime: Option<Runtime>,
}

impl Service {
    /// Migrates the database and starts the service with further settings.
    pub(crate) async fn start(world: &World<'_>, settings: &[&str]) -> Self {
        let prefix = world.prefix();
        let mut arguments = vec![
            "analytics",
            "--mode=sandbox",
            "--listen=127.0.0.1:0",
            "--ops-listen=127.0.0.1:0",
            "--database-url",
            &world.database,
            "--kafka",
            world.kafka(),
            "--topic-prefix",
            &prefix,
        ];
        arguments.extend(settings);
        let config = Settings::parse_from(arguments).config;
        config.validate().unwrap();
        docket::launch::migrate(&config.common, &analytics::MIGRATOR)
            .await
            .unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let shutdown = Shutdown::new();
        let stop = shutdown.clone();
        let (tell, told) = tokio::sync::oneshot::channel::<SocketAddr>();
        let running = runtime.spawn(async move {
            let listeners = Listeners::bind(&config.common).await?;
            tell.send(listeners.grpc.local_addr()?).unwrap();
            analytics::run(config, listeners, stop).await
        });
        let address = told.await.unwrap();
        let channel = Endpoint::from_shared(format!("http://{address}"))
            .unwrap()
            .connect_lazy();
        Self {
            client: AnalyticsServiceClient::new(channel),
            shutdown,
            running,
            runtime: Some(runtime),
        }
    }

    /// Stops as on a signal and waits for the end.
    pub(crate) async fn stop(mut self) {
        self.shutdown.begin();
        (&mut self.running).await.unwrap().unwrap();
    }

    /// Ends all tasks where they stand.
    pub(crate) fn kill(mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }

    pub(crate) async fn totals(&self, by: &str, selection: Selection) -> Result<Totals, Status> {
        let selection = Some(selection);
        let request = asking(by, GetTotalsRequest { selection });
        let answer = self.client.clone().get_totals(request).await;
        answer.map(tonic::Response::into_inner)
    }

    pub(crate) async fn indicators(
        &self,
        by: &str,
        selection: Selection,
    ) -> Result<Indicators, Status> {
        let selection = Some(selection);
        let request = asking(by, GetIndicatorsRequest { selection });
        let answer = self.client.clone().get_indicators(request).await;
        answer.map(tonic::Response::into_inner)
    }

    pub(crate) async fn enterprises(
        &self,
        by: &str,
        request: ListEnterpriseStatsRequest,
    ) -> Result<ListEnterpriseStatsResponse, Status> {
        let request = asking(by, request);
        let answer = self.client.clone().list_enterprise_stats(request).await;
        answer.map(tonic::Response::into_inner)
    }

    pub(crate) async fn fact(
        &self,
        by: &str,
        case_id: &str,
        min_version: u64,
    ) -> Result<CaseFact, Status> {
        self.fact_within(by, case_id, min_version, BOUND).await
    }

    pub(crate) async fn fact_within(
        &self,
        by: &str,
        case_id: &str,
        min_version: u64,
        bound: Duration,
    ) -> Result<CaseFact, Status> {
        let case_id = case_id.to_owned();
        let mut request = asking(
            by,
            GetCaseFactRequest {
                case_id,
                min_version,
            },
        );
        request.set_timeout(bound);
        let answer = self.client.clone().get_case_fact(request).await;
        answer.map(tonic::Response::into_inner)
    }

    /// Waits until every event of the stories is counted: versions by `min_version`, notices after them by their number.
    pub(crate) async fn has_taken_in(&self, stories: &[Story]) {
        for story in stories {
            let id = story.id.to_string();
            let version = story.position.version;
            eventually(&format!("events of {id}"), async || {
                let fact = self.fact(OPERATOR, &id, version).await.unwrap();
                fact.event_count == story.log.len() as i64
            })
            .await;
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn asking<T>(by: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    principal::attach(&mut request, by);
    request
}
