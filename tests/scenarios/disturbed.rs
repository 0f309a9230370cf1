//! A topic that holds everything twice and more, in another order of cases, with rubbish in between, while callers go on.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use chassis::envelope::RawRecord;
use e2e::account::nothing_lost_nothing_doubled;
use e2e::{Crowd, Ending, Scene, log};
use tonic::Code;

const LIVES: usize = 40;
const ROUNDS: usize = 4;
const RECOVERY: Duration = Duration::from_secs(40);

/// The same records with the cases in another order; the records of each case keep theirs.
fn cases_in_another_order(records: &[RawRecord]) -> Vec<&RawRecord> {
    let mut cases: BTreeMap<&[u8], Vec<&RawRecord>> = BTreeMap::new();
    for record in records {
        cases.entry(&record.key).or_default().push(record);
    }
    // the first event of every case, latest case first, then the second ones, and so on
    let longest = cases.values().map(Vec::len).max().unwrap_or(0);
    let turns = (0..longest).flat_map(|turn| {
        let cases = cases.values().rev();
        cases.filter_map(move |records| records.get(turn).copied())
    });
    turns.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn duplicates_reordering_and_garbage_under_load_change_nothing() -> Result<()> {
    let stage = Scene::new("disturbed").crowded().open().await?;
    let crowd = Crowd::gather(&stage).await?;
    let (kafka, topic) = (stage.servers.kafka.clone(), stage.topic());
    for _ in 0..ROUNDS {
        crowd.lived(LIVES, RECOVERY).await?;
        let records: Vec<RawRecord> = stage.records().await?;
        let again: Vec<RawRecord> = records
            .into_iter()
            .filter(|record| !record.headers.is_empty())
            .collect();
        let last = again
            .last()
            .map(|record| record.key.to_vec())
            .unwrap_or_default();
        log::publish_all_again(&kafka, &topic, &cases_in_another_order(&again)).await?;
        log::publish_bytes(&kafka, &topic, &last, b"\0no envelope").await?;
    }
    crowd.lived(crowd.size() + LIVES, RECOVERY).await?;
    let lived = crowd.disperse().await?;
    lived.answered_only(&[Code::Unavailable])?;
    nothing_lost_nothing_doubled(&stage, &lived).await?;
    let ending = (0..ROUNDS).fold(Ending::clean(), |ending, _| ending.parked("garbage"));
    let rounds = u64::try_from(ROUNDS)?;
    stage
        .close(ending.faults(rounds).allow("a record was parked"))
        .await
}
