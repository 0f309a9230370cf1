//! Held cases: a projection that lists what waits for a hand, the earliest due first.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use law::directory::AuthorityId;
use sqlx::PgConnection;
use uuid::Uuid;

/// Where a case waits, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) holder: AuthorityId,
    pub(crate) due_at: DateTime<Utc>,
}

/// A place in the list: the row before the next page.
pub(crate) type Place = (DateTime<Utc>, Uuid);

/// Sets and deletes rows.
pub(crate) async fn save(
    connection: &mut PgConnection,
    rows: &BTreeMap<Uuid, Option<Held>>,
) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let set: Vec<(Uuid, &Held)> = rows
        .iter()
        .filter_map(|(subject, held)| Some((*subject, held.as_ref()?)))
        .collect();
    let subjects: Vec<Uuid> = set.iter().map(|(subject, _)| *subject).collect();
    let holders: Vec<String> = set
        .iter()
        .map(|(_, held)| held.holder.as_str().to_owned())
        .collect();
    let due: Vec<DateTime<Utc>> = set.iter().map(|(_, held)| held.due_at).collect();
    let unset: Vec<Uuid> = rows
        .iter()
        .filter(|(_, held)| held.is_none())
        .map(|(subject, _)| *subject)
        .collect();
    sqlx::query!(
        "with gone as (delete from routing.held_cases where subject = any($4))
         insert into routing.held_cases (subject, holder, due_at) select * from unnest($1::uuid[], $2::text[], $3::timestamptz[])
         on conflict (subject) do update set holder = excluded.holder, due_at = excluded.due_at",
        &subjects,
        &holders,
        &due,
        &unset
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Cases held by one authority, or by any, after a place of the list.
pub(crate) async fn list(
    connection: &mut PgConnection,
    holder: Option<&AuthorityId>,
    after: Option<Place>,
    most: i64,
) -> sqlx::Result<Vec<Place>> {
    let (due, subject) = after.unzip();
    let rows = match holder {
        Some(holder) => {
            sqlx::query_as!(
                Row,
                "select due_at, subject from routing.held_cases
             where holder = $1 and ($2::timestamptz is null or (due_at, subject) > ($2, $3::uuid))
             order by due_at, subject limit $4",
                holder.as_str(),
                due,
                subject,
                most
            )
            .fetch_all(connection)
            .await?
        }
        None => {
            sqlx::query_as!(
                Row,
                "select due_at, subject from routing.held_cases
             where $1::timestamptz is null or (due_at, subject) > ($1, $2::uuid)
             order by due_at, subject limit $3",
                due,
                subject,
                most
            )
            .fetch_all(connection)
            .await?
        }
    };
    Ok(rows
        .into_iter()
        .map(|row| (row.due_at, row.subject))
        .collect())
}

struct Row {
    due_at: DateTime<Utc>,
    subject: Uuid,
}
