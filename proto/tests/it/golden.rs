//! Bytes that were published once stay readable: `golden/` holds one file for each sample, and a file never changes.
//!
//! A new sample has no file yet: run this test with `ODR_WRITE_GOLDEN=1` to add it. Files that exist are left alone.

use std::fs;
use std::path::{Path, PathBuf};

use proto::{event, store};

use crate::samples::{cases, events};

/// The bytes of a golden file; written first where it is missing and that was asked for.
fn golden(folder: &str, name: &str, present: &[u8]) -> Vec<u8> {
    let path = folder_path(folder).join(format!("{name}.hex"));
    if !path.exists() && std::env::var_os("ODR_WRITE_GOLDEN").is_some() {
        fs::create_dir_all(folder_path(folder)).unwrap();
        fs::write(&path, lines(present)).unwrap();
    }
    let text = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; run with ODR_WRITE_GOLDEN=1", path.display()));
    hex::decode(text.split_whitespace().collect::<String>()).unwrap()
}

fn folder_path(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("golden")
        .join(folder)
}

/// Hexadecimal, 32 bytes a line.
fn lines(bytes: &[u8]) -> String {
    bytes
        .chunks(32)
        .map(|chunk| hex::encode(chunk) + "\n")
        .collect()
}

#[test]
fn every_event_ever_published_is_still_read() {
    for (name, meta, event) in events() {
        let encoded = event::encode(&event, &meta);
        let published = golden("event", &name, &encoded.value);
        assert_eq!(
            event::decode(encoded.event_type, &published),
            Ok((meta, event)),
            "{name}"
        );
    }
}

#[test]
fn every_case_ever_stored_is_still_read() {
    for (name, case) in cases() {
        let stored = golden("case", &name, &store::encode_case(&case));
        assert_eq!(store::decode_case(&stored), Ok(case), "{name}");
    }
}

#[test]
fn every_golden_file_has_its_sample() {
    let samples: Vec<(&str, Vec<String>)> = vec![
        (
            "event",
            events().into_iter().map(|(name, _, _)| name).collect(),
        ),
        ("case", cases().into_iter().map(|(name, _)| name).collect()),
    ];
    for (folder, names) in samples {
        for entry in fs::read_dir(folder_path(folder)).unwrap() {
            let file = entry.unwrap().file_name().into_string().unwrap();
            let name = file.strip_suffix(".hex").expect("golden files end in .hex");
            assert!(
                names.iter().any(|known| known == name),
                "{folder}/{file} has no sample"
            );
        }
    }
}
