//! Which replica does what only one of them may do: found by the session that holds the lock, and whose socket that is.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use sqlx::postgres::PgConnectOptions;

use crate::stage::Stage;
use crate::tables;
use crate::wait::eventually;

const PATIENCE: Duration = Duration::from_secs(20);

/// The replica that publishes a service's outbox.
///
/// # Errors
/// When none does within some seconds.
pub async fn relay_of(stage: &Stage, service: &str) -> Result<usize> {
    let url = stage.database(service);
    let server = url.parse::<PgConnectOptions>()?.get_port();
    eventually("somebody publishes", PATIENCE, || async {
        let statement = format!(
            "select coalesce((select client_port from pg_stat_activity join pg_locks using (pid)
                              where locktype = 'advisory' and granted and datname = current_database()
                              and application_name = '{service} relay' limit 1), 0)::bigint"
        );
        let port = u16::try_from(tables::number(&url, &statement).await?)?;
        Ok(owner(stage, service, port, server))
    })
    .await
    .with_context(|| format!("the relay of {service}"))
}

/// The replica whose connection to the server comes from this local port.
fn owner(stage: &Stage, service: &str, local: u16, server: u16) -> Option<usize> {
    let replicas = 0..stage.stack.options().replicas;
    let mut found = replicas.filter(|replica| {
        let pid = stage.stack.pid(service, *replica);
        socket_of(pid, local, server).is_some_and(|socket| has_open(pid, &socket))
    });
    found.next()
}

/// The name of the socket between these two ports, as the process sees it. The local one alone says nothing: the kernel
/// gives it to connections with other servers too.
fn socket_of(pid: u32, local: u16, server: u16) -> Option<String> {
    let sockets = fs::read_to_string(format!("/proc/{pid}/net/tcp")).ok()?;
    let (local, server) = (format!(":{local:04X}"), format!(":{server:04X}"));
    sockets.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let ours = fields.get(1)?.ends_with(&local) && fields.get(2)?.ends_with(&server);
        ours.then_some(())?;
        Some(format!("socket:[{}]", fields.get(9)?))
    })
}

fn has_open(pid: u32, socket: &str) -> bool {
    let Ok(files) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    files
        .flatten()
        .filter_map(|file| fs::read_link(file.path()).ok())
        .any(|target| target.to_string_lossy() == socket)
}
