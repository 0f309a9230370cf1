//! A crowd: callers who file, propose and accept all the time, a bounded number of them, while something is done to the servers.
//!
//! A caller repeats a request under its own id until it is answered, at another replica if there is one. So every life
//! ends accepted, and what was accepted is known. Each answer must come within the call's deadline.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use proto::intake::v1::FileComplaintRequest;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tonic::{Code, Status};
use tonic_types::{ErrorInfo, StatusExt};

use crate::act::{Act, Offer};
use crate::clients::Clients;
use crate::form::Filing;
use crate::play::Play;
use crate::stage::{CALL_TIMEOUT, Stage};
use crate::wait::eventually;

const CALLERS: usize = 6;
/// A caller rests so long after a life: the outages of a scenario shall not leave thousands of cases to check.
const REST: Duration = Duration::from_millis(60);
/// And so long before it asks again after an answer that says nothing.
const AGAIN: Duration = Duration::from_millis(50);
/// What a connection may take to be made, and a busy machine to get round to an answer.
const SLACK: Duration = Duration::from_secs(4);

/// How long the lives begun may take to end when everything is well again.
const LAST: Duration = Duration::from_secs(120);

/// Callers at work.
#[derive(Debug)]
pub struct Crowd {
    ground: Arc<Ground>,
    callers: Vec<JoinHandle<Result<Vec<Play>>>>,
}

/// What a crowd has lived through.
#[derive(Clone, Debug)]
pub struct Lived {
    /// One settled complaint a life.
    pub plays: Vec<Play>,
    /// Calls by the code of their answer.
    pub answers: BTreeMap<String, usize>,
    /// The longest that a caller waited for an answer.
    pub longest: Duration,
}

/// What callers put up with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Temper {
    /// Every other caller names no deadline and trusts the services to know one.
    Trusting,
    /// Every caller names its deadline.
    Distrusting,
    /// As the trusting ones, and a caller whose case waits for an earlier event asks again.
    Forbearing,
}

#[derive(Debug)]
struct Ground {
    replicas: Vec<Clients>,
    temper: Temper,
    shop: String,
    stop: AtomicBool,
    lives: AtomicUsize,
    told: Mutex<Told>,
}

/// Which replica a caller turns to: that of one service may answer where the one of the same number of another does not.
struct Turns {
    filing: usize,
    acting: usize,
}

impl From<usize> for Turns {
    fn from(first: usize) -> Self {
        Self {
            filing: first,
            acting: first,
        }
    }
}

#[derive(Debug, Default)]
struct Told {
    answers: BTreeMap<String, usize>,
    longest: Duration,
}

impl Crowd {
    /// Callers of all replicas. The services must have been given [`CALL_TIMEOUT`] as theirs.
    ///
    /// # Errors
    /// When the enterprise they complain about cannot be admitted.
    pub async fn gather(stage: &Stage) -> Result<Crowd> {
        Crowd::of(stage, Temper::Trusting).await
    }

    /// The same, where services may stand still: every caller names its deadline.
    ///
    /// # Errors
    /// As [`Crowd::gather`].
    pub async fn distrusting(stage: &Stage) -> Result<Crowd> {
        Crowd::of(stage, Temper::Distrusting).await
    }

    /// The same, where operators publish again what a breakdown took: a case that is blocked by the gap is asked about again.
    ///
    /// # Errors
    /// As [`Crowd::gather`].
    pub async fn forbearing(stage: &Stage) -> Result<Crowd> {
        Crowd::of(stage, Temper::Forbearing).await
    }

    async fn of(stage: &Stage, temper: Temper) -> Result<Crowd> {
        let replicas = 0..stage.stack.options().replicas;
        let replicas = replicas.map(|replica| Clients::new(&stage.stack, replica));
        let ground = Arc::new(Ground {
            replicas: replicas.collect::<Result<_>>()?,
            temper,
            shop: stage.enterprise(1).await?,
            stop: AtomicBool::new(false),
            lives: AtomicUsize::new(0),
            told: Mutex::default(),
        });
        let callers = (0..CALLERS).map(|caller| tokio::spawn(Arc::clone(&ground).live(caller)));
        Ok(Crowd {
            callers: callers.collect(),
            ground,
        })
    }

    /// How many callers there are.
    pub fn size(&self) -> usize {
        CALLERS
    }

    /// Waits until so many more lives were lived; gives how long that took.
    ///
    /// # Errors
    /// When they were not within `bound`, or a caller met an answer that it cannot take.
    pub async fn lived(&self, more: usize, bound: Duration) -> Result<Duration> {
        let (before, started) = (self.ground.lives.load(Ordering::Relaxed), Instant::now());
        eventually("the callers go on", bound, || async {
            let ended = self.callers.iter().any(JoinHandle::is_finished);
            let enough = self.ground.lives.load(Ordering::Relaxed) >= before + more;
            Ok((ended || enough).then_some(()))
        })
        .await
        .with_context(|| format!("answers so far: {:?}", self.ground.told().answers))?;
        Ok(started.elapsed())
    }

    /// Lets everybody end the life begun, and gives what they have lived through.
    ///
    /// # Errors
    /// The answer that a caller could not take; a call that was answered too late; a life that does not end.
    pub async fn disperse(self) -> Result<Lived> {
        self.ground.stop.store(true, Ordering::Relaxed);
        let (mut plays, last) = (Vec::new(), Instant::now() + LAST);
        for caller in self.callers {
            let lived = tokio::time::timeout_at(last, caller).await;
            let lived = lived.with_context(|| {
                format!(
                    "a life does not end; answers so far: {:?}",
                    self.ground.told().answers
                )
            });
            plays.extend(lived???);
        }
        let told = self.ground.told();
        println!(
            "{} lives, answers {:?}, the longest wait {:?}",
            plays.len(),
            told.answers,
            told.longest
        );
        Ok(Lived {
            plays,
            answers: told.answers.clone(),
            longest: told.longest,
        })
    }
}

impl Lived {
    /// Beside successes there were only answers of these codes.
    ///
    /// # Errors
    /// When there were others.
    pub fn answered_only(&self, codes: &[Code]) -> Result<()> {
        let known: Vec<String> = codes.iter().map(|code| format!("{code:?}")).collect();
        let strange = |code: &&String| *code != "Ok" && !known.contains(code);
        let found: Vec<&String> = self.answers.keys().filter(strange).collect();
        ensure!(
            found.is_empty(),
            "answers {:?}: {found:?} were not to come",
            self.answers
        );
        Ok(())
    }
}

impl Ground {
    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lives one life after another until told to stop.
    async fn live(self: Arc<Self>, caller: usize) -> Result<Vec<Play>> {
        let (mut plays, mut turns) = (Vec::new(), Turns::from(caller));
        while !self.stop.load(Ordering::Relaxed) {
            plays.push(self.one_life(caller, plays.len(), &mut turns).await?);
            self.lives.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(REST).await;
        }
        Ok(plays)
    }

    /// Files, proposes, accepts; a caller stays with a service's replica as long as it answers.
    async fn one_life(&self, caller: usize, number: usize, turns: &mut Turns) -> Result<Play> {
        let request = FileComplaintRequest {
            request_id: format!("file-{caller}-{number}"),
            form: Some(Filing::against(&self.shop).form),
        };
        let consumer = format!("consumer/-/c{caller}");
        let mut play = loop {
            let clients = self.clients(caller, turns.filing);
            let filing = Play::file_as(&clients, &consumer, request.clone());
            if let Some(play) = self.answer("FileComplaint", filing).await? {
                break play;
            }
            turns.filing += 1;
        };
        // routing has routed it
        play.version += 1;
        let enterprise = play.enterprise.clone();
        let acts = [
            (enterprise, Act::Propose(Offer::refund(100))),
            (consumer, Act::Accept),
        ];
        for (place, (who, what)) in acts.into_iter().enumerate() {
            loop {
                play.speak_to(&self.clients(caller, turns.acting));
                let request_id = format!("act-{place}-{}", play.case_id);
                let acting = play.act_again(&who, what.clone(), request_id);
                if self.answer("an act", acting).await?.is_some() {
                    break;
                }
                turns.acting += 1;
            }
        }
        Ok(play)
    }

    fn clients(&self, caller: usize, turn: usize) -> Clients {
        let clients = self.replicas[turn % self.replicas.len()].clone();
        if self.temper != Temper::Distrusting && caller % 2 == 1 {
            clients.trusting()
        } else {
            clients.patient_for(CALL_TIMEOUT)
        }
    }

    fn bears(&self, status: &Status) -> bool {
        let by_gap = |info: ErrorInfo| {
            let cause = info.metadata.get("cause").map(String::as_str);
            info.reason == "CASE_PARKED" && cause == Some("gap")
        };
        let forbearing = self.temper == Temper::Forbearing;
        forbearing && status.get_details_error_info().is_some_and(by_gap)
    }

    /// An answer within its time; `None` for one that says nothing about the request: it is sent again.
    async fn answer<T>(
        &self,
        what: &str,
        call: impl Future<Output = Result<T, Status>>,
    ) -> Result<Option<T>> {
        let asked = Instant::now();
        let answer = tokio::time::timeout(CALL_TIMEOUT + SLACK, call).await;
        let answer = answer.with_context(|| format!("{what} hangs beyond its deadline"))?;
        let answer = answer.map_err(left_alone);
        let code = answer.as_ref().map_or_else(Status::code, |_| Code::Ok);
        {
            let mut told = self.told();
            *told.answers.entry(format!("{code:?}")).or_insert(0) += 1;
            told.longest = told.longest.max(asked.elapsed());
        }
        match answer {
            Ok(answer) => return Ok(Some(answer)),
            Err(status) => match code {
                Code::Unavailable
                | Code::DeadlineExceeded
                | Code::Cancelled
                | Code::Unknown
                | Code::ResourceExhausted => {}
                Code::FailedPrecondition if self.bears(&status) => {}
                _ => {
                    let told = format!("{what}: {:?}", status.get_details_error_info());
                    return Err(status).context(told);
                }
            },
        }
        tokio::time::sleep(AGAIN).await;
        Ok(None)
    }
}

/// A replica that leaves says so on each connection (HTTP/2 GOAWAY without an error, RFC 9113, 6.8), and takes no request
/// that comes later. The client library calls what it had just sent an internal error; to its caller nobody was there.
fn left_alone(status: Status) -> Status {
    const GOODBYE: &str = "GoAway(b\"\", NO_ERROR, Remote)";
    if status.code() == Code::Internal && status.to_string().contains(GOODBYE) {
        return Status::unavailable("the replica had left");
    }
    status
}
