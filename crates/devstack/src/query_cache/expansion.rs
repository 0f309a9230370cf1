//! Lets the compiler expand one crate's query macros against a database, and takes over what they describe.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};

use super::SqlCrate;
use crate::artifacts::remove;

/// Rewrites the crate's cache; gives the number of its statements.
pub(super) fn expand(database_url: &str, sql_crate: &SqlCrate) -> Result<usize> {
    // First bring what the crate depends on up to date: otherwise its statements would land in this crate's cache.
    check(database_url, sql_crate, None)?;
    // The compiler does not know that the database matters, so the sources must look changed.
    for source in sql_crate.sources()? {
        File::open(&source)?.set_modified(SystemTime::now())?;
    }
    let fresh = std::env::temp_dir().join(format!(
        "odr-sqlx-{}-{}",
        sql_crate.name,
        std::process::id()
    ));
    remove(&fresh)?;
    fs::create_dir_all(&fresh)?;
    let statements = check(database_url, sql_crate, Some(&fresh))
        .and_then(|()| take_over(&fresh, &sql_crate.cache()));
    remove(&fresh)?;
    statements
}

fn check(database_url: &str, sql_crate: &SqlCrate, save_into: Option<&Path>) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["check", "--quiet", "--all-targets", "-p", &sql_crate.name])
        .current_dir(&sql_crate.directory);
    command
        .env("DATABASE_URL", database_url)
        .env("SQLX_OFFLINE", "false")
        .env_remove("SQLX_OFFLINE_DIR");
    if let Some(directory) = save_into {
        command.env("SQLX_OFFLINE_DIR", directory);
    }
    let status = command.status().context("cannot run cargo")?;
    ensure!(
        status.success(),
        "it does not compile against the development database"
    );
    Ok(())
}

/// Makes `cache` hold exactly the descriptions in `fresh`, leaving unchanged files alone.
fn take_over(fresh: &Path, cache: &Path) -> Result<usize> {
    let (new, old) = (descriptions(fresh)?, descriptions(cache)?);
    if !new.is_empty() {
        fs::create_dir_all(cache)?;
    }
    for (name, (path, text)) in &new {
        if old.get(name).is_none_or(|(_, before)| before != text) {
            fs::copy(path, cache.join(name))?;
        }
    }
    for (_, (path, _)) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
        remove(path)?;
    }
    Ok(new.len())
}

fn descriptions(folder: &Path) -> Result<BTreeMap<OsString, (PathBuf, Vec<u8>)>> {
    let mut found = BTreeMap::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            found.insert(entry.file_name(), (path.clone(), fs::read(&path)?));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cache_holds_exactly_the_fresh_descriptions() {
        let root = std::env::temp_dir().join(format!("devstack-cache-{}", std::process::id()));
        let (fresh, cache) = (root.join("fresh"), root.join("cache"));
        fs::create_dir_all(&fresh).unwrap();
        fs::create_dir_all(&cache).unwrap();
        for (folder, name, text) in [
            (&fresh, "query-a.json", "new"),
            (&fresh, "query-b.json", "same"),
            (&cache, "query-a.json", "old"),
            (&cache, "query-b.json", "same"),
            (&cache, "query-c.json", "gone"),
        ] {
            fs::write(folder.join(name), text).unwrap();
        }
        let before = cache
            .join("query-b.json")
            .metadata()
            .unwrap()
            .modified()
            .unwrap();
        assert_eq!(take_over(&fresh, &cache).unwrap(), 2);
        let names: Vec<OsString> = descriptions(&cache).unwrap().into_keys().collect();
        assert_eq!(names, ["query-a.json", "query-b.json"]);
        assert_eq!(
            fs::read_to_string(cache.join("query-a.json")).unwrap(),
            "new"
        );
        assert_eq!(
            cache
                .join("query-b.json")
                .metadata()
                .unwrap()
                .modified()
                .unwrap(),
            before
        );
        fs::remove_dir_all(&root).unwrap();
    }
}
