//! The driver: steps the clock to the next day with filings or the next deadline, waits for quiet, lets people act.

use anyhow::{Result, bail};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use law::day::{day_of, start_of};

use super::SPACE;
use super::acts::{Waiting, after_expiry, on_the_day_of_receipt};
use super::people::People;
use super::plan::{Plan, Planned};
use crate::coordinator::Coordinator;

/// Rows whose acts run side by side.
const AT_ONCE: usize = 64;
/// Office hours begin at nine.
const OPENING: TimeDelta = TimeDelta::hours(9);

/// Told as the replay goes on.
pub trait Progress {
    /// So many more rows have been filed; the clock shows this day.
    fn filed(&self, rows: u64, day: NaiveDate);
}

/// Replays a plan; gives the number of clock steps.
///
/// # Errors
/// The first act that is not taken, with its line; or what kept the services from coming to rest.
pub async fn replay(
    people: &People,
    coordinator: &Coordinator,
    plan: &Plan,
    progress: &impl Progress,
) -> Result<u32> {
    let mut days = days(plan).into_iter().peekable();
    let mut waiting: Vec<Waiting> = Vec::new();
    let mut steps = 0;
    loop {
        let due = coordinator.next_due(SPACE).await?;
        let filing = days.peek().map(|(day, _)| start_of(*day) + OPENING);
        let Some(now) = [due, filing].into_iter().flatten().min() else {
            break;
        };
        coordinator.set_clock(SPACE, now).await?;
        coordinator.wait_quiet().await?;
        steps += 1;
        escalate_expired(people, &mut waiting, now).await?;
        if filing == Some(now) {
            let (day, rows) = days.next().expect("a day was peeked");
            waiting.extend(file(people, &rows).await?);
            progress.filed(rows.len() as u64, day);
        }
        coordinator.wait_quiet().await?;
    }
    if !waiting.is_empty() {
        bail!("{} negotiations never expired", waiting.len());
    }
    Ok(steps)
}

fn days(plan: &Plan) -> Vec<(NaiveDate, Vec<&Planned>)> {
    let mut days: Vec<(NaiveDate, Vec<&Planned>)> = Vec::new();
    for planned in &plan.rows {
        match days.last_mut() {
            Some((day, rows)) if *day == planned.row.received => rows.push(planned),
            _ => days.push((planned.row.received, vec![planned])),
        }
    }
    days
}

async fn file(people: &People, rows: &[&Planned]) -> Result<Vec<Waiting>> {
    let waiting: Vec<Option<Waiting>> = stream::iter(rows.iter().copied())
        .map(|planned| on_the_day_of_receipt(people.clone(), planned))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(waiting.into_iter().flatten().collect())
}

async fn escalate_expired(
    people: &People,
    waiting: &mut Vec<Waiting>,
    now: DateTime<Utc>,
) -> Result<()> {
    let (expired, left): (Vec<Waiting>, Vec<Waiting>) = std::mem::take(waiting)
        .into_iter()
        .partition(|waiting| waiting.due <= now);
    *waiting = left;
    let day = day_of(now);
    stream::iter(&expired)
        .map(|waiting| after_expiry(people.clone(), waiting, day))
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await
}
