//! The lines between services and their servers are slow, cut, half-closed, silent, lost: nothing is lost with them,
//! nothing is doubled, and no caller waits longer than it said.

use std::fs;
use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::account::nothing_lost_nothing_doubled;
use e2e::figures::{scrape, value};
use e2e::proxy::{End, Proxy, Way};
use e2e::{Crowd, Ending, Scene, Stage, eventually, tables};
use tonic::Code;

/// Lives between two disturbances.
const LIVES: usize = 8;
/// How long the callers may take to go on when the line is well again: leases and sessions end first.
const RECOVERY: Duration = Duration::from_secs(40);
/// How long it may take until clients that do not reach the broker are given up.
const RENEWED: Duration = Duration::from_secs(90);
/// In each direction: a question is answered 200 ms later.
const DELAY: Duration = Duration::from_millis(100);
/// How long a line is slow, or silent.
const SILENCE: Duration = Duration::from_secs(5);

async fn open(name: &str) -> Result<(Stage, Crowd)> {
    let scene = Scene::new(name).crowded().through_proxies();
    let stage = scene.open().await?;
    let crowd = Crowd::distrusting(&stage).await?;
    crowd.lived(LIVES, RECOVERY).await?;
    Ok((stage, crowd))
}

/// The callers go on, and say after how long.
async fn go_on(crowd: &Crowd, after: &str) -> Result<()> {
    let recovered = crowd.lived(crowd.size() + LIVES, RECOVERY).await?;
    println!("{after}: the callers went on within {recovered:?}");
    Ok(())
}

/// What any line can do to those who speak over it; the callers go on after each.
async fn disturb(line: &Proxy, crowd: &Crowd, stage: &Stage) -> Result<()> {
    let open = line.connections();
    ensure!(
        open >= stage.services().len(),
        "{open} connections: somebody goes round the proxy"
    );

    // a batch asks seven questions: callers get slow answers, or none in time
    line.set(Way::Slow(DELAY));
    tokio::time::sleep(SILENCE).await;
    line.set(Way::Open);
    go_on(crowd, "slow").await?;

    for _ in 0..3 {
        line.cut();
        go_on(crowd, "cut").await?;
    }
    for end in [End::Server, End::Client] {
        line.half_close(end);
        go_on(crowd, &format!("half-closed towards the {end:?}")).await?;
    }

    line.set(Way::Silent);
    tokio::time::sleep(SILENCE).await;
    line.set(Way::Open);
    go_on(crowd, "silent").await
}

/// What was asked over a lost line is given up: no connection for reads stays in use.
async fn no_connection_is_kept(stage: &Stage) -> Result<()> {
    const USED: &str = "db_client_connection_count{db_client_connection_pool_name=\"reader\",db_client_connection_state=\"used\"";
    for service in stage.services() {
        let endpoint = stage.stack.ops_endpoint(&service, 0);
        let what = format!("{service} uses no connection");
        eventually(&what, RECOVERY, || async {
            let used = value(&scrape(&endpoint).await?, USED);
            Ok((used == Some(0.0)).then_some(()))
        })
        .await?;
    }
    Ok(())
}

async fn account(stage: Stage, crowd: Crowd, ending: Ending) -> Result<()> {
    let lived = crowd.disperse().await?;
    lived.answered_only(&[Code::Unavailable, Code::DeadlineExceeded, Code::Cancelled])?;
    nothing_lost_nothing_doubled(&stage, &lived).await?;
    no_connection_is_kept(&stage).await?;
    stage.close(ending).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_line_to_the_database_loses_nothing_and_holds_nobody() -> Result<()> {
    let (stage, crowd) = open("line_database").await?;
    let line = &stage.lines().database;
    disturb(line, &crowd, &stage).await?;

    // nobody is ever told that these connections are gone
    line.lose();
    go_on(&crowd, "lost").await?;
    account(stage, crowd, Ending::without_database()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_line_to_the_broker_loses_nothing_and_holds_nobody() -> Result<()> {
    let (stage, crowd) = open("line_broker").await?;
    let line = &stage.lines().broker;
    disturb(line, &crowd, &stage).await?;

    // nobody reaches the broker by another way: what is said meanwhile waits in the outbox
    line.set(Way::Silent);
    let url = stage.database("intake");
    eventually("words wait", RECOVERY, || async {
        let waits = tables::number(&url, "select count(*) from chassis.outbox").await?;
        Ok((waits > 0).then_some(()))
    })
    .await?;
    line.set(Way::Open);
    go_on(&crowd, "held back").await?;

    // nobody is ever told that these connections are gone
    line.lose();
    go_on(&crowd, "lost").await?;
    account(stage, crowd, Ending::without_broker()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_have_long_lost_the_broker_are_made_anew() -> Result<()> {
    let (stage, crowd) = open("line_long_silent").await?;
    let line = &stage.lines().broker;
    line.set(Way::Silent);
    for service in stage.services() {
        let log = stage.stack.log(&service, 0);
        let what = format!("{service} makes its clients anew");
        eventually(&what, RENEWED, || async {
            let said = fs::read_to_string(&log)?;
            // only intake has something to say that does not come from the log
            let speaks = service == "intake";
            let anew = |who: &str| {
                said.lines()
                    .any(|line| line.contains(who) && line.contains("is made anew"))
            };
            Ok((anew("the consumer") && (!speaks || anew("the producer"))).then_some(()))
        })
        .await?;
    }
    line.set(Way::Open);
    go_on(&crowd, "long silent").await?;
    account(stage, crowd, Ending::without_broker()).await
}
