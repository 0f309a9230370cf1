//! Bytes that are not right are refused by name, and nothing panics.

use case::EventKind;
use proptest::prelude::*;
use proto::{DecodeError, event, store};

use crate::damage::{with_other_numbers, without_fields};
use crate::samples::{cases, events};

/// The message of a stored case.
const STORED: &str = "odr.case.store.v1.Case";

#[test]
fn unspecified_and_unknown_values_in_events_are_named() {
    let mut tried = 0;
    for (name, meta, event) in events() {
        let encoded = event::encode(&event, &meta);
        for (change, bytes) in with_other_numbers(encoded.event_type, &encoded.value, &[0, 999, -1])
        {
            let refused = event::decode(encoded.event_type, &bytes);
            assert!(
                matches!(refused, Err(DecodeError::UnknownValue { .. })),
                "{name}, {change}: {refused:?}"
            );
            tried += 1;
        }
    }
    assert!(tried > 500, "{tried} values tried");
}

#[test]
fn unspecified_and_unknown_values_in_stored_cases_are_named() {
    for (name, case) in cases() {
        let bytes = store::encode_case(&case);
        for (change, bytes) in with_other_numbers(STORED, &bytes, &[0, 999, -1]) {
            let refused = store::decode_case(&bytes);
            assert!(
                matches!(refused, Err(DecodeError::UnknownValue { .. })),
                "{name}, {change}: {refused:?}"
            );
        }
    }
}

#[test]
fn a_missing_field_is_named_or_means_that_nothing_was_said() {
    for (name, meta, event) in events() {
        let encoded = event::encode(&event, &meta);
        for (field, bytes) in without_fields(encoded.event_type, &encoded.value) {
            let read = event::decode(encoded.event_type, &bytes);
            assert_ne!(
                read,
                Ok((meta.clone(), event.clone())),
                "{name} without {field}"
            );
        }
    }
    for (name, case) in cases() {
        for (field, bytes) in without_fields(STORED, &store::encode_case(&case)) {
            assert_ne!(
                store::decode_case(&bytes),
                Ok(case.clone()),
                "{name} without {field}"
            );
        }
    }
}

#[test]
fn an_unknown_type_is_told_apart_from_garbage() {
    let (_, meta, filed) = events().swap_remove(0);
    let encoded = event::encode(&filed, &meta);
    assert_eq!(
        event::decode("odr.case.v1.NeverHeardOf", &encoded.value),
        Err(DecodeError::UnknownType)
    );
    assert_eq!(
        event::decode(encoded.event_type, b"not protobuf"),
        Err(DecodeError::Garbage { what: "the event" })
    );
    assert_eq!(
        event::decode(encoded.event_type, &[]),
        Err(DecodeError::Garbage {
            what: "ComplaintFiled.filing"
        })
    );
    assert_eq!(
        event::decode("odr.case.v1.NegotiationAcknowledged", &[]),
        Err(DecodeError::Garbage { what: "meta" })
    );
}

#[test]
fn unknown_fields_are_passed_over() {
    for (name, meta, event) in events() {
        let mut encoded = event::encode(&event, &meta);
        // Field 1000, a varint: what a later release may add.
        encoded.value.extend([0xc0, 0x3e, 0x01]);
        assert_eq!(
            event::decode(encoded.event_type, &encoded.value),
            Ok((meta, event)),
            "{name}"
        );
    }
}

fn any_type() -> impl Strategy<Value = &'static str> {
    prop::sample::select(EventKind::ALL).prop_map(event::type_of)
}

proptest! {
    #[test]
    fn random_bytes_never_panic(event_type in any_type(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = event::decode(event_type, &bytes);
        let _ = store::decode_case(&bytes);
    }

    #[test]
    fn damaged_events_are_refused_or_read_as_something_that_can_be_written(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let (_, meta, event) = events().swap_remove(which.index(events().len()));
        let mut encoded = event::encode(&event, &meta);
        for (place, byte) in damage {
            let place = place.index(encoded.value.len());
            encoded.value[place] = byte;
        }
        let cut = cut.index(encoded.value.len() * 4);
        encoded.value.truncate(cut.max(1));
        if let Ok((meta, event)) = event::decode(encoded.event_type, &encoded.value) {
            let again = event::encode(&event, &meta);
            prop_assert_eq!(event::decode(again.event_type, &again.value), Ok((meta, event)));
        }
    }

    #[test]
    fn damaged_cases_are_refused_or_read_as_something_that_can_be_stored(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let (_, case) = cases().swap_remove(which.index(cases().len()));
        let mut bytes = store::encode_case(&case);
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(case) = store::decode_case(&bytes) {
            prop_assert_eq!(store::decode_case(&store::encode_case(&case)), Ok(case));
        }
    }
}
