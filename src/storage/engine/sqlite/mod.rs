//! How a SQLite file is opened.

mod fault;
mod file;
mod guard;
mod leftovers;
mod marks;
mod rights;

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

pub use file::prepare;
pub use guard::SqliteFile;
pub use marks::APPLICATION_ID;
pub use rights::explain;

use crate::storage::StoreError;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The one that writes. A power failure loses no commit (`synchronous = FULL`).
    Writer,
    /// One of several that only read, and thanks to the write-ahead log never wait for the writer.
    Reader,
    /// The one that is open for as long as the store is, and looks after the log.
    Keeper,
}

/// Characters that would end a path inside a `file:` URI.
const PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#');

/// After so many pages the writer copies the log into the database.
pub const AUTOCHECKPOINT: u32 = 4000;

/// Waits two seconds for a lock that another process holds. A log that had to grow is cut back to 32 MiB when it begins
/// anew; in ordinary use it has half of that.
const WRITER: &str = "PRAGMA busy_timeout = 2000; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; \
                      PRAGMA journal_size_limit = 33554432; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;";
/// A reader waits only for a process that has the whole file to itself, and not for long: its thread waits too.
const READER: &str = "PRAGMA busy_timeout = 250; PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;";
/// The keeper may hold the writer up while it waits for the readers, so it gives up soon and tries again later.
const KEEPER: &str = "PRAGMA busy_timeout = 20; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; \
                      PRAGMA trusted_schema = OFF;";

/// Opens the file at `path`, which [`prepare`] returned.
fn open(path: &Path, role: Role) -> Result<SqliteConnection, StoreError> {
    let text = path.to_str().ok_or_else(|| StoreError::unavailable("the path of the database is not UTF-8"))?;
    // `rw`: a file that vanished is not made anew, empty and readable by everybody; only `prepare` creates it.
    let uri = format!("file://{}?mode=rw", utf8_percent_encode(text, PATH));
    let mut conn = SqliteConnection::establish(&uri)?;
    conn.batch_execute(match role {
        Role::Writer => WRITER,
        Role::Reader => READER,
        Role::Keeper => KEEPER,
    })?;
    Ok(conn)
}
