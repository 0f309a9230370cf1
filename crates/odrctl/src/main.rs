//! `odrctl`: the command line for those who run the platform and those who read its law.

mod case_command;
mod case_list;
mod clock;
mod connect;
mod law_command;
mod missing;
mod out;
mod outbox;
mod parked;
mod status;
mod timeline;
mod topics;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    about = "The command line of the online dispute resolution platform",
    version
)]
struct Arguments {
    #[command(flatten)]
    services: connect::Services,
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Cases: one with its whole story, or a list
    #[command(subcommand)]
    Case(case_command::Action),
    /// The law's clocks, offline
    #[command(subcommand)]
    Law(law_command::Action),
    /// Records that a service could not take in
    #[command(subcommand)]
    Parked(parked::Action),
    /// Events that wait to be published
    #[command(subcommand)]
    Outbox(outbox::Action),
    /// What a database restored from a backup could not get back from the log
    Missing(missing::Arguments),
    /// Kafka's topics: made, dumped, loaded
    #[command(subcommand)]
    Topics(topics::Action),
    /// Every service: version, lag, outbox, parked records, deadlines that are due
    Status,
    /// Stepped time of a sandbox
    #[command(subcommand)]
    Clock(clock::Action),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let Arguments { services, action } = Arguments::parse();
    match action {
        Action::Case(action) => case_command::run(&services, action).await,
        Action::Law(action) => law_command::run(&action),
        Action::Parked(action) => parked::run(&services, action).await,
        Action::Outbox(action) => outbox::run(&services, action).await,
        Action::Missing(arguments) => missing::run(&services, arguments).await,
        Action::Topics(action) => topics::run(action).await,
        Action::Status => status::run(&services).await,
        Action::Clock(action) => clock::run(&services, action).await,
    }
}
