//! How a SQLite file is opened.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use super::StoreError;

/// Which of the two kinds of connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The one that writes. A power failure loses no commit (`synchronous = FULL`).
    Writer,
    /// One of several that only read, and thanks to the write-ahead log never wait for the writer.
    Reader,
}

/// Waits this long for a lock that another process holds.
const WRITER: &str = "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                      PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;";
const READER: &str = "PRAGMA busy_timeout = 2000; PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;";

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
    let mut conn = SqliteConnection::establish(text)?;
    conn.batch_execute(match role {
        Role::Writer => WRITER,
        Role::Reader => READER,
    })?;
    Ok(conn)
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
