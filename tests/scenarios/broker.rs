//! Kafka is away, slow, and comes back with less than it had.

use std::fs::{self, OpenOptions};
use std::time::Duration;

use anyhow::{Result, ensure};
use devstack::servers::Kind;
use e2e::account::nothing_lost_nothing_doubled;
use e2e::{Crowd, Ending, Scene, Stage, eventually, programs};
use tokio::task::block_in_place;
use tonic::Code;

const LIVES: usize = 30;
const OUTAGE: Duration = Duration::from_secs(10);
const RECOVERY: Duration = Duration::from_secs(60);
/// Longer than the broker's session: its controller gives the broker up before it goes on.
const STANDSTILL: Duration = Duration::from_secs(5);
/// A client that lost its way over it is made anew after half a minute.
const RENEWED: Duration = Duration::from_secs(90);

/// What services say of a broker that does not answer.
fn said_of_an_outage() -> Ending {
    Ending::without_broker().allow("an assignment could not be taken")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broker_away_for_ten_seconds_and_then_slow_loses_nothing_and_doubles_nothing() -> Result<()>
{
    let mut stage = Scene::new("no_broker")
        .crowded()
        .own(Kind::Kafka)
        .open()
        .await?;
    let crowd = Crowd::gather(&stage).await?;
    crowd.lived(LIVES, RECOVERY).await?;
    block_in_place(|| stage.own.running().stop(Kind::Kafka))?;
    tokio::time::sleep(OUTAGE).await;
    block_in_place(|| stage.own.running().start_again(Kind::Kafka))?;
    let recovered = crowd.lived(crowd.size() + LIVES, RECOVERY).await?;
    println!("the callers went on after {recovered:?}");

    // a disk that takes its time: the broker stands still again and again
    for _ in 0..10 {
        stage.own.running().pause(Kind::Kafka)?;
        tokio::time::sleep(Duration::from_millis(700)).await;
        stage.own.running().resume(Kind::Kafka)?;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    crowd.lived(crowd.size() + LIVES, RECOVERY).await?;
    let lived = crowd.disperse().await?;
    lived.answered_only(&[Code::Unavailable, Code::DeadlineExceeded, Code::Cancelled])?;
    nothing_lost_nothing_doubled(&stage, &lived).await?;
    stage.close(said_of_an_outage()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broker_given_up_by_its_controller_is_found_again() -> Result<()> {
    let mut stage = Scene::new("fenced")
        .crowded()
        .own(Kind::Kafka)
        .open()
        .await?;
    let crowd = Crowd::distrusting(&stage).await?;
    crowd.lived(LIVES, RECOVERY).await?;
    // while it is given up, clients are told that there is no broker and that no partition has a leader
    for _ in 0..6 {
        stage.own.running().pause(Kind::Kafka)?;
        tokio::time::sleep(STANDSTILL).await;
        stage.own.running().resume(Kind::Kafka)?;
        tokio::time::sleep(Duration::from_millis(1_500)).await;
    }
    let recovered = crowd.lived(crowd.size() + LIVES, RENEWED).await?;
    println!("the callers went on after {recovered:?}");
    let lived = crowd.disperse().await?;
    lived.answered_only(&[Code::Unavailable, Code::DeadlineExceeded, Code::Cancelled])?;
    nothing_lost_nothing_doubled(&stage, &lived).await?;
    stage.close(said_of_an_outage()).await
}

/// Takes the last third away from every partition of the case events, as a disk does that was not told to sync.
fn lose_the_tail(stage: &mut Stage) -> Result<u64> {
    let data = stage.own.running().directory(Kind::Kafka).join("data");
    let topic = stage.topic();
    let mut lost = 0;
    for entry in fs::read_dir(data)? {
        let folder = entry?.path();
        let name = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let ours = name
            .strip_prefix(&topic)
            .is_some_and(|rest| rest.starts_with('-'));
        let segment = folder.join("00000000000000000000.log");
        if ours && segment.exists() {
            let length = fs::metadata(&segment)?.len();
            let file = OpenOptions::new().write(true).open(&segment)?;
            file.set_len(length - length / 3)?;
            lost += length / 3;
        }
    }
    Ok(lost)
}

/// Publishes again what a service has said, and waits until all of it is read.
async fn publish_again(stage: &Stage, service: &str) -> Result<()> {
    let endpoint = stage.stack.endpoint(service, 0);
    let variable = format!("ODR_{}", service.to_uppercase());
    let variables = [(variable.as_str(), endpoint)];
    let arguments = ["outbox", "republish", service, "--all"];
    let said = programs::run("odrctl", &arguments, &variables).await?;
    ensure!(said.success, "odrctl: {}", said.text);
    let url = stage.database(service);
    eventually("the outbox is empty", RECOVERY, || async {
        let left = e2e::tables::number(&url, "select count(*) from chassis.outbox").await?;
        Ok((left == 0).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broker_that_lost_its_last_records_is_healed_by_publishing_again() -> Result<()> {
    let mut stage = Scene::new("power_cut")
        .crowded()
        .own(Kind::Kafka)
        .open()
        .await?;
    // a case is blocked where a later event of it comes and an earlier one was lost
    let crowd = Crowd::forbearing(&stage).await?;
    crowd.lived(4 * LIVES, RECOVERY).await?;
    block_in_place(|| stage.own.running().kill(Kind::Kafka))?;
    let lost = lose_the_tail(&mut stage)?;
    ensure!(lost > 10_000, "{lost} bytes were lost");
    block_in_place(|| stage.own.running().start_again(Kind::Kafka))?;
    let alarmed = |service: &str| {
        let log = stage.stack.log(service, 0);
        async move {
            let said = fs::read_to_string(log)?.contains("\"alarm\":\"log_cut\"");
            anyhow::Ok(said.then_some(()))
        }
    };
    for service in stage.services() {
        let what = format!("{service} notices that the log was cut");
        eventually(&what, RECOVERY, || alarmed(&service)).await?;
    }
    for service in ["intake", "routing", "mediation"] {
        publish_again(&stage, service).await?;
    }
    let recovered = crowd.lived(crowd.size() + LIVES, RECOVERY).await?;
    println!("the callers went on after {recovered:?}");
    let lived = crowd.disperse().await?;
    // for those who read the log from its beginning: all of it once more, in order
    for service in ["intake", "routing", "mediation"] {
        publish_again(&stage, service).await?;
    }
    nothing_lost_nothing_doubled(&stage, &lived).await?;
    stage
        .close(
            said_of_an_outage()
                .published_again()
                .allow("log_cut")
                .allow("the producer gave up and is made anew")
                .allow("the database is older than its words")
                .allow("an offset is out of the log's range")
                .allow("a record was parked"),
        )
        .await
}
