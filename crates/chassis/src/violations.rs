//! Collects what is wrong with a request, so that its sender learns all of it in one answer.

use std::fmt::Display;
use std::ops::RangeInclusive;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

/// Field paths and the rule each breaks, one per field: the first one found. Values are never repeated, they may be personal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Violations {
    prefix: String,
    found: Vec<(String, String)>,
}

impl Violations {
    /// Nothing wrong so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that `field` breaks `rule`.
    pub fn add(&mut self, field: impl Display, rule: impl Into<String>) {
        let path = format!("{}{field}", self.prefix);
        if self.found.iter().all(|(found, _)| *found != path) {
            self.found.push((path, rule.into()));
        }
    }

    /// Notes that `field` breaks `rule` unless `holds`; gives `holds` back.
    pub fn require(&mut self, holds: bool, field: impl Display, rule: impl Into<String>) -> bool {
        if !holds {
            self.add(field, rule);
        }
        holds
    }

    /// The value of a field that must be set; notes the fault if it is not.
    pub fn present<'a, T>(&mut self, field: impl Display, value: &'a Option<T>) -> Option<&'a T> {
        self.require(value.is_some(), field, "must be set");
        value.as_ref()
    }

    /// A text of `min` to `max` characters (not bytes).
    pub fn len(&mut self, field: impl Display, value: &str, min: usize, max: usize) -> bool {
        // A text of more bytes than four per character is too long whatever is in it: no need to count.
        let holds =
            value.len() <= max.saturating_mul(4) && (min..=max).contains(&value.chars().count());
        self.require(holds, field, format!("must have {min} to {max} characters"))
    }

    /// A list of `min` to `max` entries.
    pub fn count<T>(&mut self, field: impl Display, list: &[T], min: usize, max: usize) -> bool {
        let holds = (min..=max).contains(&list.len());
        self.require(holds, field, format!("must have {min} to {max} entries"))
    }

    /// A value within a closed range.
    pub fn range<T: PartialOrd + Display>(
        &mut self,
        field: impl Display,
        value: T,
        allowed: RangeInclusive<T>,
    ) -> bool {
        let rule = format!("must be {} to {}", allowed.start(), allowed.end());
        self.require(allowed.contains(&value), field, rule)
    }

    /// A text that `accepts` finds well formed; `rule` says in words what that means.
    pub fn pattern(
        &mut self,
        field: impl Display,
        value: &str,
        accepts: impl FnOnce(&str) -> bool,
        rule: impl Into<String>,
    ) -> bool {
        self.require(accepts(value), field, rule)
    }

    /// Checks an inner message: paths noted by `checks` begin with `field` and a dot. `field` may carry an index: `parties[0]`.
    pub fn within<T>(&mut self, field: impl Display, checks: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.prefix.len();
        self.prefix.push_str(&format!("{field}."));
        let checked = checks(self);
        self.prefix.truncate(outer);
        checked
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Field paths and rules found, in the order they were found.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.found
            .iter()
            .map(|(field, rule)| (field.as_str(), rule.as_str()))
    }

    /// `Ok` if nothing is wrong.
    ///
    /// # Errors
    /// INVALID_ARGUMENT with `google.rpc.BadRequest`, one violation per field.
    pub fn into_result(self) -> Result<(), Status> {
        if self.found.is_empty() {
            return Ok(());
        }
        let text = format!(
            "{} field(s) break a rule; first: {} {}",
            self.found.len(),
            self.found[0].0,
            self.found[0].1
        );
        let list: Vec<FieldViolation> = self
            .found
            .into_iter()
            .map(|(field, rule)| FieldViolation::new(field, rule))
            .collect();
        Err(Status::with_error_details(
            Code::InvalidArgument,
            text,
            ErrorDetails::with_bad_request(list),
        ))
    }
}

/// The field paths and rules of an INVALID_ARGUMENT answer, for clients and tests.
pub fn of(status: &Status) -> Vec<(String, String)> {
    status
        .get_details_bad_request()
        .map(|bad| bad.field_violations)
        .unwrap_or_default()
        .into_iter()
        .map(|violation| (violation.field, violation.description))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_speaks_at_its_borders() {
        let long = "字".repeat(11);
        type Row<'a> = (&'a str, bool, Box<dyn Fn(&mut Violations) -> bool + 'a>);
        let rows: Vec<Row<'_>> = vec![
            (
                "ten characters of three bytes",
                true,
                Box::new(|v| v.len("name", &long[3..], 1, 10)),
            ),
            (
                "eleven characters",
                false,
                Box::new(|v| v.len("name", &long, 1, 10)),
            ),
            ("empty", false, Box::new(|v| v.len("name", "", 1, 10))),
            (
                "empty allowed",
                true,
                Box::new(|v| v.len("name", "", 0, 10)),
            ),
            (
                "huge",
                false,
                Box::new(|v| v.len("name", &"x".repeat(1_000_000), 1, 10)),
            ),
            (
                "lowest",
                true,
                Box::new(|v| v.range("amount_fen", 0_i64, 0..=9)),
            ),
            (
                "below",
                false,
                Box::new(|v| v.range("amount_fen", -1_i64, 0..=9)),
            ),
            (
                "above",
                false,
                Box::new(|v| v.range("amount_fen", 10_i64, 0..=9)),
            ),
            (
                "pattern",
                false,
                Box::new(|v| v.pattern("uscc", "?", |t| t.len() == 18, "must be a USCC")),
            ),
            (
                "missing",
                false,
                Box::new(|v| v.present("meta", &None::<u8>).is_some()),
            ),
            (
                "too many",
                false,
                Box::new(|v| v.count("parties", &[1, 2], 1, 1)),
            ),
        ];
        for (name, holds, check) in rows {
            let mut violations = Violations::new();
            assert_eq!(check(&mut violations), holds, "{name}");
            assert_eq!(violations.is_empty(), holds, "{name}");
            assert_eq!(violations.into_result().is_ok(), holds, "{name}");
        }
    }

    #[test]
    fn all_fields_answer_at_once_and_each_once() {
        let mut violations = Violations::new();
        violations.within("complaint", |v| {
            v.within("parties[1]", |v| v.len("name", "", 1, 10));
            v.add("facts", "must be set");
            v.add("facts", "must be something else too");
        });
        violations.add("request_id", "must be set");
        let status = violations.into_result().unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        let found = of(&status);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(f, r)| (f.as_str(), r.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("complaint.parties[1].name", "must have 1 to 10 characters"),
                ("complaint.facts", "must be set"),
                ("request_id", "must be set"),
            ]
        );
    }
}
