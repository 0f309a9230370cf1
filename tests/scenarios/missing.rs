//! What the log cannot give back to a restored database is told to operators: exactly that, and nothing else.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use chassis::pb::{ListMissingRequest, MissingThing};
use chrono::{DateTime, Utc};
use e2e::{Act, Filing, OPERATOR, Offer, Scene, Stage, by};
use proto::v1::{CaseStateKind, DeclineReason, WithdrawalReason};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::operators::says;
use crate::restored::{ending, keep_copy, put_back};

const RESTORED: [&str; 2] = ["intake", "mediation"];

/// Something kept that no event holds: case, what, id.
type Kept = BTreeSet<(String, String, String)>;

async fn rows(stage: &Stage, service: &str, statement: &str) -> Result<Kept> {
    let mut connection = PgConnection::connect(&stage.database(service)).await?;
    let rows: Vec<(String, String, String)> = sqlx::query_as(AssertSqlSafe(statement.to_owned()))
        .fetch_all(&mut connection)
        .await?;
    connection.close().await?;
    Ok(rows.into_iter().collect())
}

/// Parties and texts that a service keeps.
async fn kept(stage: &Stage, service: &str) -> Result<Kept> {
    let texts = "select subject::text, 'text', id::text from docket.texts";
    let parties = "select subject::text, 'parties', '' from intake.parties";
    let mut kept = rows(stage, service, texts).await?;
    if service == "intake" {
        kept.extend(rows(stage, service, parties).await?);
    }
    Ok(kept)
}

/// Everything that a service says it lacks, page by page, and from when on request ids.
async fn missing(
    stage: &Stage,
    service: &str,
    page_size: i32,
) -> Result<(Vec<MissingThing>, Option<DateTime<Utc>>)> {
    let mut ops = stage.clients.ops(service);
    let (mut things, mut from, mut page_token) = (Vec::new(), None, String::new());
    loop {
        let request = ListMissingRequest {
            page_size,
            page_token,
        };
        let page = ops.list_missing(by(OPERATOR, request)).await?.into_inner();
        things.extend(page.things);
        let at = page
            .requests_from
            .and_then(|at| DateTime::from_timestamp(at.seconds, u32::try_from(at.nanos).ok()?));
        from = [from, at].into_iter().flatten().min();
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok((things, from));
        }
    }
}

fn listed(things: &[MissingThing]) -> Kept {
    let three =
        |thing: &MissingThing| (thing.case_id.clone(), thing.what.clone(), thing.id.clone());
    things.iter().map(three).collect()
}

#[tokio::test]
async fn parties_texts_and_request_ids_since_the_backup_are_listed() -> Result<()> {
    let mut stage = Scene::new("missing").open().await?;
    let shop = stage.enterprise(1).await?;
    let mut old = Vec::new();
    for _ in 0..3 {
        let mut play = stage.file(Filing::against(&shop)).await?;
        play.reach(CaseStateKind::InNegotiation).await?;
        play.enterprise(Act::Answer).await?;
        old.push(play);
    }
    for service in RESTORED {
        keep_copy(&mut stage, service).await?;
        let (things, from) = missing(&stage, service, 0).await?;
        ensure!(
            things.is_empty() && from.is_none(),
            "{service} lacks nothing yet, and says: {things:?} {from:?}"
        );
    }

    let copied_at = Utc::now();
    old[0]
        .enterprise(Act::Decline(DeclineReason::ClaimDisputed))
        .await?;
    old[1].enterprise(Act::Report).await?;
    old[2].enterprise(Act::Propose(Offer::refund(100))).await?;
    let mut new = Vec::new();
    for _ in 0..5 {
        let mut play = stage.file(Filing::against(&shop)).await?;
        play.reach(CaseStateKind::InNegotiation).await?;
        new.push(play);
    }
    new[0].enterprise(Act::Answer).await?;
    new[1]
        .consumer(Act::AskWithdrawal(WithdrawalReason::Mistake))
        .await?;
    let first_filed = stage.coordinator.wait_quiet().await.map(|()| Utc::now())?;

    for service in RESTORED {
        let before = kept(&stage, service).await?;
        put_back(&mut stage, service).await?;
        stage.stack.wait_ready(service, 0).await?;
        stage.coordinator.wait_quiet().await?;
        let lost: Kept = before
            .difference(&kept(&stage, service).await?)
            .cloned()
            .collect();
        let parties = lost.iter().filter(|(_, what, _)| what == "parties");
        let wanted = if service == "intake" { 5 } else { 0 };
        ensure!(parties.count() == wanted, "{service} lost {lost:?}");
        ensure!(lost.len() >= 5, "{service} lost {lost:?}");

        for page_size in [0, 2] {
            let (things, from) = missing(&stage, service, page_size).await?;
            ensure!(
                listed(&things) == lost,
                "{service} lost {lost:?}, and says {things:?}"
            );
            let from = from.context("request ids")?;
            ensure!(
                from >= copied_at - chrono::TimeDelta::milliseconds(1) && from < first_filed,
                "{service}: request ids are missing from {from}, the copy is of {copied_at}"
            );
        }
        let one = lost.first().context("a missing thing")?;
        let words = format!("{service}: missing");
        says(&stage, &["missing", service], &[&words, &one.0, &one.2]).await?;
    }
    let whole = "routing: nothing is missing";
    says(&stage, &["missing"], &[whole, &new[4].case_id]).await?;
    stage.close(ending()).await
}
