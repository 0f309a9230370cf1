//! The writer: one task per process takes whatever is waiting (calls, records, wakes) and carries it
//! through one transaction: claim, lock, read, admit, decide, save, commit, answer.

mod admitting;
mod batch;
mod decide;
mod duplicates;
mod gather;
mod parking;
mod plan;
mod slot;
mod taken;
mod wanted;

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use crate::config::WriterSettings;
use crate::envelope::{Envelope, Malformed, RawRecord};
use crate::store::parked::Parked;
use crate::store::requests::Key;
use crate::work::Work;

pub use gather::{Loop, Parts};

/// A command on its way to the writer.
#[derive(Clone, Debug)]
pub struct Call<C> {
    /// What makes the request the same one.
    pub key: Key,
    /// Hash of its body.
    pub body_hash: Vec<u8>,
    /// The subject.
    pub subject: Uuid,
    /// The subject is new.
    pub creates: bool,
    /// The etag the caller saw.
    pub etag: Option<String>,
    /// What is asked for.
    pub command: C,
    /// Trace context.
    pub traceparent: Option<String>,
}

/// The answer to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The subject: for a request answered before, the one of then.
    pub response: Vec<u8>,
    /// It had been answered before.
    pub replayed: bool,
}

/// Why a call was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError<R> {
    /// Refused by the domain.
    Refused(R),
    /// No such subject.
    NotFound,
    /// The subject is blocked; the word says why.
    Parked(String),
    /// The subject has moved on; its etag now.
    EtagDiffers(String),
    /// The request id was used with another body.
    RequestIdReused,
    /// The service is reading its own words again.
    Recovering,
    /// The queue is full.
    Overloaded,
    /// The writer has stopped.
    Stopped,
    /// A defect: an alarm was raised under this id.
    Defect(Uuid),
}

/// A record on its way to the writer.
#[derive(Debug)]
pub struct Record {
    /// As it came.
    pub raw: RawRecord,
    /// As it reads.
    pub envelope: Result<Envelope, Malformed>,
    /// It is of the registry topic.
    pub registry: bool,
    /// The partition had been read to its end when this record came: steps may be asked.
    pub caught_up: bool,
    /// Where it comes from.
    pub origin: Origin,
    /// Told when it was judged.
    pub done: Option<oneshot::Sender<()>>,
}

/// Where a record comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Read from the log.
    Log {
        /// Where its partition stood before it.
        from: i64,
        /// The positioning under which it was polled ([`Progress::placing`](crate::consumer::Progress::placing)).
        placing: u64,
    },
    /// Tried again: the row it was parked in.
    Parked {
        /// Its id.
        id: i64,
    },
}

impl Record {
    /// The row it was parked in, when it is tried again.
    pub(crate) const fn parked_id(&self) -> Option<i64> {
        match self.origin {
            Origin::Log { .. } => None,
            Origin::Parked { id } => Some(id),
        }
    }

    /// A parked record, to be tried again.
    fn again(row: Parked, registry_topic: &str) -> Self {
        let registry = row.record.topic == registry_topic;
        let envelope = Envelope::read(&row.record);
        Self {
            raw: row.record,
            envelope,
            registry,
            caught_up: true,
            origin: Origin::Parked { id: row.id },
            done: None,
        }
    }
}

/// A subject to look at: overdue deadlines, pending steps.
#[derive(Debug)]
pub struct Wake {
    /// The subject.
    pub subject: Uuid,
    /// Told when it was looked at.
    pub done: Option<oneshot::Sender<()>>,
}

struct Queued<W: Work> {
    call: Call<W::Command>,
    reply: oneshot::Sender<Result<Answer, CallError<W::Refusal>>>,
}

/// The handle by which calls, records and wakes reach the writer.
pub struct Writer<W: Work> {
    calls: mpsc::Sender<Queued<W>>,
    records: mpsc::Sender<Record>,
    wakes: mpsc::Sender<Wake>,
    busy: watch::Receiver<bool>,
}

impl<W: Work> Clone for Writer<W> {
    fn clone(&self) -> Self {
        Self {
            calls: self.calls.clone(),
            records: self.records.clone(),
            wakes: self.wakes.clone(),
            busy: self.busy.clone(),
        }
    }
}

impl<W: Work> Writer<W> {
    /// Carries out a command.
    ///
    /// # Errors
    /// Why it was not taken.
    pub async fn call(&self, call: Call<W::Command>) -> Result<Answer, CallError<W::Refusal>> {
        let (reply, answer) = oneshot::channel();
        match self.calls.try_send(Queued { call, reply }) {
            Ok(()) => answer.await.unwrap_or(Err(CallError::Stopped)),
            Err(mpsc::error::TrySendError::Full(_)) => Err(CallError::Overloaded),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(CallError::Stopped),
        }
    }

    /// Where the consumer puts records.
    pub fn records(&self) -> mpsc::Sender<Record> {
        self.records.clone()
    }

    /// Tries parked records again and waits until that is done.
    pub async fn again(&self, rows: Vec<Parked>, registry_topic: &str) {
        let mut judged = Vec::with_capacity(rows.len());
        for row in rows {
            let (done, when) = oneshot::channel();
            let record = Record {
                done: Some(done),
                ..Record::again(row, registry_topic)
            };
            if self.records.send(record).await.is_ok() {
                judged.push(when);
            }
        }
        for when in judged {
            // An error means that the writer stopped; there is nothing to wait for then.
            let _stopped = when.await;
        }
    }

    /// Looks at subjects and waits until that is done.
    pub async fn wake(&self, subjects: &[Uuid]) {
        let mut looked_at = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let (done, when) = oneshot::channel();
            if self
                .wakes
                .send(Wake {
                    subject: *subject,
                    done: Some(done),
                })
                .await
                .is_ok()
            {
                looked_at.push(when);
            }
        }
        for when in looked_at {
            // An error means that the writer stopped; there is nothing to wait for then.
            let _stopped = when.await;
        }
    }

    /// How many calls, records and wakes wait, the batch in hand counted as one.
    pub fn queue_length(&self) -> usize {
        let waiting: usize = self.queues().iter().map(|(_, length)| length).sum();
        waiting + usize::from(*self.busy.borrow())
    }

    /// How much waits in each queue, by the queue's name.
    pub fn queues(&self) -> [(&'static str, usize); 3] {
        fn waiting<T>(queue: &mpsc::Sender<T>) -> usize {
            queue.max_capacity() - queue.capacity()
        }
        [
            ("calls", waiting(&self.calls)),
            ("records", waiting(&self.records)),
            ("wakes", waiting(&self.wakes)),
        ]
    }
}

/// A writer and its loop; run the loop as a task of its own.
pub fn writer<W: Work>(settings: &WriterSettings, parts: Parts<W>) -> (Writer<W>, Loop<W>) {
    let (calls, call_queue) = mpsc::channel(settings.queue_calls);
    let (records, record_queue) = mpsc::channel(settings.queue_records);
    let (wakes, wake_queue) = mpsc::channel(settings.queue_calls);
    let (busy_now, busy) = watch::channel(false);
    let writer = Writer {
        calls,
        records,
        wakes,
        busy,
    };
    let run = Loop::new(
        *settings,
        Arc::new(parts),
        call_queue,
        record_queue,
        wake_queue,
        busy_now,
    );
    (writer, run)
}
