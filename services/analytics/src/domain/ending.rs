//! How a case ended, as sums are kept by it: the outcome without its ground, or not yet.

use case::state::Outcome;

/// The outcome without its ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// Not closed.
    Open,
    /// Settled directly between the parties.
    SettledDirectly,
    /// Settled in mediation.
    Mediated,
    /// Not accepted.
    Refused,
    /// Mediation ended without an agreement.
    MediationEnded,
    /// Withdrawn before mediation.
    Withdrawn,
    /// The consumer let it rest.
    NotEscalated,
}

impl Ending {
    /// Every ending; its place is its number.
    pub const ALL: [Self; 7] = [
        Self::Open,
        Self::SettledDirectly,
        Self::Mediated,
        Self::Refused,
        Self::MediationEnded,
        Self::Withdrawn,
        Self::NotEscalated,
    ];

    /// The ending of an outcome; open without one.
    pub const fn of(outcome: Option<Outcome>) -> Self {
        match outcome {
            None => Self::Open,
            Some(Outcome::SettledDirectly) => Self::SettledDirectly,
            Some(Outcome::Mediated) => Self::Mediated,
            Some(Outcome::Refused(_)) => Self::Refused,
            Some(Outcome::MediationEnded(_)) => Self::MediationEnded,
            Some(Outcome::Withdrawn(_)) => Self::Withdrawn,
            Some(Outcome::NotEscalated) => Self::NotEscalated,
        }
    }

    /// Its number in the store: that of the outcome's kind on the wire, 0 while open.
    pub const fn number(self) -> i16 {
        self as i16
    }

    /// The ending with this number.
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }
}

#[cfg(test)]
mod tests {
    use proto::v1::OutcomeKind;

    use super::Ending;

    #[test]
    fn numbers_are_those_of_the_wire() {
        let wire = [
            OutcomeKind::Unspecified,
            OutcomeKind::SettledDirectly,
            OutcomeKind::Mediated,
            OutcomeKind::Refused,
            OutcomeKind::MediationEnded,
            OutcomeKind::Withdrawn,
            OutcomeKind::NotEscalated,
        ];
        for (ending, kind) in Ending::ALL.into_iter().zip(wire) {
            assert_eq!(i32::from(ending.number()), kind as i32);
            assert_eq!(Ending::from_number(ending.number()), Some(ending));
        }
        assert!(OutcomeKind::try_from(7).is_err(), "a new outcome");
        assert_eq!(Ending::from_number(7), None);
        assert_eq!(Ending::from_number(-1), None);
    }
}
