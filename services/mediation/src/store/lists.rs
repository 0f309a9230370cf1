//! Saves where changed cases stand in lists: two statements a batch, the second only when an authority is concerned.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::pages::state_number;
use crate::desk::Rows;
use crate::domain::listing::Entry;

/// Saves entries, and the parties of new cases.
pub(crate) async fn save_entries(connection: &mut PgConnection, rows: &Rows) -> sqlx::Result<()> {
    let (states, due) = columns(rows.entries.values());
    let case_ids: Vec<Uuid> = rows.entries.keys().copied().collect();
    let enterprises: Vec<Option<String>> = rows
        .entries
        .values()
        .map(|entry| {
            let enterprise = entry.enterprise.as_ref();
            enterprise.map(|uscc| uscc.as_str().to_owned())
        })
        .collect();
    let (party_cases, parties): (Vec<Uuid>, Vec<String>) = rows.parties.iter().cloned().unzip();
    sqlx::query!(
        "with parties as (
             insert into mediation.parties (party, case_id)
             select * from unnest($5::text[], $6::uuid[]) on conflict do nothing)
         insert into mediation.cases (case_id, state, enterprise, due_at)
         select * from unnest($1::uuid[], $2::smallint[], $3::text[], $4::timestamptz[])
         on conflict (case_id) do update
         set state = excluded.state, enterprise = excluded.enterprise, due_at = excluded.due_at",
        &case_ids,
        &states,
        &enterprises as &[Option<String>],
        &due,
        &parties,
        &party_cases
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Saves the scopes officials list by, and drops those that no longer hold.
pub(crate) async fn save_scopes(connection: &mut PgConnection, rows: &Rows) -> sqlx::Result<()> {
    let (states, due) = columns(rows.scopes.values());
    let (case_ids, scopes): (Vec<Uuid>, Vec<String>) = rows.scopes.keys().cloned().unzip();
    let (gone_cases, gone): (Vec<Uuid>, Vec<String>) = rows.gone.iter().cloned().unzip();
    sqlx::query!(
        "with gone as (
             delete from mediation.oversight o
             using unnest($5::uuid[], $6::text[]) as dropped(case_id, scope)
             where o.case_id = dropped.case_id and o.scope = dropped.scope)
         insert into mediation.oversight (case_id, scope, state, due_at)
         select * from unnest($1::uuid[], $2::text[], $3::smallint[], $4::timestamptz[])
         on conflict (case_id, scope) do update set state = excluded.state, due_at = excluded.due_at",
        &case_ids,
        &scopes,
        &states,
        &due,
        &gone_cases,
        &gone
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn columns<'a>(entries: impl Iterator<Item = &'a Entry>) -> (Vec<i16>, Vec<DateTime<Utc>>) {
    entries
        .map(|entry| (state_number(entry.state), entry.due_at))
        .unzip()
}
