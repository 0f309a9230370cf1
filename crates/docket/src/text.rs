//! Texts: kept by the service that took them, referred to by id and salted hash.

use std::collections::BTreeSet;

use case::TextRef;
use chassis::sensitive::Sensitive;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

/// A text that was taken: its reference for the event, and what is kept.
#[derive(Clone, Debug)]
pub struct NewText {
    /// What the event carries.
    pub reference: TextRef,
    salt: [u8; 16],
    body: Sensitive<String>,
}

impl NewText {
    /// Takes a text.
    pub fn take(body: String) -> Self {
        let salt = *Uuid::new_v4().as_bytes();
        let reference = TextRef {
            id: Uuid::now_v7(),
            hash: salted_hash(&salt, &body),
        };
        Self {
            reference,
            salt,
            body: Sensitive::from(body),
        }
    }
}

/// SHA-256 over salt and text: how whoever holds both verifies what an event refers to.
pub fn salted_hash(salt: &[u8], body: &str) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(salt);
    digest.update(body.as_bytes());
    digest.finalize().into()
}

/// A kept text.
#[derive(Clone, Debug)]
pub struct KeptText {
    /// Its id.
    pub id: Uuid,
    /// The case it belongs to.
    pub subject: Uuid,
    /// 16 bytes.
    pub salt: Vec<u8>,
    /// The text.
    pub body: Sensitive<String>,
}

pub(crate) async fn save(
    connection: &mut PgConnection,
    texts: &[(Uuid, NewText)],
) -> sqlx::Result<()> {
    if texts.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = texts.iter().map(|(_, text)| text.reference.id).collect();
    let subjects: Vec<Uuid> = texts.iter().map(|(subject, _)| *subject).collect();
    let salts: Vec<Vec<u8>> = texts.iter().map(|(_, text)| text.salt.to_vec()).collect();
    let bodies: Vec<String> = texts
        .iter()
        .map(|(_, text)| text.body.as_ref().clone())
        .collect();
    sqlx::query!(
        "insert into docket.texts (id, subject, salt, body) select * from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::text[])",
        &ids,
        &subjects,
        &salts,
        &bodies
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// One kept text.
///
/// # Errors
/// Of the database.
pub async fn get(connection: &mut PgConnection, id: Uuid) -> sqlx::Result<Option<KeptText>> {
    let row = sqlx::query!(
        "select id, subject, salt, body from docket.texts where id = $1",
        id
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| KeptText {
        id: row.id,
        subject: row.subject,
        salt: row.salt,
        body: Sensitive::from(row.body),
    }))
}

/// Which of these texts are kept.
pub(crate) async fn kept(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> sqlx::Result<BTreeSet<Uuid>> {
    let kept = sqlx::query_scalar!("select id from docket.texts where id = any($1)", ids)
        .fetch_all(connection)
        .await?;
    Ok(kept.into_iter().collect())
}

/// All kept texts of a case, oldest first.
///
/// # Errors
/// Of the database.
pub async fn of_case(connection: &mut PgConnection, subject: Uuid) -> sqlx::Result<Vec<KeptText>> {
    let rows = sqlx::query!(
        "select id, subject, salt, body from docket.texts where subject = $1 order by id",
        subject
    )
    .fetch_all(connection)
    .await?;
    let kept = |row: (Uuid, Uuid, Vec<u8>, String)| KeptText {
        id: row.0,
        subject: row.1,
        salt: row.2,
        body: Sensitive::from(row.3),
    };
    Ok(rows
        .into_iter()
        .map(|row| kept((row.id, row.subject, row.salt, row.body)))
        .collect())
}
