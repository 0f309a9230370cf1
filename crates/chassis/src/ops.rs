//! `odr.ops.v1`: what operators, the clock's coordinator and `odrctl` ask of every service.

mod missing;
mod replica;
mod wire;

use std::sync::Arc;

use tokio::sync::Notify;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::clock::wall;
use crate::config::{Common, Mode};
use crate::consumer::Progress;
use crate::engine::Topics;
use crate::pb::{self, ops_service_server::OpsService};
use crate::probe::{Phase, Readiness};
use crate::relay::Published;
use crate::status;
use crate::store::Pool;
use crate::store::{clocks, deadlines, outbox, parked, samples, subjects};
use crate::work::Work;
use crate::writer::Writer;
use replica::Replica;
use wire::{instant, operator, stamp, unavailable, violated};

/// The operations service of one replica.
pub struct Ops<W: Work>(Arc<Replica<W>>);

impl<W: Work> Clone for Ops<W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<W: Work> Ops<W> {
    #[expect(
        clippy::too_many_arguments,
        reason = "the composition root hands over its parts once"
    )]
    pub(crate) fn new(
        work: Arc<W>,
        common: &Common,
        topics: &Topics,
        writer: &Writer<W>,
        pool: &Pool,
        progress: Arc<Progress>,
        published: Arc<Published>,
        readiness: Readiness,
        relay: Arc<Notify>,
        due: Arc<Notify>,
    ) -> Self {
        Self(Arc::new(Replica {
            source: work.source(),
            work,
            replica: common.replica.clone(),
            mode: common.mode,
            clock: common.clock,
            topics: topics.clone(),
            writer: writer.clone(),
            pool: pool.clone(),
            progress,
            published,
            readiness,
            relay,
            due,
            request_retention_days: common.request_retention_days,
        }))
    }
}

#[tonic::async_trait]
impl<W: Work> OpsService for Ops<W> {
    async fn set_clock(
        &self,
        request: Request<pb::SetClockRequest>,
    ) -> Result<Response<pb::SetClockResponse>, Status> {
        operator(&request)?;
        if !self.0.stepped() {
            return Err(status::refused(status::DOMAIN, "CLOCK_NOT_STEPPED", []));
        }
        let request = request.into_inner();
        let now = instant(request.now).ok_or_else(|| violated("now", "must be an instant"))?;
        if !(1..=64).contains(&request.space.len()) {
            return Err(violated("space", "must have 1 to 64 characters"));
        }
        let mut connection = self.0.connection().await?;
        let shown = clocks::set(&mut connection, &request.space, now)
            .await
            .map_err(unavailable)?;
        self.0.due.notify_one();
        Ok(Response::new(pb::SetClockResponse {
            now: Some(stamp(shown)),
        }))
    }

    async fn get_clock(
        &self,
        request: Request<pb::GetClockRequest>,
    ) -> Result<Response<pb::GetClockResponse>, Status> {
        let space = request.into_inner().space;
        let stepped = if self.0.stepped() {
            let mut connection = self.0.connection().await?;
            clocks::of_spaces(&mut connection, std::slice::from_ref(&space))
                .await
                .map_err(unavailable)?
                .pop()
        } else {
            None
        };
        let clock = if self.0.stepped() {
            pb::ClockMode::Stepped
        } else {
            pb::ClockMode::Real
        };
        let now = stepped.map_or_else(wall, |(_, now)| now);
        Ok(Response::new(pb::GetClockResponse {
            now: Some(stamp(now)),
            clock: clock.into(),
        }))
    }

    async fn next_due(
        &self,
        request: Request<pb::NextDueRequest>,
    ) -> Result<Response<pb::NextDueResponse>, Status> {
        let mut connection = self.0.connection().await?;
        let due = deadlines::next_due(&mut connection, &request.into_inner().space)
            .await
            .map_err(unavailable)?;
        Ok(Response::new(pb::NextDueResponse {
            due: due.map(stamp),
        }))
    }

    async fn get_positions(
        &self,
        _: Request<pb::GetPositionsRequest>,
    ) -> Result<Response<pb::GetPositionsResponse>, Status> {
        Ok(Response::new(pb::GetPositionsResponse {
            positions: self.0.positions().await?,
        }))
    }

    async fn get_status(
        &self,
        _: Request<pb::GetStatusRequest>,
    ) -> Result<Response<pb::GetStatusResponse>, Status> {
        let inner = &*self.0;
        let queue = inner.writer.queue_length();
        let positions = inner.positions().await?;
        let lag: i64 = positions
            .iter()
            .map(|place| place.end_offset - place.next_offset)
            .sum();
        let mut connection = inner.connection().await?;
        let left = samples::left(&mut connection, inner.stepped())
            .await
            .map_err(unavailable)?;
        let ready = inner.readiness.phase() == Phase::Ready;
        let idle = left.outbox == 0 && left.steps == 0 && left.due == 0 && left.recoveries == 0;
        Ok(Response::new(pb::GetStatusResponse {
            service: inner.source.to_owned(),
            replica: inner.replica.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            mode: match inner.mode {
                Mode::Production => pb::DeploymentMode::Production.into(),
                Mode::Sandbox => pb::DeploymentMode::Sandbox.into(),
            },
            clock: if inner.stepped() {
                pb::ClockMode::Stepped.into()
            } else {
                pb::ClockMode::Real.into()
            },
            ready,
            recovering: i32::try_from(left.recoveries).unwrap_or(i32::MAX),
            lag,
            outbox_pending: left.outbox,
            parked: left.parked,
            blocked: left.blocked,
            steps_pending: left.steps,
            deadlines_due: left.due,
            queue_length: i64::try_from(queue).unwrap_or(i64::MAX),
            quiet: ready && idle && lag == 0 && queue == 0 && inner.writer.queue_length() == 0,
        }))
    }

    async fn list_parked(
        &self,
        request: Request<pb::ListParkedRequest>,
    ) -> Result<Response<pb::ListParkedResponse>, Status> {
        operator(&request)?;
        let request = request.into_inner();
        let size = match request.page_size {
            0 => 50,
            size @ 1..=200 => i64::from(size),
            _ => return Err(violated("page_size", "must be 0 to 200")),
        };
        let after = match request.page_token.as_str() {
            "" => 0,
            token => token
                .parse()
                .map_err(|_| violated("page_token", "must be a token of the last answer"))?,
        };
        let mut connection = self.0.connection().await?;
        let rows = parked::page(&mut connection, after, size)
            .await
            .map_err(unavailable)?;
        let full = i64::try_from(rows.len()) == Ok(size);
        let next_page_token = rows
            .last()
            .filter(|_| full)
            .map_or_else(String::new, |row| row.id.to_string());
        let records = rows
            .into_iter()
            .map(|row| pb::ParkedRecord {
                id: row.id,
                topic: row.record.topic,
                partition: row.record.partition,
                offset: row.record.offset,
                case_id: row
                    .subject
                    .map_or_else(String::new, |subject| subject.to_string()),
                reason: row.reason,
                at: Some(stamp(row.at)),
                size: row
                    .record
                    .value
                    .map_or(0, |value| i64::try_from(value.len()).unwrap_or(i64::MAX)),
            })
            .collect();
        Ok(Response::new(pb::ListParkedResponse {
            records,
            next_page_token,
        }))
    }

    async fn retry_parked(
        &self,
        request: Request<pb::RetryParkedRequest>,
    ) -> Result<Response<pb::RetryParkedResponse>, Status> {
        operator(&request)?;
        let mut connection = self.0.connection().await?;
        let rows = match request.into_inner().what {
            Some(pb::retry_parked_request::What::Id(id)) => {
                let row = parked::get(&mut connection, id)
                    .await
                    .map_err(unavailable)?;
                vec![row.ok_or_else(|| status::not_found("parked record", id))?]
            }
            Some(pb::retry_parked_request::What::All(true)) => {
                parked::page(&mut connection, 0, 10_000)
                    .await
                    .map_err(unavailable)?
            }
            _ => return Err(violated("what", "must be an id or all")),
        };
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let subjects: Vec<Uuid> = rows.iter().filter_map(|row| row.subject).collect();
        self.0.writer.again(rows, &self.0.topics.registry).await;
        self.0.writer.wake(&subjects).await;
        let still_parked = parked::count(&mut connection, &ids)
            .await
            .map_err(unavailable)?;
        let admitted = i64::try_from(ids.len()).unwrap_or(i64::MAX) - still_parked;
        Ok(Response::new(pb::RetryParkedResponse {
            admitted,
            still_parked,
        }))
    }

    async fn drop_parked(
        &self,
        request: Request<pb::DropParkedRequest>,
    ) -> Result<Response<pb::DropParkedResponse>, Status> {
        operator(&request)?;
        let id = request.into_inner().id;
        let mut connection = self.0.connection().await?;
        match parked::delete(&mut connection, &[id])
            .await
            .map_err(unavailable)?
        {
            0 => Err(status::not_found("parked record", id)),
            _ => Ok(Response::new(pb::DropParkedResponse {})),
        }
    }

    async fn unblock_case(
        &self,
        request: Request<pb::UnblockCaseRequest>,
    ) -> Result<Response<pb::UnblockCaseResponse>, Status> {
        operator(&request)?;
        let id = request.into_inner().case_id;
        let subject: Uuid = id
            .parse()
            .map_err(|_| violated("case_id", "must be a UUID"))?;
        let mut connection = self.0.connection().await?;
        if subjects::get(&mut connection, subject)
            .await
            .map_err(unavailable)?
            .is_none()
        {
            return Err(status::not_found("case", subject));
        }
        let was_blocked = subjects::unblock(&mut connection, subject)
            .await
            .map_err(unavailable)?;
        self.0.writer.wake(&[subject]).await;
        Ok(Response::new(pb::UnblockCaseResponse { was_blocked }))
    }

    async fn republish_outbox(
        &self,
        request: Request<pb::RepublishOutboxRequest>,
    ) -> Result<Response<pb::RepublishOutboxResponse>, Status> {
        operator(&request)?;
        let request = request.into_inner();
        let from = instant(request.from);
        if from.is_some() == request.all {
            return Err(violated("from", "give either an instant or all"));
        }
        let mut connection = self.0.connection().await?;
        let count = outbox::republish(&mut connection, self.0.source, &self.0.topics, from)
            .await
            .map_err(unavailable)?;
        self.0.relay.notify_one();
        Ok(Response::new(pb::RepublishOutboxResponse {
            count: i64::try_from(count).unwrap_or(i64::MAX),
        }))
    }

    async fn list_missing(
        &self,
        request: Request<pb::ListMissingRequest>,
    ) -> Result<Response<pb::ListMissingResponse>, Status> {
        operator(&request)?;
        let page = missing::list(&self.0, request.into_inner()).await?;
        Ok(Response::new(page))
    }
}
