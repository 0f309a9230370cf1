//! One run: its servers, its settings, its progress bar, and the figures so far.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use devstack::servers::{Instance, Kind, ServerOptions, Servers};
use devstack::{services, state_directory};
use indicatif::{ProgressBar, ProgressStyle};

use crate::arguments::Arguments;
use crate::lengths::Lengths;
use crate::report::Figures;

/// How long services may take to end.
pub(crate) const DRAIN_BOUND: Duration = Duration::from_secs(30);

/// What every phase needs.
pub(crate) struct Bench {
    pub(crate) arguments: Arguments,
    pub(crate) lengths: Lengths,
    pub(crate) servers: Servers,
    /// The servers as processes of this machine; none where the environment names others.
    pub(crate) instances: Vec<Instance>,
    bar: ProgressBar,
}

impl Bench {
    /// Finds or starts the servers.
    pub(crate) async fn start(arguments: Arguments) -> Result<Self> {
        let state_directory = state_directory();
        services::stop_recorded(&state_directory, DRAIN_BOUND)?;
        let options = ServerOptions::from_environment();
        let servers = tokio::task::spawn_blocking(move || Servers::start(&options)).await??;
        let recorded = Servers::recorded(&state_directory)?;
        let ours = |instance: &Instance| {
            let address = format!("127.0.0.1:{}", instance.port);
            let named = match instance.kind {
                Kind::Postgres => &servers.database_url,
                Kind::Kafka => &servers.kafka,
            };
            instance.is_alive() && named.contains(&address)
        };
        let instances = recorded.into_iter().filter(ours).collect();
        let bar = ProgressBar::new_spinner();
        bar.set_style(ProgressStyle::with_template(
            "{spinner} {elapsed_precise} {msg}",
        )?);
        bar.enable_steady_tick(Duration::from_millis(200));
        Ok(Self {
            lengths: Lengths::new(arguments.quick),
            arguments,
            servers,
            instances,
            bar,
        })
    }

    /// Stops the servers that this run started or found in the state directory.
    pub(crate) fn stop(&self) -> Result<()> {
        self.bar.finish_and_clear();
        Servers::stop(&state_directory())
    }

    /// Says what is being done.
    pub(crate) fn say(&self, what: impl Into<String>) {
        let what = what.into();
        if self.bar.is_hidden() {
            eprintln!("{what}");
        }
        self.bar.set_message(what);
    }

    /// Measures something, with the hook's `begin` before and its `end` after.
    pub(crate) async fn measured<T>(
        &self,
        what: impl Into<String>,
        phase: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let what = what.into();
        self.say(what.clone());
        self.hook("begin").await?;
        let outcome = phase.await;
        self.hook("end").await?;
        outcome.with_context(|| format!("while measuring {what}"))
    }

    /// Writes the figures so far, if a file was named.
    pub(crate) fn keep(&self, figures: &Figures) -> Result<()> {
        match &self.arguments.json {
            None => Ok(()),
            Some(path) => std::fs::write(path, serde_json::to_vec_pretty(figures)?)
                .with_context(|| format!("cannot write {}", path.display())),
        }
    }

    /// The process of a server, if it is one of this machine.
    pub(crate) fn pid_of(&self, kind: Kind) -> Option<u32> {
        self.instance(kind).map(|instance| instance.identity.pid)
    }

    /// Where a server keeps its data, if it is one of this machine.
    pub(crate) fn directory_of(&self, kind: Kind) -> Option<&Path> {
        self.instance(kind)
            .map(|instance| instance.directory.as_path())
    }

    fn instance(&self, kind: Kind) -> Option<&Instance> {
        self.instances.iter().find(|instance| instance.kind == kind)
    }

    async fn hook(&self, word: &'static str) -> Result<()> {
        let Some(program) = self.arguments.hook.clone() else {
            return Ok(());
        };
        let named = program.display().to_string();
        let status =
            tokio::task::spawn_blocking(move || Command::new(program).arg(word).status()).await?;
        let status = status.with_context(|| format!("cannot run {named}"))?;
        ensure!(status.success(), "{named} {word} failed: {status}");
        Ok(())
    }
}
