//! Databases on a PostgreSQL server: made, dropped, and named by URL.

use anyhow::{Context, Result, ensure};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};

/// The URL of another database on the server that `server_url` names.
pub fn url(server_url: &str, name: &str) -> String {
    let (address, parameters) = server_url
        .split_once('?')
        .map_or((server_url, ""), |(left, right)| (left, right));
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..]
        .find('/')
        .map_or(address.len(), |at| start + at);
    let question = if parameters.is_empty() { "" } else { "?" };
    format!("{}/{name}{question}{parameters}", &address[..end])
}

/// Makes the database unless it exists; gives its URL.
///
/// # Errors
/// When the name is not lower-case letters, digits and underscores, or the server refuses.
pub async fn ensure_exists(server_url: &str, name: &str) -> Result<String> {
    check_name(name)?;
    let mut connection = connect(server_url).await?;
    let found: Option<i32> = sqlx::query_scalar("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind(name)
        .fetch_optional(&mut connection)
        .await?;
    if found.is_none() {
        create(&mut connection, name).await?;
    }
    connection.close().await?;
    Ok(url(server_url, name))
}

/// Makes the database anew, dropping an earlier one with everything in it; gives its URL.
///
/// # Errors
/// Like [`ensure_exists`].
pub async fn create_fresh(server_url: &str, name: &str) -> Result<String> {
    check_name(name)?;
    let mut connection = connect(server_url).await?;
    drop_if_exists(&mut connection, name).await?;
    create(&mut connection, name).await?;
    connection.close().await?;
    Ok(url(server_url, name))
}

/// Makes `name` a copy of `template`, to which nobody may be connected; drops an earlier `name` first.
///
/// # Errors
/// Like [`ensure_exists`], and when somebody is connected to the template.
pub async fn copy(server_url: &str, template: &str, name: &str) -> Result<String> {
    check_name(template)?;
    check_name(name)?;
    let mut connection = connect(server_url).await?;
    drop_if_exists(&mut connection, name).await?;
    let statement = format!("CREATE DATABASE {name} TEMPLATE {template}");
    connection
        .execute(AssertSqlSafe(statement))
        .await
        .with_context(|| format!("cannot copy {template}"))?;
    connection.close().await?;
    Ok(url(server_url, name))
}

/// Renames a database, dropping an earlier one of the new name with the connections to it; gives its URL.
///
/// # Errors
/// Like [`ensure_exists`], and when somebody is connected to `from`.
pub async fn rename(server_url: &str, from: &str, to: &str) -> Result<String> {
    check_name(from)?;
    check_name(to)?;
    let mut connection = connect(server_url).await?;
    drop_if_exists(&mut connection, to).await?;
    let statement = format!("ALTER DATABASE {from} RENAME TO {to}");
    connection
        .execute(AssertSqlSafe(statement))
        .await
        .with_context(|| format!("cannot rename {from}"))?;
    connection.close().await?;
    Ok(url(server_url, to))
}

/// Drops the database if it exists, ending the connections to it.
///
/// # Errors
/// Like [`ensure_exists`].
pub async fn remove(server_url: &str, name: &str) -> Result<()> {
    check_name(name)?;
    let mut connection = connect(server_url).await?;
    drop_if_exists(&mut connection, name).await?;
    Ok(connection.close().await?)
}

async fn connect(server_url: &str) -> Result<PgConnection> {
    PgConnection::connect(server_url)
        .await
        .context("cannot connect to PostgreSQL")
}

async fn create(connection: &mut PgConnection, name: &str) -> Result<()> {
    let statement = AssertSqlSafe(format!("CREATE DATABASE {name}"));
    connection
        .execute(statement)
        .await
        .with_context(|| format!("cannot create database {name}"))?;
    Ok(())
}

async fn drop_if_exists(connection: &mut PgConnection, name: &str) -> Result<()> {
    let statement = AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    connection
        .execute(statement)
        .await
        .with_context(|| format!("cannot drop database {name}"))?;
    Ok(())
}

/// Names go into statements as they are, so only harmless ones pass.
fn check_name(name: &str) -> Result<()> {
    let harmless = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let fits = (1..=63).contains(&name.len())
        && name.bytes().all(harmless)
        && !name.as_bytes()[0].is_ascii_digit();
    ensure!(
        fits,
        "`{name}` is no database name: lower-case letters, digits and underscores, at most 63"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn url_keeps_server_and_parameters() {
        for (server, wanted) in [
            (
                "postgres://postgres@127.0.0.1:5432/postgres",
                "postgres://postgres@127.0.0.1:5432/case_file",
            ),
            (
                "postgres://postgres@127.0.0.1:5432",
                "postgres://postgres@127.0.0.1:5432/case_file",
            ),
            (
                "postgres://h/a?sslmode=disable",
                "postgres://h/case_file?sslmode=disable",
            ),
        ] {
            assert_eq!(url(server, "case_file"), wanted);
        }
    }

    #[test]
    fn harmful_names_are_refused() {
        for name in ["", "1a", "a-b", "A", "a; DROP", "a\"b", &"a".repeat(64)] {
            assert!(check_name(name).is_err(), "{name}");
        }
        check_name("odr_1_intake").unwrap();
    }
}
