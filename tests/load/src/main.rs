//! `load`: what the platform carries, phase by phase, beside a floor measured in the same run on the same servers.

mod arguments;
mod bench;
mod callers;
mod compare;
mod cost;
mod floor;
mod histories;
mod lengths;
mod measure;
mod open_loop;
mod phases;
mod reached;
mod recovery;
mod report;
mod site;
mod topic;
mod wal;

use anyhow::Result;
use clap::Parser;

use crate::arguments::Arguments;
use crate::bench::Bench;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some([before, after]) = arguments.compare.as_deref() {
        println!("{}", compare::files(before, after)?);
        return Ok(());
    }
    let bench = Bench::start(arguments).await?;
    let figures = phases::run(&bench).await;
    bench.stop()?;
    println!("{}", report::table(&figures?));
    Ok(())
}
