//! Offered terms, field by field.

use proto::mediation::v1::OfferedTerms;
use proto::v1::{Payer, Relief, ReliefKind};
use uuid::Uuid;

use super::sent;
use crate::support::people::CONSUMER;
use crate::support::samples::refund;
use crate::support::{Stage, ask};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn terms_are_checked_field_by_field() {
    let stage = Stage::stepped().await;
    let case = Uuid::now_v7();
    let relief = |kind: ReliefKind, amount_fen: i64| Relief {
        kind: kind.into(),
        amount_fen,
    };
    let with = |reliefs: Vec<Relief>| {
        Some(OfferedTerms {
            reliefs,
            ..refund()
        })
    };
    let by_day = |day: &str| {
        Some(OfferedTerms {
            perform_by: day.to_owned(),
            ..refund()
        })
    };
    let refunds = |count: usize| with(vec![relief(ReliefKind::Refund, 1); count]);
    let rows: Vec<(Option<OfferedTerms>, &[&str])> = vec![
        (None, &["terms"]),
        (refunds(0), &["terms.reliefs"]),
        (refunds(8), &[]),
        (refunds(9), &["terms.reliefs"]),
        (
            with(vec![relief(ReliefKind::Unspecified, 0)]),
            &["terms.reliefs[0].kind"],
        ),
        (
            with(vec![
                relief(ReliefKind::Refund, 1),
                Relief {
                    kind: 99,
                    amount_fen: -1,
                },
            ]),
            &["terms.reliefs[1].kind", "terms.reliefs[1].amount_fen"],
        ),
        (
            with(vec![relief(ReliefKind::Refund, -1)]),
            &["terms.reliefs[0].amount_fen"],
        ),
        (
            with(vec![
                relief(ReliefKind::Refund, 0),
                relief(ReliefKind::Apology, 1),
            ]),
            &["terms.reliefs[1].amount_fen"],
        ),
        (with(vec![relief(ReliefKind::Apology, 0)]), &[]),
        (
            Some(OfferedTerms {
                payer: 99,
                ..refund()
            }),
            &["terms.payer"],
        ),
        (
            Some(OfferedTerms {
                payer: Payer::Platform.into(),
                ..refund()
            }),
            &[],
        ),
        (by_day("2026-03-10"), &[]),
        (by_day("1989-12-31"), &["terms.perform_by"]),
        (by_day("2026-02-30"), &["terms.perform_by"]),
        (by_day("2026-3-1"), &["terms.perform_by"]),
        (by_day("tomorrow"), &["terms.perform_by"]),
    ];
    for (terms, expected) in rows {
        let shown = format!("{:?}", terms.as_ref().map(|terms| &terms.reliefs));
        let offer = ask!(case, ProposeSettlementRequest { terms: terms });
        assert_eq!(
            sent!(stage, CONSUMER, propose_settlement, offer),
            expected,
            "{shown}"
        );
    }
    stage.close().await;
}
