//! Which crates have SQL, and where their tables live.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

/// Libraries whose tables others may refer to come first; the services follow by name.
const FIRST: [&str; 2] = ["chassis", "docket"];

/// A crate with SQL statements, migrations, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlCrate {
    /// Its name, which is also that of its folder and of its schema.
    pub name: String,
    /// Its folder.
    pub directory: PathBuf,
}

impl SqlCrate {
    /// The schema that holds its tables.
    pub fn schema(&self) -> String {
        self.name.replace('-', "_")
    }

    /// The table in which its applied migrations are noted.
    pub fn migrations_table(&self) -> String {
        format!("{}._migrations", self.schema())
    }

    /// Its folder of migrations, if it has one.
    pub fn migrations(&self) -> Option<PathBuf> {
        Some(self.directory.join("migrations")).filter(|path| path.is_dir())
    }

    /// Its query cache.
    pub fn cache(&self) -> PathBuf {
        self.directory.join(".sqlx")
    }

    /// Every Rust file of the crate.
    pub(super) fn sources(&self) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for folder in ["src", "tests", "benches", "examples"] {
            collect(&self.directory.join(folder), &mut found)?;
        }
        Ok(found)
    }

    /// `sqlx::migrate!()` reads schema and table from `sqlx.toml`; they must be the crate's own.
    fn check_settings(&self) -> Result<()> {
        let wanted = format!(
            "[migrate]\ncreate-schemas = [\"{}\"]\ntable-name = \"{}\"\n",
            self.schema(),
            self.migrations_table()
        );
        let path = self.directory.join("sqlx.toml");
        let text = fs::read_to_string(&path).unwrap_or_default();
        let complete = wanted
            .lines()
            .all(|line| text.lines().any(|found| found.trim() == line));
        ensure!(
            complete,
            "{} must hold these lines:\n{wanted}",
            path.display()
        );
        Ok(())
    }
}

/// The crates below `crates/` and `services/` that have migrations or use the query macros.
pub(super) fn find(root: &Path) -> Result<Vec<SqlCrate>> {
    let mut found = Vec::new();
    for group in ["crates", "services"] {
        let folder = root.join(group);
        for entry in
            fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
        {
            let directory = entry?.path();
            let name = directory
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let candidate = SqlCrate { name, directory };
            if candidate.migrations().is_some() {
                candidate.check_settings()?;
                found.push(candidate);
            } else if uses_macros(&candidate)? {
                found.push(candidate);
            }
        }
    }
    let place = |name: &str| {
        FIRST
            .iter()
            .position(|first| *first == name)
            .unwrap_or(FIRST.len())
    };
    found.sort_by(|one, other| {
        (place(&one.name), &one.name).cmp(&(place(&other.name), &other.name))
    });
    Ok(found)
}

fn uses_macros(candidate: &SqlCrate) -> Result<bool> {
    for path in candidate.sources()? {
        let text = fs::read_to_string(&path)?;
        let called = |name: &str| {
            text.contains(&format!("sqlx::{name}!(")) || text.contains(&format!(" {name}!("))
        };
        if ["query", "query_as", "query_scalar"]
            .into_iter()
            .any(called)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, path: &str, text: &str) {
        let file = root.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    #[test]
    fn crates_with_sql_are_found_libraries_first_and_must_keep_to_their_schema() {
        let root = std::env::temp_dir().join(format!("devstack-sql-crates-{}", std::process::id()));
        let settings = |name: &str| {
            format!(
                "[migrate]\ncreate-schemas = [\"{name}\"]\ntable-name = \"{name}._migrations\"\n"
            )
        };
        for name in ["crates/chassis", "services/intake", "services/analytics"] {
            let own = name.rsplit('/').next().unwrap();
            write(
                &root,
                &format!("{name}/migrations/0001_create_things.sql"),
                "SELECT 1",
            );
            write(&root, &format!("{name}/sqlx.toml"), &settings(own));
        }
        write(
            &root,
            "crates/docket/src/lib.rs",
            "fn f() { sqlx::query_as!(Row, \"SELECT 1\") }",
        );
        write(&root, "crates/law/src/lib.rs", "//! no query");

        let names: Vec<String> = find(&root)
            .unwrap()
            .into_iter()
            .map(|found| found.name)
            .collect();
        assert_eq!(names, ["chassis", "docket", "analytics", "intake"]);

        write(&root, "services/intake/sqlx.toml", &settings("other"));
        let refusal = find(&root).unwrap_err().to_string();
        assert!(
            refusal.contains("table-name = \"intake._migrations\""),
            "{refusal}"
        );
        fs::remove_dir_all(&root).unwrap();
    }
}
