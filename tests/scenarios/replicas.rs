//! Two replicas of each service under load; one is killed, or stands still: the other goes on, nothing is lost or doubled.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::{Act, Clients, Ending, Filing, Offer, Play, Scene, Stage, eventually, log};
use proto::intake::v1::FileComplaintRequest;
use proto::v1::CaseStateKind;
use tokio::time::Instant;
use tonic::{Code, Status};

const CALLERS: usize = 6;
/// Whole lives before the fault, and again after it.
const LIVES: usize = 60;
/// How long the healthy replicas may take to go on: sessions and leases of the others have to end first.
const RECOVERY: Duration = Duration::from_secs(60);

/// Callers of both replicas, and what they achieved.
struct Crowd {
    replicas: [Clients; 2],
    shop: String,
    stop: AtomicBool,
    lives: AtomicUsize,
}

impl Crowd {
    fn new(stage: &Stage, shop: String) -> Result<Arc<Crowd>> {
        let patience = Duration::from_secs(3);
        let replicas = [
            Clients::new(&stage.stack, 0)?.patient_for(patience),
            Clients::new(&stage.stack, 1)?.patient_for(patience),
        ];
        Ok(Arc::new(Crowd {
            replicas,
            shop,
            stop: AtomicBool::new(false),
            lives: AtomicUsize::new(0),
        }))
    }

    /// Lives one life after another until told to stop.
    async fn live(self: Arc<Self>, caller: usize) -> Result<Vec<Play>> {
        let (mut plays, mut turn) = (Vec::new(), caller);
        while !self.stop.load(Ordering::Relaxed) {
            plays.push(self.one_life(caller, plays.len(), &mut turn).await?);
            self.lives.fetch_add(1, Ordering::Relaxed);
        }
        Ok(plays)
    }

    /// Files, proposes, accepts; a caller stays with a replica as long as it answers.
    async fn one_life(&self, caller: usize, number: usize, turn: &mut usize) -> Result<Play> {
        let request = FileComplaintRequest {
            request_id: format!("file-{caller}-{number}"),
            form: Some(Filing::against(&self.shop).form),
        };
        let consumer = format!("consumer/-/c{caller}");
        let mut play = loop {
            let filed = Play::file_as(&self.replicas[*turn % 2], &consumer, request.clone()).await;
            if let Some(play) = passing(filed)? {
                break play;
            }
            *turn += 1;
        };
        play.version += 1;
        let enterprise = play.enterprise.clone();
        let acts = [
            (enterprise, Act::Propose(Offer::refund(100))),
            (consumer, Act::Accept),
        ];
        for (place, (who, what)) in acts.into_iter().enumerate() {
            loop {
                play.speak_to(&self.replicas[*turn % 2]);
                // the same request, whichever replica takes it
                let answer = play
                    .act_again(&who, what.clone(), format!("act-{place}-{}", play.case_id))
                    .await;
                if passing(answer)?.is_some() {
                    break;
                }
                *turn += 1;
            }
        }
        Ok(play)
    }

    /// Waits until so many more lives were lived.
    async fn lived(&self, more: usize, bound: Duration) -> Result<Duration> {
        let (before, started) = (self.lives.load(Ordering::Relaxed), Instant::now());
        eventually("the callers go on", bound, || async {
            Ok((self.lives.load(Ordering::Relaxed) >= before + more).then_some(()))
        })
        .await?;
        Ok(started.elapsed())
    }
}

/// `None` for an answer that says nothing about the request: it is sent again.
fn passing<T>(answer: Result<T, Status>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(status) => match status.code() {
            Code::Unavailable
            | Code::DeadlineExceeded
            | Code::Cancelled
            | Code::Unknown
            | Code::ResourceExhausted => Ok(None),
            _ => Err(status.into()),
        },
    }
}

/// Everything that was answered is there, once.
async fn nothing_lost_nothing_doubled(stage: &Stage, plays: &[Play]) -> Result<()> {
    stage.coordinator.wait_quiet().await?;
    for play in plays {
        let mut play = play.clone();
        play.speak_to(&stage.clients);
        play.is_everywhere(CaseStateKind::Settled).await?;
    }
    let records = stage.records().await?;
    let distinct = log::copies(&records).len();
    ensure!(
        distinct == 4 * plays.len(),
        "{distinct} events of {} complaints",
        plays.len()
    );
    let totals = stage.clients.analytics.clone();
    let totals = totals
        .clone()
        .get_totals(e2e::by(e2e::OPERATOR, Default::default()))
        .await?
        .into_inner();
    let wanted = i64::try_from(plays.len())?;
    ensure!(
        (totals.filed, totals.settled_directly) == (wanted, wanted),
        "{totals:?} of {wanted} complaints"
    );
    Ok(())
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    Killed,
    StandsStill,
}

async fn one_of_two(name: &str, fault: Fault, ending: Ending) -> Result<()> {
    let mut stage = Scene::new(name).replicas(2).open().await?;
    let shop = stage.enterprise(1).await?;
    let crowd = Crowd::new(&stage, shop)?;
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| tokio::spawn(Arc::clone(&crowd).live(caller)))
        .collect();
    crowd.lived(LIVES, RECOVERY).await?;

    for service in stage.services() {
        match fault {
            Fault::Killed => stage.stack.kill(&service, 0)?,
            Fault::StandsStill => stage.stack.stop(&service, 0)?,
        }
    }
    // those lives that are on the way may end with what was written before; the later ones need the healthy replicas
    let recovered = crowd.lived(CALLERS + LIVES, RECOVERY).await?;
    println!(
        "{name}: {} lives in {recovered:?} after the fault",
        CALLERS + LIVES
    );
    for service in stage.services() {
        match fault {
            Fault::Killed => stage.stack.restart(&service, 0).await?,
            Fault::StandsStill => stage.stack.cont(&service, 0)?,
        }
    }
    crowd.lived(CALLERS, RECOVERY).await?;
    crowd.stop.store(true, Ordering::Relaxed);
    let mut plays = Vec::new();
    for caller in callers {
        plays.extend(caller.await??);
    }
    nothing_lost_nothing_doubled(&stage, &plays).await?;
    stage.close(ending).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_replicas_lose_nothing_and_double_nothing() -> Result<()> {
    // two writers may meet at a row
    let ending = Ending::clean().allow("a batch is tried again");
    one_of_two("killed", Fault::Killed, ending).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_stand_still_hold_nobody_up_and_catch_up() -> Result<()> {
    // what those replicas say when they find that the world went on
    let ending = Ending::clean()
        .allow("lost its connection")
        .allow("a batch is tried again")
        .allow("remotely-reset pending-accept streams");
    one_of_two("still", Fault::StandsStill, ending).await
}
