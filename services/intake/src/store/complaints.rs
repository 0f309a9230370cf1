//! Reading complaints: lists, progress codes, parties.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::personal::SealedParties;

/// A complaint in a list.
pub(crate) struct Listed {
    /// The case.
    pub(crate) subject: Uuid,
    /// When it was filed.
    pub(crate) filed_at: DateTime<Utc>,
    /// Version of the key of `respondent`; absent when the parties are gone.
    pub(crate) key_version: Option<i16>,
    /// The respondent, sealed.
    pub(crate) respondent: Option<Vec<u8>>,
}

/// Whose complaints are listed.
#[derive(Clone, Copy)]
pub(crate) enum Scope<'a> {
    /// Those of one complainant.
    Party(&'a str),
    /// Those of consumers in one region.
    Region(&'a str),
    /// All of the space.
    Space,
}

/// What part of a list is read.
pub(crate) struct Page<'a> {
    /// The space.
    pub(crate) space: &'a str,
    /// Whose complaints.
    pub(crate) scope: Scope<'a>,
    /// Complaints before this one, by filing and case.
    pub(crate) before: (DateTime<Utc>, Uuid),
    /// How many at most.
    pub(crate) most: i64,
}

/// A part of a list, newest first.
///
/// # Errors
/// Of the database.
pub(crate) async fn list(
    connection: &mut PgConnection,
    page: &Page<'_>,
) -> sqlx::Result<Vec<Listed>> {
    let (filed_at, subject) = page.before;
    match page.scope {
        Scope::Party(party_ref) => {
            sqlx::query_as!(
                Listed,
                r#"select c.subject, c.filed_at, p.key_version as "key_version?", p.respondent as "respondent?"
                   from intake.complaints c left join intake.parties p using (subject)
                   where c.space = $1 and c.party_ref = $2 and (c.filed_at, c.subject) < ($3, $4)
                   order by c.filed_at desc, c.subject desc limit $5"#,
                page.space,
                party_ref,
                filed_at,
                subject,
                page.most
            )
            .fetch_all(connection)
            .await
        }
        Scope::Region(region) => {
            sqlx::query_as!(
                Listed,
                r#"select c.subject, c.filed_at, p.key_version as "key_version?", p.respondent as "respondent?"
                   from intake.complaints c left join intake.parties p using (subject)
                   where c.space = $1 and c.consumer_region = $2 and (c.filed_at, c.subject) < ($3, $4)
                   order by c.filed_at desc, c.subject desc limit $5"#,
                page.space,
                region,
                filed_at,
                subject,
                page.most
            )
            .fetch_all(connection)
            .await
        }
        Scope::Space => {
            sqlx::query_as!(
                Listed,
                r#"select c.subject, c.filed_at, p.key_version as "key_version?", p.respondent as "respondent?"
                   from intake.complaints c left join intake.parties p using (subject)
                   where c.space = $1 and (c.filed_at, c.subject) < ($2, $3)
                   order by c.filed_at desc, c.subject desc limit $4"#,
                page.space,
                filed_at,
                subject,
                page.most
            )
            .fetch_all(connection)
            .await
        }
    }
}

/// The case a progress code belongs to.
///
/// # Errors
/// Of the database.
pub(crate) async fn by_progress_hash(
    connection: &mut PgConnection,
    hash: &[u8; 32],
) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        "select subject from intake.complaints where progress_hash = $1",
        hash.as_slice()
    )
    .fetch_optional(connection)
    .await
}

/// The parties of a case; `None` when they are not (or no longer) kept.
///
/// # Errors
/// Of the database.
pub(crate) async fn parties(
    connection: &mut PgConnection,
    subject: Uuid,
) -> sqlx::Result<Option<SealedParties>> {
    sqlx::query_as!(
        SealedParties,
        "select key_version, complainant, representatives, respondent from intake.parties where subject = $1",
        subject
    )
    .fetch_optional(connection)
    .await
}

/// Which of these cases have their parties.
///
/// # Errors
/// Of the database.
pub(crate) async fn with_parties(
    connection: &mut PgConnection,
    subjects: &[Uuid],
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "select subject from intake.parties where subject = any($1)",
        subjects
    )
    .fetch_all(connection)
    .await
}
