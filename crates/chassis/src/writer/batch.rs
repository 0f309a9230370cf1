//! One batch: from what was gathered to one committed transaction and its answers.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::admitting::Admitting;
use super::decide::Decider;
use super::gather::Parts;
use super::parking::Parking;
use super::plan::{Plan, plan, share};
use super::slot::Slot;
use super::wanted::{Wanted, of_records, slots, subject_of};
use super::{Answer, Call, CallError, Record, duplicates};
use crate::store::batch::{Outboxed, Save, SaveError, save};
use crate::store::requests::{Answered, Key};
use crate::store::{clocks, opening, outbox, recoveries, subjects};
use crate::work::{Asked, Change, Work};
use crate::{clock, metrics};

type Answers<W> = Vec<Option<Result<Answer, CallError<<W as Work>::Refusal>>>>;

/// What one batch is made of.
pub(super) struct Batch<'a, W: Work> {
    pub(super) calls: Vec<&'a Call<W::Command>>,
    pub(super) records: Vec<&'a Record>,
    pub(super) wakes: Vec<Uuid>,
    /// It missed before: a row may stand where a new subject was to be put.
    pub(super) missed: bool,
    /// The store did not take its only record.
    pub(super) spoilt: bool,
}

/// What a committed batch leaves to tell.
pub(super) struct Committed<W: Work> {
    pub(super) answers: Vec<Result<Answer, CallError<W::Refusal>>>,
    pub(super) versions: Vec<(Uuid, u64)>,
    /// It put rows into the outbox.
    pub(super) published: bool,
    /// These, if their ids are known.
    pub(super) pending: Option<Vec<outbox::Pending>>,
    pub(super) steps_pending: bool,
    pub(super) own_word_unknown: bool,
    pub(super) recovered: bool,
}

/// Runs a batch: reads, decides, writes. It reads without locks, since the save compares every row with what was read;
/// a batch that missed locks its rows first. What is one statement is its own transaction.
pub(super) async fn run<W: Work>(
    parts: &Parts<W>,
    connection: &mut PgConnection,
    batch: &Batch<'_, W>,
) -> Result<Committed<W>, SaveError> {
    let wanted = Wanted::of(&*parts.work, batch);
    if batch.missed {
        let mut transaction = connection.begin().await?;
        subjects::lock(&mut transaction, &wanted.sorted()).await?;
        let mut decided = Decided::of(parts, &mut transaction, batch, &wanted).await?;
        decided.write(parts, &mut transaction).await?;
        transaction.commit().await?;
        return Ok(decided.committed());
    }
    let mut decided = Decided::of(parts, connection, batch, &wanted).await?;
    if decided.is_one_statement(parts) {
        fail_point!(BATCH_MIDDLE);
        decided.save(parts, connection).await?;
    } else {
        let mut transaction = connection.begin().await?;
        decided.write(parts, &mut transaction).await?;
        transaction.commit().await?;
    }
    Ok(decided.committed())
}

/// What a batch has come to, before it is written.
struct Decided<W: Work> {
    plan: Vec<Plan>,
    answers: Answers<W>,
    saved: Save,
    outboxed: Outboxed,
    rows: W::Rows,
    parking: Parking,
    demands: Vec<(String, i32, i64)>,
    own_word_unknown: bool,
    recovering: bool,
    recovered: bool,
    versions: Vec<(Uuid, u64)>,
    steps_pending: bool,
    /// They end with the transaction.
    spans: Vec<tracing::Span>,
}

impl<W: Work> Decided<W> {
    async fn of(
        parts: &Parts<W>,
        connection: &mut PgConnection,
        batch: &Batch<'_, W>,
        wanted: &Wanted,
    ) -> Result<Self, SaveError> {
        let work = &*parts.work;
        let keys: Vec<&Key> = batch.calls.iter().map(|call| &call.key).collect();
        let (changed, looked_at): (Vec<Uuid>, Vec<Uuid>) = (
            wanted.changed.iter().copied().collect(),
            wanted.looked_at.iter().copied().collect(),
        );
        let asked = opening::Asked {
            keys: &keys,
            subjects: &changed,
            looked_at: &looked_at,
        };
        let mut opened = opening::open(connection, asked).await?;
        let records = duplicates::without_own_duplicates(work, &batch.records, |subject| {
            let row = opened.rows.get(&subject).map(|row| &row.position);
            row.or_else(|| opened.positions.get(&subject))
        });
        // Own words may be those of another replica: whoever waits for them here is told.
        let stand = opened.positions.iter();
        let versions = stand.map(|(subject, position)| (*subject, position.version));
        let versions = versions.collect();
        let recovering = opened.recovering;
        let held = recovering || parts.starting.load(Ordering::Acquire);
        let plan = plan(&batch.calls, &opened.answered, held);

        // Own records that are no duplicates are rare: only then is more than the position read.
        let unknown: Vec<Uuid> = of_records(&records)
            .filter_map(subject_of)
            .filter(|subject| opened.positions.contains_key(subject))
            .collect();
        if !unknown.is_empty() {
            let rows = subjects::get_many(connection, &unknown).await?;
            opened
                .rows
                .extend(rows.into_iter().map(|row| (row.subject, row)));
        }
        let mut slots = slots(work, batch, &plan, &records, held, opened.rows);
        let mut admitting = Admitting::new(work, recovering, batch.spoilt);
        admitting.parking.load(connection, &slots, &records).await?;
        for record in &records {
            admitting.record(&mut slots, record);
        }
        let acts = !held && !admitting.own_word_unknown;

        let answers = decide(parts, connection, batch, &plan, &mut slots, acts).await?;
        let mut decided = Self {
            plan,
            answers,
            saved: Save {
                positions: admitting.positions(&batch.records),
                ..Save::default()
            },
            outboxed: None,
            rows: admitting.rows,
            parking: admitting.parking,
            demands: admitting.demands,
            own_word_unknown: admitting.own_word_unknown,
            recovering,
            recovered: false,
            versions,
            steps_pending: false,
            spans: Vec::new(),
        };
        decided.gather(work, batch, slots);
        Ok(decided)
    }

    /// Everything that is to be written.
    fn gather(&mut self, work: &W, batch: &Batch<'_, W>, slots: BTreeMap<Uuid, Slot<W>>) {
        for (call, answer) in batch.calls.iter().zip(&self.answers) {
            if let Some(Ok(answer)) = answer {
                work.command_rows(&call.command, call.subject, &mut self.rows);
                let answered = Answered {
                    key: call.key.clone(),
                    body_hash: call.body_hash.clone(),
                    response: answer.response.clone(),
                };
                self.saved.requests.push(answered);
            }
        }
        self.saved.requests.sort_by(|a, b| a.key.cmp(&b.key));
        for (_, mut slot) in slots {
            self.spans.append(&mut slot.spans);
            self.steps_pending |= slot.flags.step_pending && slot.blocked().is_none();
            if slot.is_dirty() {
                if slot.was_changed() {
                    self.versions.push((slot.subject, slot.position.version));
                }
                gather_rows(work, slot, &mut self.saved, &mut self.rows);
            }
        }
    }

    /// Whether the save is all there is to write.
    fn is_one_statement(&self, parts: &Parts<W>) -> bool {
        !(parts.work.needs_transaction(&self.rows)
            || self.parking.has_rows()
            || self.own_word_unknown
            || self.recovering)
    }

    /// One statement, unless the service's rows need more.
    async fn save(
        &mut self,
        parts: &Parts<W>,
        connection: &mut PgConnection,
    ) -> Result<(), SaveError> {
        let saved = &self.saved;
        let is_empty =
            saved.subjects.is_empty() && saved.requests.is_empty() && saved.positions.is_empty();
        self.outboxed = if parts.work.has_rows(&self.rows) {
            parts.work.save(connection, saved, &self.rows).await?
        } else if is_empty {
            None
        } else {
            save(connection, saved).await?
        };
        Ok(())
    }

    async fn write(
        &mut self,
        parts: &Parts<W>,
        connection: &mut PgConnection,
    ) -> Result<(), SaveError> {
        self.save(parts, connection).await?;
        fail_point!(BATCH_MIDDLE);
        self.parking.save(connection).await?;
        for (topic, partition, end) in &self.demands {
            recoveries::demand(connection, topic, *partition, *end).await?;
        }
        if self.own_word_unknown {
            recoveries::demand_all(connection).await?;
        }
        self.recovered = self.recovering && recoveries::settle(connection).await? == 0;
        Ok(())
    }

    fn committed(mut self) -> Committed<W> {
        metrics::appended(&self.saved.events);
        drop(self.spans);
        Committed {
            published: self.outboxed.is_some(),
            pending: outbox::pending(self.outboxed, self.saved.events),
            answers: share(self.plan, &mut self.answers),
            versions: self.versions,
            steps_pending: self.steps_pending,
            own_word_unknown: self.own_word_unknown,
            recovered: self.recovered,
        }
    }
}

async fn decide<W: Work>(
    parts: &Parts<W>,
    connection: &mut PgConnection,
    batch: &Batch<'_, W>,
    plan: &[Plan],
    slots: &mut BTreeMap<Uuid, Slot<W>>,
    acts: bool,
) -> sqlx::Result<Answers<W>> {
    let mut commands: BTreeMap<Uuid, Vec<&W::Command>> = BTreeMap::new();
    for (call, _) in batch
        .calls
        .iter()
        .zip(plan)
        .filter(|(_, plan)| matches!(plan, Plan::Run))
    {
        commands
            .entry(call.subject)
            .or_default()
            .push(&call.command);
    }
    let facts = {
        let asked: Vec<Asked<'_, W::State, W::Command>> = slots
            .values()
            .filter(|slot| slot.look || commands.contains_key(&slot.subject))
            .map(|slot| {
                let commands = commands.get(&slot.subject).map_or(&[][..], Vec::as_slice);
                Asked {
                    subject: slot.subject,
                    state: slot.state.as_deref(),
                    commands,
                }
            })
            .collect();
        match parts.work.facts_at_hand(&asked) {
            Some(facts) => facts,
            None => parts.work.load(connection, &asked).await?,
        }
    };
    let times = Times::read(
        parts.stepped,
        connection,
        slots.values().map(|slot| slot.space.as_str()),
    )
    .await?;
    let decider = Decider {
        work: &*parts.work,
        topic: &parts.topic,
        facts: &facts,
        acts,
        batch_size: batch.calls.len() + batch.records.len() + batch.wakes.len(),
    };
    for slot in slots.values_mut().filter(|slot| slot.look) {
        let now = times.now(&slot.space);
        decider.follow_up(slot, now);
    }
    let answers = batch
        .calls
        .iter()
        .zip(plan)
        .map(|(call, plan)| {
            matches!(plan, Plan::Run).then(|| match slots.get_mut(&call.subject) {
                None => Err(CallError::NotFound),
                Some(slot) if acts => {
                    let now = times.now(&slot.space);
                    decider.call(slot, call, now)
                }
                Some(_) => Err(CallError::Recovering),
            })
        })
        .collect();
    Ok(answers)
}

fn gather_rows<W: Work>(work: &W, slot: Slot<W>, saved: &mut Save, rows: &mut W::Rows) {
    if slot.was_changed()
        && let Some(after) = &slot.state
    {
        let change = Change {
            subject: slot.subject,
            before: slot.before(),
            after,
            position: &slot.position,
            events: &slot.events,
        };
        work.project(&change, rows);
    }
    saved.deadlines.extend(slot.deadline(work));
    let (row, events) = slot.into_rows(work);
    saved.subjects.push(row);
    saved.events.extend(events);
}

/// Now, by space.
struct Times {
    wall: DateTime<Utc>,
    spaces: HashMap<String, DateTime<Utc>>,
}

impl Times {
    async fn read<'a>(
        stepped: bool,
        connection: &mut PgConnection,
        spaces: impl Iterator<Item = &'a str>,
    ) -> sqlx::Result<Self> {
        let mut times = Self {
            wall: clock::wall(),
            spaces: HashMap::new(),
        };
        if stepped {
            let spaces: BTreeSet<&str> = spaces.collect();
            let spaces: Vec<String> = spaces.into_iter().map(str::to_owned).collect();
            times.spaces = clocks::of_spaces(connection, &spaces)
                .await?
                .into_iter()
                .collect();
        }
        Ok(times)
    }

    /// The stepped time of a space that has one, else the wall clock.
    fn now(&self, space: &str) -> DateTime<Utc> {
        self.spaces.get(space).copied().unwrap_or(self.wall)
    }
}
