//! One complaint and its people.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use proto::analytics::v1::{CaseFact, GetCaseFactRequest};
use proto::intake::v1::{
    Complaint, FileComplaintRequest, FileComplaintResponse, GetComplaintRequest,
};
use proto::v1::{Case, CaseRevision, CaseStateKind};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::act::{Act, Answered, Asking, act};
use crate::clients::{Clients, OPERATOR, official};
use crate::form::Filing;
use crate::wait::eventually;

/// How long a state may take to come about.
const PATIENCE: Duration = Duration::from_secs(30);

/// A complaint on its way, as those who act on it last saw it.
#[derive(Clone, Debug)]
pub struct Play {
    clients: Clients,
    /// The case.
    pub case_id: String,
    /// Its last known version.
    pub version: u64,
    /// The answer to its filing.
    pub filed: FileComplaintResponse,
    /// The filing as it was sent.
    pub request: FileComplaintRequest,
    /// Principal of the consumer.
    pub consumer: String,
    /// Principal of the enterprise's person.
    pub enterprise: String,
    /// The proposal that was made last.
    pub proposal_id: String,
    acts: u32,
}

impl Play {
    /// Files a complaint as a consumer of its own.
    ///
    /// # Errors
    /// The status of intake's answer.
    pub async fn file(clients: &Clients, filing: Filing) -> Result<Play, Status> {
        let name = Uuid::new_v4().simple().to_string();
        let request = FileComplaintRequest {
            request_id: format!("file-{name}"),
            form: Some(filing.form),
        };
        Play::file_as(clients, &format!("consumer/-/{name}"), request).await
    }

    /// Files this request as this consumer.
    ///
    /// # Errors
    /// The status of intake's answer.
    pub async fn file_as(
        clients: &Clients,
        consumer: &str,
        request: FileComplaintRequest,
    ) -> Result<Play, Status> {
        let mut intake = clients.intake.clone();
        let filed = intake
            .file_complaint(clients.by(consumer, request.clone()))
            .await?
            .into_inner();
        let respondent = request
            .form
            .as_ref()
            .and_then(|form| form.respondent.as_ref());
        let uscc = respondent.map_or("", |respondent| respondent.uscc.as_str());
        Ok(Play {
            clients: clients.clone(),
            case_id: filed.case_id.clone(),
            version: filed.version,
            consumer: consumer.to_owned(),
            enterprise: format!("enterprise/{uscc}/e1"),
            proposal_id: String::new(),
            acts: 0,
            filed,
            request,
        })
    }

    /// The case's id.
    pub fn id(&self) -> Uuid {
        self.case_id.parse().expect("intake gives UUIDs")
    }

    /// The consumer acts.
    ///
    /// # Errors
    /// The status of the answer.
    pub async fn consumer(&mut self, what: Act) -> Result<CaseRevision, Status> {
        self.act(&self.consumer.clone(), what).await
    }

    /// The enterprise acts.
    ///
    /// # Errors
    /// The status of the answer.
    pub async fn enterprise(&mut self, what: Act) -> Result<CaseRevision, Status> {
        self.act(&self.enterprise.clone(), what).await
    }

    /// An official of an authority acts.
    ///
    /// # Errors
    /// The status of the answer.
    pub async fn official(&mut self, authority: &str, what: Act) -> Result<CaseRevision, Status> {
        self.act(&official(authority), what).await
    }

    /// Somebody acts, having seen the case at its last known version.
    ///
    /// # Errors
    /// The status of the answer.
    pub async fn act(&mut self, who: &str, what: Act) -> Result<CaseRevision, Status> {
        self.acts += 1;
        let request_id = format!("act-{}-{}", self.acts, self.case_id);
        self.act_again(who, what, request_id).await
    }

    /// The same under a given request id.
    ///
    /// # Errors
    /// The status of the answer.
    pub async fn act_again(
        &mut self,
        who: &str,
        what: Act,
        request_id: String,
    ) -> Result<CaseRevision, Status> {
        let asking = Asking {
            clients: &self.clients,
            who: who.to_owned(),
            request_id,
            case_id: self.case_id.clone(),
            min_version: self.version,
            proposal_id: self.proposal_id.clone(),
        };
        let Answered { case, proposal_id } = act(asking, what).await?;
        self.version = self.version.max(case.version);
        self.proposal_id = proposal_id.unwrap_or_else(|| self.proposal_id.clone());
        Ok(case)
    }

    /// Speaks to other replicas from now on.
    pub fn speak_to(&mut self, clients: &Clients) {
        self.clients = clients.clone();
    }

    /// The case as mediation shows it to an operator.
    ///
    /// # Errors
    /// The status of the answer.
    pub async fn case(&self) -> Result<Case, Status> {
        let get = proto::mediation::v1::GetCaseRequest {
            case_id: self.case_id.clone(),
            min_version: self.version,
        };
        let mut mediation = self.clients.mediation.clone();
        Ok(mediation
            .get_case(self.clients.by(OPERATOR, get))
            .await?
            .into_inner())
    }

    /// Waits until mediation shows the case in a state.
    ///
    /// # Errors
    /// When it does not within half a minute.
    pub async fn reach(&mut self, state: CaseStateKind) -> Result<Case> {
        let this = self.clone();
        let what = format!("case {} is {}", self.case_id, state.as_str_name());
        let case = eventually(&what, PATIENCE, || async {
            match this.case().await {
                Ok(case) => Ok((case.state == i32::from(state)).then_some(case)),
                Err(status) if status.code() == Code::Unavailable => Ok(None),
                Err(status) => Err(status).context("GetCase"),
            }
        });
        let case = case.await?;
        self.version = case.version;
        Ok(case)
    }

    /// The case as routing shows it.
    ///
    /// # Errors
    /// The status of the answer.
    pub async fn in_routing(&self) -> Result<Case, Status> {
        let get = proto::routing::v1::GetCaseRequest {
            case_id: self.case_id.clone(),
            min_version: self.version,
        };
        let mut routing = self.clients.routing.clone();
        Ok(routing
            .get_case(self.clients.by(OPERATOR, get))
            .await?
            .into_inner())
    }

    /// The complaint as intake shows it to its consumer.
    ///
    /// # Errors
    /// The status of the answer.
    pub async fn in_intake(&self) -> Result<Complaint, Status> {
        let get = GetComplaintRequest {
            case_id: self.case_id.clone(),
            min_version: self.version,
        };
        let mut intake = self.clients.intake.clone();
        Ok(intake
            .get_complaint(self.clients.by(&self.consumer, get))
            .await?
            .into_inner())
    }

    /// The fact row of analytics.
    ///
    /// # Errors
    /// The status of the answer.
    pub async fn in_analytics(&self) -> Result<CaseFact, Status> {
        let get = GetCaseFactRequest {
            case_id: self.case_id.clone(),
            min_version: self.version,
        };
        let mut analytics = self.clients.analytics.clone();
        Ok(analytics
            .get_case_fact(self.clients.by(OPERATOR, get))
            .await?
            .into_inner())
    }

    /// All four services show the last known version in this state.
    ///
    /// # Errors
    /// When one does not answer or shows something else.
    pub async fn is_everywhere(&self, state: CaseStateKind) -> Result<()> {
        let (intake, routing) = (self.in_intake().await?, self.in_routing().await?);
        let (mediation, analytics) = (self.case().await?, self.in_analytics().await?);
        let shown = [
            (intake.version, intake.state),
            (routing.version, routing.state),
            (mediation.version, mediation.state),
            (analytics.version, analytics.state),
        ];
        let wanted = (self.version, i32::from(state));
        ensure!(
            shown.iter().all(|seen| *seen == wanted),
            "wanted {wanted:?} everywhere, seen {shown:?}"
        );
        Ok(())
    }
}

/// An answer must be this refusal.
///
/// # Panics
/// When it is a success or another refusal.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(answer: Result<T, Status>, reason: &str) {
    let status = answer.expect_err(reason);
    let found = chassis::status::reason_of(&status);
    assert_eq!(found.as_deref(), Some(reason), "{status:?}");
}
