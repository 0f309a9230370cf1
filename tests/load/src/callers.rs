//! The callers: consumers who file, enterprises that propose, consumers who accept, all over gRPC.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{NaiveDate, TimeDelta, Utc};
use devstack::services::Stack;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::intake::v1::{
    ComplaintForm, ConsentChoices, FileComplaintRequest, FileComplaintResponse, Party,
    RespondentDescription,
};
use proto::mediation::v1::mediation_service_client::MediationServiceClient;
use proto::mediation::v1::{
    AcceptProposalRequest, GetCaseRequest, OfferedTerms, ProposeSettlementRequest,
};
use proto::routing::v1::routing_service_client::RoutingServiceClient;
use proto::routing::v1::{AdmitEnterpriseRequest, FiveOnes, RegisterEnterpriseRequest};
use proto::v1::{Channel as Way, Claim, Payer, Relief, ReliefKind, RespondentRole, SalesMode};
use tonic::Request;
use tonic::transport::{Channel, Endpoint};
use uuid::Uuid;

use crate::measure::{Measured, closed_loop};

/// Connections to a service: one alone is bound by its single HTTP/2 frame loop.
const CONNECTIONS: usize = 4;
/// Credit codes of synthetic enterprises: valid check characters.
const ENTERPRISES: [&str; 4] = [
    "Y10000000000000017",
    "Y10000000000000025",
    "Y10000000000000033",
    "Y10000000000000041",
];

/// Callers of one stack; clones share connections.
#[derive(Clone)]
pub(crate) struct Callers {
    intake: Vec<IntakeServiceClient<Channel>>,
    mediation: Vec<MediationServiceClient<Channel>>,
    enterprises: Arc<Vec<String>>,
    perform_by: NaiveDate,
    run: Uuid,
    turn: Arc<AtomicUsize>,
}

impl Callers {
    pub(crate) async fn new(stack: &Stack) -> Result<Self> {
        let channels = |service: &str| -> Result<Vec<Channel>> {
            let endpoint = Endpoint::from_shared(stack.endpoint(service, 0))?;
            Ok((0..CONNECTIONS).map(|_| endpoint.connect_lazy()).collect())
        };
        let enterprises: Vec<String> = ENTERPRISES.iter().map(|first| with_check(first)).collect();
        let mut routing = RoutingServiceClient::new(channels("routing")?.swap_remove(0));
        for uscc in &enterprises {
            register(&mut routing, uscc).await?;
        }
        Ok(Self {
            intake: channels("intake")?
                .into_iter()
                .map(IntakeServiceClient::new)
                .collect(),
            mediation: channels("mediation")?
                .into_iter()
                .map(MediationServiceClient::new)
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

    async fn file_one(&self, caller: usize) -> Result<(FileComplaintResponse, String)> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let enterprise = self.enterprises[turn % self.enterprises.len()].clone();
        let mut intake = self.intake[caller % self.intake.len()].clone();
        let request = FileComplaintRequest {
            request_id: format!("{}-{turn}", self.run.simple()),
            form: Some(form(&enterprise)),
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

/// The first 17 characters with their right check character.
fn with_check(code: &str) -> String {
    let first = &code[..17];
    "0123456789ABCDEFGHJKLMNPQRTUWXY"
        .chars()
        .map(|check| format!("{first}{check}"))
        .find(|code| proto::wire::uscc(code).is_some())
        .expect("one of the alphabet's characters is the check")
}

async fn register(routing: &mut RoutingServiceClient<Channel>, uscc: &str) -> Result<()> {
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
        .register_enterprise(by("operator/-/load", request))
        .await
        .context("RegisterEnterprise")?;
    let request = AdmitEnterpriseRequest {
        request_id: format!("admit-{uscc}"),
        uscc: uscc.to_owned(),
        etag: String::new(),
    };
    routing
        .admit_enterprise(by("operator/-/load", request))
        .await
        .context("AdmitEnterprise")?;
    Ok(())
}

fn form(enterprise: &str) -> ComplaintForm {
    ComplaintForm {
        complainant: Some(Party {
            name: "Somebody Synthetic".into(),
            phone: "5550001234".into(),
            ..Default::default()
        }),
        respondent: Some(RespondentDescription {
            name: "A Synthetic Enterprise".into(),
            uscc: enterprise.to_owned(),
            role: RespondentRole::Ordinary.into(),
            business_region: "CA".into(),
            ..Default::default()
        }),
        consumer_region: "CA".into(),
        problem: "quality".into(),
        category: "goods".into(),
        tree_version: 1,
        claims: vec![Claim::Refund.into()],
        paid_fen: 9_900,
        claimed_fen: 9_900,
        sales_mode: SalesMode::Shop.into(),
        channel: Way::Web.into(),
        consents: Some(ConsentChoices {
            odr: true,
            ..Default::default()
        }),
        facts: "It broke on the second day, and the shop does not answer the telephone.".into(),
        ..Default::default()
    }
}

fn consumer(caller: usize) -> String {
    format!("consumer/-/c{caller}")
}

fn by<T>(who: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    chassis::principal::attach(&mut request, who);
    request
}
