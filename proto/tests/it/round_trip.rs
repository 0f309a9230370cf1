//! What is written is read back.

use std::collections::BTreeSet;

use case::{EventKind, StateKind};
use proto::{event, store};

use crate::samples::{cases, events};

#[test]
fn samples_have_every_event_and_every_state() {
    let kinds: BTreeSet<_> = events()
        .iter()
        .map(|(_, _, event)| event.event_kind())
        .collect();
    assert_eq!(kinds.len(), EventKind::ALL.len());
    let states: BTreeSet<_> = cases()
        .iter()
        .map(|(_, case)| StateKind::of(&case.state))
        .collect();
    assert_eq!(states.len(), StateKind::ALL.len());
}

#[test]
fn every_event_is_read_as_it_was_written() {
    for (name, meta, event) in events() {
        let encoded = event::encode(&event, &meta);
        assert_eq!(encoded.event_type, event::type_of(event.event_kind()));
        let decoded = event::decode(encoded.event_type, &encoded.value);
        assert_eq!(decoded, Ok((meta, event)), "{name}");
    }
}

#[test]
fn every_case_is_read_as_it_was_stored() {
    for (name, case) in cases() {
        let bytes = store::encode_case(&case);
        assert_eq!(store::decode_case(&bytes), Ok(case), "{name}");
    }
}

#[test]
fn equal_values_have_equal_bytes() {
    for ((name, meta, event), (_, same_meta, same)) in events().into_iter().zip(events()) {
        assert_eq!(
            event::encode(&event, &meta),
            event::encode(&same, &same_meta),
            "{name}"
        );
    }
    for ((name, case), (_, same)) in cases().into_iter().zip(cases()) {
        assert_eq!(
            store::encode_case(&case),
            store::encode_case(&same),
            "{name}"
        );
    }
}

/// A day of performance in the year 9999 makes performance lapse in the year 10000.
#[test]
fn days_beyond_the_year_9999_are_read_back() {
    let (_, mut case) = cases().into_iter().next().expect("there are samples");
    let filing = std::sync::Arc::make_mut(&mut case.filing);
    filing.knew_on = chrono::NaiveDate::from_ymd_opt(10_000, 1, 29);
    filing.disputed_on = chrono::NaiveDate::from_ymd_opt(-1, 12, 31);
    assert_eq!(store::decode_case(&store::encode_case(&case)), Ok(case));
}
