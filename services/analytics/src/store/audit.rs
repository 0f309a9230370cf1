//! Compares the sums with the facts they are sums of: they must be equal at every moment.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use sqlx::{Connection, PgConnection};

use crate::domain::rollup::Rollups;
use crate::store::{facts, rollups};

/// What the sums say other than the facts, one line a key; nothing when they are equal. Reads both tables whole, of
/// one moment: for tests and operators, not for requests.
///
/// # Errors
/// Of the database, or when a row cannot be read.
pub async fn differences(connection: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    let mut reading = connection
        .begin_with("begin isolation level repeatable read read only")
        .await?;
    let facts = facts::all(&mut reading).await?;
    let kept = rollups::all(&mut reading).await?.without_zeros();
    reading.commit().await?;
    let counted = Rollups::recount(&facts).without_zeros();
    let mut lines = compare(&kept.measures, &counted.measures);
    lines.extend(compare(&kept.handling_days, &counted.handling_days));
    Ok(lines)
}

fn compare<K: Ord + Debug, V: PartialEq + Debug>(
    kept: &BTreeMap<K, V>,
    counted: &BTreeMap<K, V>,
) -> Vec<String> {
    let keys: BTreeSet<&K> = kept.keys().chain(counted.keys()).collect();
    keys.into_iter()
        .filter(|key| kept.get(key) != counted.get(key))
        .map(|key| {
            let (kept, counted) = (kept.get(key), counted.get(key));
            format!("{key:?}: kept {kept:?}, counted {counted:?}")
        })
        .collect()
}
