//! How far the consumer is on each assigned partition, and what it expects to see first.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::store::positions::Stored;

/// What a record is to its partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// The record before the position, read again and found as it was.
    Known,
    /// The log is not the one that was read: it was cut.
    Cut,
    /// A record to take in, and where its partition stood before it.
    New {
        /// The offset that was to be handed on next.
        from: i64,
    },
}

#[derive(Debug)]
struct Partition {
    /// The end when it was assigned: until there, records are admitted only.
    start_end: i64,
    /// The next offset to hand on.
    next: i64,
    /// The record before the position: offset and id.
    expected: Option<(i64, Uuid)>,
}

#[derive(Debug, Default)]
struct State {
    assigned: bool,
    /// Every partition there is was assigned.
    whole: bool,
    partitions: BTreeMap<(String, i32), Partition>,
}

/// How far the consumer is.
#[derive(Debug, Default)]
pub struct Progress {
    state: Mutex<State>,
    moved: AtomicBool,
    lost: AtomicBool,
    /// Ends of partitions as the broker told last; for metrics alone.
    ends: Mutex<BTreeMap<(String, i32), i64>>,
    placing: AtomicU64,
}

impl Progress {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets all partitions: they were revoked, and nothing is known until the next assignment.
    pub fn revoke(&self) {
        self.placing.fetch_add(1, Ordering::AcqRel);
        *self.lock() = State::default();
    }

    /// A number that changes whenever partitions are positioned or taken away: records polled before do not count.
    pub fn placing(&self) -> u64 {
        self.placing.load(Ordering::Acquire)
    }

    /// The assignment is complete.
    pub fn assigned_now(&self) {
        self.lock().assigned = true;
    }

    /// Notes whether every partition there is was assigned.
    pub(super) fn set_whole(&self, whole: bool) {
        self.lock().whole = whole;
    }

    /// Whether this replica reads every partition: no other one takes anything in.
    pub fn is_whole(&self) -> bool {
        let state = self.lock();
        state.assigned && state.whole
    }

    /// Notes an assigned partition with its stored position; gives the offset to read from.
    pub fn expect(&self, stored: &Stored, end: i64) -> i64 {
        self.placing.fetch_add(1, Ordering::AcqRel);
        let (from, expected) = match stored.last_id {
            Some(id) if stored.next_offset > 0 => {
                (stored.next_offset - 1, Some((stored.next_offset - 1, id)))
            }
            _ => (stored.next_offset, None),
        };
        let partition = Partition {
            start_end: end,
            next: stored.next_offset,
            expected,
        };
        self.lock()
            .partitions
            .insert((stored.topic.clone(), stored.partition), partition);
        from
    }

    /// Checks a record against its partition and moves past it.
    pub fn check(&self, topic: &str, partition: i32, offset: i64, id: Option<Uuid>) -> Checked {
        let mut state = self.lock();
        let Some(place) = state.partitions.get_mut(&(topic.to_owned(), partition)) else {
            return Checked::New { from: offset };
        };
        if let Some((expected_offset, expected_id)) = place.expected.take() {
            return if offset == expected_offset && id == Some(expected_id) {
                Checked::Known
            } else {
                Checked::Cut
            };
        }
        let from = std::mem::replace(&mut place.next, offset + 1);
        self.moved.store(true, Ordering::Release);
        Checked::New { from }
    }

    /// Whether a record came after the end that was there at the assignment.
    pub fn is_past_start(&self, topic: &str, partition: i32, offset: i64) -> bool {
        self.lock()
            .partitions
            .get(&(topic.to_owned(), partition))
            .is_none_or(|place| offset >= place.start_end)
    }

    /// Whether the partition is assigned to this replica.
    pub fn is_assigned(&self, topic: &str, partition: i32) -> bool {
        self.lock()
            .partitions
            .contains_key(&(topic.to_owned(), partition))
    }

    /// Whether all partitions have been handed on up to the end that was there at the assignment.
    pub fn caught_up(&self) -> bool {
        let state = self.lock();
        state.assigned
            && state
                .partitions
                .values()
                .all(|place| place.next >= place.start_end)
    }

    /// Whether these stored positions hold everything that was handed on.
    pub fn is_stored(&self, stored: &[Stored]) -> bool {
        self.all(stored, |place, next_offset| next_offset >= place.next)
    }

    /// Whether these stored positions have reached the ends that were there at the assignment.
    pub fn has_reached_start(&self, stored: &[Stored]) -> bool {
        self.lock().assigned
            && self.all(stored, |place, next_offset| next_offset >= place.start_end)
    }

    fn all(&self, stored: &[Stored], holds: impl Fn(&Partition, i64) -> bool) -> bool {
        let offsets: BTreeMap<(&str, i32), i64> = stored
            .iter()
            .map(|row| ((row.topic.as_str(), row.partition), row.next_offset))
            .collect();
        self.lock()
            .partitions
            .iter()
            .all(|((topic, partition), place)| {
                let stored = offsets.get(&(topic.as_str(), *partition));
                holds(place, stored.copied().unwrap_or(0))
            })
    }

    /// The end of a partition as far as this consumer knows.
    pub fn end(&self, topic: &str, partition: i32) -> i64 {
        self.lock()
            .partitions
            .get(&(topic.to_owned(), partition))
            .map_or(0, |place| place.start_end.max(place.next))
    }

    /// Notes the ends that the broker told last.
    pub(super) fn told(&self, ends: BTreeMap<(String, i32), i64>) {
        *self.ends.lock().unwrap_or_else(PoisonError::into_inner) = ends;
    }

    /// How many records of each assigned partition these stored positions have not taken in.
    pub(crate) fn lag(&self, stored: &[Stored]) -> Vec<(String, i32, i64)> {
        let told = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self.lock();
        let lags = stored.iter().filter_map(|row| {
            let key = (row.topic.clone(), row.partition);
            let place = state.partitions.get(&key)?;
            let known = place.start_end.max(place.next);
            let end = told.get(&key).map_or(known, |end| known.max(*end));
            Some((key.0, key.1, (end - row.next_offset).max(0)))
        });
        lags.collect()
    }

    /// The database has lost records that were handed on: all is positioned anew. Gives the least number of a positioning
    /// whose records count from now on.
    pub(crate) fn lose(&self) -> u64 {
        let least = self.placing() + 1;
        self.lost.store(true, Ordering::Release);
        least
    }

    /// Whether records were lost since the last question.
    pub(super) fn lost(&self) -> bool {
        self.lost.swap(false, Ordering::AcqRel)
    }

    /// Whether records were handed on since the last question.
    pub fn moved(&self) -> bool {
        self.moved.swap(false, Ordering::AcqRel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(partition: i32, next_offset: i64) -> Stored {
        Stored {
            topic: "t".into(),
            partition,
            next_offset,
            last_id: None,
        }
    }

    #[test]
    fn the_record_before_the_position_tells_a_cut_log() {
        let (known, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let stored = Stored {
            last_id: Some(known),
            ..stored(0, 5)
        };
        for (row, offset, id, expected) in [
            ("the same record", 4, Some(known), Checked::Known),
            ("another record", 4, Some(other), Checked::Cut),
            ("no envelope", 4, None, Checked::Cut),
            ("a later record", 6, Some(known), Checked::Cut),
        ] {
            let progress = Progress::default();
            assert_eq!(progress.expect(&stored, 9), 4, "{row}");
            assert_eq!(progress.check("t", 0, offset, id), expected, "{row}");
        }
    }

    #[test]
    fn a_record_follows_what_was_handed_on_before_it_though_offsets_have_holes() {
        let progress = Progress::default();
        progress.expect(&stored(0, 5), 9);
        for (partition, offset, from) in [(0, 7, 5), (0, 8, 8), (1, 3, 3), (0, 12, 9)] {
            let checked = progress.check("t", partition, offset, None);
            assert_eq!(checked, Checked::New { from }, "{partition}, {offset}");
        }
    }

    #[test]
    fn caught_up_means_every_partition_is_at_the_end_it_had() {
        let progress = Progress::default();
        assert!(!progress.caught_up(), "nothing was assigned yet");
        progress.expect(&stored(0, 0), 2);
        progress.assigned_now();
        assert!(!progress.caught_up());
        assert_eq!(progress.check("t", 0, 0, None), Checked::New { from: 0 });
        assert!(!progress.is_past_start("t", 0, 1));
        assert_eq!(progress.check("t", 0, 1, None), Checked::New { from: 1 });
        assert!(progress.caught_up());
        assert!(progress.is_past_start("t", 0, 2));
        for (next_offset, taken_in) in [(1, false), (2, true)] {
            let stored = [stored(0, next_offset)];
            assert_eq!(progress.is_stored(&stored), taken_in);
            assert_eq!(progress.has_reached_start(&stored), taken_in);
        }
        progress.revoke();
        assert!(!progress.caught_up() && !progress.has_reached_start(&[]));
    }

    #[test]
    fn lag_reaches_to_the_furthest_end_that_is_known() {
        let progress = Progress::default();
        progress.expect(&stored(0, 3), 5);
        progress.expect(&stored(1, 0), 0);
        let rows = [stored(0, 3), stored(1, 0), stored(2, 7)];
        let lag = |partition, lag| ("t".to_owned(), partition, lag);
        assert_eq!(
            progress.lag(&rows),
            [lag(0, 2), lag(1, 0)],
            "another replica reads the third"
        );
        progress.told(BTreeMap::from([
            (("t".to_owned(), 1), 9),
            (("t".to_owned(), 0), 4),
        ]));
        assert_eq!(progress.lag(&rows), [lag(0, 2), lag(1, 9)]);
        let further = [stored(0, 6), stored(1, 9)];
        assert_eq!(
            progress.lag(&further),
            [lag(0, 0), lag(1, 0)],
            "never below nothing"
        );
    }
}
