//! The indicators of a small world, counted by hand.

mod world;

use proto::analytics::v1::{Ratio, Selection, SettlementKind, Totals};
use proto::v1::{CaseStateKind, OutcomeKind, Performed};

use crate::support::people::{COUNTY, DELEGATE, RESPONDENT};
use crate::support::rig;
use crate::support::service::{OPERATOR, Service};
use world::{Tale, tales};

fn everything() -> Totals {
    Totals {
        filed: 15,
        open: 3,
        settled_directly: 5,
        settled_directly_explanation: 1,
        settled_directly_closed: 1,
        settled_directly_non_monetary: 1,
        settled_directly_monetary: 2,
        routed_to_enterprise: 11,
        negotiation_failed: 6,
        expired: 3,
        escalated: 3,
        let_rest: 2,
        refused: 1,
        accepted: 5,
        mediated: 2,
        mediation_ended: 3,
        self_settled: 1,
        withdrawn: 1,
        held: 1,
        performed_yes: 2,
        performed_partly: 1,
        performed_no: 1,
        performed_unknown: 1,
        performed_not_applicable: 7,
        rated: 3,
        event_count: 90,
        handling_days_sum: 146,
        star_sum: 9,
        recovered_fen: 5_000,
    }
}

#[test]
fn figures_are_those_counted_by_hand() {
    rig::test(async |rig| {
        let world = rig.world().await;
        let service = Service::start(&world, &[]).await;
        let tales = tales();
        for Tale { story, .. } in &tales {
            world.publish(&story.log).await;
            // Everything comes a second time.
            world.publish(&story.log).await;
        }
        let stories: Vec<_> = tales.iter().map(|tale| tale.story.clone()).collect();
        service.has_taken_in(&stories).await;

        let totals = service
            .totals(OPERATOR, Selection::default())
            .await
            .unwrap();
        assert_eq!(totals, everything());
        indicators_fit(&service).await;
        facts_fit(&service, &tales).await;
        selections_select(&service).await;
        let differences = analytics::differences(&mut world.connection().await).await;
        assert_eq!(differences.unwrap(), Vec::<String>::new());
        service.stop().await;
    });
}

async fn indicators_fit(service: &Service) {
    let all = Selection::default();
    let got = service.indicators(OPERATOR, all).await.unwrap();
    let rows = [
        ("settled_directly", &got.settled_directly, 5, 11),
        ("explanation", &got.settled_directly_explanation, 1, 5),
        ("closed", &got.settled_directly_closed, 1, 5),
        ("non_monetary", &got.settled_directly_non_monetary, 1, 5),
        ("monetary", &got.settled_directly_monetary, 2, 5),
        ("escalated", &got.escalated, 3, 6),
        ("mediation_success", &got.mediation_success, 2, 3),
        ("acceptance_on_time", &got.acceptance_on_time, 5, 6),
        ("mediation_on_time", &got.mediation_on_time, 5, 5),
        ("negotiation_on_time", &got.negotiation_on_time, 8, 11),
        ("silence", &got.silence, 2, 11),
        ("performed_yes", &got.performed_yes, 2, 5),
        ("performed_no", &got.performed_no, 1, 5),
        ("performed_unknown", &got.performed_unknown, 1, 5),
        ("rated", &got.rated, 3, 12),
        ("unrated", &got.unrated, 9, 12),
    ];
    for (name, ratio, numerator, denominator) in rows {
        let Ratio {
            numerator: n,
            denominator: d,
            formula,
        } = ratio.as_ref().unwrap();
        assert_eq!((*n, *d), (numerator, denominator), "{name}");
        assert!(!formula.is_empty(), "{name}");
    }
    let stars = got.stars.unwrap();
    assert_eq!((stars.sum, stars.count), (9, 3));
    // 0 0 2 2 5 6 6 14 19 21 30 41
    let (median, p90) = (
        got.handling_days_median.unwrap(),
        got.handling_days_p90.unwrap(),
    );
    assert_eq!((median.days, median.count), (Some(6.0), 12));
    assert_eq!((p90.days, p90.count), (Some(30.0), 12));
}

async fn facts_fit(service: &Service, tales: &[Tale]) {
    for tale in tales {
        let id = tale.story.id.to_string();
        let fact = service.fact(OPERATOR, &id, 0).await.unwrap();
        let outcome = fact.outcome.as_ref().map(proto::v1::Outcome::kind);
        let said = (outcome, fact.performed(), fact.settlement_kind());
        assert_eq!(said, tale.ends, "{}", tale.name);
        assert_eq!(fact.enterprise, tale.enterprise, "{}", tale.name);
        assert_eq!(fact.authority, tale.authority, "{}", tale.name);
        let milestones = &tale.story.case().milestones;
        assert_eq!(fact.milestones, Some(milestones.into()), "{}", tale.name);
        let closed = fact.state() == CaseStateKind::Closed;
        assert_eq!(closed, outcome.is_some(), "{}", tale.name);
    }
    let mediated = tales.iter().find(|tale| tale.name == "mediated").unwrap();
    let id = mediated.story.id.to_string();
    let fact = service.fact(OPERATOR, &id, 0).await.unwrap();
    assert_eq!(fact.filed_on, "2026-05-06");
    assert_eq!((fact.stars, fact.recovered_fen), (3, 5_000));
    assert_eq!((fact.event_count, fact.version), (14, 14));
    assert_eq!(
        (fact.problem.as_str(), fact.category.as_str()),
        ("quality", "shoes")
    );
}

async fn selections_select(service: &Service) {
    let selection = |change: fn(&mut Selection)| {
        let mut selection = Selection::default();
        change(&mut selection);
        selection
    };
    let rows = [
        (selection(|s| s.from_day = "2026-05-07".into()), 1),
        (selection(|s| s.to_day = "2026-05-06".into()), 14),
        (
            selection(|s| {
                s.from_day = "2026-05-06".into();
                s.to_day = "2026-05-07".into();
            }),
            15,
        ),
        (selection(|s| s.from_day = "2026-05-08".into()), 0),
        (selection(|s| s.enterprise = DELEGATE.into()), 5),
        (selection(|s| s.enterprise = RESPONDENT.into()), 10),
        (selection(|s| s.authority = COUNTY.into()), 4),
        (selection(|s| s.authority = "nowhere".into()), 0),
        (selection(|s| s.category = "catering".into()), 1),
        (
            selection(|s| {
                s.authority = COUNTY.into();
                s.category = "catering".into();
            }),
            1,
        ),
    ];
    for (selection, filed) in rows {
        let said = format!("{selection:?}");
        let totals = service.totals(OPERATOR, selection.clone()).await.unwrap();
        assert_eq!(totals.filed, filed, "{said}");
        let indicators = service.indicators(OPERATOR, selection).await.unwrap();
        let closed = indicators.rated.unwrap().denominator;
        assert_eq!(closed, totals.filed - totals.open, "{said}");
        assert_eq!(
            indicators.handling_days_p90.unwrap().count,
            closed,
            "{said}"
        );
    }
}

/// How a tale ends, as its fact says it.
type Ends = (Option<OutcomeKind>, Performed, SettlementKind);
