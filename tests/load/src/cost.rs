//! What a case costs: CPU time of every process, and bytes in PostgreSQL and Kafka.

mod processes;
mod stored;

use std::collections::BTreeMap;

use anyhow::Result;
use devstack::servers::Kind;
use devstack::services::NAMES;
use serde::Serialize;

use crate::bench::Bench;
use crate::site::Site;
use stored::Stored;

/// Reads what the processes of a site have used so far.
pub(crate) struct Meter {
    services: Vec<(String, u32)>,
    postgres: Option<u32>,
    kafka: Option<u32>,
    database_prefix: String,
    store: stored::Place,
    before: Reading,
}

/// What was used up to an instant.
#[derive(Clone, Debug, Default)]
struct Reading {
    cpu_ms: BTreeMap<String, f64>,
    stored: Stored,
}

/// What one case cost, on the average of a phase and of the time until everything was taken in.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Cost {
    /// Milliseconds of CPU time by process; `postgres` has all of its processes, and parts of it by database.
    pub(crate) cpu_ms: BTreeMap<String, f64>,
    /// The sum over processes.
    pub(crate) cpu_ms_total: f64,
    /// Bytes the databases grew by, indexes included.
    pub(crate) postgres_bytes: f64,
    /// Bytes of write-ahead log.
    pub(crate) postgres_wal_bytes: f64,
    /// Bytes the topics grew by; 0 where the broker's files are not at hand.
    pub(crate) kafka_bytes: f64,
}

impl Meter {
    /// Starts to measure.
    pub(crate) async fn start(bench: &Bench, site: &Site) -> Result<Self> {
        let replicas = site.stack.options().replicas;
        let running = |service: &&str| site.stack.is_running(service, 0);
        let services = NAMES
            .into_iter()
            .filter(running)
            .flat_map(|service| (0..replicas).map(move |replica| (service, replica)))
            .map(|(service, replica)| (service.to_owned(), site.stack.pid(service, replica)))
            .collect();
        let mut meter = Self {
            services,
            postgres: bench.pid_of(Kind::Postgres),
            kafka: bench.pid_of(Kind::Kafka),
            database_prefix: site.stack.options().database_prefix.clone(),
            store: stored::Place::new(bench, site),
            before: Reading::default(),
        };
        meter.before = meter.read().await?;
        Ok(meter)
    }

    /// What each of so many cases cost since the start.
    pub(crate) async fn cost(&self, cases: u64) -> Result<Cost> {
        Ok(per_case(&self.before, &self.read().await?, cases))
    }

    async fn read(&self) -> Result<Reading> {
        let mut cpu_ms = BTreeMap::new();
        let mut spent = |name: &str, ms: Option<f64>| {
            if let Some(ms) = ms {
                *cpu_ms.entry(name.to_owned()).or_insert(0.0) += ms;
            }
        };
        for (service, pid) in &self.services {
            spent(service, processes::cpu_ms(*pid));
        }
        spent("kafka", self.kafka.and_then(processes::cpu_ms));
        spent("load", processes::cpu_ms(std::process::id()));
        if let Some(postgres) = self.postgres {
            let tree = processes::postgres_ms(postgres, &self.database_prefix);
            for (part, ms) in tree {
                spent("postgres", Some(ms));
                spent(&format!("postgres/{part}"), Some(ms));
            }
        }
        Ok(Reading {
            cpu_ms,
            stored: self.store.read().await?,
        })
    }
}

fn per_case(before: &Reading, after: &Reading, cases: u64) -> Cost {
    let cases = (cases.max(1)) as f64;
    // a backend that has ended takes its time with it to its parent's account
    let grown = |before: f64, after: f64| ((after - before) / cases).max(0.0);
    let cpu_ms: BTreeMap<String, f64> = after
        .cpu_ms
        .iter()
        .map(|(name, ms)| {
            let before = before.cpu_ms.get(name).copied().unwrap_or(0.0);
            (name.clone(), grown(before, *ms))
        })
        .collect();
    let processes = cpu_ms.iter().filter(|(name, _)| !name.contains('/'));
    Cost {
        cpu_ms_total: processes.map(|(_, ms)| ms).sum(),
        postgres_bytes: grown(before.stored.database_bytes, after.stored.database_bytes),
        postgres_wal_bytes: grown(before.stored.wal_bytes, after.stored.wal_bytes),
        kafka_bytes: grown(before.stored.topic_bytes, after.stored.topic_bytes),
        cpu_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_process_are_not_counted_twice() {
        let reading = |intake: f64, postgres: f64| Reading {
            cpu_ms: BTreeMap::from([
                ("intake".to_owned(), intake),
                ("postgres".to_owned(), postgres),
                ("postgres/intake".to_owned(), postgres),
            ]),
            stored: Stored {
                database_bytes: 1000.0 * intake,
                wal_bytes: 0.0,
                topic_bytes: 0.0,
            },
        };
        let cost = per_case(&reading(10.0, 100.0), &reading(30.0, 160.0), 10);
        assert_eq!(cost.cpu_ms["intake"], 2.0);
        assert_eq!(cost.cpu_ms["postgres/intake"], 6.0);
        assert_eq!(cost.cpu_ms_total, 8.0);
        assert_eq!(cost.postgres_bytes, 2000.0);
    }
}
