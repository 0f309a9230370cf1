//! PostgreSQL: its data directory, its command, and when it is ready.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::artifacts::{Artifacts, copy_directory, run};
use crate::repository::{root, unprivileged_account};

/// Runs `initdb` into `data`, as the account the server will run under.
pub(crate) fn initialise(artifacts: &Artifacts, data: &Path) -> Result<()> {
    let parent = data.parent().context("a data directory has a parent")?;
    fs::create_dir_all(data)?;
    hand_over(data)?;
    let mut command = command(artifacts, "initdb", parent);
    command.arg("-D").arg(data);
    command.args([
        "-A",
        "trust",
        "-U",
        "postgres",
        "--no-sync",
        "--locale=C",
        "--encoding=UTF8",
    ]);
    run(&mut command)
}

/// Makes `directory` hold a data directory, unless it already does, and the settings of `deploy/postgres`.
pub(crate) fn prepare(artifacts: &Artifacts, directory: &Path) -> Result<()> {
    fs::create_dir_all(directory)?;
    fs::set_permissions(directory, Permissions::from_mode(0o755))?;
    hand_over(directory)?;
    let data = directory.join("data");
    if !data.exists() {
        let partial = directory.join("data.partial");
        crate::artifacts::remove(&partial)?;
        copy_directory(&artifacts.postgres_template(), &partial)?;
        fs::rename(&partial, &data)?;
    }
    let settings = root().join("deploy/postgres/postgresql.conf");
    let text = fs::read_to_string(&settings)
        .with_context(|| format!("cannot read {}", settings.display()))?;
    fs::write(directory.join("postgresql.conf"), text)?;
    Ok(())
}

/// The command that runs the server in the foreground, its output going to `log`.
pub(crate) fn server(
    artifacts: &Artifacts,
    directory: &Path,
    port: u16,
    log: File,
) -> Result<Command> {
    let data = directory.join("data");
    let mut command = command(artifacts, "postgres", directory);
    command.arg("-D").arg(&data).arg("-p").arg(port.to_string());
    command.arg("-c").arg(format!(
        "config_file={}",
        directory.join("postgresql.conf").display()
    ));
    command.args(["-c", "listen_addresses=127.0.0.1"]);
    command
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    Ok(command)
}

/// Whether the server with this process id says that it accepts connections: line 8 of its pid file.
pub(crate) fn is_ready(directory: &Path, pid: u32) -> bool {
    let Ok(text) = fs::read_to_string(directory.join("data/postmaster.pid")) else {
        return false;
    };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.first() == Some(&pid.to_string().as_str()) && lines.get(7) == Some(&"ready")
}

fn command(artifacts: &Artifacts, program: &str, directory: &Path) -> Command {
    let mut command = Command::new(artifacts.postgres(program));
    command
        .env_clear()
        .env("LC_ALL", "C")
        .env("PATH", "/usr/bin:/bin")
        // A batch's parameters are some hundred kilobytes: the C library gives such pieces back to the system each time.
        .env("MALLOC_MMAP_THRESHOLD_", "67108864")
        .env("MALLOC_TRIM_THRESHOLD_", "134217728")
        .current_dir(directory);
    if let Some(account) = unprivileged_account() {
        command.uid(account).gid(account);
    }
    command
}

fn hand_over(directory: &Path) -> Result<()> {
    if let Some(account) = unprivileged_account() {
        chown(directory, Some(account), Some(account))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pid_file_of_another_process_or_state_is_not_ready() {
        let directory =
            std::env::temp_dir().join(format!("devstack-pidfile-{}", std::process::id()));
        fs::create_dir_all(directory.join("data")).unwrap();
        for (pid, state, ready) in [
            (7, "ready   ", true),
            (8, "ready", false),
            (7, "starting", false),
        ] {
            let text = format!("{pid}\n/data\n1\n5432\n\n127.0.0.1\n1 2\n{state}\n");
            fs::write(directory.join("data/postmaster.pid"), text).unwrap();
            assert_eq!(is_ready(&directory, 7), ready, "{pid} {state}");
        }
        fs::remove_dir_all(&directory).unwrap();
    }
}
