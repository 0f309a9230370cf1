//! Somebody who files complaint after complaint, whatever happens, repeating each until it is taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};
use e2e::{Clients, Filing, Play, synthetic_uscc};
use proto::intake::v1::FileComplaintRequest;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tonic::Code;
use uuid::Uuid;

/// How long one complaint may be refused.
const PATIENCE: Duration = Duration::from_secs(240);
/// Between two filings, and before a repetition: a person, not a benchmark.
const PACE: Duration = Duration::from_millis(60);

/// A filer at work.
pub(crate) struct Filer {
    enough: Arc<AtomicBool>,
    work: JoinHandle<Result<Vec<Play>>>,
}

impl Filer {
    /// Begins.
    pub(crate) fn start(clients: &Clients) -> Filer {
        let enough = Arc::new(AtomicBool::new(false));
        let (clients, ends) = (clients.clone(), Arc::clone(&enough));
        let work = tokio::spawn(async move {
            let mut filed = Vec::new();
            while !ends.load(Ordering::Relaxed) {
                filed.push(file(&clients).await?);
                tokio::time::sleep(PACE).await;
            }
            Ok(filed)
        });
        Filer { enough, work }
    }

    /// Ends; gives every complaint that was taken.
    pub(crate) async fn filed(self) -> Result<Vec<Play>> {
        self.enough.store(true, Ordering::Relaxed);
        self.work.await?
    }
}

/// Files one complaint, against an enterprise that does not settle online, under one request id.
pub(crate) async fn file(clients: &Clients) -> Result<Play> {
    let name = Uuid::new_v4().simple().to_string();
    let consumer = format!("consumer/-/{name}");
    let filing = Filing::against(&synthetic_uscc(1)).without_odr();
    let request = FileComplaintRequest {
        request_id: format!("file-{name}"),
        form: Some(filing.form),
    };
    let until = Instant::now() + PATIENCE;
    loop {
        match Play::file_as(clients, &consumer, request.clone()).await {
            Ok(play) => return Ok(play),
            Err(status) => {
                let wrong = [Code::InvalidArgument, Code::FailedPrecondition];
                if wrong.contains(&status.code()) || Instant::now() > until {
                    bail!("a complaint is not taken: {status}");
                }
            }
        }
        tokio::time::sleep(PACE).await;
    }
}
