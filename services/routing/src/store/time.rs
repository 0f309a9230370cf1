//! The time of a space, for acts outside the writer.

use chassis::store::clocks;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// The stepped time of a space that has one, else the wall clock.
pub(crate) async fn now(
    connection: &mut PgConnection,
    stepped: bool,
    space: &str,
) -> sqlx::Result<DateTime<Utc>> {
    let set = if stepped {
        clocks::of_spaces(connection, &[space.to_owned()])
            .await?
            .pop()
    } else {
        None
    };
    Ok(set.map_or_else(chassis::clock::wall, |(_, now)| now))
}
