//! Reading the directory's folder. All or nothing: a wrong file stops the start with its name, line and reason.

use std::io;
use std::path::{Path, PathBuf};

use law::directory::{Directory, DirectoryError, DirectoryFile};

/// Why a directory could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file cannot be opened or read.
    #[error("{} cannot be read: {error}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file is no UTF-8 text.
    #[error("{} line {line}: not UTF-8", file.display())]
    NotText {
        /// The file.
        file: PathBuf,
        /// Line of the first byte that is none, from 1.
        line: usize,
    },
    /// The directory is wrong.
    #[error("{}/{error}", folder.display())]
    Wrong {
        /// The folder.
        folder: PathBuf,
        /// File, line and reason.
        error: DirectoryError,
    },
}

/// Reads `regions.csv`, `authorities.csv` and `units.csv` of a folder.
///
/// # Errors
/// The first fault found.
pub fn load(folder: &Path) -> Result<Directory, LoadError> {
    let read = |file: DirectoryFile| text(folder.join(file.to_string()));
    let regions = read(DirectoryFile::Regions)?;
    let authorities = read(DirectoryFile::Authorities)?;
    let units = read(DirectoryFile::Units)?;
    Directory::parse(&regions, &authorities, &units).map_err(|error| LoadError::Wrong {
        folder: folder.to_owned(),
        error,
    })
}

/// The directory's version as the number that events carry.
pub fn version_number(directory: &Directory) -> u64 {
    u64::from_str_radix(directory.version(), 16)
        .expect("a directory's version is sixteen hexadecimal digits")
}

fn text(file: PathBuf) -> Result<String, LoadError> {
    let bytes = match std::fs::read(&file) {
        Ok(bytes) => bytes,
        Err(error) => return Err(LoadError::Unreadable { file, error }),
    };
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        LoadError::NotText { file, line }
    })
}
