//! The log, the four services, and what happens to them; and what must hold in the end.

use std::collections::{BTreeMap, BTreeSet};

use case::{Case, Command, EventKind, Facts, Service, StateKind, next_step, overdue};
use chassis::envelope::{Envelope, Kind};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::office::Office;
use crate::row::{Fault, Row};
use crate::support::bodies::withdraw_request;
use crate::support::play::{any_command, any_filing, any_route, anybody};
use crate::support::random::Random;
use crate::support::{people, samples};
use crate::turn::{OFFICES, PARTITIONS, Turn};

/// Complaints of a history.
const MOST_CASES: usize = 2;
/// Rounds in which everybody publishes, reads and steps; beyond it there is no rest.
const MOST_ROUNDS: usize = 60;

/// What histories went through: without it they would prove nothing.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    events: BTreeMap<EventKind, u64>,
    cases: u64,
    doubled: u64,
    waited: u64,
    restored: u64,
    cut: u64,
}

impl Seen {
    pub(crate) fn add(&mut self, other: &Seen) {
        for (kind, count) in &other.events {
            *self.events.entry(*kind).or_default() += count;
        }
        self.cases += other.cases;
        self.doubled += other.doubled;
        self.waited += other.waited;
        self.restored += other.restored;
        self.cut += other.cut;
    }

    pub(crate) fn prove_something(&self) {
        let counts = [
            self.cases,
            self.doubled,
            self.waited,
            self.restored,
            self.cut,
        ];
        assert!(counts.iter().all(|count| *count > 1_000), "{self:?}");
        for kind in EventKind::ALL {
            assert!(self.events.contains_key(kind), "no history has {kind}");
        }
    }
}

struct World {
    now: DateTime<Utc>,
    log: [Vec<Envelope>; PARTITIONS],
    /// Ids of everything that ever stood on the log.
    published: BTreeSet<Uuid>,
    offices: [Office; OFFICES],
    filed: usize,
    ids: u128,
    seen: Seen,
}

/// Plays a history to its rest and checks what came of it.
pub(crate) fn play(turns: &[Turn]) -> Result<Seen, Fault> {
    let mut world = World::new();
    for turn in turns {
        world.turn(*turn)?;
    }
    world.come_to_rest()?;
    world.check()?;
    Ok(world.seen)
}

fn partition_of(subject: Uuid) -> usize {
    usize::try_from(subject.as_u128() % PARTITIONS as u128).expect("a small number")
}

impl World {
    fn new() -> Self {
        let skew = TimeDelta::seconds;
        Self {
            now: samples::instant("2026-05-06T02:00:00Z"),
            log: Default::default(),
            published: BTreeSet::new(),
            offices: [
                Office::new(Service::Intake, skew(0)),
                Office::new(Service::Routing, skew(3)),
                Office::new(Service::Mediation, skew(-2)),
                Office::new(Service::Analytics, skew(0)),
            ],
            filed: 0,
            ids: 0,
            seen: Seen::default(),
        }
    }

    fn ends(&self) -> [usize; PARTITIONS] {
        [self.log[0].len(), self.log[1].len()]
    }

    fn turn(&mut self, turn: Turn) -> Result<(), Fault> {
        let ends = self.ends();
        match turn {
            Turn::File { salt } => self.file(salt)?,
            Turn::Act { office, salt } => self.act(office, salt)?,
            Turn::Step { office, salt } => self.step(office, salt)?,
            Turn::Publish { office, forgets } => self.publish(office, forgets),
            Turn::Read {
                office,
                partition,
                records,
            } => self.offices[office].read(partition, &self.log[partition], records)?,
            Turn::ReadAgain { office, partition } => self.offices[office].read_again(partition),
            Turn::Wait { minutes } => self.now += TimeDelta::minutes(minutes),
            Turn::Crash { office } => self.offices[office].crash(),
            Turn::Start { office } => self.offices[office].start(ends),
            Turn::Backup { office } => self.offices[office].back_up(),
            Turn::Restore { office, told } => {
                if self.may_restore(office) && self.offices[office].restore(ends, told) {
                    self.seen.restored += 1;
                }
            }
            Turn::Cut { partition, records } => self.cut(partition, records),
        }
        Ok(())
    }

    fn file(&mut self, salt: u64) -> Result<(), Fault> {
        if self.filed == MOST_CASES || !self.offices[0].acts() {
            return Ok(());
        }
        self.filed += 1;
        let subject = Uuid::from_u128(0xCA5E_0000 + self.filed as u128);
        let filing = any_filing(&mut Random::seeded(salt));
        let ids = &mut ids(&mut self.ids);
        self.offices[0].file(subject, people::consumer(), filing, self.now, ids)
    }

    /// Somebody acts through a service, which looks at deadlines and steps before and after.
    fn act(&mut self, office: usize, salt: u64) -> Result<(), Fault> {
        let mut random = Random::seeded(salt);
        let Some((subject, route)) = self.choose(office, &mut random) else {
            return Ok(());
        };
        let (now, office) = (self.now, &mut self.offices[office]);
        let ids = &mut ids(&mut self.ids);
        office.follow_up(subject, &route, now, ids)?;
        let Some(case) = office.database.rows[&subject].case.clone() else {
            return Ok(());
        };
        let asks_to_withdraw = office.me == Service::Intake && random.chance(3);
        let (by, (body, facts)) = if asks_to_withdraw {
            (people::consumer(), (withdraw_request(), Facts::None))
        } else {
            let by = anybody(&mut random);
            let command = any_command(&mut random, &case, &by, now);
            (by, command)
        };
        // a refusal answers its caller and changes nothing
        let _taken = office.give(subject, &Command { by, body }, &facts, now, ids)?;
        office.follow_up(subject, &route, now, ids)
    }

    fn step(&mut self, office: usize, salt: u64) -> Result<(), Fault> {
        let chosen = self.choose(office, &mut Random::seeded(salt));
        let Some((subject, route)) = chosen else {
            return Ok(());
        };
        let ids = &mut ids(&mut self.ids);
        self.offices[office].follow_up(subject, &route, self.now, ids)
    }

    /// One of the cases that a service knows, and where it would be routed; none while the service may not act.
    fn choose(&self, office: usize, random: &mut Random) -> Option<(Uuid, Facts)> {
        let office = &self.offices[office];
        let subjects: Vec<Uuid> = office.database.rows.keys().copied().collect();
        if !office.acts() || subjects.is_empty() {
            return None;
        }
        Some((random.pick(&subjects), any_route(random)))
    }

    fn publish(&mut self, office: usize, forgets: bool) {
        if !self.offices[office].acts() {
            return;
        }
        let outbox = &mut self.offices[office].database.outbox;
        let Some(envelope) = outbox.front().cloned() else {
            return;
        };
        if forgets {
            outbox.pop_front();
        }
        self.put(envelope);
    }

    fn put(&mut self, envelope: Envelope) {
        if !self.published.insert(envelope.id) {
            self.seen.doubled += 1;
        }
        self.log[partition_of(envelope.subject)].push(envelope);
    }

    fn is_on_log(&self, envelope: &Envelope) -> bool {
        self.log[partition_of(envelope.subject)]
            .iter()
            .any(|known| known.id == envelope.id)
    }

    /// A plain backup cannot give back what nobody but the lost database holds: words that others have read and the broker lost.
    fn may_restore(&self, office: usize) -> bool {
        let outbox = &self.offices[office].database.outbox;
        outbox
            .iter()
            .all(|waits| !self.published.contains(&waits.id) || self.is_on_log(waits))
    }

    /// The broker loses the end of a partition, which every source still has, and everybody publishes its own words again.
    fn cut(&mut self, partition: usize, records: usize) {
        let keep = self.log[partition].len().saturating_sub(records);
        let lost = &self.log[partition][keep..];
        let kept = |lost: &Envelope| {
            let mut offices = self.offices.iter();
            let source = offices.find(|office| office.me.code() == lost.source);
            source.is_some_and(|office| office.database.kept.iter().any(|own| own.id == lost.id))
        };
        if lost.is_empty() || !lost.iter().all(kept) {
            return;
        }
        self.seen.cut += 1;
        self.log[partition].truncate(keep);
        for office in &mut self.offices {
            office.shorten(partition, keep);
            let own = office.database.kept.iter();
            let again: Vec<Envelope> = own
                .filter(|own| partition_of(own.subject) == partition)
                .cloned()
                .collect();
            office.database.outbox.extend(again);
        }
    }

    /// Everybody starts, publishes, reads and steps until nothing is left to do.
    fn come_to_rest(&mut self) -> Result<(), Fault> {
        for round in 0..MOST_ROUNDS {
            for place in 0..OFFICES {
                let ends = self.ends();
                self.offices[place].start(ends);
                for (partition, log) in self.log.iter().enumerate() {
                    self.offices[place].read(partition, log, usize::MAX)?;
                }
                let subjects: Vec<Uuid> =
                    self.offices[place].database.rows.keys().copied().collect();
                for subject in subjects {
                    let route = any_route(&mut Random::seeded(round as u64));
                    let ids = &mut ids(&mut self.ids);
                    self.offices[place].follow_up(subject, &route, self.now, ids)?;
                }
                let outbox = std::mem::take(&mut self.offices[place].database.outbox);
                outbox.into_iter().for_each(|envelope| self.put(envelope));
            }
            let ends = self.ends();
            if self.offices.iter().all(|office| office.has_read(ends)) {
                return Ok(());
            }
        }
        Err(format!("no rest after {MOST_ROUNDS} rounds"))
    }

    /// All services, and one that reads the log for the first time, hold the same cases; nothing waits anywhere.
    fn check(&mut self) -> Result<(), Fault> {
        let mut newcomer = Office::new(Service::Analytics, TimeDelta::zero());
        for (partition, log) in self.log.iter().enumerate() {
            newcomer.read(partition, log, usize::MAX)?;
        }
        for office in &self.offices {
            let me = office.me;
            self.seen.waited += office.gaps as u64;
            if office.database.rows.len() != newcomer.database.rows.len() {
                return Err(format!("{me} has not the cases of the log"));
            }
            for (subject, row) in &office.database.rows {
                let of_log = &newcomer.database.rows[subject];
                if !row.waiting.is_empty() {
                    return Err(format!(
                        "{me}: {} events of {subject} wait",
                        row.waiting.len()
                    ));
                }
                if (&row.position, &row.case) != (&of_log.position, &of_log.case) {
                    return Err(format!(
                        "{me}: {subject} differs: {row:?} instead of {of_log:?}"
                    ));
                }
                let case = row.case.as_ref().ok_or("a case without a filing")?;
                self.at_rest(me, case)?;
            }
        }
        self.one_event_a_place()?;
        self.seen.cases += newcomer.database.rows.len() as u64;
        Ok(())
    }

    /// Nobody has anything to do, and every wish is answered; what is stored can be read again.
    fn at_rest(&self, me: Service, case: &Case) -> Result<(), Fault> {
        if next_step(case, me).is_some()
            || overdue(case, self.now - TimeDelta::minutes(1)).is_some()
        {
            return Err(format!("{me} has still to act: {case:?}"));
        }
        if StateKind::of(&case.state) != StateKind::Closed && !case.withdrawals.is_empty() {
            return Err(format!("a wish to withdraw was not answered: {case:?}"));
        }
        match proto::store::decode_case(&proto::store::encode_case(case)) {
            Ok(read) if read == *case => Ok(()),
            other => Err(format!("stored and read again it differs: {other:?}")),
        }
    }

    /// No place of a history has two events.
    fn one_event_a_place(&mut self) -> Result<(), Fault> {
        let mut places: BTreeMap<(Uuid, String, u64), Uuid> = BTreeMap::new();
        for envelope in self.log.iter().flatten() {
            let place = (
                envelope.subject,
                envelope.stream().to_owned(),
                envelope.sequence,
            );
            let known = places.insert(place, envelope.id);
            match known {
                Some(known) if known != envelope.id => {
                    return Err(format!(
                        "two events at {} {}",
                        envelope.subject, envelope.sequence
                    ));
                }
                Some(_) => {}
                None => {
                    let read =
                        docket::work::decode(envelope).map_err(|error| format!("{error:?}"))?;
                    let kind = read.event.event.event_kind();
                    *self.seen.events.entry(kind).or_default() += 1;
                }
            }
        }
        let decisions = |row: &Row| row.position.version;
        let wanted: u64 = self.offices[0].database.rows.values().map(decisions).sum();
        let found = places.keys().filter(|place| place.1.is_empty()).count() as u64;
        let kinds = self
            .log
            .iter()
            .flatten()
            .filter(|e| e.kind == Kind::Decision);
        if found != wanted || kinds.count() < places.keys().filter(|p| p.1.is_empty()).count() {
            return Err(format!("{found} decisions on the log instead of {wanted}"));
        }
        Ok(())
    }
}

/// Ids of events, one after another.
fn ids(last: &mut u128) -> impl FnMut() -> Uuid {
    || {
        *last += 1;
        Uuid::from_u128((1 << 100) + *last)
    }
}
