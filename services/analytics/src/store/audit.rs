//! Compares the sums with the cases they are sums over: they must be equal at every moment.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use sqlx::{Connection, PgConnection};

use crate::domain::measures::Measures;
use crate::store::{facts, rollups};

/// What the sums say other than the cases' facts, one line a key; nothing when they are equal. Reads cases and sums
/// whole, of one moment: for tests and operators, not for requests.
///
/// # Errors
/// Of the database, or when a row cannot be read.
pub async fn differences(connection: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    let mut reading = connection
        .begin_with("begin isolation level repeatable read read only")
        .await?;
    let counted = facts::counted(&mut reading).await?.without_zeros();
    let kept = rollups::all(&mut reading).await?.without_zeros();
    reading.commit().await?;
    let mut lines = compare(&kept.measures, &counted.measures, |kept, counted| {
        let values = kept.values().into_iter().zip(counted.values());
        let named = Measures::NAMES.iter().zip(values);
        let differing = named.filter(|(_, (kept, counted))| kept != counted);
        differing
            .map(|(name, (kept, counted))| format!("{name} {kept} instead of {counted}"))
            .collect::<Vec<String>>()
            .join(", ")
    });
    lines.extend(compare(
        &kept.handling_days,
        &counted.handling_days,
        |kept, counted| format!("{kept} instead of {counted}"),
    ));
    Ok(lines)
}

fn compare<K: Ord + Debug, V: PartialEq + Default>(
    kept: &BTreeMap<K, V>,
    counted: &BTreeMap<K, V>,
    say: impl Fn(&V, &V) -> String,
) -> Vec<String> {
    let nothing = V::default();
    let keys: BTreeSet<&K> = kept.keys().chain(counted.keys()).collect();
    keys.into_iter()
        .filter_map(|key| {
            let kept = kept.get(key).unwrap_or(&nothing);
            let counted = counted.get(key).unwrap_or(&nothing);
            (kept != counted).then(|| format!("{key:?}: {}", say(kept, counted)))
        })
        .collect()
}
