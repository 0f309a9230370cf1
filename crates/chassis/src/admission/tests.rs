//! Admission as a table.

use bytes::Bytes;
use chrono::DateTime;

use super::*;

fn event(kind: Kind, source: &str, sequence: u64, id: u128, previous: &Chain) -> Envelope {
    let mut envelope = Envelope {
        id: Uuid::from_u128(id),
        kind,
        event_type: "t".into(),
        source: source.into(),
        time: DateTime::from_timestamp(0, 0).unwrap(),
        subject: Uuid::from_u128(1),
        sequence,
        traceparent: None,
        chain: GENESIS,
        value: Bytes::new(),
    };
    envelope.chain = envelope.chain_after(previous);
    envelope
}

fn at_two() -> Position {
    let mut position = Position::start();
    let first = event(Kind::Decision, "intake", 1, 1, &GENESIS);
    position.advance(&first, &Heads::new());
    position.advance(
        &event(Kind::Decision, "routing", 2, 2, &first.chain),
        &Heads::new(),
    );
    position.advance(
        &event(Kind::Notice, "intake", 1, 10, &GENESIS),
        &Heads::new(),
    );
    position
}

#[test]
fn an_event_is_what_the_position_makes_of_it() {
    let position = at_two();
    let seen = position.seen["intake"];
    let other_head = Head {
        chain: [9; 32],
        ..seen
    };
    let later_head = Head {
        sequence: 2,
        chain: [9; 32],
    };
    let none = Heads::new();
    let heads = |head: Head| Heads::from([("intake".to_owned(), head)]);
    let next = |source: &str| event(Kind::Decision, source, 3, 3, &position.chain);
    let notice =
        |sequence, id, previous: &Chain| event(Kind::Notice, "intake", sequence, id, previous);
    let rows = [
        (
            "the owner's next",
            next("mediation"),
            none.clone(),
            Admission::Next,
        ),
        (
            "with the head that was seen",
            next("mediation"),
            heads(seen),
            Admission::Next,
        ),
        (
            "somebody else's next",
            next("routing"),
            none.clone(),
            Admission::WrongSource,
        ),
        (
            "the head again",
            event(Kind::Decision, "routing", 2, 2, &[7; 32]),
            none.clone(),
            Admission::Duplicate,
        ),
        (
            "another at the head",
            event(Kind::Decision, "routing", 2, 5, &[7; 32]),
            none.clone(),
            Admission::Conflict,
        ),
        (
            "an old one",
            event(Kind::Decision, "intake", 1, 1, &GENESIS),
            none.clone(),
            Admission::Duplicate,
        ),
        (
            "one too far",
            event(Kind::Decision, "mediation", 4, 4, &position.chain),
            none.clone(),
            Admission::Gap,
        ),
        (
            "on another chain",
            event(Kind::Decision, "mediation", 3, 3, &[7; 32]),
            none.clone(),
            Admission::Broken,
        ),
        (
            "a head not seen yet",
            next("mediation"),
            heads(later_head),
            Admission::Gap,
        ),
        (
            "another notice at the head",
            next("mediation"),
            heads(other_head),
            Admission::Broken,
        ),
        (
            "the next notice",
            notice(2, 11, &seen.chain),
            none.clone(),
            Admission::Next,
        ),
        (
            "the notice again",
            notice(1, 10, &GENESIS),
            none.clone(),
            Admission::Duplicate,
        ),
        (
            "another notice at the head",
            notice(1, 12, &GENESIS),
            none.clone(),
            Admission::Conflict,
        ),
        (
            "a notice too far",
            notice(3, 13, &seen.chain),
            none.clone(),
            Admission::Gap,
        ),
        (
            "a notice on another chain",
            notice(2, 11, &[7; 32]),
            none.clone(),
            Admission::Broken,
        ),
        (
            "a first notice of another source",
            event(Kind::Notice, "mediation", 1, 14, &GENESIS),
            none,
            Admission::Next,
        ),
    ];
    for (row, envelope, absorbed, expected) in rows {
        assert_eq!(
            admit(&position, "mediation", &envelope, &absorbed),
            expected,
            "{row}"
        );
    }
}

#[test]
fn a_notice_before_version_one_waits() {
    let notice = event(Kind::Notice, "intake", 1, 1, &GENESIS);
    assert_eq!(
        admit(&Position::start(), "intake", &notice, &Heads::new()),
        Admission::Gap
    );
}

#[test]
fn heads_survive_their_bytes_and_anything_else_is_told() {
    let heads = at_two().seen;
    let bytes = encode_heads(&heads);
    assert_eq!(decode_heads(&bytes), Some(heads));
    assert_eq!(decode_heads(&[]), Some(Heads::new()));
    assert_eq!(decode_heads(&bytes[..bytes.len() - 1]), None);
}

#[test]
fn seen_heads_only_rise() {
    let mut position = at_two();
    let low = Heads::from([(
        "intake".to_owned(),
        Head {
            sequence: 0,
            chain: [1; 32],
        },
    )]);
    let before = position.seen.clone();
    let decision = event(Kind::Decision, "mediation", 3, 3, &position.chain);
    position.advance(&decision, &low);
    assert_eq!(position.seen, before);
}
