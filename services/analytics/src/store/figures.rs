//! Reads figures: sums over a selection of the rollups, never over facts.

use std::collections::BTreeMap;

use chassis::store::Pool;
use sqlx::{Connection as _, PgConnection};

use crate::domain::ending::Ending;
use crate::domain::figures::{HandlingDays, Tally};
use crate::domain::measures::Measures;
use crate::domain::page::Cursor;
use crate::domain::selection::Selection;

/// Everything that is read in one transaction is of the same moment.
const ONE_MOMENT: &str = "begin isolation level repeatable read read only";

struct Row {
    enterprise: String,
    outcome: i16,
    filed: i64,
    direct_explanation: i64,
    direct_closed: i64,
    direct_non_monetary: i64,
    direct_monetary: i64,
    negotiated: i64,
    negotiations_ended: i64,
    negotiations_answered: i64,
    negotiations_failed: i64,
    negotiations_expired: i64,
    negotiations_silent: i64,
    escalated: i64,
    held: i64,
    decided: i64,
    decided_in_time: i64,
    accepted: i64,
    mediated: i64,
    mediations_ended: i64,
    mediations_in_time: i64,
    self_settled: i64,
    withdrawn_in_mediation: i64,
    performed_yes: i64,
    performed_partly: i64,
    performed_no: i64,
    performed_unknown: i64,
    rated: i64,
    star_sum: i64,
    event_count: i64,
    handling_days_sum: i64,
    recovered_fen: i64,
}

fn measures(row: &Row) -> Measures {
    Measures {
        filed: row.filed,
        direct_explanation: row.direct_explanation,
        direct_closed: row.direct_closed,
        direct_non_monetary: row.direct_non_monetary,
        direct_monetary: row.direct_monetary,
        negotiated: row.negotiated,
        negotiations_ended: row.negotiations_ended,
        negotiations_answered: row.negotiations_answered,
        negotiations_failed: row.negotiations_failed,
        negotiations_expired: row.negotiations_expired,
        negotiations_silent: row.negotiations_silent,
        escalated: row.escalated,
        held: row.held,
        decided: row.decided,
        decided_in_time: row.decided_in_time,
        accepted: row.accepted,
        mediated: row.mediated,
        mediations_ended: row.mediations_ended,
        mediations_in_time: row.mediations_in_time,
        self_settled: row.self_settled,
        withdrawn_in_mediation: row.withdrawn_in_mediation,
        performed_yes: row.performed_yes,
        performed_partly: row.performed_partly,
        performed_no: row.performed_no,
        performed_unknown: row.performed_unknown,
        rated: row.rated,
        star_sum: row.star_sum,
        event_count: row.event_count,
        handling_days_sum: row.handling_days_sum,
        recovered_fen: row.recovered_fen,
    }
}

/// The tally of a selection.
pub(crate) async fn tally(pool: &Pool, selection: &Selection) -> sqlx::Result<Tally> {
    let mut connection = pool.acquire().await?;
    let mut tallies = tallies(&mut connection, selection, None).await?;
    Ok(tallies.remove("").unwrap_or_default())
}

/// The tally of a selection and its handling days, of one moment.
pub(crate) async fn tally_and_days(
    pool: &Pool,
    selection: &Selection,
) -> sqlx::Result<(Tally, HandlingDays)> {
    let mut connection = pool.acquire().await?;
    let mut reading = connection.begin_with(ONE_MOMENT).await?;
    let mut tallies = tallies(&mut reading, selection, None).await?;
    let days = handling_days(&mut reading, selection).await?;
    reading.commit().await?;
    Ok((tallies.remove("").unwrap_or_default(), days))
}

/// At most `most` enterprises after `from`, the most complaints first, with their tallies of one moment.
pub(crate) async fn enterprises(
    pool: &Pool,
    selection: &Selection,
    from: &Cursor,
    most: i64,
) -> sqlx::Result<Vec<(Cursor, Tally)>> {
    let mut connection = pool.acquire().await?;
    let mut reading = connection.begin_with(ONE_MOMENT).await?;
    let page = page(&mut reading, selection, from, most).await?;
    let codes: Vec<String> = page.iter().map(|place| place.enterprise.clone()).collect();
    let mut tallies = tallies(&mut reading, selection, Some(&codes)).await?;
    reading.commit().await?;
    let with_tally = |place: Cursor| {
        let tally = tallies.remove(&place.enterprise).unwrap_or_default();
        (place, tally)
    };
    Ok(page.into_iter().map(with_tally).collect())
}

/// Tallies by enterprise for those named, else one under the empty code.
async fn tallies(
    connection: &mut PgConnection,
    selection: &Selection,
    enterprises: Option<&[String]>,
) -> sqlx::Result<BTreeMap<String, Tally>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select case when $6::text[] is null then '' else enterprise end as "enterprise!", outcome,
               sum(filed)::bigint as "filed!", sum(direct_explanation)::bigint as "direct_explanation!",
               sum(direct_closed)::bigint as "direct_closed!",
               sum(direct_non_monetary)::bigint as "direct_non_monetary!",
               sum(direct_monetary)::bigint as "direct_monetary!", sum(negotiated)::bigint as "negotiated!",
               sum(negotiations_ended)::bigint as "negotiations_ended!",
               sum(negotiations_answered)::bigint as "negotiations_answered!",
               sum(negotiations_failed)::bigint as "negotiations_failed!",
               sum(negotiations_expired)::bigint as "negotiations_expired!",
               sum(negotiations_silent)::bigint as "negotiations_silent!",
               sum(escalated)::bigint as "escalated!", sum(held)::bigint as "held!",
               sum(decided)::bigint as "decided!", sum(decided_in_time)::bigint as "decided_in_time!",
               sum(accepted)::bigint as "accepted!", sum(mediated)::bigint as "mediated!",
               sum(mediations_ended)::bigint as "mediations_ended!",
               sum(mediations_in_time)::bigint as "mediations_in_time!",
               sum(self_settled)::bigint as "self_settled!",
               sum(withdrawn_in_mediation)::bigint as "withdrawn_in_mediation!",
               sum(performed_yes)::bigint as "performed_yes!",
               sum(performed_partly)::bigint as "performed_partly!",
               sum(performed_no)::bigint as "performed_no!",
               sum(performed_unknown)::bigint as "performed_unknown!", sum(rated)::bigint as "rated!",
               sum(star_sum)::bigint as "star_sum!", sum(event_count)::bigint as "event_count!",
               sum(handling_days_sum)::bigint as "handling_days_sum!",
               sum(recovered_fen)::bigint as "recovered_fen!"
           from analytics.rollups
           where ($1::date is null or filed_on >= $1) and ($2::date is null or filed_on <= $2)
             and ($3::text is null or enterprise = $3) and ($4::text is null or authority = $4)
             and ($5::text is null or category = $5) and ($6::text[] is null or enterprise = any($6))
           group by 1, 2"#,
        selection.from,
        selection.to,
        selection.enterprise,
        selection.authority,
        selection.category,
        enterprises
    )
    .fetch_all(connection)
    .await?;
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for row in rows {
        let ending = Ending::from_number(row.outcome).ok_or_else(|| spoilt("outcome"))?;
        let sums = measures(&row);
        tallies
            .entry(row.enterprise)
            .or_default()
            .add(ending, &sums);
    }
    Ok(tallies)
}

async fn handling_days(
    connection: &mut PgConnection,
    selection: &Selection,
) -> sqlx::Result<HandlingDays> {
    let rows = sqlx::query!(
        r#"select days, sum(cases)::bigint as "cases!"
           from analytics.handling_days
           where ($1::date is null or filed_on >= $1) and ($2::date is null or filed_on <= $2)
             and ($3::text is null or enterprise = $3) and ($4::text is null or authority = $4)
             and ($5::text is null or category = $5)
           group by days"#,
        selection.from,
        selection.to,
        selection.enterprise,
        selection.authority,
        selection.category
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.days, row.cases)).collect())
}

async fn page(
    connection: &mut PgConnection,
    selection: &Selection,
    from: &Cursor,
    most: i64,
) -> sqlx::Result<Vec<Cursor>> {
    sqlx::query_as!(
        Cursor,
        r#"select sum(filed)::bigint as "filed!", enterprise
           from analytics.rollups
           where ($1::date is null or filed_on >= $1) and ($2::date is null or filed_on <= $2) and enterprise <> ''
           group by enterprise
           having sum(filed) > 0 and (sum(filed) < $3::bigint or sum(filed) = $3::bigint and enterprise > $4)
           order by sum(filed) desc, enterprise limit $5"#,
        selection.from,
        selection.to,
        from.filed,
        from.enterprise,
        most
    )
    .fetch_all(connection)
    .await
}

fn spoilt(what: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("{what} of a rollup cannot be read").into())
}
