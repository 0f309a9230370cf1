//! What may happen next: plain values, so that a history can be cut down and printed.

use crate::support::random::Random;

/// How many services there are.
pub(crate) const OFFICES: usize = 4;
/// Where mediation stands among them.
const MEDIATION: usize = 2;
/// Partitions of the log.
pub(crate) const PARTITIONS: usize = 2;

/// One thing that happens. `salt` decides what people do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// A complaint is filed.
    File { salt: u64 },
    /// Somebody acts through a service.
    Act { office: usize, salt: u64 },
    /// A service looks at its deadlines and steps.
    Step { office: usize, salt: u64 },
    /// A service publishes one event; it may die before it forgets it, and publish it again.
    Publish { office: usize, forgets: bool },
    /// A service reads a partition on.
    Read {
        office: usize,
        partition: usize,
        records: usize,
    },
    /// A service reads a partition from its beginning again.
    ReadAgain { office: usize, partition: usize },
    /// Time goes by.
    Wait { minutes: i64 },
    /// A service dies: what it had not committed is gone.
    Crash { office: usize },
    /// It comes back.
    Start { office: usize },
    /// Its database is copied.
    Backup { office: usize },
    /// Its database is put back to the copy; the group's offsets are known, or lost too.
    Restore { office: usize, told: bool },
    /// The broker loses the end of a partition; the services publish their own words again.
    Cut { partition: usize, records: usize },
}

impl Turn {
    pub(crate) fn any(random: &mut Random) -> Turn {
        let office = random.below(OFFICES);
        let partition = random.below(PARTITIONS);
        match random.below(100) {
            0 => Turn::File {
                salt: random.next(),
            },
            1..=6 => Turn::Act {
                office,
                salt: random.next(),
            },
            7..=24 => Turn::Act {
                office: MEDIATION,
                salt: random.next(),
            },
            25..=36 => Turn::Step {
                office,
                salt: random.next(),
            },
            37..=60 => Turn::Publish {
                office,
                forgets: random.chance(85),
            },
            61..=88 => Turn::Read {
                office,
                partition,
                records: 1 + random.below(4),
            },
            89..=91 => Turn::Wait {
                minutes: wait(random),
            },
            92 => Turn::ReadAgain { office, partition },
            93 => Turn::Crash { office },
            94..=96 => Turn::Start { office },
            97 => Turn::Backup { office },
            98 => Turn::Restore {
                office,
                told: random.chance(50),
            },
            _ => Turn::Cut {
                partition,
                records: 1 + random.below(6),
            },
        }
    }
}

fn wait(random: &mut Random) -> i64 {
    const DAY: usize = 24 * 60;
    let minutes = match random.below(4) {
        0 | 1 => random.below(600),
        2 => random.below(5) * DAY,
        _ => random.below(70) * DAY,
    };
    i64::try_from(minutes).expect("a few months")
}
