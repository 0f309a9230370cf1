//! What was published of each authority.

use std::collections::HashMap;

use chassis::envelope::Chain;
use law::directory::AuthorityId;
use sqlx::PgConnection;

use super::{KeptAuthority, spoilt, stored};

/// Keeps records whose version is greater than the one kept, sorted by key; returns how many were.
pub(crate) async fn keep_newer(
    connection: &mut PgConnection,
    rows: &[&KeptAuthority],
) -> sqlx::Result<u64> {
    if rows.is_empty() {
        return Ok(0);
    }
    let ids: Vec<String> = rows.iter().map(|row| row.id.as_str().to_owned()).collect();
    let versions: Vec<i64> = rows.iter().map(|row| stored(row.version)).collect();
    let chains: Vec<Vec<u8>> = rows.iter().map(|row| row.chain.to_vec()).collect();
    let contents: Vec<Vec<u8>> = rows.iter().map(|row| row.content.clone()).collect();
    let done = sqlx::query!(
        "insert into routing.authorities (id, version, chain, content)
         select * from unnest($1::text[], $2::bigint[], $3::bytea[], $4::bytea[])
         on conflict (id) do update set version = excluded.version, chain = excluded.chain, content = excluded.content
         where authorities.version < excluded.version",
        &ids,
        &versions,
        &chains,
        &contents
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Reads and locks all rows in id order.
pub(crate) async fn lock_all(
    connection: &mut PgConnection,
) -> sqlx::Result<HashMap<AuthorityId, KeptAuthority>> {
    let rows = sqlx::query!(
        "select id, version, chain, content from routing.authorities order by id for update"
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let id = AuthorityId::parse(&row.id).map_err(|_| spoilt("authorities", "id"))?;
            let version =
                u64::try_from(row.version).map_err(|_| spoilt("authorities", "version"))?;
            let chain: Chain = row
                .chain
                .try_into()
                .map_err(|_| spoilt("authorities", "chain"))?;
            Ok((
                id.clone(),
                KeptAuthority {
                    id,
                    version,
                    chain,
                    content: row.content,
                },
            ))
        })
        .collect()
}

/// Versions of the records of these authorities.
pub(crate) async fn versions(
    connection: &mut PgConnection,
    ids: &[String],
) -> sqlx::Result<HashMap<String, u64>> {
    let rows = sqlx::query!(
        "select id, version from routing.authorities where id = any($1)",
        ids
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((row.id, u64::try_from(row.version).ok()?)))
        .collect())
}
