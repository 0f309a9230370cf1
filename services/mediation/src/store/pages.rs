//! Finds the cases of a page. For each state asked for, the index gives the first rows after the cursor; no more than
//! that is read, however many cases there are. Only a second filter beside the index's own is looked up row by row
//! (as a scalar subquery, which the planner never turns into a scan of the other table).

use case::StateKind;
use chassis::store::Pool;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::filter::{Filter, Walk};
use crate::domain::listing::never;
use crate::domain::page::Cursor;

struct Row {
    case_id: Uuid,
    due_at: DateTime<Utc>,
}

/// A state as the tables keep it: its number on the wire.
pub(crate) fn state_number(state: StateKind) -> i16 {
    i16::try_from(proto::wire::number(state)).expect("the closed list has nine numbers")
}

/// The places of at most `most` cases after `from`, in order.
pub(crate) async fn after(
    pool: &Pool,
    walk: &Walk,
    filter: &Filter,
    from: Cursor,
    most: i64,
) -> sqlx::Result<Vec<Cursor>> {
    let states: Vec<i16> = filter.states.iter().copied().map(state_number).collect();
    // Without the filter also what never falls due is listed.
    let before = match filter.due_before {
        Some(before) => before.min(never()),
        None => never() + chrono::TimeDelta::microseconds(1),
    };
    let bounds = Bounds {
        states: &states,
        before,
        from,
        most,
    };
    let rows = match walk {
        Walk::All => all(pool, &bounds).await?,
        Walk::Enterprise { enterprise, scope } => {
            of_enterprise(pool, &bounds, enterprise, scope.as_deref()).await?
        }
        Walk::Scope { scope, enterprise } => {
            under_scope(pool, &bounds, scope, enterprise.as_deref()).await?
        }
        Walk::Party {
            party,
            enterprise,
            scope,
        } => {
            of_party(
                pool,
                &bounds,
                party,
                enterprise.as_deref(),
                scope.as_deref(),
            )
            .await?
        }
    };
    let place = |row: Row| Cursor {
        due_at: row.due_at,
        case_id: row.case_id,
    };
    Ok(rows.into_iter().map(place).collect())
}

struct Bounds<'a> {
    states: &'a [i16],
    before: DateTime<Utc>,
    from: Cursor,
    most: i64,
}

async fn all(pool: &Pool, bounds: &Bounds<'_>) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select found.case_id as "case_id!", found.due_at as "due_at!"
           from unnest($1::smallint[]) as asked(state)
           cross join lateral (
               select c.case_id, c.due_at from mediation.cases c
               where c.state = asked.state and c.due_at < $2 and (c.due_at, c.case_id) > ($3, $4)
               order by c.due_at, c.case_id limit $5
           ) found
           order by found.due_at, found.case_id limit $5"#,
        bounds.states,
        bounds.before,
        bounds.from.due_at,
        bounds.from.case_id,
        bounds.most
    )
    .fetch_all(&mut *pool.acquire().await?)
    .await
}

async fn of_enterprise(
    pool: &Pool,
    bounds: &Bounds<'_>,
    enterprise: &str,
    scope: Option<&str>,
) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select found.case_id as "case_id!", found.due_at as "due_at!"
           from unnest($1::smallint[]) as asked(state)
           cross join lateral (
               select c.case_id, c.due_at from mediation.cases c
               where c.enterprise = $6 and c.state = asked.state and c.due_at < $2 and (c.due_at, c.case_id) > ($3, $4)
                 and ($7::text is null
                      or (select true from mediation.oversight o where o.case_id = c.case_id and o.scope = $7))
               order by c.due_at, c.case_id limit $5
           ) found
           order by found.due_at, found.case_id limit $5"#,
        bounds.states,
        bounds.before,
        bounds.from.due_at,
        bounds.from.case_id,
        bounds.most,
        enterprise,
        scope
    )
    .fetch_all(&mut *pool.acquire().await?)
    .await
}

async fn under_scope(
    pool: &Pool,
    bounds: &Bounds<'_>,
    scope: &str,
    enterprise: Option<&str>,
) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select found.case_id as "case_id!", found.due_at as "due_at!"
           from unnest($1::smallint[]) as asked(state)
           cross join lateral (
               select o.case_id, o.due_at from mediation.oversight o
               where o.scope = $6 and o.state = asked.state and o.due_at < $2 and (o.due_at, o.case_id) > ($3, $4)
                 and ($7::text is null
                      or (select c.enterprise = $7 from mediation.cases c where c.case_id = o.case_id))
               order by o.due_at, o.case_id limit $5
           ) found
           order by found.due_at, found.case_id limit $5"#,
        bounds.states,
        bounds.before,
        bounds.from.due_at,
        bounds.from.case_id,
        bounds.most,
        scope,
        enterprise
    )
    .fetch_all(&mut *pool.acquire().await?)
    .await
}

async fn of_party(
    pool: &Pool,
    bounds: &Bounds<'_>,
    party: &str,
    enterprise: Option<&str>,
    scope: Option<&str>,
) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        "select c.case_id, c.due_at
         from mediation.parties p join mediation.cases c on c.case_id = p.case_id
         where p.party = $6 and c.state = any($1) and c.due_at < $2 and (c.due_at, c.case_id) > ($3, $4)
           and ($7::text is null or c.enterprise = $7)
           and ($8::text is null
                or (select true from mediation.oversight o where o.case_id = c.case_id and o.scope = $8))
         order by c.due_at, c.case_id limit $5",
        bounds.states,
        bounds.before,
        bounds.from.due_at,
        bounds.from.case_id,
        bounds.most,
        party,
        enterprise,
        scope
    )
    .fetch_all(&mut *pool.acquire().await?)
    .await
}
