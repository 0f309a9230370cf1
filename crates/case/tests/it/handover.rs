//! Four services share one log and hand a case over without a call or a lock.
//!
//! Each service decides on what it has read so far, publishes later (now and then twice), reads late, and
//! sometimes reads again from further back. Whatever the order, only the owner of a state appends a decision, no
//! version forks, and in the end every service holds the same case.

mod service;

use std::collections::BTreeMap;

use case::{Case, EventKind, Facts, Kind, Recorded, Service, evolve, invariant, next_step};
use chrono::{DateTime, Utc};

use self::service::Replica;
use crate::support::bodies::withdraw_request;
use crate::support::play::{any_command, any_filing, any_route, any_wait, anybody};
use crate::support::random::Random;
use crate::support::{history, people, samples};

const HISTORIES: u64 = 500;
/// Where mediation stands among the replicas.
const MEDIATION: usize = 2;
const TURNS: usize = 400;

struct World {
    random: Random,
    now: DateTime<Utc>,
    log: Vec<Recorded>,
    replicas: [Replica; 4],
}

impl World {
    fn new(seed: u64) -> Self {
        let mut world = World {
            random: Random::seeded(seed),
            now: samples::instant("2026-05-06T02:00:00Z"),
            log: Vec::new(),
            replicas: [
                Service::Intake,
                Service::Routing,
                Service::Mediation,
                Service::Analytics,
            ]
            .map(Replica::new),
        };
        let filing = history::file(any_filing(&mut world.random));
        world.replicas[0]
            .give(people::consumer(), filing, &Facts::None, world.now)
            .expect("filed");
        world
    }

    fn turn(&mut self) {
        let place = self.random.below(self.replicas.len());
        match self.random.below(12) {
            0..=2 => {
                let records = 1 + self.random.below(3);
                self.replicas[place].read(&self.log, records);
            }
            3..=5 => self.publish(place),
            6 => self.act(place),
            7 | 8 => self.act(MEDIATION),
            9 => self.step(place),
            10 => {
                let back = self.random.below(6);
                self.replicas[place].read_again(back);
            }
            _ => {
                if self.random.chance(25) {
                    self.now += any_wait(&mut self.random);
                }
            }
        }
    }

    /// One record reaches the log; now and then the service does not learn of it and publishes again.
    fn publish(&mut self, place: usize) {
        let outbox = &mut self.replicas[place].outbox;
        if let Some(record) = outbox.front() {
            self.log.push(record.clone());
            if !self.random.chance(20) {
                outbox.pop_front();
            }
        }
    }

    /// Somebody acts through a service, which looks at deadlines first.
    fn act(&mut self, place: usize) {
        let replica = &mut self.replicas[place];
        replica.wake(self.now);
        let Some(case) = replica.case.clone() else {
            return;
        };
        let asks_to_withdraw = replica.me == Service::Intake && self.random.chance(5);
        let (by, (body, facts)) = if asks_to_withdraw {
            let request = (withdraw_request(), Facts::None);
            (people::consumer(), request)
        } else {
            let by = anybody(&mut self.random);
            let command = any_command(&mut self.random, &case, &by, self.now);
            (by, command)
        };
        // A refusal answers its caller and changes nothing: nothing to look at here.
        let _refused = replica.give(by, body, &facts, self.now);
    }

    fn step(&mut self, place: usize) {
        let route = any_route(&mut self.random);
        self.replicas[place].step(&route, self.now);
    }

    /// Everybody publishes, reads and steps until nothing is left to do.
    fn come_to_rest(&mut self) {
        loop {
            for replica in &mut self.replicas {
                self.log.extend(replica.outbox.drain(..));
            }
            for place in 0..self.replicas.len() {
                let records = self.log.len();
                self.replicas[place].read(&self.log, records);
                self.step(place);
            }
            if self
                .replicas
                .iter()
                .all(|replica| replica.outbox.is_empty())
            {
                return;
            }
        }
    }
}

/// The log as a reader admits it: each record once; its source must own the state it decides on.
fn admitted(log: &[Recorded]) -> (Vec<&Recorded>, Case) {
    let mut admitted: Vec<&Recorded> = Vec::new();
    let mut case: Option<Case> = None;
    for record in log {
        if admitted.iter().any(|known| known.id == record.id) {
            continue;
        }
        if record.event.kind() == Kind::Decision {
            let owner = case
                .as_ref()
                .map_or(Service::Intake, |case| case.state.owner());
            assert_eq!(record.source, owner, "{:?}", record.event.event_kind());
            let version = case.as_ref().map_or(0, |case| case.version);
            assert_eq!(record.sequence, version + 1);
        }
        case = evolve(case, record);
        admitted.push(record);
    }
    (admitted, case.expect("a case was filed"))
}

#[test]
fn only_the_owner_appends_and_all_services_agree() {
    let mut seen: BTreeMap<EventKind, u32> = BTreeMap::new();
    let mut duplicates = 0;
    for seed in 0..HISTORIES {
        let mut world = World::new(seed);
        for _ in 0..TURNS {
            world.turn();
        }
        world.come_to_rest();
        let (admitted, case) = admitted(&world.log);
        duplicates += world.log.len() - admitted.len();
        for record in admitted {
            *seen.entry(record.event.event_kind()).or_default() += 1;
        }
        assert_eq!(invariant::broken(&case), None, "seed {seed}");
        for replica in &world.replicas {
            assert_eq!(
                replica.case.as_ref(),
                Some(&case),
                "seed {seed}, {}",
                replica.me
            );
            assert_eq!(next_step(&case, replica.me), None, "seed {seed}");
        }
    }
    // Without duplicates, changes of hands and lost races the runs would prove nothing.
    assert!(duplicates > 0, "nothing was published twice");
    for kind in [
        EventKind::RoutedToEnterprise,
        EventKind::ComplaintEscalated,
        EventKind::CaseReturned,
        EventKind::RoutedToAuthority,
        EventKind::ComplaintWithdrawn,
        EventKind::WithdrawalRefused,
    ] {
        assert!(seen.contains_key(&kind), "no run has {kind}: {seen:?}");
    }
}
