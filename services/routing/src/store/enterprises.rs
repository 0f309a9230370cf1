//! The ODR enterprises of the registry.

mod row;

use std::collections::HashMap;

use case::Uscc;
use sqlx::PgConnection;

use super::{KeptEnterprise, spoilt, stored};
use crate::domain::choice::{Delegate, Standing};
use crate::domain::enterprise::{Enterprise, Status};
use row::Raw;

/// What a list of enterprises is narrowed by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// Names that begin so, whatever the case of letters.
    pub(crate) name_prefix: String,
    pub(crate) status: Option<Status>,
}

/// A place in the list: name key and credit code of the row before the next page.
pub(crate) type Place = (String, String);

/// What names are compared by.
pub(crate) fn name_key(name: &str) -> String {
    name.to_lowercase()
}

/// Reads and locks one.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    uscc: &Uscc,
) -> sqlx::Result<Option<KeptEnterprise>> {
    let row = sqlx::query_as!(
        Raw,
        "select uscc, name, region, industry, status, fixed_place, staff, computer, telephone, rules, delegate_uscc, synthetic,
                version, chain, registered_at, updated_at
         from routing.enterprises where uscc = $1 for update",
        uscc.as_str()
    )
    .fetch_optional(connection)
    .await?;
    row.map(Raw::into_kept).transpose()
}

/// Reads one.
pub(crate) async fn get(
    connection: &mut PgConnection,
    uscc: &Uscc,
) -> sqlx::Result<Option<Enterprise>> {
    let row = sqlx::query_as!(
        Raw,
        "select uscc, name, region, industry, status, fixed_place, staff, computer, telephone, rules, delegate_uscc, synthetic,
                version, chain, registered_at, updated_at
         from routing.enterprises where uscc = $1",
        uscc.as_str()
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| row.into_kept().map(|kept| kept.enterprise))
        .transpose()
}

/// Reads a page in the order of names.
pub(crate) async fn list(
    connection: &mut PgConnection,
    filter: &Filter,
    after: Option<&Place>,
    most: i64,
) -> sqlx::Result<Vec<Enterprise>> {
    let from = name_key(&filter.name_prefix);
    // The last character there is: no name that begins so sorts behind it.
    let until = format!("{from}{}", char::MAX);
    let (name_key, uscc) = after
        .cloned()
        .unwrap_or_else(|| (from.clone(), String::new()));
    let rows = sqlx::query_as!(
        Raw,
        "select uscc, name, region, industry, status, fixed_place, staff, computer, telephone, rules, delegate_uscc, synthetic,
                version, chain, registered_at, updated_at
         from routing.enterprises
         where name_key >= $1 and name_key < $2 and (name_key, uscc) > ($3, $4) and ($5::text is null or status = $5)
         order by name_key, uscc limit $6",
        from,
        until,
        name_key,
        uscc,
        filter.status.map(Status::code),
        most
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| row.into_kept().map(|kept| kept.enterprise))
        .collect()
}

/// How these respondents and their delegates stand; who is not registered is left out.
pub(crate) async fn standings(
    connection: &mut PgConnection,
    respondents: &[String],
) -> sqlx::Result<HashMap<Uscc, Standing>> {
    let rows = sqlx::query!(
        r#"select e.uscc as "uscc!", e.status as "status!", e.version as "version!", d.uscc as "delegate?", d.status as "delegate_status?", d.version as "delegate_version?"
           from routing.enterprises e left join routing.enterprises d on d.uscc = e.delegate_uscc where e.uscc = any($1)"#,
        respondents
    )
    .fetch_all(connection)
    .await?;
    let code = |text: &str| Uscc::parse(text).ok_or_else(|| spoilt("enterprises", "uscc"));
    let status =
        |text: &str| Status::from_code(text).ok_or_else(|| spoilt("enterprises", "status"));
    let version = |number: i64| u64::try_from(number).map_err(|_| spoilt("enterprises", "version"));
    rows.into_iter()
        .map(|row| {
            let delegate = match (row.delegate, row.delegate_status, row.delegate_version) {
                (Some(uscc), Some(standing), Some(number)) => Some(Delegate {
                    uscc: code(&uscc)?,
                    status: status(&standing)?,
                    version: version(number)?,
                }),
                _ => None,
            };
            Ok((
                code(&row.uscc)?,
                Standing {
                    status: status(&row.status)?,
                    version: version(row.version)?,
                    delegate,
                },
            ))
        })
        .collect()
}

/// Keeps records whose version is greater than the one kept, sorted by key; returns how many were.
pub(crate) async fn keep_newer(
    connection: &mut PgConnection,
    rows: &[&KeptEnterprise],
) -> sqlx::Result<u64> {
    if rows.is_empty() {
        return Ok(0);
    }
    let said = |of: fn(&KeptEnterprise) -> String| -> Vec<String> {
        rows.iter().map(|row| of(row)).collect()
    };
    let has =
        |of: fn(&KeptEnterprise) -> bool| -> Vec<bool> { rows.iter().map(|row| of(row)).collect() };
    let delegates: Vec<Option<String>> = rows
        .iter()
        .map(|row| {
            row.enterprise
                .application
                .delegate
                .as_ref()
                .map(|uscc| uscc.as_str().to_owned())
        })
        .collect();
    let versions: Vec<i64> = rows
        .iter()
        .map(|row| stored(row.enterprise.version))
        .collect();
    let chains: Vec<Vec<u8>> = rows.iter().map(|row| row.chain.to_vec()).collect();
    let registered: Vec<_> = rows
        .iter()
        .map(|row| row.enterprise.registered_at)
        .collect();
    let updated: Vec<_> = rows.iter().map(|row| row.enterprise.updated_at).collect();
    let done = sqlx::query!(
        "insert into routing.enterprises (uscc, name, name_key, region, industry, status, fixed_place, staff, computer, telephone,
                                          rules, delegate_uscc, synthetic, version, chain, registered_at, updated_at)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bool[], $8::bool[],
                              $9::bool[], $10::bool[], $11::bool[], $12::text[], $13::bool[], $14::bigint[], $15::bytea[],
                              $16::timestamptz[], $17::timestamptz[])
         on conflict (uscc) do update
         set name = excluded.name, name_key = excluded.name_key, region = excluded.region, industry = excluded.industry,
             status = excluded.status, fixed_place = excluded.fixed_place, staff = excluded.staff, computer = excluded.computer,
             telephone = excluded.telephone, rules = excluded.rules, delegate_uscc = excluded.delegate_uscc,
             synthetic = excluded.synthetic, version = excluded.version, chain = excluded.chain,
             registered_at = excluded.registered_at, updated_at = excluded.updated_at
         where enterprises.version < excluded.version",
        &said(|row| row.enterprise.application.uscc.as_str().to_owned()),
        &said(|row| row.enterprise.application.name.clone()),
        &said(|row| name_key(&row.enterprise.application.name)),
        &said(|row| row.enterprise.application.region.as_str().to_owned()),
        &said(|row| row.enterprise.application.industry.clone()),
        &said(|row| row.enterprise.status.code().to_owned()),
        &has(|row| row.enterprise.application.five_ones.fixed_place),
        &has(|row| row.enterprise.application.five_ones.staff),
        &has(|row| row.enterprise.application.five_ones.computer),
        &has(|row| row.enterprise.application.five_ones.telephone),
        &has(|row| row.enterprise.application.five_ones.rules),
        &delegates as &[Option<String>],
        &has(|row| row.enterprise.application.synthetic),
        &versions,
        &chains,
        &registered,
        &updated
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Keeps why a version came about, in words.
pub(crate) async fn keep_reason(
    connection: &mut PgConnection,
    enterprise: &Enterprise,
    body: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into routing.status_reasons (uscc, version, body, at) values ($1, $2, $3, $4)",
        enterprise.application.uscc.as_str(),
        stored(enterprise.version),
        body,
        enterprise.updated_at
    )
    .execute(connection)
    .await?;
    Ok(())
}
