//! Texts: kept by the service that took them, referred to by id and salted hash.

use std::collections::BTreeSet;

use case::TextRef;
use chassis::sensitive::Sensitive;
use chassis::store::batch::{Outboxed, Save, SaveError};
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

/// New texts as columns of the statement that saves them.
#[doc(hidden)]
#[derive(Default)]
pub struct Columns<'a> {
    pub ids: Vec<Uuid>,
    pub subjects: Vec<Uuid>,
    pub salts: Vec<&'a [u8]>,
    pub bodies: Vec<&'a str>,
}

impl<'a> Columns<'a> {
    /// The columns, in the order of the texts.
    pub fn of(texts: &'a [(Uuid, NewText)]) -> Self {
        let mut columns = Self::default();
        for (subject, text) in texts {
            columns.ids.push(text.reference.id);
            columns.subjects.push(*subject);
            columns.salts.push(&text.salt);
            columns.bodies.push(text.body.as_ref());
        }
        columns
    }
}

/// [`chassis::save_batch`] with the texts of its orders; parameters of further parts begin at `$65`.
#[macro_export]
macro_rules! save_batch {
    ($connection:expr, $batch:expr, $texts:expr, [$($part:literal),*] $(, $argument:expr)* $(,)?) => {{
        let texts = $crate::text::Columns::of($texts);
        ::chassis::save_batch!(
            $connection,
            $batch,
            [
                ", ins_texts as (
                    insert into docket.texts (id, subject, salt, body)
                    select * from unnest($61::uuid[], $62::uuid[], $63::bytea[], $64::text[]))"
                $(, $part)*
            ],
            &texts.ids,
            &texts.subjects,
            &texts.salts as &[&[u8]],
            &texts.bodies as &[&str],
            $($argument,)*
        )
    }};
}

/// Saves a batch and the texts of its orders.
///
/// # Errors
/// As [`chassis::store::batch::save`].
pub async fn save(
    connection: &mut PgConnection,
    batch: &Save,
    texts: &[(Uuid, NewText)],
) -> Result<Outboxed, SaveError> {
    crate::save_batch!(connection, batch, texts, [])
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
