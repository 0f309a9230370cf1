//! The first statement of a batch: everything the chassis has to know before it decides.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use super::columns::column;
use super::requests::{Answered, Key};
use super::subjects::{Raw, Row};
use crate::admission::{Position, decode_heads};

/// What a batch finds.
#[derive(Debug, Default)]
pub struct Opened {
    /// Own words have to be read again before anything is done.
    pub recovering: bool,
    /// Requests that were answered before.
    pub answered: Vec<Answered>,
    /// Whole rows, by subject.
    pub rows: HashMap<Uuid, Row>,
    /// Where the others stand, by subject.
    pub positions: HashMap<Uuid, Position>,
}

/// Whose rows a batch asks for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Requests.
    pub keys: &'a [&'a Key],
    /// Subjects to be changed.
    pub subjects: &'a [Uuid],
    /// Subjects of which only the position is asked: a state is not sent in vain.
    pub looked_at: &'a [Uuid],
}

/// Opens a batch, without a lock: the save compares each row with what was found here.
///
/// # Errors
/// Of the database, or when a row cannot be read.
pub async fn open(connection: &mut PgConnection, asked: Asked<'_>) -> sqlx::Result<Opened> {
    // Each key is looked up by the index, whatever the planner thinks of a table that was empty when it looked.
    let rows = sqlx::query!(
        r#"select state.recovering as "recovering!", found.principal as "principal?", found.method as "method?",
                  found.request_id as "request_id?", found.body_hash as "body_hash?", found.response as "response?",
                  found.subject as "subject?", found.space as "space?", found.state_format as "state_format?",
                  found.version as "version?", found.last_id as "last_id?", found.chain as "chain?", found.seen as "seen?",
                  found.state as "state?", found.step_pending as "step_pending?", found.waiting as "waiting?",
                  found.blocked as "blocked?"
           from (select exists(select 1 from chassis.recoveries) as recovering) state
           left join (
               select r.principal, r.method, r.request_id, r.body_hash, r.response, null::uuid as subject, null as space,
                      null::int as state_format, null::bigint as version, null::uuid as last_id, null::bytea as chain,
                      null::bytea as seen, null::bytea as state, null::bool as step_pending, null::bool as waiting,
                      null as blocked
               from unnest($1::text[], $2::text[], $3::text[]) as asked(principal, method, request_id)
               cross join lateral (
                   select * from chassis.requests kept
                   where kept.principal = asked.principal and kept.method = asked.method and kept.request_id = asked.request_id offset 0
               ) r
               union all
               select null, null, null, null, null, subject, space, state_format, version, last_id, chain, seen, state,
                      step_pending, waiting, blocked
               from chassis.subjects where subject = any($4)
               union all
               select null, null, null, null, null, subject, null, null, version, last_id, chain, seen, null, null, null, null
               from chassis.subjects where subject = any($5)
           ) found on true"#,
        &column(asked.keys, |key| key.principal.as_str()) as &[&str],
        &column(asked.keys, |key| key.method.as_str()) as &[&str],
        &column(asked.keys, |key| key.request_id.as_str()) as &[&str],
        asked.subjects,
        asked.looked_at
    )
    .fetch_all(connection)
    .await?;
    let mut opened = Opened {
        recovering: rows.first().is_some_and(|row| row.recovering),
        ..Opened::default()
    };
    for row in rows {
        if let (Some(principal), Some(method), Some(request_id)) =
            (row.principal, row.method, row.request_id)
        {
            let key = Key {
                principal,
                method,
                request_id,
            };
            let (body_hash, response) = (row.body_hash, row.response);
            opened.answered.push(Answered {
                key,
                body_hash: body_hash.unwrap_or_default(),
                response: response.unwrap_or_default(),
            });
            continue;
        }
        let (Some(subject), Some(version), Some(last_id), Some(chain), Some(seen)) =
            (row.subject, row.version, row.last_id, row.chain, row.seen)
        else {
            continue;
        };
        if let (Some(space), Some(state_format), Some(state)) =
            (row.space, row.state_format, row.state)
        {
            let raw = Raw {
                subject,
                space,
                state_format,
                version,
                last_id,
                chain,
                seen,
                state,
                step_pending: row.step_pending.unwrap_or_default(),
                waiting: row.waiting.unwrap_or_default(),
                blocked: row.blocked,
            };
            opened.rows.insert(subject, raw.into_row()?);
        } else if let Some(position) = position(version, last_id, chain, &seen) {
            opened.positions.insert(subject, position);
        }
    }
    Ok(opened)
}

/// Whether the service is recovering, and which of these requests were answered before.
///
/// # Errors
/// Of the database.
pub async fn requests(
    connection: &mut PgConnection,
    keys: &[&Key],
) -> sqlx::Result<(bool, Vec<Answered>)> {
    let asked = Asked {
        keys,
        subjects: &[],
        looked_at: &[],
    };
    let opened = open(connection, asked).await?;
    Ok((opened.recovering, opened.answered))
}

/// A position that cannot be read is left out: whoever needs it reads the whole row, and meets the error there.
fn position(version: i64, last_id: Uuid, chain: Vec<u8>, seen: &[u8]) -> Option<Position> {
    Some(Position {
        version: u64::try_from(version).ok()?,
        last_id,
        chain: chain.try_into().ok()?,
        seen: decode_heads(seen)?,
    })
}
