//! More callers than a service can serve: it says so at once, stays small, and takes everything when it can again.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use devstack::servers::Kind;
use e2e::{Clients, Ending, Filing, Play, Scene, Stage, tables};
use futures::future::join_all;
use proto::intake::v1::FileComplaintRequest;
use tokio::time::Instant;
use tonic::{Code, Status};

const CALLERS: usize = 1_500;
/// Calls that may wait for the writer.
const QUEUE: usize = 200;
/// The batch that is in the writer's hands when the database stands still, one gathered before it, and those that wait
/// for the serial of a case number: as many as for the writer.
const IN_HAND: usize = 2 * 256 + QUEUE;
const DEADLINE: Duration = Duration::from_secs(3);
/// A refusal must come long before the deadline, also on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(2);
/// Kilobytes a service may hold with all of them at its door.
const MOST_KB: u64 = 100 * 1024;

/// One filing of a consumer: its answer, and after how long it came.
async fn file(clients: &Clients, shop: &str, caller: usize) -> (Result<Play, Status>, Duration) {
    let request = FileComplaintRequest {
        request_id: format!("file-{caller}"),
        form: Some(Filing::against(shop).form),
    };
    let asked = Instant::now();
    let answer = Play::file_as(clients, &format!("consumer/-/c{caller}"), request).await;
    (answer, asked.elapsed())
}

fn held_kb(stage: &Stage) -> Result<u64> {
    let pid = stage.stack.pid("intake", 0);
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let held = line.and_then(|line| line.split_whitespace().next());
    Ok(held.context("VmHWM")?.parse()?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_beyond_the_queue_are_refused_at_once_and_taken_later() -> Result<()> {
    let mut stage = Scene::new("overload")
        .own(Kind::Postgres)
        .setting("intake", "ODR_WRITER_QUEUE_CALLS", &QUEUE.to_string())
        .open()
        .await?;
    let shop = stage.enterprise(1).await?;
    let clients = stage.clients.clone().patient_for(DEADLINE);
    let (first, _) = file(&clients, &shop, CALLERS).await;
    first?;
    stage.coordinator.wait_quiet().await?;

    stage.own.running().pause_all(Kind::Postgres)?;
    let asked = join_all((0..CALLERS).map(|caller| file(&clients, &shop, caller))).await;
    let (mut refused, mut waited) = (0, 0);
    for (answer, took) in &asked {
        let status = answer.as_ref().err().context("nothing can be written")?;
        ensure!(*took < DEADLINE + AT_ONCE, "{status:?} came after {took:?}");
        match status.code() {
            Code::ResourceExhausted => {
                refused += 1;
                ensure!(*took < AT_ONCE, "refused after {took:?}");
                let again = chassis::status::retry_after(status);
                ensure!(
                    again.is_some(),
                    "{status:?} does not say when to come again"
                );
            }
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => waited += 1,
            _ => anyhow::bail!("{status:?}"),
        }
    }
    let held = held_kb(&stage)?;
    println!("{refused} refused, {waited} waited in vain, intake held {held} kB");
    ensure!(waited <= QUEUE + IN_HAND, "{waited} calls waited");
    ensure!(
        refused >= CALLERS - QUEUE - IN_HAND,
        "{refused} calls were refused"
    );
    ensure!(held < MOST_KB, "intake held {held} kB");

    stage.own.running().resume_all(Kind::Postgres)?;
    // everybody comes again with the same request until it is taken
    let mut left: Vec<usize> = (0..CALLERS).collect();
    let until = Instant::now() + Duration::from_secs(40);
    while !left.is_empty() {
        ensure!(
            Instant::now() < until,
            "{} filings are not taken",
            left.len()
        );
        let answers = join_all(left.iter().map(|caller| file(&clients, &shop, *caller))).await;
        let failed = left
            .iter()
            .zip(answers)
            .filter(|(_, (answer, _))| answer.is_err());
        left = failed.map(|(caller, _)| *caller).collect();
    }
    stage.coordinator.wait_quiet().await?;
    let url = stage.database("intake");
    let cases = tables::number(&url, "select count(*) from chassis.subjects").await?;
    let wanted = i64::try_from(CALLERS + 1)?;
    ensure!(cases == wanted, "{cases} cases instead of {wanted}");
    stage
        .close(
            Ending::clean()
                .allow("a batch is tried again")
                .allow("lost its connection")
                .allow("the store did not answer"),
        )
        .await
}
