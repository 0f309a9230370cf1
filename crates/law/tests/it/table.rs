//! The strict CSV reader: values read back, broken shapes are refused with their line, nothing panics.

use law::table::{TableFault, read};
use proptest::prelude::*;

#[test]
fn rows_carry_their_line_and_the_columns_asked_for() {
    let text = "\u{feff}# a note\r\na,b,c\r\n1,\"two, \"\"2\"\"\nlines\",3\r\n\r\n# note\r\n4,,6";
    let rows = read(text, &["c", "b"]).unwrap();
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.line, row.fields[0].as_str(), row.fields[1].as_str()))
        .collect();
    assert_eq!(told, [(3, "3", "two, \"2\"\nlines"), (7, "6", "")]);
}

#[test]
fn broken_tables_are_refused_with_their_line() {
    let width = |expected, found| TableFault::FieldCount { expected, found };
    for (text, line, fault) in [
        ("", 1, TableFault::Empty),
        ("# only a note\n\n", 1, TableFault::Empty),
        ("a,c\n", 1, TableFault::MissingColumn("b")),
        ("# note\na,a,b\n", 2, TableFault::ColumnTwice("a")),
        ("a,b\n1,2\n3\n", 3, width(2, 1)),
        ("a,b\n1,2,\n", 2, width(2, 3)),
        ("a,b\n1,2\n3,\"4\n5,6\n", 3, TableFault::BadQuoting),
        ("a,b\n1,2\"3\n", 2, TableFault::BadQuoting),
        ("a,b\n\"1\"2,3\n", 2, TableFault::BadQuoting),
        ("a,b\n\"1\n1\",2\n3,\"\"4\"\n", 4, TableFault::BadQuoting),
    ] {
        let error = read(text, &["a", "b"]).unwrap_err();
        assert_eq!((error.line, error.fault), (line, fault), "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn quoted_values_read_back(values in prop::collection::vec((".*", "[\"\n\r, #a]*"), 0..5)) {
        let quoted = |value: &str| format!("\"{}\"", value.replace('"', "\"\""));
        let mut text = "a,b\n".to_owned();
        for (first, second) in &values {
            text.push_str(&format!("{},{}\n", quoted(first), quoted(second)));
        }
        let rows = read(&text, &["a", "b"]).unwrap();
        let told: Vec<_> = rows.into_iter().map(|row| (row.fields[0].clone(), row.fields[1].clone())).collect();
        prop_assert_eq!(told, values);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[ab,\"\n\r#\u{feff}é]{0,40}") {
        let _ = read(&text, &["a", "b"]);
    }
}
