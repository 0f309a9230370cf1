//! What will happen to each row: read off the file before anything is filed, so that the outcome can be counted plainly.

use std::collections::{BTreeMap, BTreeSet};

use case::Uscc;
use proto::v1::{Channel, ReliefKind};
use thiserror::Error;

use super::file::Row;

/// How the enterprise answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It stays silent until the negotiation expires.
    Silent,
    /// It proposes this relief on the day of receipt.
    Proposes(ReliefKind),
}

/// What the authority does with an escalated case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escalation {
    /// Refuses it: not for daily consumption.
    Refused,
    /// Mediates it to a signed and sealed agreement.
    Mediated,
    /// Ends mediation: no agreement is possible.
    Ended,
}

/// What will happen to one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The row.
    pub row: Row,
    /// The respondent.
    pub enterprise: Uscc,
    /// Region of the respondent's place of business: the row's state, or the federal region.
    pub region: String,
    /// Problem code.
    pub problem: String,
    /// Category code.
    pub category: String,
    /// Channel.
    pub channel: Channel,
    /// What the enterprise does.
    pub answer: Answer,
    /// What follows when the consumer escalates; `None` when they settle or let it rest.
    pub escalation: Option<Escalation>,
}

/// The whole file's plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Rows in order of received date, then row.
    pub rows: Vec<Planned>,
    /// Companies and their synthetic codes.
    pub companies: BTreeMap<String, Uscc>,
    /// Problem codes and what they stand for.
    pub problems: BTreeMap<String, String>,
    /// Category codes and what they stand for.
    pub categories: BTreeMap<String, String>,
}

/// A value that has no place in the plan.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("line {line}: column `{column}`: {value:?} is not known")]
pub struct PlanError {
    line: u64,
    column: &'static str,
    value: String,
}

impl Plan {
    /// Plans rows; `knows_region` is the directory's word on region codes.
    ///
    /// # Errors
    /// A channel or state that is not known, with its line.
    pub fn of(rows: &[Row], knows_region: impl Fn(&str) -> bool) -> Result<Self, PlanError> {
        let names: BTreeSet<&str> = rows.iter().map(|row| row.company.as_str()).collect();
        let companies: BTreeMap<String, Uscc> = names
            .into_iter()
            .enumerate()
            .map(|(place, name)| (name.to_owned(), synthetic_uscc(place)))
            .collect();
        let problems = codes(rows.iter().map(|row| row.issue.as_str()), "problem");
        let categories = codes(rows.iter().map(|row| row.product.as_str()), "category");
        let mut escalated = 0;
        let mut planned = Vec::with_capacity(rows.len());
        for row in rows {
            let (answer, escalates) = course(row);
            let escalation = escalates.then(|| {
                escalated += 1;
                escalation(escalated)
            });
            let region = if row.state.is_empty() {
                "US"
            } else {
                &row.state
            };
            let unknown = |column, value: &str| PlanError {
                line: row.line,
                column,
                value: value.to_owned(),
            };
            if !knows_region(region) {
                return Err(unknown("State", region));
            }
            planned.push(Planned {
                enterprise: companies[&row.company].clone(),
                region: region.to_owned(),
                problem: problems[&row.issue].clone(),
                category: categories[&row.product].clone(),
                channel: channel(&row.channel)
                    .ok_or_else(|| unknown("Submitted via", &row.channel))?,
                answer,
                escalation,
                row: row.clone(),
            });
        }
        planned.sort_by_key(|planned| (planned.row.received, planned.row.number));
        let turned = |codes: BTreeMap<String, String>| {
            codes.into_iter().map(|(name, code)| (code, name)).collect()
        };
        Ok(Self {
            rows: planned,
            companies,
            problems: turned(problems),
            categories: turned(categories),
        })
    }
}

/// Whether the enterprise answers, and whether the consumer escalates.
fn course(row: &Row) -> (Answer, bool) {
    if !row.timely {
        return (Answer::Silent, true);
    }
    if row.response == "In progress" {
        return (Answer::Silent, false);
    }
    let relief = match row.response.as_str() {
        "Closed with monetary relief" => ReliefKind::Refund,
        "Closed with non-monetary relief" => ReliefKind::Other,
        "Closed" => ReliefKind::Answer,
        _ => ReliefKind::Explanation,
    };
    (Answer::Proposes(relief), row.disputed)
}

/// The k-th escalated row in file order, from 1: every fourth is refused; of the rest every second is mediated.
fn escalation(k: usize) -> Escalation {
    if k.is_multiple_of(4) {
        return Escalation::Refused;
    }
    let among_the_rest = k - k / 4;
    if among_the_rest.is_multiple_of(2) {
        Escalation::Mediated
    } else {
        Escalation::Ended
    }
}

fn channel(text: &str) -> Option<Channel> {
    Some(match text {
        "Web" => Channel::Web,
        "Referral" => Channel::Referral,
        "Phone" => Channel::Phone,
        "Postal mail" | "Email" => Channel::Mail,
        "Fax" => Channel::Fax,
        _ => return None,
    })
}

fn codes<'a>(values: impl Iterator<Item = &'a str>, kind: &str) -> BTreeMap<String, String> {
    let distinct: BTreeSet<&str> = values.collect();
    distinct
        .into_iter()
        .enumerate()
        .map(|(place, name)| (name.to_owned(), format!("us-{kind}-{:03}", place + 1)))
        .collect()
}

/// A synthetic credit code: registrar and type `Y1`, no region, a running number in the organisation's place, a valid check character.
fn synthetic_uscc(place: usize) -> Uscc {
    let body = format!("Y1000000{:09}", place + 1);
    let check = Uscc::check_character(&body).expect("17 characters of the alphabet");
    Uscc::parse(&format!("{body}{check}")).expect("the check character fits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::read_bytes;

    #[test]
    fn the_plan_of_the_real_file_is_its_plain_count() {
        let bytes = include_bytes!("../../../../tests/data/cfpb-2016.csv");
        let plan = Plan::of(&read_bytes(bytes).unwrap(), |_| true).unwrap();
        let count =
            |wanted: fn(&Planned) -> bool| plan.rows.iter().filter(|row| wanted(row)).count();
        assert_eq!(plan.rows.len(), 3186);
        assert_eq!(plan.companies.len(), 491);
        assert_eq!(count(|row| row.answer == Answer::Silent), 96);
        assert_eq!(count(|row| row.escalation.is_some()), 678);
        assert_eq!(
            count(|row| row.escalation == Some(Escalation::Refused)),
            169
        );
        assert_eq!(
            count(|row| row.escalation == Some(Escalation::Mediated)),
            254
        );
        assert_eq!(count(|row| row.escalation == Some(Escalation::Ended)), 255);
        assert_eq!(
            count(|row| row.answer == Answer::Silent && row.escalation.is_none()),
            3
        );
        for (relief, settled) in [
            (ReliefKind::Explanation, 1916),
            (ReliefKind::Answer, 50),
            (ReliefKind::Other, 339),
            (ReliefKind::Refund, 200),
        ] {
            let found = plan
                .rows
                .iter()
                .filter(|row| row.answer == Answer::Proposes(relief) && row.escalation.is_none());
            assert_eq!(found.count(), settled, "{relief:?}");
        }
    }

    #[test]
    fn unknown_values_are_told_with_their_line() {
        let header = "Date received,Product,Issue,Company,State,Submitted via,Date sent to company,Company response to consumer,Timely response?,Consumer disputed?";
        let row = |state: &str, channel: &str| {
            let text = format!(
                "{header}\n7/29/2013,Loan,Fees,Bank,{state},{channel},7/30/2013,Closed,Yes,No"
            );
            Plan::of(&read_bytes(text.as_bytes()).unwrap(), |region| {
                region != "ZZ"
            })
            .map(|_| ())
            .map_err(|error| error.to_string())
        };
        assert_eq!(
            row("ZZ", "Web"),
            Err("line 2: column `State`: \"ZZ\" is not known".into())
        );
        assert_eq!(
            row("VA", "Pigeon"),
            Err("line 2: column `Submitted via`: \"Pigeon\" is not known".into())
        );
        assert_eq!(row("VA", "Fax"), Ok(()));
    }
}
