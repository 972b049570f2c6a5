//! How a SQLite file is opened.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::StoreError;

/// Which of the two kinds of connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The one that writes. A power failure loses no commit (`synchronous = FULL`).
    Writer,
    /// One of several that only read, and thanks to the write-ahead log never wait for the writer.
    Reader,
}

/// What would end a path inside a `file:` URI.
const PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#');

/// Waits this long for a lock that another process holds.
const WRITER: &str = "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                      PRAGMA wal_autocheckpoint = 4000; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;";
/// A reader waits for nobody but a process that has the whole file to itself, and it keeps a thread waiting with it.
const READER: &str = "PRAGMA busy_timeout = 250; PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;";

/// Makes sure that the file exists, readable by us alone, and returns its absolute path.
pub fn prepare(path: &Path) -> Result<PathBuf, StoreError> {
    let problem = |error: io::Error| StoreError::unavailable(format!("cannot open {}: {error}", path.display()));
    // Absolute, because SQLite reads "file:…" as a URI.
    let path = std::path::absolute(path).map_err(problem)?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(problem)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&path).map_err(problem)?;
    Ok(path)
}

/// Opens the file at `path`, which [`prepare`] returned.
pub fn open(path: &Path, role: Role) -> Result<SqliteConnection, StoreError> {
    let text = path.to_str().ok_or_else(|| StoreError::unavailable("the path of the database is not UTF-8"))?;
    // `rw`: a file that vanished is not made anew, empty and readable by everybody; only `prepare` creates it.
    let uri = format!("file://{}?mode=rw", utf8_percent_encode(text, PATH));
    let mut conn = SqliteConnection::establish(&uri)?;
    conn.batch_execute(match role {
        Role::Writer => WRITER,
        Role::Reader => READER,
    })?;
    Ok(conn)
}

/// Which file it is, whatever its name: a connection to a file that was moved away or replaced goes on writing to the
/// old one, and nothing of that would be found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileId(u64, u64);

impl FileId {
    /// The file that is at `path` now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there is none.
    #[cfg(unix)]
    pub fn at(path: &Path) -> Result<Self, StoreError> {
        use std::os::unix::fs::MetadataExt;
        let found =
            fs::metadata(path).map_err(|error| StoreError::unavailable(format!("{}: {error}", path.display())))?;
        Ok(Self(found.dev(), found.ino()))
    }

    /// Refuses unless the file at `path` is still this one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub fn check(self, path: &Path) -> Result<(), StoreError> {
        match Self::at(path)? == self {
            true => Ok(()),
            false => Err(StoreError::unavailable(format!("{} was replaced while it was in use", path.display()))),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_files_are_ours_alone_even_in_a_folder_that_did_not_exist() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = prepare(&folder.path().join("data/latchkey.sqlite")).unwrap();
        let mut conn = open(&path, Role::Writer).unwrap();
        conn.batch_execute("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1);").unwrap();
        let files: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(Result::unwrap).collect();
        // The database, its log and the log's index.
        assert_eq!(files.len(), 3);
        for file in files {
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
        }
    }
}
