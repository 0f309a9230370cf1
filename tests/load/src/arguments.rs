//! What is asked for on the command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// The command line.
#[derive(Debug, Parser)]
#[command(about = "Measure what the platform carries: docs/TESTING.md, \"The benchmark\"")]
pub(crate) struct Arguments {
    /// Shorter phases and no growth: about two minutes in all
    #[arg(long)]
    pub(crate) quick: bool,
    /// Write the figures to this file as JSON; kept up to date after each phase
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Only these phases
    #[arg(long, value_name = "PHASES", value_delimiter = ',')]
    pub(crate) only: Vec<Phase>,
    /// Print two result files and their ratios instead of measuring
    #[arg(long, value_names = ["BEFORE", "AFTER"], num_args = 2)]
    pub(crate) compare: Option<Vec<PathBuf>>,
    /// Callers at once; each number is a phase of filings
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64, 256])]
    pub(crate) callers: Vec<usize>,
    /// Callers of whole lifecycles at once; each number is a phase
    #[arg(long, value_delimiter = ',', default_values_t = [16, 64, 128, 160, 192])]
    pub(crate) lifecycles: Vec<usize>,
    /// Processes of each service
    #[arg(long, default_value_t = 1)]
    pub(crate) replicas: usize,
    /// Partitions of each topic; every one of them is a request to the broker of its own
    #[arg(long, default_value_t = 2)]
    pub(crate) partitions: i32,
    /// Cases stored when growth is measured, rising
    #[arg(long, value_delimiter = ',', default_values_t = [100_000, 1_000_000])]
    pub(crate) stored: Vec<usize>,
    /// A program run with `begin` before and `end` after each measured phase, e.g. to keep other work off the machine
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) hook: Option<PathBuf>,
}

/// A part of the run; several figures each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Phase {
    /// Filings with all services consuming, then intake alone
    File,
    /// Intake alone, a filing's rows by batched SQL on one connection, the broker without the platform
    Floor,
    /// File, routed, propose, accept, read back
    Lifecycle,
    /// From the answer until the routed case shows in analytics
    Visible,
    /// Steps of up to 35 times the base
    Spike,
    /// Each service on a filled topic, the relay on a filled outbox
    Drain,
    /// Many deadlines in one instant
    Deadlines,
    /// Lifecycles with many cases stored; not part of `--quick` unless named
    Growth,
}

impl Arguments {
    /// Whether a phase is to run.
    pub(crate) fn wants(&self, phase: Phase) -> bool {
        let usual = self.only.is_empty() && !(self.quick && phase == Phase::Growth);
        usual || self.only.contains(&phase)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_not_quick_unless_it_is_asked_for() {
        for (line, phase, wanted) in [
            ("load", Phase::Growth, true),
            ("load --quick", Phase::Growth, false),
            ("load --quick", Phase::Spike, true),
            ("load --quick --only growth", Phase::Growth, true),
            ("load --only file,floor", Phase::Floor, true),
            ("load --only file,floor", Phase::Drain, false),
        ] {
            let arguments = Arguments::parse_from(line.split(' '));
            assert_eq!(arguments.wants(phase), wanted, "{line}: {phase:?}");
        }
    }
}
