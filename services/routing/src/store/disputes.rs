//! Disputes: what earlier cases mean for later ones. A case has a row only if ODR failed in it or it names an earlier case.

use std::collections::{BTreeMap, HashSet};

use sqlx::PgConnection;
use uuid::Uuid;

/// What a case says about its dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dispute {
    pub(crate) prior_case: Option<Uuid>,
    pub(crate) odr_failed: bool,
}

/// Sets rows.
pub(crate) async fn save(
    connection: &mut PgConnection,
    rows: &BTreeMap<Uuid, Dispute>,
) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let subjects: Vec<Uuid> = rows.keys().copied().collect();
    let priors: Vec<Option<Uuid>> = rows.values().map(|dispute| dispute.prior_case).collect();
    let failed: Vec<bool> = rows.values().map(|dispute| dispute.odr_failed).collect();
    sqlx::query!(
        "insert into routing.disputes (subject, prior_case, odr_failed) select * from unnest($1::uuid[], $2::uuid[], $3::bool[])
         on conflict (subject) do update set prior_case = excluded.prior_case, odr_failed = excluded.odr_failed",
        &subjects,
        &priors as &[Option<Uuid>],
        &failed
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Which of these cases had ODR fail in them or in one they go back to. Twenty steps back: a circle must not turn for ever.
pub(crate) async fn failed(
    connection: &mut PgConnection,
    cases: &[Uuid],
) -> sqlx::Result<HashSet<Uuid>> {
    let rows = sqlx::query_scalar!(
        r#"with recursive way (asked, subject, steps) as (
               select asked, asked, 0 from unnest($1::uuid[]) as asked
               union all
               select way.asked, d.prior_case, way.steps + 1 from way join routing.disputes d on d.subject = way.subject
               where d.prior_case is not null and way.steps < 20)
           select distinct way.asked as "asked!" from way join routing.disputes d on d.subject = way.subject where d.odr_failed"#,
        cases
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().collect())
}
