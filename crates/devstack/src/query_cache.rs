//! The query caches: each crate's `.sqlx/` describes its SQL statements, so that a build needs no database.
//!
//! All tables of a crate live in the schema of its own name, so one development database with everybody's migrations
//! serves every crate at compile time. Refreshing means: migrate that database, let the compiler expand each crate
//! against it, and keep what the macros wrote.

mod expansion;
mod sql_crate;

use std::path::Path;

use anyhow::{Context, Result, ensure};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::{databases, repository};
pub use sql_crate::SqlCrate;

/// The development database's name.
pub const DATABASE: &str = "odr_sqlx";

/// Its name while it is being made.
const NEXT: &str = "odr_sqlx_next";

/// The crates of the checkout that have migrations or SQL statements, libraries before services.
///
/// # Errors
/// When a crate has migrations but its `sqlx.toml` does not put their bookkeeping into its own schema.
pub fn crates() -> Result<Vec<SqlCrate>> {
    sql_crate::find(&repository::root())
}

/// Makes the development database anew from all migrations; gives its URL.
/// Until it is complete, an earlier one stays usable.
///
/// # Errors
/// When a migration fails; the message names the crate.
pub async fn rebuild_database(server_url: &str, crates: &[SqlCrate]) -> Result<String> {
    let url = databases::create_fresh(server_url, NEXT).await?;
    let mut connection = PgConnection::connect(&url).await?;
    for sql_crate in crates {
        migrate(&mut connection, sql_crate).await?;
    }
    connection.close().await?;
    databases::rename(server_url, NEXT, DATABASE).await
}

/// Drops the schema of each given crate in the development database and applies its migrations again; gives the URL.
///
/// # Errors
/// Like [`rebuild_database`].
pub async fn rebuild_schemas(server_url: &str, crates: &[SqlCrate]) -> Result<String> {
    let url = databases::ensure_exists(server_url, DATABASE).await?;
    let mut connection = PgConnection::connect(&url).await?;
    for sql_crate in crates {
        let statement = format!("DROP SCHEMA IF EXISTS {} CASCADE", sql_crate.schema());
        connection.execute(AssertSqlSafe(statement)).await?;
        migrate(&mut connection, sql_crate).await?;
    }
    connection.close().await?;
    Ok(url)
}

/// Expands the statements of each given crate against the database and rewrites its `.sqlx/`.
/// Gives the number of statements of each. A crate that does not compile keeps its cache.
///
/// # Errors
/// When a crate does not compile.
pub fn refresh(database_url: &str, crates: &[SqlCrate]) -> Result<Vec<(String, usize)>> {
    let refresh_one = |sql_crate: &SqlCrate| {
        let statements = expansion::expand(database_url, sql_crate)
            .with_context(|| format!("cannot refresh the query cache of {}", sql_crate.name))?;
        Ok((sql_crate.name.clone(), statements))
    };
    crates.iter().map(refresh_one).collect()
}

/// Chooses crates by name; no name chooses all.
///
/// # Errors
/// When a name is none of them.
pub fn choose(crates: Vec<SqlCrate>, names: &[String]) -> Result<Vec<SqlCrate>> {
    for name in names {
        ensure!(
            crates.iter().any(|found| found.name == *name),
            "{name} is no crate with SQL"
        );
    }
    Ok(crates
        .into_iter()
        .filter(|found| names.is_empty() || names.contains(&found.name))
        .collect())
}

async fn migrate(connection: &mut PgConnection, sql_crate: &SqlCrate) -> Result<()> {
    let Some(migrations) = sql_crate.migrations() else {
        return Ok(());
    };
    let mut migrator = Migrator::new(Path::new(&migrations)).await?;
    migrator.create_schema(sql_crate.schema());
    migrator.dangerous_set_table_name(sql_crate.migrations_table());
    let applied = migrator.run(&mut *connection).await;
    applied.with_context(|| format!("the migrations of {} cannot be applied", sql_crate.name))
}
