//! Strict reading of the small CSV files that carry law: a named header, exact quoting, a line for every fault.
//!
//! Common CSV readers accept a stray quote or an unclosed one and number records loosely; here a broken file must be
//! refused with the line to look at. Lines that begin with `#` are notes and are skipped.

use thiserror::Error;

/// One record: the line it begins on (from 1) and the wanted columns in the wanted order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Line in the file, counted from 1.
    pub line: u64,
    /// One field per column asked for, in the order asked.
    pub fields: Vec<String>,
}

/// Where and why a table was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {fault}")]
pub struct TableError {
    /// Line in the file, counted from 1.
    pub line: u64,
    /// What is wrong there.
    pub fault: TableFault,
}

/// What can be wrong with the shape of a table.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TableFault {
    /// The file holds no header line.
    #[error("the file holds no header line")]
    Empty,
    /// A column the reader needs is not in the header.
    #[error("column `{0}` is missing")]
    MissingColumn(&'static str),
    /// The header names a needed column twice.
    #[error("column `{0}` is named twice")]
    ColumnTwice(&'static str),
    /// A quote opens and never closes, or stands inside an unquoted field, or text follows a closing quote.
    #[error("broken quoting")]
    BadQuoting,
    /// A record has more or fewer fields than the header.
    #[error("{found} fields where the header has {expected}")]
    FieldCount {
        /// Fields of the header.
        expected: usize,
        /// Fields of this record.
        found: usize,
    },
}

/// Reads `columns` from a CSV text with a header line; other columns are ignored.
///
/// # Errors
/// The first fault with its line; nothing is returned of a file that is wrong anywhere.
pub fn read(text: &str, columns: &[&'static str]) -> Result<Vec<Row>, TableError> {
    let mut records = split(text)?.into_iter();
    let header = records.next().ok_or(TableError {
        line: 1,
        fault: TableFault::Empty,
    })?;
    let places = places(&header, columns)?;
    records
        .map(|record| {
            let (expected, found) = (header.fields.len(), record.fields.len());
            if expected != found {
                let fault = TableFault::FieldCount { expected, found };
                return Err(TableError {
                    line: record.line,
                    fault,
                });
            }
            let fields = places
                .iter()
                .map(|&place| record.fields[place].clone())
                .collect();
            Ok(Row {
                line: record.line,
                fields,
            })
        })
        .collect()
}

/// Where each wanted column stands in the header.
fn places(header: &Row, columns: &[&'static str]) -> Result<Vec<usize>, TableError> {
    let refuse = |fault| {
        Err(TableError {
            line: header.line,
            fault,
        })
    };
    let mut places = Vec::with_capacity(columns.len());
    for &column in columns {
        let mut found = header
            .fields
            .iter()
            .enumerate()
            .filter(|(_, name)| name.trim() == column);
        match (found.next(), found.next()) {
            (Some((place, _)), None) => places.push(place),
            (None, _) => return refuse(TableFault::MissingColumn(column)),
            (Some(_), Some(_)) => return refuse(TableFault::ColumnTwice(column)),
        }
    }
    Ok(places)
}

/// All records of a text; blank lines and notes are skipped.
fn split(text: &str) -> Result<Vec<Row>, TableError> {
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = 1;
    let mut records = Vec::new();
    while !rest.is_empty() {
        if rest.starts_with(['#', '\n', '\r']) {
            let end = rest.find('\n').map_or(rest.len(), |at| at + 1);
            rest = &rest[end..];
            line += 1;
            continue;
        }
        let begins = line;
        let mut fields = Vec::new();
        loop {
            let (field, end, after) = field(rest, &mut line)?;
            fields.push(field);
            rest = after;
            if end == End::Record {
                break;
            }
        }
        records.push(Row {
            line: begins,
            fields,
        });
    }
    Ok(records)
}

/// What a field ends with.
#[derive(PartialEq, Eq)]
enum End {
    Field,
    Record,
}

/// The field at the start of `text`, what ended it, and the text behind that.
fn field<'a>(text: &'a str, line: &mut u64) -> Result<(String, End, &'a str), TableError> {
    let opened = *line;
    let broken = || TableError {
        line: opened,
        fault: TableFault::BadQuoting,
    };
    let (value, after) = match text.strip_prefix('"') {
        Some(quoted) => {
            let (value, after) = unquote(quoted).ok_or_else(broken)?;
            *line += value.matches('\n').count() as u64;
            (value, after)
        }
        None => {
            let end = text.find([',', '\n']).unwrap_or(text.len());
            let value = text[..end].strip_suffix('\r').unwrap_or(&text[..end]);
            if value.contains('"') {
                return Err(broken());
            }
            (value.to_owned(), &text[end..])
        }
    };
    if let Some(after) = after.strip_prefix(',') {
        return Ok((value, End::Field, after));
    }
    let after = after.strip_prefix('\r').unwrap_or(after);
    match after.strip_prefix('\n') {
        Some(after) => {
            *line += 1;
            Ok((value, End::Record, after))
        }
        None if after.is_empty() => Ok((value, End::Record, after)),
        None => Err(broken()),
    }
}

/// The value up to the closing quote, doubled quotes made single, and the text behind it; `None` if it never closes.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let end = rest.find('"')?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                value.push('"');
                rest = after;
            }
            None => return Some((value, rest)),
        }
    }
}
