//! Sums by day, authority, enterprise, category and outcome. What a case adds is subtracted again when it changes.

use std::collections::BTreeMap;

use case::Case;
use chrono::NaiveDate;

use crate::domain::ending::Ending;
use crate::domain::fact::Fact;
use crate::domain::measures::Measures;

/// What sums are kept by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Day of filing at +08:00.
    pub filed_on: NaiveDate,
    /// The last authority that received the case; empty for none.
    pub authority: String,
    /// Who negotiates or negotiated, else the respondent; empty for unknown.
    pub enterprise: String,
    /// Goods or service code.
    pub category: String,
    /// How it ended, or not yet.
    pub ending: Ending,
}

impl Key {
    /// The sums a fact belongs to.
    pub fn of(fact: &Fact) -> Self {
        Self {
            filed_on: fact.filed_on,
            authority: fact.authority.clone(),
            enterprise: fact.enterprise.clone(),
            category: fact.category.clone(),
            ending: Ending::of(fact.outcome),
        }
    }
}

/// Sums, or differences of sums.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rollups {
    /// Measures by key.
    pub measures: BTreeMap<Key, Measures>,
    /// Closed cases by key and days from filing to closing.
    pub handling_days: BTreeMap<(Key, i32), i64>,
}

impl Rollups {
    /// The sums over facts, counted from nothing.
    pub fn recount<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Self {
        let mut rollups = Self::default();
        facts.into_iter().for_each(|fact| rollups.add(fact));
        rollups
    }

    /// Adds the difference that events made to a case: what it was is taken out, what it is comes in. `event_count` is
    /// the number of its events now, `taken_in` how many of them are new.
    pub fn take_in(
        &mut self,
        before: Option<&Case>,
        after: &Case,
        event_count: i64,
        taken_in: i64,
    ) {
        if let Some(before) = before {
            self.change(&Fact::of(before, event_count - taken_in), -1);
        }
        self.add(&Fact::of(after, event_count));
    }

    /// Adds what a fact counts as.
    pub fn add(&mut self, fact: &Fact) {
        self.change(fact, 1);
    }

    fn change(&mut self, fact: &Fact, sign: i64) {
        let key = Key::of(fact);
        let counted = Measures::of(fact);
        if let Some(days) = fact.handling_days() {
            let at = (key.clone(), days);
            *self.handling_days.entry(at).or_default() += sign;
        }
        let sums = self.measures.entry(key).or_default();
        *sums = if sign > 0 {
            sums.plus(&counted)
        } else {
            sums.minus(&counted)
        };
    }

    /// Takes in further differences.
    pub fn merge(&mut self, other: &Self) {
        for (key, measures) in &other.measures {
            let sums = self.measures.entry(key.clone()).or_default();
            *sums = sums.plus(measures);
        }
        for (key, cases) in &other.handling_days {
            *self.handling_days.entry(key.clone()).or_default() += cases;
        }
    }

    /// Whether anything would change by adding them.
    pub fn has_differences(&self) -> bool {
        self.measures.values().any(|measures| !measures.is_zero())
            || self.handling_days.values().any(|cases| *cases != 0)
    }

    /// The same without what sums up to nothing.
    #[must_use]
    pub fn without_zeros(mut self) -> Self {
        self.measures.retain(|_, measures| !measures.is_zero());
        self.handling_days.retain(|_, cases| *cases != 0);
        self
    }
}
