//! Up to which id of the outbox nothing is left to be published, and nothing can come any more.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use crate::store::outbox::{self, Pending};

/// On the way to settled ids: all that were taken when it began, and who may still commit some of them.
pub(super) struct Settling {
    last: i64,
    inserting: Vec<String>,
    ahead: BTreeSet<i64>,
}

impl Settling {
    /// Begins; `None` while the service reads its own words again. Whatever this process commits from now on is handed over
    /// already.
    ///
    /// # Errors
    /// Of the database.
    pub(super) async fn begin(connection: &mut PgConnection) -> sqlx::Result<Option<Self>> {
        let Some(last) = outbox::last_id(connection).await? else {
            return Ok(None);
        };
        // Who took an id up to the last has held the table since before, and does so until it commits.
        let inserting = outbox::inserting(connection).await?;
        Ok(Some(Self {
            last,
            inserting,
            ahead: BTreeSet::new(),
        }))
    }

    /// Looks who has ended. Once all have, what is read next, from the beginning, is all there ever is up to the last id.
    ///
    /// # Errors
    /// Of the database.
    pub(super) async fn look(&mut self, connection: &mut PgConnection) -> sqlx::Result<()> {
        if !self.inserting.is_empty() {
            let now = outbox::inserting(connection).await?;
            self.inserting.retain(|one| now.contains(one));
        }
        Ok(())
    }

    /// Whether all who may have taken an id up to the last have ended.
    pub(super) fn all_ended(&self) -> bool {
        self.inserting.is_empty()
    }

    /// Notes rows that were read and published meanwhile.
    pub(super) fn published(&mut self, ids: &[i64]) {
        self.ahead.extend(ids.iter().filter(|id| **id > self.last));
    }

    /// All up to the last id is published.
    pub(super) fn done(self) -> Settled {
        Settled {
            next: self.last + 1,
            ahead: self.ahead,
        }
    }
}

/// Every id before the next one is published, or was given up with its transaction.
#[derive(Debug)]
pub(super) struct Settled {
    next: i64,
    /// Published before their turn.
    ahead: BTreeSet<i64>,
}

impl Settled {
    /// Which of these rows are still to be published. `None` when an id before one of them is missing: another session has
    /// taken it, and what it commits may have to go first.
    pub(super) fn follow(&mut self, rows: Vec<Pending>) -> Option<Vec<Pending>> {
        let mut left = Vec::with_capacity(rows.len());
        for row in rows {
            while self.ahead.remove(&self.next) {
                self.next += 1;
            }
            if row.id == self.next {
                self.next += 1;
                left.push(row);
            } else if row.id > self.next {
                return None;
            }
        }
        Some(left)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::envelope::{Envelope, GENESIS, Kind};

    fn row(id: i64) -> Pending {
        let envelope = Envelope {
            id: Uuid::nil(),
            kind: Kind::Decision,
            event_type: "odr.test.v1.Happened".into(),
            source: "intake".into(),
            time: DateTime::UNIX_EPOCH,
            subject: Uuid::nil(),
            sequence: 1,
            traceparent: None,
            chain: GENESIS,
            value: Bytes::new(),
        };
        let topic = "t".into();
        Pending {
            id,
            topic,
            envelope,
        }
    }

    #[test]
    fn rows_follow_without_a_hole_or_are_read() {
        // next id, published before their turn, handed over, and what is left of it
        type Row<'a> = (i64, &'a [i64], &'a [i64], Option<&'a [i64]>);
        let table: [Row<'_>; 9] = [
            (5, &[], &[], Some(&[])),
            (5, &[], &[5, 6, 7], Some(&[5, 6, 7])),
            (5, &[], &[3, 4, 5], Some(&[5])),
            (5, &[], &[6], None),
            (5, &[], &[5, 7], None),
            (5, &[5, 6], &[5, 6, 7], Some(&[7])),
            (5, &[5, 6], &[7], Some(&[7])),
            (5, &[6], &[5, 6, 7], Some(&[5, 7])),
            (5, &[6], &[7], None),
        ];
        for (next, ahead, handed, wanted) in table {
            let ahead = ahead.iter().copied().collect();
            let mut settled = Settled { next, ahead };
            let left = settled.follow(handed.iter().copied().map(row).collect());
            let left: Option<Vec<i64>> = left.map(|rows| rows.iter().map(|row| row.id).collect());
            assert_eq!(left.as_deref(), wanted, "{next}, {handed:?}");
        }
    }
}
