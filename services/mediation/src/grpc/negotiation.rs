//! Commands of a negotiation, and offers in negotiation and mediation.

use case::{Body, TextRef};
use chrono::{Datelike, NaiveDate};
use docket::read;
use law::RuleSet;
use law::day::day_of;
use proto::mediation::v1::*;
use proto::wire;
use tonic::{Request, Status};
use uuid::Uuid;

use super::MediationApi;
use super::form::Form;

pub(super) fn answer(request: AnswerNegotiationRequest, form: &mut Form) -> Option<Body> {
    Some(Body::AnswerNegotiation {
        text: form.text("text", request.text),
        machine: request.machine,
    })
}

/// `usual` is the day of performance for terms that name none.
pub(super) fn propose(
    request: ProposeSettlementRequest,
    form: &mut Form,
    usual: NaiveDate,
) -> Option<Body> {
    let valid_until = match &request.valid_until {
        None => Some(None),
        at => form.instant("valid_until", at.as_ref()).map(Some),
    };
    let Some(mut offered) = request.terms else {
        form.violations.add("terms", "must be set");
        return None;
    };
    let text = form.maybe_text("terms.text", std::mem::take(&mut offered.text));
    let terms = terms(&offered, text, form, usual);
    Some(Body::ProposeSettlement {
        proposal: Uuid::now_v7(),
        terms: terms?,
        valid_until: valid_until?,
    })
}

fn terms(
    offered: &OfferedTerms,
    text: Option<TextRef>,
    form: &mut Form,
    usual: NaiveDate,
) -> Option<case::terms::Terms> {
    let read = wire::offered_terms(offered, text, usual);
    form.violations.within("terms", |violations| match read {
        Ok(terms) => {
            for (place, relief) in terms.reliefs.iter().enumerate() {
                violations.require(
                    relief.kind.is_monetary() || relief.amount.0 == 0,
                    format_args!("reliefs[{place}].amount_fen"),
                    "must be 0 unless the relief is money",
                );
            }
            violations.require(
                terms.perform_by.year() >= 1990,
                "perform_by",
                "must be a day from 1990 on",
            );
            Some(terms)
        }
        Err(errors) => {
            for error in errors {
                violations.add(error.field, error.rule);
            }
            None
        }
    })
}

pub(super) fn accept(request: AcceptProposalRequest, form: &mut Form) -> Option<Body> {
    Some(Body::AcceptProposal {
        proposal: form.uuid("proposal_id", &request.proposal_id),
    })
}

pub(super) fn reject(request: RejectProposalRequest, form: &mut Form) -> Option<Body> {
    Some(Body::RejectProposal {
        proposal: form.uuid("proposal_id", &request.proposal_id),
        text: form.maybe_text("text", request.text),
    })
}

pub(super) fn report(request: ReportHandlingRequest, form: &mut Form) -> Option<Body> {
    let handled_at = form.instant("handled_at", request.handled_at.as_ref());
    let course = form.text("course", request.course);
    let method = form.text("method", request.method);
    let result = form.text("result", request.result);
    Some(Body::ReportHandling {
        handled_at: handled_at?,
        course,
        method,
        result,
    })
}

pub(super) fn decline(request: DeclineNegotiationRequest, form: &mut Form) -> Option<Body> {
    let reason = form.listed("reason", request.reason);
    let text = form.text("text", request.text);
    Some(Body::DeclineNegotiation {
        reason: reason?,
        text,
    })
}

impl MediationApi {
    /// The usual day of performance of an offer made now. Only a stepped clock needs the case for it: its space has the time.
    pub(super) async fn usual_performance(
        &self,
        request: &Request<ProposeSettlementRequest>,
    ) -> Result<NaiveDate, Status> {
        let asked = request.get_ref();
        let names_none = asked
            .terms
            .as_ref()
            .is_some_and(|terms| terms.perform_by.is_empty());
        let mut space = String::new();
        if names_none
            && self.times.is_stepped()
            && let Some(case_id) = wire::uuid(&asked.case_id)
        {
            let (extensions, pool) = (request.extensions(), self.clerk.pool());
            self.clerk
                .wait(extensions, case_id, asked.min_version)
                .await?;
            let found = read::one(pool, case_id).await?;
            space = found
                .and_then(|found| found.case)
                .map_or(space, |case| case.space);
        }
        let now = self.times.now(&space).await.map_err(docket::error::store)?;
        let today = day_of(now);
        Ok(self.law.performance_due(today, RuleSet::on(today)).last_day)
    }
}
