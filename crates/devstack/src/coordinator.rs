//! The coordinator of stepped time: waits until all services are quiet, then sets their clocks.
//!
//! Quiet means: every service has read all that every other one published, nothing waits in a queue, an outbox or
//! among due deadlines and pending steps, twice in a row. Blocked cases are left out and listed by the status.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use chassis::pb::ops_service_client::OpsServiceClient;
use chassis::pb::{
    GetPositionsRequest, GetStatusRequest, GetStatusResponse, NextDueRequest, SetClockRequest,
};
use chrono::{DateTime, Utc};
use futures::future::try_join_all;
use tokio::time::Instant;
use tonic::Request;
use tonic::transport::{Channel, Endpoint};

/// Who the coordinator is to the services.
const OPERATOR: &str = "operator/-/coordinator";
const POLL: Duration = Duration::from_millis(4);

type Offsets = BTreeMap<(String, i32), i64>;

/// Speaks to the operations service of every replica.
#[derive(Clone, Debug)]
pub struct Coordinator {
    services: Vec<OpsServiceClient<Channel>>,
    patience: Duration,
    through_restarts: bool,
}

/// What one look at all services showed.
struct Look {
    statuses: Vec<GetStatusResponse>,
    positions: Vec<Offsets>,
    ends: Offsets,
}

impl Look {
    fn is_quiet(&self) -> bool {
        self.statuses.iter().all(|status| status.quiet)
            && self.positions.iter().all(|read| {
                self.ends
                    .iter()
                    .all(|(place, end)| read.get(place).copied().unwrap_or(0) >= *end)
            })
    }

    fn describe(&self) -> String {
        let line = |status: &GetStatusResponse| {
            format!(
                "{}: ready {}, outbox {}, steps {}, due {}, queue {}, lag {}, recovering {}",
                status.service,
                status.ready,
                status.outbox_pending,
                status.steps_pending,
                status.deadlines_due,
                status.queue_length,
                status.lag,
                status.recovering
            )
        };
        self.statuses
            .iter()
            .map(line)
            .collect::<Vec<_>>()
            .join("; ")
    }
}

impl Coordinator {
    /// A coordinator of these gRPC endpoints (one of each replica).
    ///
    /// # Errors
    /// When an endpoint is no address.
    pub fn new(endpoints: &[String], patience: Duration) -> Result<Self> {
        let services = endpoints
            .iter()
            .map(|endpoint| {
                let endpoint = Endpoint::from_shared(endpoint.clone())
                    .with_context(|| format!("{endpoint} is no address"))?;
                Ok(OpsServiceClient::new(endpoint.connect_lazy()))
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            services,
            patience,
            through_restarts: false,
        })
    }

    /// The same, for replicas that are replaced meanwhile: one that does not answer is waited for.
    #[must_use]
    pub fn through_restarts(mut self) -> Self {
        self.through_restarts = true;
        self
    }

    /// Asks all services; where replicas are replaced, again and again until the patience ends.
    async fn ask<T>(&self, question: impl AsyncFn() -> Result<T>) -> Result<T> {
        let until = Instant::now() + self.patience;
        loop {
            match question().await {
                Err(_) if self.through_restarts && Instant::now() < until => {
                    tokio::time::sleep(POLL).await;
                }
                answer => return answer,
            }
        }
    }

    /// Waits until all services are quiet.
    ///
    /// # Errors
    /// When they are not within the patience, with what each still had to do.
    pub async fn wait_quiet(&self) -> Result<()> {
        let until = Instant::now() + self.patience;
        let mut before: Option<Offsets> = None;
        loop {
            let look = self.ask(async || self.look().await).await?;
            if look.is_quiet() {
                if before.as_ref() == Some(&look.ends) {
                    return Ok(());
                }
                before = Some(look.ends);
            } else {
                before = None;
                if Instant::now() >= until {
                    bail!(
                        "the services did not come to rest within {:?}: {}",
                        self.patience,
                        look.describe()
                    );
                }
                tokio::time::sleep(POLL).await;
            }
        }
    }

    /// The status of every replica.
    ///
    /// # Errors
    /// When one does not answer.
    pub async fn statuses(&self) -> Result<Vec<GetStatusResponse>> {
        let asked = self.services.iter().cloned().map(|mut service| async move {
            let status = service.get_status(request(GetStatusRequest {})).await?;
            Ok::<_, tonic::Status>(status.into_inner())
        });
        Ok(try_join_all(asked).await?)
    }

    async fn look(&self) -> Result<Look> {
        let asked = self.services.iter().cloned().map(|mut service| async move {
            let status = service
                .get_status(request(GetStatusRequest {}))
                .await?
                .into_inner();
            let positions = service
                .get_positions(request(GetPositionsRequest {}))
                .await?
                .into_inner()
                .positions;
            Ok::<_, tonic::Status>((status, positions))
        });
        let mut look = Look {
            statuses: Vec::new(),
            positions: Vec::new(),
            ends: Offsets::new(),
        };
        for (status, positions) in try_join_all(asked)
            .await
            .context("a service does not answer")?
        {
            let mut read = Offsets::new();
            for place in positions {
                let key = (place.topic, place.partition);
                let end = look.ends.entry(key.clone()).or_insert(0);
                *end = (*end).max(place.end_offset).max(place.next_offset);
                read.insert(key, place.next_offset);
            }
            look.statuses.push(status);
            look.positions.push(read);
        }
        Ok(look)
    }

    /// The earliest deadline of a space over all services.
    ///
    /// # Errors
    /// When a service does not answer.
    pub async fn next_due(&self, space: &str) -> Result<Option<DateTime<Utc>>> {
        self.ask(async || self.next_due_now(space).await).await
    }

    async fn next_due_now(&self, space: &str) -> Result<Option<DateTime<Utc>>> {
        let asked = self.services.iter().cloned().map(|mut service| async move {
            let due = service
                .next_due(request(NextDueRequest {
                    space: space.to_owned(),
                }))
                .await?
                .into_inner()
                .due;
            Ok::<_, tonic::Status>(due)
        });
        let dues = try_join_all(asked).await?;
        let instant = |due: prost_types::Timestamp| {
            DateTime::from_timestamp(due.seconds, u32::try_from(due.nanos).ok()?)
        };
        Ok(dues.into_iter().flatten().filter_map(instant).min())
    }

    /// Sets a space's clock in every service.
    ///
    /// # Errors
    /// When a service refuses: its clock is not stepped.
    pub async fn set_clock(&self, space: &str, now: DateTime<Utc>) -> Result<()> {
        let stamp = prost_types::Timestamp {
            seconds: now.timestamp(),
            nanos: i32::try_from(now.timestamp_subsec_nanos())?,
        };
        self.ask(async || self.set_clock_now(space, stamp).await)
            .await
    }

    async fn set_clock_now(&self, space: &str, stamp: prost_types::Timestamp) -> Result<()> {
        let asked = self.services.iter().cloned().map(|mut service| async move {
            let set = SetClockRequest {
                space: space.to_owned(),
                now: Some(stamp),
            };
            service.set_clock(request(set)).await
        });
        try_join_all(asked)
            .await
            .context("a clock could not be set")?;
        Ok(())
    }

    /// Steps a space to `target`, stopping at every deadline on the way; gives the number of steps.
    ///
    /// # Errors
    /// As the steps it is made of.
    pub async fn advance(&self, space: &str, target: DateTime<Utc>) -> Result<u32> {
        let mut steps = 0;
        loop {
            self.wait_quiet().await?;
            let next = self
                .next_due(space)
                .await?
                .filter(|due| *due < target)
                .unwrap_or(target);
            self.set_clock(space, next).await?;
            steps += 1;
            if next == target {
                self.wait_quiet().await?;
                return Ok(steps);
            }
        }
    }
}

fn request<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    chassis::principal::attach(&mut request, OPERATOR);
    request
}
