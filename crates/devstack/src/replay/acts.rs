//! The acts of a row: what consumer, enterprise and official do, each a call that waits for what it answers to.

mod authority;

use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate, Utc};
use proto::intake::v1::{
    ComplaintForm, ConsentChoices, FileComplaintRequest, Party, RespondentDescription,
};
use proto::mediation::v1 as mediation;
use proto::v1::{
    Claim, IdentityLevel, Payer, Performed, Relief, ReliefKind, RespondentRole, SalesMode,
};

use super::REFUND_FEN;
use super::people::{OPERATOR, People, by, consumer, enterprise};
use super::plan::{Answer, Planned};

/// A row that waits for its negotiation to expire.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) planned: Planned,
    pub(super) case_id: String,
    /// When the negotiation expires.
    pub(super) due: DateTime<Utc>,
    /// The version the expiry will have.
    expired_version: u64,
}

/// The acts of one row, in one case.
struct Acts<'a> {
    people: People,
    planned: &'a Planned,
    day: NaiveDate,
    case_id: String,
}

/// Everything that happens to a row on the day it is received; gives it back when its enterprise stays silent.
pub(super) async fn on_the_day_of_receipt(
    people: People,
    planned: &Planned,
) -> Result<Option<Waiting>> {
    let line = planned.row.line;
    let mut acts = Acts {
        people,
        planned,
        day: planned.row.received,
        case_id: String::new(),
    };
    acts.day_of_receipt()
        .await
        .with_context(|| format!("line {line}"))
}

/// What happens after the expiry: the consumer escalates, or lets it rest.
pub(super) async fn after_expiry(people: People, waiting: &Waiting, day: NaiveDate) -> Result<()> {
    let Some(escalation) = waiting.planned.escalation else {
        return Ok(());
    };
    let mut acts = Acts {
        people,
        planned: &waiting.planned,
        day,
        case_id: waiting.case_id.clone(),
    };
    let line = waiting.planned.row.line;
    acts.escalate(waiting.expired_version, escalation)
        .await
        .with_context(|| format!("line {line}"))
}

impl Acts<'_> {
    fn id(&self, act: &str) -> String {
        format!("row-{}-{act}", self.planned.row.number)
    }

    fn consumer(&self) -> String {
        consumer(self.planned.row.number)
    }

    fn enterprise(&self) -> String {
        enterprise(self.planned.enterprise.as_str())
    }

    async fn day_of_receipt(&mut self) -> Result<Option<Waiting>> {
        let filed = self
            .people
            .intake
            .file_complaint(by(&self.consumer(), self.filing()))
            .await
            .context("FileComplaint")?
            .into_inner();
        self.case_id = filed.case_id;
        let routed = filed.version + 1;
        let Answer::Proposes(relief) = self.planned.answer else {
            return self.silence(routed).await.map(Some);
        };
        let (version, proposal_id) = self.propose(routed, relief, "offer").await?;
        match self.planned.escalation {
            None => {
                let settled = self.accept(version, &proposal_id, "accept").await?;
                self.perform(settled, relief).await?;
            }
            Some(escalation) => {
                let reject = mediation::RejectProposalRequest {
                    request_id: self.id("reject"),
                    case_id: self.case_id.clone(),
                    min_version: version,
                    proposal_id,
                    ..Default::default()
                };
                let rejected = self
                    .people
                    .mediation
                    .reject_proposal(by(&self.consumer(), reject))
                    .await
                    .context("RejectProposal")?;
                let end = mediation::EndNegotiationRequest {
                    request_id: self.id("end"),
                    case_id: self.case_id.clone(),
                    min_version: rejected.into_inner().version,
                    ..Default::default()
                };
                let ended = self
                    .people
                    .mediation
                    .end_negotiation(by(&self.consumer(), end))
                    .await
                    .context("EndNegotiation")?;
                self.escalate(ended.into_inner().version, escalation)
                    .await?;
            }
        }
        Ok(None)
    }

    fn filing(&self) -> FileComplaintRequest {
        let planned = self.planned;
        let form = ComplaintForm {
            complainant: Some(Party {
                name: format!("Consumer {}", planned.row.number),
                phone: format!("555{:07}", planned.row.number),
                ..Default::default()
            }),
            respondent: Some(RespondentDescription {
                name: planned.row.company.clone(),
                uscc: planned.enterprise.to_string(),
                role: RespondentRole::Ordinary.into(),
                business_region: planned.region.clone(),
                ..Default::default()
            }),
            consumer_region: planned.region.clone(),
            identity: IdentityLevel::Stated.into(),
            problem: planned.problem.clone(),
            category: planned.category.clone(),
            tree_version: 1,
            claims: vec![Claim::Other.into()],
            sales_mode: SalesMode::Other.into(),
            channel: planned.channel.into(),
            source_system: "cfpb".into(),
            source_number: planned.row.number.to_string(),
            consents: Some(ConsentChoices {
                odr: true,
                ..Default::default()
            }),
            facts: format!("{}: {}", planned.row.product, planned.row.issue),
            ..Default::default()
        };
        FileComplaintRequest {
            request_id: self.id("file"),
            form: Some(form),
        }
    }

    async fn silence(&mut self, routed: u64) -> Result<Waiting> {
        let get = mediation::GetCaseRequest {
            case_id: self.case_id.clone(),
            min_version: routed,
        };
        let case = self
            .people
            .mediation
            .get_case(by(OPERATOR, get))
            .await
            .context("GetCase")?
            .into_inner();
        let at = case
            .due_dates
            .first()
            .and_then(|date| date.due.as_ref()?.at)
            .context("a negotiation has a due date")?;
        let due = DateTime::from_timestamp(at.seconds, 0).context("a due date is an instant")?;
        Ok(Waiting {
            planned: self.planned.clone(),
            case_id: self.case_id.clone(),
            due,
            expired_version: routed + 1,
        })
    }

    async fn propose(
        &mut self,
        min_version: u64,
        relief: ReliefKind,
        act: &str,
    ) -> Result<(u64, String)> {
        let amount_fen = if relief == ReliefKind::Refund {
            REFUND_FEN
        } else {
            0
        };
        let propose = mediation::ProposeSettlementRequest {
            request_id: self.id(act),
            case_id: self.case_id.clone(),
            min_version,
            terms: Some(mediation::OfferedTerms {
                reliefs: vec![Relief {
                    kind: relief.into(),
                    amount_fen,
                }],
                payer: Payer::Enterprise.into(),
                perform_by: self.day.to_string(),
                text: String::new(),
            }),
            ..Default::default()
        };
        let proposed = self
            .people
            .mediation
            .propose_settlement(by(&self.enterprise(), propose))
            .await
            .context("ProposeSettlement")?
            .into_inner();
        let case = proposed.case.context("an answer holds the case")?;
        Ok((case.version, proposed.proposal_id))
    }

    async fn accept(&mut self, min_version: u64, proposal_id: &str, act: &str) -> Result<u64> {
        let accept = mediation::AcceptProposalRequest {
            request_id: self.id(act),
            case_id: self.case_id.clone(),
            min_version,
            proposal_id: proposal_id.to_owned(),
            ..Default::default()
        };
        let accepted = self
            .people
            .mediation
            .accept_proposal(by(&self.consumer(), accept))
            .await
            .context("AcceptProposal")?;
        Ok(accepted.into_inner().version)
    }

    async fn perform(&mut self, settled: u64, relief: ReliefKind) -> Result<()> {
        let declare = mediation::DeclarePerformanceRequest {
            request_id: self.id("declare"),
            case_id: self.case_id.clone(),
            min_version: settled,
            ..Default::default()
        };
        let declared = self
            .people
            .mediation
            .declare_performance(by(&self.enterprise(), declare))
            .await
            .context("DeclarePerformance")?;
        let confirm = mediation::ConfirmPerformanceRequest {
            request_id: self.id("confirm"),
            case_id: self.case_id.clone(),
            min_version: declared.into_inner().version,
            performed: Performed::Yes.into(),
            recovered_fen: if relief == ReliefKind::Refund {
                REFUND_FEN
            } else {
                0
            },
            ..Default::default()
        };
        self.people
            .mediation
            .confirm_performance(by(&self.consumer(), confirm))
            .await
            .context("ConfirmPerformance")?;
        Ok(())
    }
}
