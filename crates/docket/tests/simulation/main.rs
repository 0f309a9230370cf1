//! Ten thousand seeded histories of the pure core: four services, a log that loses, doubles, delays and reorders, services
//! that die, come back and are put back to older copies. Whatever happens, all end with the same cases.
//!
//! Everything that decides is the real one: `case` decides and folds, `proto` writes and reads, `chassis` admits and
//! chains. A failure prints its seed and the shortest history found that still fails; docs/TESTING.md says how to run one.

mod office;
mod row;
mod shortest;
#[expect(dead_code, reason = "the lifecycle's own tests use the rest")]
mod support;
mod turn;
mod world;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use shortest::{outcome, shortest};
use support::random::Random;
use turn::Turn;
use world::Seen;

const HISTORIES: u64 = 10_000;
const TURNS: usize = 420;

/// The turns of a seed: the same on every machine.
fn turns(seed: u64) -> Vec<Turn> {
    let mut random = Random::seeded(seed);
    let first = [Turn::File {
        salt: random.next(),
    }];
    let more = (0..TURNS).map(|_| Turn::any(&mut random));
    first.into_iter().chain(more).collect()
}

/// A seed that fails, told so that it can be run again.
fn told(seed: u64, fault: &str) -> String {
    let (turns, fault) = shortest(&turns(seed), fault);
    let turns: Vec<String> = turns.iter().map(|turn| format!("    {turn:?}\n")).collect();
    format!(
        "seed {seed} fails: {fault}\nthe shortest history found has {} turns:\n{}run it alone with ODR_SIMULATION_SEED={seed}",
        turns.len(),
        turns.concat()
    )
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().expect("a number"))
}

#[test]
fn all_services_end_with_the_same_cases_whatever_is_delivered() {
    if let Some(seed) = number("ODR_SIMULATION_SEED") {
        match outcome(&turns(seed)) {
            Ok(seen) => println!("seed {seed} holds: {seen:?}"),
            Err(fault) => panic!("{}", told(seed, &fault)),
        }
        return;
    }
    let histories = number("ODR_SIMULATION_HISTORIES").unwrap_or(HISTORIES);
    let (next, failed) = (AtomicU64::new(0), Mutex::new(None));
    let seen = Mutex::new(Seen::default());
    let work = || {
        let mut own = Seen::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= histories || failed.lock().unwrap().is_some() {
                break;
            }
            match outcome(&turns(seed)) {
                Ok(seen) => own.add(&seen),
                Err(fault) => *failed.lock().unwrap() = Some((seed, fault)),
            }
        }
        seen.lock().unwrap().add(&own);
    };
    std::thread::scope(|scope| {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    if let Some((seed, fault)) = failed.into_inner().unwrap() {
        panic!("{}", told(seed, &fault));
    }
    let seen = seen.into_inner().unwrap();
    println!("{histories} histories from seed 0 on: {seen:?}");
    if histories >= HISTORIES {
        seen.prove_something();
    }
}
