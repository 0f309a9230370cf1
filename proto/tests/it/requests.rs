//! Requests are read strictly: what was not said right is named, never guessed.

use case::filing::{Claim, ShownAddress};
use case::terms::{Payer, ReliefKind};
use proto::intake::v1::{ConsentChoices, RespondentDescription};
use proto::mediation::v1::OfferedTerms;
use proto::v1;
use proto::wire::{self, FieldError};

use crate::samples::{at, day, text};

#[test]
fn days_are_exactly_year_month_day() {
    assert_eq!(wire::day("2026-05-07"), Some(day(7)));
    assert_eq!(wire::day_text(day(7)), "2026-05-07");
    for wrong in [
        "",
        "2026-5-7",
        "2026-05-07 ",
        "2026-05-07T00:00",
        "20260507",
        "2026/05/07",
        "2026-02-30",
        "2026-13-01",
        "2026-00-01",
        "+2026-05-0",
        "２０２６",
        "-026-05-07",
        "2026-05-0\u{661}",
    ] {
        assert_eq!(wire::day(wrong), None, "{wrong:?}");
    }
}

#[test]
fn ids_are_canonical() {
    let id = "0196f0a1-7c3e-7000-8000-00000000000a";
    assert_eq!(wire::uuid(id).map(|id| id.to_string()).as_deref(), Some(id));
    assert_eq!(
        wire::case_id(id).map(|id| id.to_string()).as_deref(),
        Some(id)
    );
    for wrong in [
        "",
        "0196f0a17c3e7000800000000000000a",
        "{0196f0a1-7c3e-7000-8000-00000000000a}",
        "urn:uuid:0196f0a1-7c3e-7000-8000-00000000000a",
        "0196f0a1-7c3e-7000-8000-00000000000g",
        "0196f0a1-7c3e-7000-8000-0000000000é",
    ] {
        assert_eq!(wire::uuid(wrong), None, "{wrong:?}");
    }
}

#[test]
fn instants_outside_the_calendar_of_timestamps_are_none() {
    let stamp = |seconds, nanos| prost_types::Timestamp { seconds, nanos };
    assert_eq!(wire::instant(&wire::timestamp(at(7, 3))), Some(at(7, 3)));
    let (first, last) = (-62_135_596_800, 253_402_300_799);
    for (seconds, nanos, right) in [
        (first, 0, true),
        (last, 999_999_999, true),
        (first - 1, 999_999_999, false),
        (last + 1, 0, false),
        (0, -1, false),
        (0, 1_000_000_000, false),
        (59, 1_500_000_000, false),
        (i64::MIN, 0, false),
        (i64::MAX, 0, false),
    ] {
        assert_eq!(
            wire::instant(&stamp(seconds, nanos)).is_some(),
            right,
            "{seconds} {nanos}"
        );
    }
}

#[test]
fn lists_hashes_and_codes_are_read_or_refused() {
    assert_eq!(
        wire::listed::<ReliefKind>(wire::number(ReliefKind::Redo)),
        Some(ReliefKind::Redo)
    );
    assert_eq!(wire::listed::<ReliefKind>(0), None);
    assert_eq!(wire::hash(&[7; 32]), Some([7; 32]));
    assert_eq!(wire::hash(&[7; 31]), None);
    assert!(wire::uscc("91110000600037341L").is_some());
    assert!(wire::uscc("91110000600037341M").is_none());
    assert!(wire::region("110105").is_some() && wire::region("1").is_none());
    assert!(wire::authority("A-1").is_some() && wire::authority("a b").is_none());
}

fn fields(errors: Vec<FieldError>) -> Vec<String> {
    errors.into_iter().map(|error| error.field).collect()
}

fn relief(kind: v1::ReliefKind, amount_fen: i64) -> v1::Relief {
    let kind = kind.into();
    v1::Relief { kind, amount_fen }
}

#[test]
fn offered_terms_take_what_was_left_out_from_the_caller() {
    let offered = OfferedTerms {
        reliefs: vec![relief(v1::ReliefKind::Refund, 500)],
        ..Default::default()
    };
    let terms = wire::offered_terms(&offered, Some(text(1)), day(9)).unwrap();
    assert_eq!(
        (terms.payer, terms.perform_by, terms.text),
        (Payer::Enterprise, day(9), Some(text(1)))
    );
    let offered = OfferedTerms {
        payer: v1::Payer::Maker.into(),
        perform_by: "2026-05-11".to_owned(),
        ..offered
    };
    let terms = wire::offered_terms(&offered, None, day(9)).unwrap();
    assert_eq!(
        (terms.payer, terms.perform_by, terms.text),
        (Payer::Maker, day(11), None)
    );
}

#[test]
fn everything_wrong_with_offered_terms_is_named_at_once() {
    let offered = OfferedTerms {
        reliefs: vec![
            relief(v1::ReliefKind::Unspecified, 1),
            relief(v1::ReliefKind::Refund, -1),
        ],
        payer: 99,
        perform_by: "soon".to_owned(),
        text: String::new(),
    };
    let errors = wire::offered_terms(&offered, None, day(9)).unwrap_err();
    assert_eq!(
        fields(errors),
        [
            "reliefs[0].kind",
            "reliefs[1].amount_fen",
            "payer",
            "perform_by"
        ]
    );
    for count in [0, 9] {
        let reliefs = vec![relief(v1::ReliefKind::Answer, 0); count];
        assert_eq!(
            fields(wire::reliefs(&reliefs).unwrap_err()),
            ["reliefs"],
            "{count}"
        );
    }
}

#[test]
fn equal_terms_have_equal_bytes_and_others_do_not() {
    let terms = crate::samples::terms();
    assert_eq!(
        wire::terms_bytes(&terms),
        wire::terms_bytes(&crate::samples::terms())
    );
    let later = case::terms::Terms {
        perform_by: day(21),
        ..terms.clone()
    };
    assert_ne!(wire::terms_bytes(&terms), wire::terms_bytes(&later));
}

#[test]
fn a_respondent_is_read_without_name_and_address() {
    let description = RespondentDescription {
        name: "Shop".to_owned(),
        role: v1::RespondentRole::PlatformSeller.into(),
        uscc: "91110000600037341L".to_owned(),
        address_shown: v1::AddressShown::Shown.into(),
        shown_region: "110105".to_owned(),
        ..Default::default()
    };
    let respondent = wire::respondent(&description).unwrap();
    assert_eq!(
        respondent.shown_address,
        ShownAddress::Shown(crate::samples::region("110105"))
    );
    assert_eq!(respondent.business, None);
}

#[test]
fn everything_wrong_with_a_respondent_is_named() {
    let right = RespondentDescription {
        role: v1::RespondentRole::Ordinary.into(),
        ..Default::default()
    };
    let text = str::to_owned;
    let shown = v1::AddressShown::Shown.into();
    let rows: Vec<(RespondentDescription, Vec<&str>)> = vec![
        (right.clone(), vec![]),
        (
            RespondentDescription {
                role: 0,
                ..right.clone()
            },
            vec!["role"],
        ),
        (
            RespondentDescription {
                uscc: text("91110000600037341M"),
                ..right.clone()
            },
            vec!["uscc"],
        ),
        (
            RespondentDescription {
                business_region: text("x"),
                ..right.clone()
            },
            vec!["business_region"],
        ),
        (
            RespondentDescription {
                address_shown: 77,
                ..right.clone()
            },
            vec!["address_shown"],
        ),
        (
            RespondentDescription {
                address_shown: shown,
                ..right.clone()
            },
            vec!["shown_region"],
        ),
        (
            RespondentDescription {
                shown_region: text("110105"),
                ..right.clone()
            },
            vec!["shown_region"],
        ),
        (
            RespondentDescription {
                address_shown: shown,
                shown_region: text("?"),
                ..right.clone()
            },
            vec!["shown_region"],
        ),
        (
            RespondentDescription {
                platform_uscc: text("1"),
                platform_domicile_region: text("-"),
                ..right
            },
            vec!["platform_uscc", "platform_domicile_region"],
        ),
    ];
    for (description, expected) in rows {
        let found = wire::respondent(&description)
            .err()
            .map(fields)
            .unwrap_or_default();
        assert_eq!(found, expected);
    }
}

#[test]
fn claims_are_one_to_eight_each_once() {
    let numbers =
        |claims: &[v1::Claim]| claims.iter().map(|claim| *claim as i32).collect::<Vec<_>>();
    assert_eq!(
        wire::claims(&numbers(&[v1::Claim::Refund, v1::Claim::Redo])),
        Ok(vec![Claim::Refund, Claim::Redo])
    );
    for (claims, expected) in [
        (vec![], vec!["claims"]),
        (vec![0], vec!["claims[0]"]),
        (vec![6, 6, 42], vec!["claims[1]", "claims[2]"]),
        (vec![1, 2, 3, 4, 5, 6, 7, 8, 1], vec!["claims"]),
    ] {
        assert_eq!(
            fields(wire::claims(&claims).unwrap_err()),
            expected,
            "{claims:?}"
        );
    }
}

#[test]
fn consents_are_unticked_by_default_and_carry_the_time() {
    assert_eq!(
        wire::consents(None, at(2, 1)),
        case::filing::Consents::default()
    );
    let choices = ConsentChoices {
        odr: true,
        ..Default::default()
    };
    let consents = wire::consents(Some(&choices), at(2, 1));
    assert_eq!((consents.odr, consents.publication), (Some(at(2, 1)), None));
}
