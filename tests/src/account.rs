//! The account after a fault: what was accepted is there once, in every service and on the log.

use anyhow::{Context, Result, ensure};
use case::StateKind;
use proto::analytics::v1::GetTotalsRequest;

use crate::clients::{OPERATOR, by};
use crate::crowd::Lived;
use crate::stage::Stage;
use crate::{log, tables};

/// Events of a life: filed, routed, proposed, accepted.
const EVENTS: usize = 4;

/// Waits for rest; then every life is there once, and nothing else is.
///
/// # Errors
/// What is lost or doubled.
pub async fn nothing_lost_nothing_doubled(stage: &Stage, lived: &Lived) -> Result<()> {
    stage.coordinator.wait_quiet().await?;
    let count = lived.plays.len();
    let stored = tables::cases(&stage.database("mediation")).await?;
    for play in &lived.plays {
        let found = stored.get(&play.id()).and_then(|row| row.case.as_ref());
        let case = found.with_context(|| format!("the complaint {} is lost", play.case_id))?;
        let state = StateKind::of(&case.state);
        ensure!(
            state == StateKind::Settled,
            "the complaint {} is {state:?}",
            play.case_id
        );
    }
    let records = stage.records().await?;
    let rows = [
        ("cases", stored.len(), count),
        ("events", log::copies(&records).len(), EVENTS * count),
        ("filings answered", answered(stage, "intake").await?, count),
        (
            "acts answered",
            answered(stage, "mediation").await?,
            2 * count,
        ),
        (
            "parties",
            number(stage, "select count(*) from intake.parties").await?,
            count,
        ),
    ];
    for (what, found, wanted) in rows {
        ensure!(found == wanted, "{found} {what} instead of {wanted}");
    }
    let mut analytics = stage.clients.analytics.clone();
    let totals = analytics
        .get_totals(by(OPERATOR, GetTotalsRequest::default()))
        .await?
        .into_inner();
    let wanted = i64::try_from(count)?;
    ensure!(
        (totals.filed, totals.settled_directly) == (wanted, wanted),
        "{totals:?} of {wanted} complaints"
    );
    Ok(())
}

/// How many requests a service keeps the answer of: each once, however often it came.
///
/// # Errors
/// When its database does not answer.
pub async fn answered(stage: &Stage, service: &str) -> Result<usize> {
    let url = stage.database(service);
    let count = tables::number(&url, "select count(*) from chassis.requests").await?;
    Ok(usize::try_from(count)?)
}

async fn number(stage: &Stage, statement: &str) -> Result<usize> {
    let count = tables::number(&stage.database("intake"), statement).await?;
    Ok(usize::try_from(count)?)
}
