//! Answers: figures and facts in the form callers read.

use proto::analytics::v1;
use proto::{view, wire};

use crate::domain::ending::Ending;
use crate::domain::fact::{Fact, SettlementKind};
use crate::domain::figures::{Average, Indicators, Percentile, Share, Tally};

/// Totals of a tally.
pub(crate) fn totals(tally: &Tally) -> v1::Totals {
    let all = tally.all();
    let closed_with_terms =
        all.performed_yes + all.performed_partly + all.performed_no + all.performed_unknown;
    v1::Totals {
        filed: all.filed,
        open: tally.ended(Ending::Open),
        settled_directly: all.settled_directly(),
        settled_directly_explanation: all.direct_explanation,
        settled_directly_closed: all.direct_closed,
        settled_directly_non_monetary: all.direct_non_monetary,
        settled_directly_monetary: all.direct_monetary,
        routed_to_enterprise: all.negotiated,
        negotiation_failed: all.negotiations_failed,
        expired: all.negotiations_expired,
        escalated: all.escalated,
        let_rest: tally.ended(Ending::NotEscalated),
        refused: tally.ended(Ending::Refused),
        accepted: all.accepted,
        mediated: all.mediated,
        mediation_ended: tally.ended(Ending::MediationEnded),
        self_settled: all.self_settled,
        withdrawn: tally.ended(Ending::Withdrawn),
        held: all.held,
        performed_yes: all.performed_yes,
        performed_partly: all.performed_partly,
        performed_no: all.performed_no,
        performed_unknown: all.performed_unknown,
        performed_not_applicable: tally.closed() - closed_with_terms,
        rated: all.rated,
        event_count: all.event_count,
        handling_days_sum: all.handling_days_sum,
        star_sum: all.star_sum,
        recovered_fen: all.recovered_fen,
    }
}

/// Indicators.
pub(crate) fn indicators(of: &Indicators) -> v1::Indicators {
    v1::Indicators {
        settled_directly: ratio(of.settled_directly),
        settled_directly_explanation: ratio(of.settled_directly_explanation),
        settled_directly_closed: ratio(of.settled_directly_closed),
        settled_directly_non_monetary: ratio(of.settled_directly_non_monetary),
        settled_directly_monetary: ratio(of.settled_directly_monetary),
        escalated: ratio(of.escalated),
        mediation_success: ratio(of.mediation_success),
        acceptance_on_time: ratio(of.acceptance_on_time),
        mediation_on_time: ratio(of.mediation_on_time),
        negotiation_on_time: ratio(of.negotiation_on_time),
        silence: ratio(of.silence),
        performed_yes: ratio(of.performed_yes),
        performed_no: ratio(of.performed_no),
        performed_unknown: ratio(of.performed_unknown),
        rated: ratio(of.rated),
        unrated: ratio(of.unrated),
        stars: mean(of.stars),
        handling_days_median: quantile(of.handling_days_median),
        handling_days_p90: quantile(of.handling_days_p90),
    }
}

/// The fact of a case.
pub(crate) fn case_fact(fact: &Fact) -> v1::CaseFact {
    v1::CaseFact {
        case_id: fact.case_id.to_string(),
        case_number: fact.case_number.clone(),
        version: fact.version,
        state: view::state_kind(fact.state).into(),
        filed_on: wire::day_text(fact.filed_on),
        enterprise: fact.enterprise.clone(),
        authority: fact.authority.clone(),
        problem: fact.problem.clone(),
        category: fact.category.clone(),
        outcome: fact.outcome.map(Into::into),
        performed: fact.performed.map_or(0, wire::number),
        settlement_kind: fact
            .settlement
            .map_or(0, |kind| i32::from(SettlementKind::number(kind))),
        milestones: Some((&fact.milestones).into()),
        event_count: fact.event_count,
        stars: fact.stars.into(),
        recovered_fen: fact.recovered_fen,
    }
}

fn ratio(share: Share) -> Option<v1::Ratio> {
    Some(v1::Ratio {
        numerator: share.numerator,
        denominator: share.denominator,
        formula: share.formula.to_owned(),
    })
}

fn mean(average: Average) -> Option<v1::Mean> {
    Some(v1::Mean {
        sum: average.sum,
        count: average.count,
        formula: average.formula.to_owned(),
    })
}

fn quantile(percentile: Percentile) -> Option<v1::Quantile> {
    Some(v1::Quantile {
        days: percentile.days.map(f64::from),
        count: percentile.count,
        formula: percentile.formula.to_owned(),
    })
}
