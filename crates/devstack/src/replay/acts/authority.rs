//! Acts with an authority: the escalation, and what the official does with it.

use anyhow::{Context, Result, bail};
use proto::mediation::v1 as mediation;
use proto::routing::v1::RouteByHandRequest;
use proto::v1::{CaseRevision, CaseStateKind, EndingGround, RefusalGround, ReliefKind};
use sha2::{Digest, Sha256};

use super::Acts;
use crate::replay::people::{OPERATOR, by, official};
use crate::replay::plan::Escalation;

impl Acts<'_> {
    /// The consumer escalates, and the authority does what is planned.
    pub(super) async fn escalate(
        &mut self,
        min_version: u64,
        escalation: Escalation,
    ) -> Result<()> {
        let escalate = mediation::EscalateRequest {
            request_id: self.id("escalate"),
            case_id: self.case_id.clone(),
            min_version,
            ..Default::default()
        };
        let escalated = self
            .people
            .mediation
            .escalate(by(&self.consumer(), escalate))
            .await
            .context("Escalate")?
            .into_inner();
        let (version, authority) = self.authority(escalated.version + 1).await?;
        let official = official(&authority);
        match escalation {
            Escalation::Refused => {
                let refuse = mediation::RefuseComplaintRequest {
                    request_id: self.id("refuse"),
                    case_id: self.case_id.clone(),
                    min_version: version,
                    ground: RefusalGround::NotDailyConsumption.into(),
                    text: "Not bought for daily consumption. A suit or arbitration stays open."
                        .into(),
                    ..Default::default()
                };
                self.people
                    .mediation
                    .refuse_complaint(by(&official, refuse))
                    .await
                    .context("RefuseComplaint")?;
                Ok(())
            }
            Escalation::Ended => {
                let accepted = self.accept_complaint(version, &official).await?;
                let end = mediation::EndMediationRequest {
                    request_id: self.id("end-mediation"),
                    case_id: self.case_id.clone(),
                    min_version: accepted.version,
                    ground: EndingGround::NoAgreementPossible.into(),
                    text: "A party states that no agreement is possible.".into(),
                    ..Default::default()
                };
                self.people
                    .mediation
                    .end_mediation(by(&official, end))
                    .await
                    .context("EndMediation")?;
                Ok(())
            }
            Escalation::Mediated => self.mediate(version, &official).await,
        }
    }

    /// The authority that received the case; a held one is routed by hand to its holder.
    async fn authority(&mut self, min_version: u64) -> Result<(u64, String)> {
        let get = mediation::GetCaseRequest {
            case_id: self.case_id.clone(),
            min_version,
        };
        let case = self
            .people
            .mediation
            .get_case(by(OPERATOR, get))
            .await
            .context("GetCase")?
            .into_inner();
        let authority = case
            .authority
            .context("an escalated case has an authority or a holder")?;
        match CaseStateKind::try_from(case.state) {
            Ok(CaseStateKind::AtAuthority) => Ok((case.version, authority)),
            Ok(CaseStateKind::HeldForRouting) => {
                let route = RouteByHandRequest {
                    request_id: self.id("route"),
                    case_id: self.case_id.clone(),
                    min_version: case.version,
                    authority: authority.clone(),
                    ..Default::default()
                };
                let routed = self
                    .people
                    .routing
                    .route_by_hand(by(&official(&authority), route))
                    .await
                    .context("RouteByHand")?;
                Ok((routed.into_inner().version, authority))
            }
            other => bail!("an escalated case is {other:?}"),
        }
    }

    async fn accept_complaint(&mut self, min_version: u64, official: &str) -> Result<CaseRevision> {
        let accept = mediation::AcceptComplaintRequest {
            request_id: self.id("accept-complaint"),
            case_id: self.case_id.clone(),
            min_version,
            ..Default::default()
        };
        let accepted = self
            .people
            .mediation
            .accept_complaint(by(official, accept))
            .await
            .context("AcceptComplaint")?;
        Ok(accepted.into_inner())
    }

    async fn mediate(&mut self, version: u64, official: &str) -> Result<()> {
        let accepted = self.accept_complaint(version, official).await?;
        let (version, proposal) = self
            .propose(accepted.version, ReliefKind::Refund, "mediation-offer")
            .await?;
        let mut version = self.accept(version, &proposal, "mediation-accept").await?;
        let document = Sha256::digest(self.case_id.as_bytes()).to_vec();
        for (act, who) in [
            ("sign-consumer", self.consumer()),
            ("sign-enterprise", self.enterprise()),
        ] {
            let sign = mediation::SignAgreementRequest {
                request_id: self.id(act),
                case_id: self.case_id.clone(),
                min_version: version,
                document: document.clone(),
                ..Default::default()
            };
            version = self
                .people
                .mediation
                .sign_agreement(by(&who, sign))
                .await
                .context("SignAgreement")?
                .into_inner()
                .version;
        }
        let seal = mediation::SealAgreementRequest {
            request_id: self.id("seal"),
            case_id: self.case_id.clone(),
            min_version: version,
            document,
            ..Default::default()
        };
        let sealed = self
            .people
            .mediation
            .seal_agreement(by(official, seal))
            .await
            .context("SealAgreement")?
            .into_inner();
        self.perform(sealed.version, ReliefKind::Refund).await
    }
}
