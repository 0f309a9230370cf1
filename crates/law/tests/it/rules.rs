//! Rule sets by date, the clocks they give, and the numbers of the grounds.

use law::grounds::{EndingGround, RefusalGround};
use law::rules::{Law, RuleSet};

use crate::day;

#[test]
fn day_selects_the_rule_set() {
    for (on, expected) in [
        ("1990-01-01", RuleSet::Order20),
        ("2019-12-31", RuleSet::Order20),
        ("2020-01-01", RuleSet::Order20),
        ("2024-06-30", RuleSet::Order20),
        ("2024-07-01", RuleSet::Order20Regulation),
        ("2026-04-14", RuleSet::Order20Regulation),
        ("2026-04-15", RuleSet::Order121),
        ("2099-01-01", RuleSet::Order121),
    ] {
        assert_eq!(RuleSet::on(day(on)), expected, "{on}");
    }
}

#[test]
fn clocks_follow_the_rule_set() {
    let law = Law::default();
    let from = day("2026-01-05");
    for (set, mediation) in [
        (RuleSet::Order20, "2026-03-13"),
        (RuleSet::Order20Regulation, "2026-03-06"),
        (RuleSet::Order121, "2026-03-06"),
    ] {
        for (clock, due, expected) in [
            ("negotiation", law.negotiation_due(from, set), "2026-01-19"),
            ("escalation", law.escalation_due(from, set), "2026-01-20"),
            ("routing", law.routing_due(from, set), "2026-01-08"),
            ("acceptance", law.acceptance_due(from, set), "2026-01-14"),
            ("mediation", law.mediation_due(from, set, &[]), mediation),
            ("notice", law.notice_due(from, set), "2026-01-14"),
            ("offer", law.offer_due(from, set), "2026-01-12"),
            ("performance", law.performance_due(from, set), "2026-01-12"),
            ("lapse", law.performance_lapse_due(from, set), "2026-02-04"),
        ] {
            assert_eq!(
                (due.last_day, due.rule_set),
                (day(expected), set),
                "{clock} under {set:?}"
            );
        }
    }
}

#[test]
fn appraisal_pauses_mediation() {
    let pause = "2026-01-10..2026-01-19".parse().unwrap();
    let due = Law::default().mediation_due(day("2026-01-05"), RuleSet::Order121, &[pause]);
    assert_eq!(due.last_day, day("2026-03-16"));
}

#[test]
fn refusal_grounds_have_the_numbers_of_their_rule_set() {
    use RefusalGround::*;
    for (ground, old, new) in [
        (OutsideCompetence, Some(1), Some(1)),
        (AlreadyHandled, Some(2), Some(2)),
        (NotDailyConsumption, Some(3), Some(3)),
        (OverThreeYears, Some(4), Some(4)),
        (MaterialMissingOrFalse, Some(5), Some(5)),
        (IdentityMisused, None, Some(6)),
        (OtherLaw, Some(6), Some(7)),
    ] {
        assert_eq!(ground.number_in(RuleSet::Order20), old, "{ground:?}");
        assert_eq!(
            ground.number_in(RuleSet::Order20Regulation),
            old,
            "{ground:?}"
        );
        assert_eq!(ground.number_in(RuleSet::Order121), new, "{ground:?}");
    }
}

#[test]
fn ending_grounds_have_the_numbers_of_their_rule_set() {
    use EndingGround::*;
    for (ground, old, new) in [
        (WithdrawnOrSelfSettled, Some(1), Some(1)),
        (PartyAbsentOrRefuses, Some(2), Some(2)),
        (NoAgreementPossible, Some(3), Some(3)),
        (NoAgreementOnAppraisalCost, Some(4), Some(4)),
        (TimeExpired, Some(5), Some(5)),
        (RefusalCaseFound, Some(6), Some(6)),
        (PartyGone, None, Some(7)),
        (OtherLaw, Some(7), Some(8)),
    ] {
        assert_eq!(ground.number_in(RuleSet::Order20), old, "{ground:?}");
        assert_eq!(
            ground.number_in(RuleSet::Order20Regulation),
            old,
            "{ground:?}"
        );
        assert_eq!(ground.number_in(RuleSet::Order121), new, "{ground:?}");
    }
}

#[test]
fn codes_read_back_and_are_distinct() {
    fn check<T: Copy + PartialEq + std::fmt::Debug>(
        all: &[T],
        code: fn(T) -> &'static str,
        from: fn(&str) -> Option<T>,
    ) {
        let codes: std::collections::BTreeSet<_> = all.iter().map(|&value| code(value)).collect();
        assert_eq!(codes.len(), all.len());
        for &value in all {
            assert_eq!(from(code(value)), Some(value));
        }
        assert_eq!(from("unspecified"), None);
    }
    use law::directory::{Level, UnitKind};
    use law::jurisdiction::{Basis, Role};
    check(&RuleSet::ALL, RuleSet::code, RuleSet::from_code);
    check(
        &RefusalGround::ALL,
        RefusalGround::code,
        RefusalGround::from_code,
    );
    check(
        &EndingGround::ALL,
        EndingGround::code,
        EndingGround::from_code,
    );
    check(&Level::ALL, Level::code, Level::from_code);
    check(&UnitKind::ALL, UnitKind::code, UnitKind::from_code);
    check(&Role::ALL, Role::code, Role::from_code);
    check(&Basis::ALL, Basis::code, Basis::from_code);
}
