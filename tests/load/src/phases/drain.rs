//! How fast each service takes in what is on the topic already, one service at a time; then how fast the relay empties
//! an outbox.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use chassis::pb::RepublishOutboxRequest;
use chassis::pb::ops_service_client::OpsServiceClient;
use chassis::store::recoveries;
use devstack::services::{ClockMode, NAMES};
use sqlx::{Connection, PgConnection};
use tonic::Request;
use tonic::transport::Endpoint;

use crate::bench::Bench;
use crate::histories::{Ending, Histories};
use crate::reached;
use crate::report::Drain;
use crate::site::Site;
use crate::topic::Topic;

const PATIENCE: Duration = Duration::from_secs(600);
/// Of this service's own words is the outbox filled: it owns most events.
const PUBLISHER: &str = "mediation";

pub(crate) async fn run(bench: &Bench) -> Result<Drain> {
    bench.say("putting histories on the topic");
    let mut site = Site::start(bench, "bench_drain", ClockMode::Real).await?;
    for service in NAMES {
        site.end(service).await?;
    }
    let cases = bench.lengths.drain_cases;
    let (records, topic) = put(bench, &site, Ending::Settled, cases).await?;
    let mut services = BTreeMap::new();
    for service in NAMES {
        site.start_again(service)?;
        let draining = async {
            let url = site.stack.database_url(service);
            reached::rate_until(url, &topic, records, PATIENCE).await
        };
        let what = format!("{service} drains");
        let per_s = bench.measured(what, draining).await?;
        services.insert(format!("{service}_per_s"), per_s);
        site.wait_ready(service).await?;
        site.end(service).await?;
    }
    site.begin(PUBLISHER).await?;
    let relay_per_s = bench
        .measured("the relay drains", relay(bench, &site))
        .await?;
    site.close().await?;
    Ok(Drain {
        services,
        relay_per_s,
        records,
    })
}

/// Puts histories on the topic of a site whose services stand still; gives the topic's end and its name.
///
/// The services are told that the log holds words of theirs which their databases do not: they take the histories in
/// before they act, as after a restore.
pub(crate) async fn put(
    bench: &Bench,
    site: &Site,
    ending: Ending,
    cases: usize,
) -> Result<(i64, String)> {
    let (kafka, prefix) = (
        bench.servers.kafka.clone(),
        site.stack.options().topic_prefix.clone(),
    );
    let putting = tokio::task::spawn_blocking(move || {
        let topic = Topic::open(&kafka, &prefix)?;
        topic.put(&Histories::new(ending, chassis::clock::wall())?, cases)?;
        anyhow::Ok((topic.ends()?, topic.name))
    });
    let (ends, topic) = putting.await??;
    for service in NAMES {
        let mut connection = PgConnection::connect(site.stack.database_url(service)).await?;
        for (partition, end) in &ends {
            recoveries::demand(&mut connection, &topic, *partition, *end).await?;
        }
        connection.close().await?;
    }
    Ok((ends.values().sum(), topic))
}

/// Fills the outbox with everything the service has said, and follows the topic until all of it is there again.
async fn relay(bench: &Bench, site: &Site) -> Result<f64> {
    let (kafka, prefix) = (
        bench.servers.kafka.clone(),
        site.stack.options().topic_prefix.clone(),
    );
    let topic = tokio::task::spawn_blocking(move || Topic::open(&kafka, &prefix)).await??;
    let before = topic.end()?;
    let endpoint = Endpoint::from_shared(site.stack.endpoint(PUBLISHER, 0))?;
    let mut request = Request::new(RepublishOutboxRequest {
        from: None,
        all: true,
    });
    chassis::principal::attach(&mut request, "operator/-/load");
    request.set_timeout(PATIENCE);
    let republish = tokio::spawn(async move {
        OpsServiceClient::new(endpoint.connect_lazy())
            .republish_outbox(request)
            .await
    });
    let followed = tokio::task::spawn_blocking(move || {
        let give_up_at = Instant::now() + PATIENCE;
        let (mut first, mut last) = (None, (Instant::now(), before));
        while Instant::now() < give_up_at {
            let (at, end) = (Instant::now(), topic.end()?);
            if end > before {
                first.get_or_insert((at, end));
            }
            if end > last.1 {
                last = (at, end);
            } else if first.is_some() && at - last.0 > Duration::from_secs(2) {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let first = first.context("nothing was published")?;
        anyhow::Ok((first, last))
    });
    let ((began, from), (ended, end)) = followed.await??;
    let wanted = republish.await?.context("RepublishOutbox")?.into_inner();
    ensure!(
        end - before == wanted.count,
        "{} of {} events were published again",
        end - before,
        wanted.count
    );
    let mut connection = PgConnection::connect(site.stack.database_url(PUBLISHER)).await?;
    let left: i64 = sqlx::query_scalar("select count(*) from chassis.outbox")
        .fetch_one(&mut connection)
        .await?;
    ensure!(left == 0, "{left} rows are in the outbox still");
    connection.close().await?;
    Ok((end - from) as f64 / (ended - began).as_secs_f64().max(f64::EPSILON))
}
