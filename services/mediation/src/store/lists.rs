//! Saves where changed cases stand in lists: with the batch itself, and one statement more when an authority is concerned.

use chassis::store::batch::{Outboxed, Save, SaveError};
use chrono::{DateTime, Utc};
use docket::text::NewText;
use sqlx::PgConnection;
use uuid::Uuid;

use super::pages::state_number;
use crate::desk::Rows;
use crate::domain::listing::Entry;

/// Saves a batch with its texts, entries, and the parties of new cases. An entry is new when its case is, in the same
/// statement: nothing has to be looked for.
pub(crate) async fn save_entries(
    connection: &mut PgConnection,
    batch: &Save,
    texts: &[(Uuid, NewText)],
    rows: &Rows,
) -> Result<Outboxed, SaveError> {
    let (states, due) = columns(rows.new.values());
    let case_ids: Vec<Uuid> = rows.new.keys().copied().collect();
    let (changed_states, changed_due) = columns(rows.changed.values());
    let changed: Vec<Uuid> = rows.changed.keys().copied().collect();
    let (party_cases, parties): (Vec<Uuid>, Vec<&str>) = rows
        .parties
        .iter()
        .map(|(case_id, party)| (*case_id, party.as_str()))
        .unzip();
    docket::save_batch!(
        connection,
        batch,
        texts,
        [", parties as (
             insert into mediation.parties (party, case_id) select * from unnest($69::text[], $70::uuid[])
         ), changed as (
             update mediation.cases c set state = u.state, enterprise = u.enterprise, due_at = u.due_at
             from unnest($71::uuid[], $72::smallint[], $73::text[], $74::timestamptz[]) as u(case_id, state, enterprise, due_at)
             where c.case_id = u.case_id
         ), ins_cases as (
             insert into mediation.cases (case_id, state, enterprise, due_at)
             select * from unnest($65::uuid[], $66::smallint[], $67::text[], $68::timestamptz[]))"],
        &case_ids,
        &states,
        &enterprises(rows.new.values()) as &[Option<&str>],
        &due,
        &parties as &[&str],
        &party_cases,
        &changed,
        &changed_states,
        &enterprises(rows.changed.values()) as &[Option<&str>],
        &changed_due,
    )
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

fn enterprises<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<Option<&'a str>> {
    entries
        .map(|entry| Some(entry.enterprise.as_ref()?.as_str()))
        .collect()
}
