//! How a client stands with the broker. The client library can lose its way for good: when the controller gives a broker up
//! for a moment, the library strikes it off its list, and what it then asks of a group's coordinator or of a partition's
//! leader may wait for a connection that nobody makes any more (librdkafka issue 5511 tells of one such wait). A client that
//! is astray for long is given up, and another one joins the group.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::Statistics;

/// How long a client may be astray. A broker that is away makes it so, too: another client is as well off then.
pub(crate) const LOST: Duration = Duration::from_secs(30);

/// Statistics that waited longer to be read tell of another time.
const FRESH: Duration = Duration::from_secs(5);

/// Whether a client is a member of its group, with a leader for each of its partitions.
#[derive(Debug)]
pub(super) struct Standing {
    made: Instant,
    astray_since: Mutex<Option<Instant>>,
    given_up: AtomicBool,
}

impl Standing {
    /// Of a client that is made now.
    pub(super) fn new() -> Self {
        Self {
            made: Instant::now(),
            astray_since: Mutex::default(),
            given_up: AtomicBool::new(false),
        }
    }

    /// Takes in what the client says of itself.
    pub(super) fn judge(&self, statistics: &Statistics) {
        let age = Duration::from_micros(statistics.age.unsigned_abs());
        if self.made.elapsed().saturating_sub(age) > FRESH {
            return;
        }
        let group = statistics.cgrp.as_ref();
        let is_member = group.is_some_and(|group| group.join_state == "steady");
        let topics = statistics.topics.values();
        let mut own = topics
            .flat_map(|topic| topic.partitions.values())
            .filter(|partition| partition.desired);
        if is_member && own.all(|partition| partition.leader >= 0) {
            self.found();
        } else {
            self.since().get_or_insert_with(Instant::now);
        }
    }

    /// The client has just done what one that is astray cannot do.
    pub(super) fn found(&self) {
        *self.since() = None;
    }

    /// Gives the client up.
    pub(super) fn give_up(&self) {
        self.given_up.store(true, Ordering::Release);
    }

    /// Whether the client was given up: nothing it still says counts.
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Acquire)
    }

    /// Whether another client should take its place.
    pub(super) fn is_lost(&self) -> bool {
        self.is_given_up() || self.since().is_some_and(|since| since.elapsed() >= LOST)
    }

    fn since(&self) -> MutexGuard<'_, Option<Instant>> {
        self.astray_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use rdkafka::statistics::{ConsumerGroup, Partition, Topic};

    use super::*;

    fn told(age: Duration, join_state: &str, leader: i32, desired: bool) -> Statistics {
        let partition = Partition {
            leader,
            desired,
            ..Partition::default()
        };
        let topic = Topic {
            partitions: HashMap::from([(0, partition)]),
            ..Topic::default()
        };
        let group = ConsumerGroup {
            join_state: join_state.to_owned(),
            ..ConsumerGroup::default()
        };
        Statistics {
            age: i64::try_from(age.as_micros()).unwrap(),
            topics: HashMap::from([("t".to_owned(), topic)]),
            cgrp: Some(group),
            ..Statistics::default()
        }
    }

    #[test]
    fn a_client_without_a_group_or_a_leader_for_long_is_lost() {
        let hour = Duration::from_secs(3_600);
        for (row, age, join_state, leader, desired, astray) in [
            ("all is well", hour, "steady", 1, true, false),
            ("no member", hour, "wait-join", 1, true, true),
            ("no leader", hour, "steady", -1, true, true),
            ("of another's partition", hour, "steady", -1, false, false),
            ("long ago", Duration::ZERO, "wait-join", -1, true, false),
        ] {
            let mut standing = Standing::new();
            standing.made -= hour;
            standing.judge(&told(age, join_state, leader, desired));
            assert_eq!(standing.since().is_some(), astray, "{row}");
            assert!(!standing.is_lost(), "{row}: only just");
            if let Some(since) = &mut *standing.since() {
                *since -= LOST;
            }
            assert_eq!(standing.is_lost(), astray, "{row}");
            standing.judge(&told(hour, "steady", 1, true));
            assert!(!standing.is_lost(), "{row}: found again");
            standing.give_up();
            assert!(standing.is_lost(), "{row}");
        }
    }
}
