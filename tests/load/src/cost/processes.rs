//! CPU time of processes, from the kernel's account of them.

use std::collections::BTreeMap;
use std::fs;

/// Milliseconds of one tick of the kernel's account (USER_HZ is 100 on every Linux).
const TICK_MS: f64 = 10.0;

/// What the kernel says of a process.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Account {
    parent: u32,
    /// Its own time.
    own_ms: f64,
    /// The time of its children that have ended.
    children_ms: f64,
}

/// Milliseconds of CPU time a process has used, its ended children left out.
pub(super) fn cpu_ms(pid: u32) -> Option<f64> {
    account(pid).map(|account| account.own_ms)
}

/// Milliseconds of CPU time PostgreSQL has used: by service for its connections, the rest as `other`.
pub(super) fn postgres_ms(postmaster: u32, database_prefix: &str) -> BTreeMap<String, f64> {
    let mut parts = BTreeMap::new();
    if let Some(root) = account(postmaster) {
        parts.insert("other".to_owned(), root.own_ms + root.children_ms);
    }
    for pid in pids() {
        let Some(child) = account(pid).filter(|child| child.parent == postmaster) else {
            continue;
        };
        let title = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let service = service_of(&String::from_utf8_lossy(&title), database_prefix);
        let part = service.unwrap_or_else(|| "other".to_owned());
        *parts.entry(part).or_insert(0.0) += child.own_ms;
    }
    parts
}

fn pids() -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

fn account(pid: u32) -> Option<Account> {
    parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The name in the second field may hold spaces and brackets.
fn parse(stat: &str) -> Option<Account> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ms = |at: usize| Some(fields.get(at)?.parse::<u64>().ok()? as f64 * TICK_MS);
    Some(Account {
        parent: fields.get(1)?.parse().ok()?,
        own_ms: ms(11)? + ms(12)?,
        children_ms: ms(13)? + ms(14)?,
    })
}

/// The service whose database a backend serves: its title is `postgres: USER DATABASE CLIENT …`.
fn service_of(title: &str, database_prefix: &str) -> Option<String> {
    let database = title.strip_prefix("postgres: ")?.split(' ').nth(1)?;
    let service = database.strip_prefix(database_prefix)?.strip_prefix('_')?;
    Some(service.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_any_name() {
        let stat = "7 (a (b) c) S 3 7 7 0 -1 4194560 1 2 3 4 25 5 100 20 20 0 1 0 99 1 1";
        let wanted = Account {
            parent: 3,
            own_ms: 300.0,
            children_ms: 1200.0,
        };
        assert_eq!(parse(stat), Some(wanted));
        assert_eq!(parse("7 (a) S 3"), None);
        assert!(cpu_ms(std::process::id()).is_some());
    }

    #[test]
    fn backend_belongs_to_the_service_of_its_database() {
        for (title, service) in [
            (
                "postgres: postgres bench_intake 127.0.0.1(4) idle",
                Some("intake"),
            ),
            ("postgres: postgres bench2_intake 127.0.0.1(4) idle", None),
            ("postgres: checkpointer ", None),
            ("", None),
        ] {
            assert_eq!(service_of(title, "bench").as_deref(), service, "{title}");
        }
    }
}
