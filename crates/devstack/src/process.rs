//! Child processes: how long they live, who they are after their parent has gone, and signals to them.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::wait;

/// How long a child lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// Ends with the process that started it, however that one ends: for tests and the demo.
    WithParent,
    /// Outlives the process that started it, until it is stopped: for `./dev up`.
    Detached,
}

/// A process that can be found again later: its id, and when it started, since ids are used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The process id.
    pub pid: u32,
    /// When it started, in the kernel's clock ticks since boot.
    pub start_ticks: u64,
}

impl Identity {
    /// The process that has this id now, if there is one and it has not ended.
    pub fn of(pid: u32) -> Option<Identity> {
        let (state, start_ticks) = stat(pid)?;
        (state != 'Z' && state != 'X').then_some(Identity { pid, start_ticks })
    }

    /// Whether this very process still runs (a stopped one does, one that waits to be reaped does not).
    pub fn is_alive(&self) -> bool {
        Identity::of(self.pid) == Some(*self)
    }

    /// Sends a signal; a process that has gone is no error.
    pub fn signal(&self, signal: i32) -> io::Result<()> {
        if self.is_alive() {
            send(self.pid, signal)
        } else {
            Ok(())
        }
    }

    /// Waits until the process has ended, at most for `bound`; says whether it has.
    pub fn wait_gone(&self, bound: Duration) -> bool {
        wait::until(bound, || (!self.is_alive()).then_some(())).is_some()
    }

    /// Stops the process with SIGSTOP and waits until each of its threads stands still, at most for `bound`.
    pub fn pause(&self, bound: Duration) -> io::Result<()> {
        self.signal(libc::SIGSTOP)?;
        let still = || (!self.is_alive() || all_threads_stopped(self.pid)).then_some(());
        wait::until(bound, still).ok_or_else(|| io::ErrorKind::TimedOut.into())
    }

    /// Asks the process to end with `signal`, and kills it when it has not ended within `bound`.
    pub fn end(&self, signal: i32, bound: Duration) -> io::Result<()> {
        // a stopped process cannot answer a signal
        self.signal(libc::SIGCONT)?;
        self.signal(signal)?;
        if !self.wait_gone(bound) {
            self.signal(libc::SIGKILL)?;
            self.wait_gone(Duration::from_secs(10));
        }
        Ok(())
    }
}

/// The processes that this one started and that run.
pub(crate) fn children(pid: u32) -> Vec<Identity> {
    let listed = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
    let listed = listed.unwrap_or_default();
    let ids = listed.split_whitespace().filter_map(|id| id.parse().ok());
    ids.filter_map(Identity::of).collect()
}

/// Starts a child with the given lifetime. With [`Lifetime::WithParent`] it receives `death_signal` when we end.
pub(crate) fn spawn(
    mut command: Command,
    lifetime: Lifetime,
    death_signal: i32,
) -> io::Result<Child> {
    match lifetime {
        Lifetime::Detached => {
            before_exec(&mut command, || {
                // SAFETY: setsid has no memory effects and is async-signal-safe
                #[expect(
                    unsafe_code,
                    reason = "leaving the terminal's session is a system call std does not offer"
                )]
                let session = unsafe { libc::setsid() };
                check(session)
            });
            command.spawn()
        }
        Lifetime::WithParent => {
            // own group: an interrupt typed at the terminal reaches us alone, and we end the children in order
            command.process_group(0);
            before_exec(&mut command, move || {
                // SAFETY: prctl(PR_SET_PDEATHSIG) has no memory effects and is async-signal-safe
                #[expect(
                    unsafe_code,
                    reason = "the parent's death signal is a system call std does not offer"
                )]
                let set = unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, death_signal) };
                check(set)
            });
            spawn_from_lasting_thread(command)
        }
    }
}

/// Whether a program of this name is on the search path.
pub(crate) fn on_path(program: &str) -> bool {
    let search = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&search).any(|directory| directory.join(program).is_file())
}

/// The last lines of a log file, for error messages.
pub(crate) fn tail(log: &Path) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// The kernel sends the death signal when the *thread* that spawned the child ends, so one thread,
/// which lasts as long as the process, spawns all such children.
fn spawn_from_lasting_thread(command: Command) -> io::Result<Child> {
    type Order = (Command, Sender<io::Result<Child>>);
    static SPAWNER: OnceLock<Sender<Order>> = OnceLock::new();

    let spawner = SPAWNER.get_or_init(|| {
        let (orders, incoming) = channel::<Order>();
        std::thread::spawn(move || {
            for (mut command, answer) in incoming {
                // a caller that no longer waits leaves the child to the parent's death
                drop(answer.send(command.spawn()));
            }
        });
        orders
    });
    let (answer, answered) = channel();
    spawner
        .send((command, answer))
        .map_err(|_| io::Error::other("the spawning thread has ended"))?;
    answered
        .recv()
        .map_err(|_| io::Error::other("the spawning thread has ended"))?
}

fn before_exec(
    command: &mut Command,
    step: impl FnMut() -> io::Result<()> + Send + Sync + 'static,
) {
    // SAFETY: every `step` of this module is one async-signal-safe system call and allocates nothing
    #[expect(unsafe_code, reason = "std marks code between fork and exec unsafe")]
    unsafe {
        command.pre_exec(step)
    };
}

fn check(result: i32) -> io::Result<()> {
    if result == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

fn send(pid: u32, signal: i32) -> io::Result<()> {
    let pid = i32::try_from(pid).map_err(io::Error::other)?;
    // SAFETY: kill has no memory effects
    #[expect(
        unsafe_code,
        reason = "sending any signal but SIGKILL is a system call std does not offer"
    )]
    let sent = unsafe { libc::kill(pid, signal) };
    match check(sent) {
        Err(error) if error.raw_os_error() == Some(libc::ESRCH) => Ok(()),
        other => other,
    }
}

/// State letter and start time of a process. The name in the second field may hold spaces and brackets.
fn stat(pid: u32) -> Option<(char, u64)> {
    stat_at(Path::new(&format!("/proc/{pid}/stat")))
}

/// A stop reaches the threads of a process one after another.
fn all_threads_stopped(pid: u32) -> bool {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else {
        return false;
    };
    threads
        .flatten()
        .all(|thread| stat_at(&thread.path().join("stat")).is_none_or(|(state, _)| state == 'T'))
}

fn stat_at(path: &Path) -> Option<(char, u64)> {
    let text = std::fs::read_to_string(path).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    Some((
        fields.first()?.chars().next()?,
        fields.get(19)?.parse().ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper(lifetime: Lifetime) -> (Child, Identity) {
        let mut command = Command::new("sleep");
        command.arg("60");
        let child = spawn(command, lifetime, libc::SIGKILL).unwrap();
        let identity = Identity::of(child.id()).unwrap();
        (child, identity)
    }

    #[test]
    fn child_outlives_the_thread_that_asked_for_it() {
        let (mut child, identity) = std::thread::spawn(|| sleeper(Lifetime::WithParent))
            .join()
            .unwrap();
        assert!(identity.is_alive());
        identity.end(libc::SIGTERM, Duration::from_secs(5)).unwrap();
        assert!(!identity.is_alive());
        child.wait().unwrap();
    }

    #[test]
    fn stopped_process_is_alive_and_can_be_ended() {
        let (mut child, identity) = sleeper(Lifetime::Detached);
        identity.signal(libc::SIGSTOP).unwrap();
        wait::until(Duration::from_secs(5), || {
            (stat(identity.pid)?.0 == 'T').then_some(())
        })
        .unwrap();
        assert!(identity.is_alive());
        identity.end(libc::SIGTERM, Duration::from_secs(5)).unwrap();
        assert!(!identity.is_alive());
        child.wait().unwrap();
    }

    #[test]
    fn another_process_under_the_same_id_is_not_the_same() {
        let own = Identity::of(std::process::id()).unwrap();
        assert!(own.is_alive());
        assert!(
            !Identity {
                start_ticks: own.start_ticks + 1,
                ..own
            }
            .is_alive()
        );
    }
}
