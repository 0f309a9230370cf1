//! The callers: consumers who file, enterprises that propose, consumers who accept, all over gRPC.

mod enterprises;
mod form;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use chrono::{NaiveDate, TimeDelta, Utc};
use devstack::services::Stack;
use proto::analytics::v1::GetCaseFactRequest;
use proto::analytics::v1::analytics_service_client::AnalyticsServiceClient;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::intake::v1::{FileComplaintRequest, FileComplaintResponse};
use proto::mediation::v1::mediation_service_client::MediationServiceClient;
use proto::mediation::v1::{
    AcceptProposalRequest, GetCaseRequest, OfferedTerms, ProposeSettlementRequest,
};
use proto::routing::v1::routing_service_client::RoutingServiceClient;
use proto::v1::{Payer, Relief, ReliefKind};
use tonic::Request;
use tonic::transport::{Channel, Endpoint};
use uuid::Uuid;

use crate::measure::{Measured, closed_loop};

/// Connections to a service: one alone is bound by its single HTTP/2 frame loop.
const CONNECTIONS: usize = 4;
/// Consumers who come on a schedule take turns.
const CONSUMERS: usize = 1_000;
/// Who registers enterprises and may read every case.
const OPERATOR: &str = "operator/-/load";

/// Callers of one stack; clones share connections.
#[derive(Clone)]
pub(crate) struct Callers {
    intake: Vec<IntakeServiceClient<Channel>>,
    mediation: Vec<MediationServiceClient<Channel>>,
    analytics: Vec<AnalyticsServiceClient<Channel>>,
    enterprises: Arc<Vec<String>>,
    perform_by: NaiveDate,
    run: Uuid,
    turn: Arc<AtomicUsize>,
}

impl Callers {
    pub(crate) async fn new(stack: &Stack) -> Result<Self> {
        let mut routing = RoutingServiceClient::new(channels(stack, "routing")?.swap_remove(0));
        let enterprises = enterprises::register(&mut routing).await?;
        Ok(Self {
            intake: channels(stack, "intake")?
                .into_iter()
                .map(IntakeServiceClient::new)
                .collect(),
            mediation: channels(stack, "mediation")?
                .into_iter()
                .map(MediationServiceClient::new)
                .collect(),
            analytics: channels(stack, "analytics")?
                .into_iter()
                .map(AnalyticsServiceClient::new)
                .collect(),
            enterprises: Arc::new(enterprises),
            perform_by: law::day::day_of(Utc::now()) + TimeDelta::days(7),
            run: Uuid::new_v4(),
            turn: Arc::new(AtomicUsize::new(0)),
        })
    }

    /// Filings in a closed loop.
    pub(crate) async fn file(&self, callers: usize, phase: Duration) -> Result<Measured> {
        let this = self.clone();
        closed_loop(callers, phase, move |caller, _| {
            let this = this.clone();
            async move { this.file_one(caller).await.map(drop) }
        })
        .await
    }

    /// Whole lifecycles in a closed loop: file, routed, proposed, accepted, read back.
    pub(crate) async fn lifecycle(&self, callers: usize, phase: Duration) -> Result<Measured> {
        let this = self.clone();
        closed_loop(callers, phase, move |caller, _| {
            let this = this.clone();
            async move { this.live_one(caller).await }
        })
        .await
    }

    /// Files one complaint; gives the case's id.
    pub(crate) async fn file_at(&self, turn: usize) -> Result<Uuid> {
        let (filed, _) = self.file_one(turn % CONSUMERS).await?;
        Ok(filed.case_id.parse()?)
    }

    /// Files one complaint; gives the time from the answer until analytics answers for the routed case.
    pub(crate) async fn until_visible(&self, turn: usize) -> Result<Duration> {
        let (filed, _) = self.file_one(turn % CONSUMERS).await?;
        let answered = Instant::now();
        let mut analytics = self.analytics[turn % self.analytics.len()].clone();
        let get = GetCaseFactRequest {
            case_id: filed.case_id,
            min_version: filed.version + 1,
        };
        analytics
            .get_case_fact(by(OPERATOR, get))
            .await
            .context("GetCaseFact")?;
        Ok(answered.elapsed())
    }

    async fn file_one(&self, caller: usize) -> Result<(FileComplaintResponse, String)> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let enterprise = self.enterprises[turn % self.enterprises.len()].clone();
        let mut intake = self.intake[caller % self.intake.len()].clone();
        let request = FileComplaintRequest {
            request_id: format!("{}-{turn}", self.run.simple()),
            form: Some(form::complaint(&enterprise)),
        };
        let filed = intake
            .file_complaint(by(&consumer(caller), request))
            .await
            .context("FileComplaint")?;
        Ok((filed.into_inner(), enterprise))
    }

    async fn live_one(&self, caller: usize) -> Result<()> {
        let (filed, enterprise) = self.file_one(caller).await?;
        let mut mediation = self.mediation[caller % self.mediation.len()].clone();
        let propose = ProposeSettlementRequest {
            request_id: "propose".to_owned() + &filed.case_id,
            case_id: filed.case_id.clone(),
            min_version: filed.version + 1,
            terms: Some(OfferedTerms {
                reliefs: vec![Relief {
                    kind: ReliefKind::Refund.into(),
                    amount_fen: 9_900,
                }],
                payer: Payer::Enterprise.into(),
                perform_by: self.perform_by.to_string(),
                text: String::new(),
            }),
            ..Default::default()
        };
        let proposed = mediation
            .propose_settlement(by(&format!("enterprise/{enterprise}/e1"), propose))
            .await
            .context("ProposeSettlement")?
            .into_inner();
        let accept = AcceptProposalRequest {
            request_id: "accept".to_owned() + &filed.case_id,
            case_id: filed.case_id.clone(),
            min_version: proposed.case.as_ref().map_or(0, |case| case.version),
            proposal_id: proposed.proposal_id,
            ..Default::default()
        };
        let accepted = mediation
            .accept_proposal(by(&consumer(caller), accept))
            .await
            .context("AcceptProposal")?
            .into_inner();
        let get = GetCaseRequest {
            case_id: filed.case_id,
            min_version: accepted.version,
        };
        mediation
            .get_case(by(&consumer(caller), get))
            .await
            .context("GetCase")?;
        Ok(())
    }
}

/// Connections to every replica in turn.
fn channels(stack: &Stack, service: &str) -> Result<Vec<Channel>> {
    let mut channels = Vec::new();
    for _ in 0..CONNECTIONS {
        for endpoint in stack.endpoints(service) {
            channels.push(Endpoint::from_shared(endpoint)?.connect_lazy());
        }
    }
    Ok(channels)
}

fn consumer(caller: usize) -> String {
    format!("consumer/-/c{caller}")
}

fn by<T>(who: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    chassis::principal::attach(&mut request, who);
    request
}
