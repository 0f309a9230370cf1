//! The replay file: CSV with the columns of the Consumer Complaint Database, refused with line and reason.

use std::path::Path;

use chrono::NaiveDate;
use law::table;
use thiserror::Error;

const COLUMNS: [&str; 10] = [
    "Date received",
    "Product",
    "Issue",
    "Company",
    "State",
    "Submitted via",
    "Date sent to company",
    "Company response to consumer",
    "Timely response?",
    "Consumer disputed?",
];

/// One complaint of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Line in the file, from 1.
    pub line: u64,
    /// Row number, from 1, without the header.
    pub number: usize,
    /// Day it was received.
    pub received: NaiveDate,
    /// Product.
    pub product: String,
    /// Issue.
    pub issue: String,
    /// Company.
    pub company: String,
    /// State; may be blank.
    pub state: String,
    /// Channel.
    pub channel: String,
    /// The company's response.
    pub response: String,
    /// The company answered in time.
    pub timely: bool,
    /// The consumer disputed the response.
    pub disputed: bool,
}

/// Why a file is refused; nothing is filed then.
#[derive(Debug, Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// It is not UTF-8.
    #[error("line {line}: invalid UTF-8")]
    NotText {
        /// Line, from 1.
        line: usize,
    },
    /// Its shape is wrong: columns, quoting, field counts.
    #[error(transparent)]
    Table(#[from] table::TableError),
    /// A value is wrong.
    #[error("line {line}: column `{column}`: {reason}")]
    Value {
        /// Line, from 1.
        line: u64,
        /// Column.
        column: &'static str,
        /// What is wrong.
        reason: &'static str,
    },
    /// It holds no rows.
    #[error("the file holds no complaint")]
    NoRows,
}

/// Reads and checks a replay file.
///
/// # Errors
/// The first fault, with its line.
pub fn read_file(path: &Path) -> Result<Vec<Row>, FileError> {
    read_bytes(&std::fs::read(path)?)
}

/// Reads and checks the bytes of a replay file.
///
/// # Errors
/// The first fault, with its line.
pub fn read_bytes(bytes: &[u8]) -> Result<Vec<Row>, FileError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        FileError::NotText { line }
    })?;
    let rows = table::read(text, &COLUMNS)?;
    if rows.is_empty() {
        return Err(FileError::NoRows);
    }
    rows.into_iter()
        .enumerate()
        .map(|(place, row)| read_row(place + 1, row))
        .collect()
}

fn read_row(number: usize, row: table::Row) -> Result<Row, FileError> {
    let line = row.line;
    let fields: [String; 10] = row
        .fields
        .try_into()
        .expect("the table gives as many fields as columns were asked for");
    let [
        received,
        product,
        issue,
        company,
        state,
        channel,
        sent,
        response,
        timely,
        disputed,
    ] = fields;
    let wrong = |column, reason| FileError::Value {
        line,
        column,
        reason,
    };
    let received = day(&received).ok_or_else(|| wrong("Date received", "is no date M/D/YYYY"))?;
    day(&sent).ok_or_else(|| wrong("Date sent to company", "is no date M/D/YYYY"))?;
    for (column, value) in [
        ("Product", &product),
        ("Issue", &issue),
        ("Company", &company),
    ] {
        if value.trim().is_empty() || value.chars().count() > 200 {
            return Err(wrong(column, "must have 1 to 200 characters"));
        }
    }
    let timely = match timely.as_str() {
        "Yes" => true,
        "No" => false,
        _ => return Err(wrong("Timely response?", "is neither Yes nor No")),
    };
    let disputed = match disputed.as_str() {
        "Yes" => true,
        "No" | "" | "N/A" => false,
        _ => return Err(wrong("Consumer disputed?", "is neither Yes, No nor blank")),
    };
    Ok(Row {
        line,
        number,
        received,
        product,
        issue,
        company,
        state,
        channel,
        response,
        timely,
        disputed,
    })
}

/// A date as the file writes it: M/D/YYYY, no padding needed.
fn day(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('/').map(|part| {
        let digits =
            (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse::<u32>().ok()).flatten()
    });
    let (month, day, year) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || year < 1990 {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "Date received,Product,Issue,Company,State,Submitted via,Date sent to company,Company response to consumer,Timely response?,Consumer disputed?";

    #[test]
    fn a_wrong_file_is_refused_with_line_and_reason() {
        let good = "7/29/2013,Loan,Fees,Bank,VA,Web,7/30/2013,Closed,Yes,No";
        for (row, bytes, told) in [
            (
                "no header",
                Vec::new(),
                "line 1: the file holds no header line",
            ),
            (
                "no rows",
                HEADER.as_bytes().to_vec(),
                "the file holds no complaint",
            ),
            (
                "a missing column",
                b"Date received,Product\n1/1/2015,x".to_vec(),
                "line 1: column `Issue` is missing",
            ),
            (
                "a wrong date",
                format!("{HEADER}\n{good}\n13/1/2015{}", &good[9..]).into_bytes(),
                "line 3: column `Date received`: is no date M/D/YYYY",
            ),
            (
                "a day that is not",
                format!("{HEADER}\n2/30/2015{}", &good[9..]).into_bytes(),
                "line 2: column `Date received`: is no date M/D/YYYY",
            ),
            (
                "a sent date that is none",
                format!("{HEADER}\n{}", good.replace("7/30/2013", "soon")).into_bytes(),
                "line 2: column `Date sent to company`: is no date M/D/YYYY",
            ),
            (
                "an open quote",
                format!("{HEADER}\n{}", good.replace("Bank", "\"Bank")).into_bytes(),
                "line 2: broken quoting",
            ),
            (
                "a short row",
                format!("{HEADER}\n7/29/2013,Loan").into_bytes(),
                "line 2: 2 fields where the header has 10",
            ),
            (
                "no text",
                [HEADER.as_bytes(), b"\n", good.as_bytes(), b"\n\xff\xfe"].concat(),
                "line 3: invalid UTF-8",
            ),
            (
                "neither yes nor no",
                format!("{HEADER}\n{}", good.replace("Yes", "Maybe")).into_bytes(),
                "line 2: column `Timely response?`: is neither Yes nor No",
            ),
            (
                "no company",
                format!("{HEADER}\n{}", good.replace("Bank", "")).into_bytes(),
                "line 2: column `Company`: must have 1 to 200 characters",
            ),
        ] {
            assert_eq!(read_bytes(&bytes).unwrap_err().to_string(), told, "{row}");
        }
        assert_eq!(
            read_bytes(format!("{HEADER}\n{good}\n").as_bytes())
                .unwrap()
                .len(),
            1
        );
    }
}
