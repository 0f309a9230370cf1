//! One batch: from what was gathered to one committed transaction and its answers.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::admitting::Admitting;
use super::decide::Decider;
use super::gather::Parts;
use super::slot::Slot;
use super::{Answer, Call, CallError, Record, duplicates};
use crate::store::batch::{Save, SaveError, save};
use crate::store::requests::{self, Answered, Key};
use crate::store::{clocks, recoveries, subjects};
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
    pub(super) published: bool,
    pub(super) steps_pending: bool,
    pub(super) own_word_unknown: bool,
    pub(super) recovered: bool,
}

/// What is to be done with one call.
enum Plan {
    Run,
    /// The same request stands earlier in this batch.
    Follow(usize),
    Replay(Answer),
    Reused,
    Recovering,
}

/// Runs a batch in one transaction.
pub(super) async fn run<W: Work>(
    parts: &Parts<W>,
    connection: &mut PgConnection,
    batch: &Batch<'_, W>,
) -> Result<Committed<W>, SaveError> {
    let work = &*parts.work;
    let records = duplicates::without_own_duplicates(work, connection, &batch.records).await?;
    let mut transaction = connection.begin().await?;
    let keys: Vec<&Key> = batch.calls.iter().map(|call| &call.key).collect();
    let (recovering, answered) = requests::open(&mut transaction, &keys).await?;
    let held = recovering || parts.starting.load(Ordering::Acquire);
    let plan = plan(&batch.calls, &answered, held);

    let mut slots = lock(work, &mut transaction, batch, &plan, &records, held).await?;
    let mut admitting = Admitting::new(work, recovering, batch.spoilt);
    admitting
        .parking
        .load(&mut transaction, &slots, &records)
        .await?;
    for record in &records {
        admitting.record(&mut slots, record);
    }
    let acts = !held && !admitting.own_word_unknown;

    let mut rows = std::mem::take(&mut admitting.rows);
    let mut answers = decide(parts, &mut transaction, batch, &plan, &mut slots, acts).await?;
    let mut saved = Save {
        positions: admitting.positions(&batch.records),
        ..Save::default()
    };
    for (call, answer) in batch.calls.iter().zip(&answers) {
        if let Some(Ok(answer)) = answer {
            work.command_rows(&call.command, call.subject, &mut rows);
            let answered = Answered {
                key: call.key.clone(),
                body_hash: call.body_hash.clone(),
                response: answer.response.clone(),
            };
            saved.requests.push(answered);
        }
    }
    saved.requests.sort_by(|a, b| a.key.cmp(&b.key));
    let mut versions = Vec::new();
    let mut spans = Vec::new();
    let mut steps_pending = false;
    for (_, mut slot) in std::mem::take(&mut slots) {
        // They end with the transaction.
        spans.append(&mut slot.spans);
        steps_pending |= slot.flags.step_pending && slot.blocked().is_none();
        if slot.is_dirty() {
            if slot.was_changed() {
                versions.push((slot.subject, slot.position.version));
            }
            gather_rows(work, slot, &mut saved, &mut rows);
        }
    }
    let published = saved.events.iter().any(|event| event.publish.is_some());
    let asked_nothing =
        saved.subjects.is_empty() && saved.requests.is_empty() && saved.positions.is_empty();
    if !asked_nothing {
        save(&mut transaction, &saved).await?;
    }
    fail_point!(BATCH_MIDDLE);
    admitting.parking.save(&mut transaction).await?;
    if work.has_rows(&rows) {
        work.save(&mut transaction, &rows).await?;
    }
    for (topic, partition, end) in &admitting.demands {
        recoveries::demand(&mut transaction, topic, *partition, *end).await?;
    }
    if admitting.own_word_unknown {
        recoveries::demand_all(&mut transaction).await?;
    }
    let recovered = recovering && recoveries::settle(&mut transaction).await? == 0;
    transaction.commit().await?;
    metrics::appended(&saved.events);
    drop(spans);
    Ok(Committed {
        answers: share(plan, &mut answers),
        versions,
        published,
        steps_pending,
        own_word_unknown: admitting.own_word_unknown,
        recovered,
    })
}

fn plan<C>(calls: &[&Call<C>], answered: &[Answered], held: bool) -> Vec<Plan> {
    let answered: HashMap<&Key, &Answered> = answered.iter().map(|row| (&row.key, row)).collect();
    let mut first: HashMap<&Key, usize> = HashMap::new();
    let mut plan = Vec::with_capacity(calls.len());
    for (place, call) in calls.iter().enumerate() {
        let step = if held {
            Plan::Recovering
        } else if let Some(row) = answered.get(&call.key) {
            if row.body_hash == call.body_hash {
                Plan::Replay(Answer {
                    response: row.response.clone(),
                    replayed: true,
                })
            } else {
                Plan::Reused
            }
        } else {
            match first.get(&call.key) {
                None => {
                    first.insert(&call.key, place);
                    Plan::Run
                }
                Some(leader) if calls[*leader].body_hash == call.body_hash => Plan::Follow(*leader),
                Some(_) => Plan::Reused,
            }
        };
        plan.push(step);
    }
    plan
}

/// Answers in the order of calls: those that follow get what their leader got.
fn share<R: Clone>(
    plan: Vec<Plan>,
    answers: &mut [Option<Result<Answer, CallError<R>>>],
) -> Vec<Result<Answer, CallError<R>>> {
    plan.into_iter()
        .enumerate()
        .map(|(place, step)| match step {
            Plan::Run => answers[place]
                .clone()
                .expect("a call that runs is answered"),
            Plan::Follow(leader) => {
                answers[leader]
                    .clone()
                    .expect("a leader is answered")
                    .map(|a| Answer {
                        replayed: true,
                        ..a
                    })
            }
            Plan::Replay(answer) => Ok(answer),
            Plan::Reused => Err(CallError::RequestIdReused),
            Plan::Recovering => Err(CallError::Recovering),
        })
        .collect()
}

async fn lock<W: Work>(
    work: &W,
    connection: &mut PgConnection,
    batch: &Batch<'_, W>,
    plan: &[Plan],
    records: &[&Record],
    held: bool,
) -> sqlx::Result<BTreeMap<Uuid, Slot<W>>> {
    let runs = || {
        batch
            .calls
            .iter()
            .zip(plan)
            .filter(|(_, plan)| matches!(plan, Plan::Run))
            .map(|(call, _)| *call)
    };
    let of_records = || {
        records
            .iter()
            .filter(|record| !record.registry)
            .filter_map(|r| Some(r.envelope.as_ref().ok()?.subject))
    };
    let mut wanted: BTreeSet<Uuid> = runs()
        .filter(|call| batch.missed || !call.creates)
        .map(|call| call.subject)
        .collect();
    wanted.extend(of_records());
    if !held {
        wanted.extend(batch.wakes.iter().copied());
    }
    let mut slots = BTreeMap::new();
    if !wanted.is_empty() {
        let sorted: Vec<Uuid> = wanted.into_iter().collect();
        for row in subjects::lock(connection, &sorted).await? {
            slots.insert(row.subject, Slot::from_row(work, row));
        }
    }
    if !held {
        for subject in &batch.wakes {
            if let Some(slot) = slots.get_mut(subject) {
                slot.look = true;
            }
        }
    }
    for call in runs().filter(|call| call.creates) {
        let space = work.space_of(&call.command).unwrap_or_default().to_owned();
        slots
            .entry(call.subject)
            .or_insert_with(|| Slot::new(call.subject, space));
    }
    for subject in of_records() {
        slots
            .entry(subject)
            .or_insert_with(|| Slot::new(subject, String::new()));
    }
    Ok(slots)
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
                    state: slot.state.as_ref(),
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
