//! The file of a SQLite database: made whole or not at all, and refused when it is not ours.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};

use super::leftovers::{self, Making};
use super::marks::{APPLICATION_ID, HIGHEST, INFIX, beside};
use super::rights::missing;
use super::{Role, open};
use crate::storage::StoreError;

/// Two tables that only our databases have together: they mark one from before there was an id.
const OURS: [&str; 2] = ["__diesel_schema_migrations", "signing_keys"];

/// Makes sure that there is a database at `path`, and returns its absolute path. A new one is made, readable by us
/// alone, if `may_create`.
///
/// # Errors
/// [`StoreError::Unusable`] when there is none, or an empty file that was a database once.
pub fn prepare(path: &Path, may_create: bool) -> Result<PathBuf, StoreError> {
    let problem = |error: io::Error| match error.kind() {
        // Missing rights do not come back by waiting, so this is not `Unavailable`.
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            StoreError::Unusable(format!("cannot open {}: {error}: {}", path.display(), missing(path)))
        }
        _ => StoreError::unavailable(format!("cannot open {}: {error}", path.display())),
    };
    // Absolute, because SQLite reads "file:…" as a URI.
    let path = std::path::absolute(path).map_err(problem)?;
    let shown = path.display();
    if may_create {
        leftovers::remove(&path);
    }
    match fs::metadata(&path) {
        Ok(found) if found.is_dir() => Err(StoreError::Unusable(format!(
            "{shown} is a folder, not a database: where a container mounts a file that did not exist, it makes a folder; \
             mount the folder that the database is in"
        ))),
        Ok(found) if found.len() > 0 || (is_untouched(&found) && !has_log(&path)) => Ok(path),
        Ok(_) => Err(StoreError::Unusable(format!(
            "{shown} is empty, and was changed since it was made: if it was the database, stop and restore a backup; if \
             it is to be a new one, delete the file, it will be made"
        ))),
        Err(error) if error.kind() == ErrorKind::NotFound && may_create => {
            make(&path).map_err(problem)?;
            Ok(path)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Err(StoreError::Unusable(format!(
            "there is no database at {shown}: `latchkey migrate` makes one, and so does the server when it starts without \
             --no-migrate; or is database.url another?"
        ))),
        Err(error) => Err(problem(error)),
    }
}

/// Whether an empty file has never held anything, as when a tool made it because it needed a file there. An emptied
/// file has times that differ, and so has an empty file from a backup.
fn is_untouched(found: &Metadata) -> bool {
    let (Ok(made), Ok(changed)) = (found.created(), found.modified()) else { return false };
    changed.duration_since(made).is_ok_and(|later| later < Duration::from_secs(1))
}

/// Whether a log lies beside it: there was a database.
fn has_log(path: &Path) -> bool {
    beside(path, "-wal").exists()
}

/// Makes an empty database. It gets its name only when it is complete, with its id and its write-ahead log: a process
/// that starts at the same moment finds nothing or all of it.
fn make(path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(folder)?;
    let _making = Making::in_folder(folder);
    let new = unique(path)?;
    let made = fill(&new).map_err(io::Error::other).and_then(|()| File::open(&new)?.sync_all()).and_then(|()| {
        match fs::hard_link(&new, path) {
            // Another process was faster, and made the same.
            Err(error) if error.kind() == ErrorKind::AlreadyExists && path.exists() => Ok(()),
            // No links here, or a symbolic link to nothing: the first process that opens the file fills it.
            Err(_) => options().create(true).truncate(false).open(path).map(drop),
            Ok(()) => Ok(()),
        }
    });
    drop(fs::remove_file(&new));
    made?;
    // Makes the name survive a power failure. Not every file system can.
    drop(File::open(folder).and_then(|folder| folder.sync_all()));
    Ok(())
}

/// Makes a file beside `path` that is readable by us alone and that no other process uses.
fn unique(path: &Path) -> io::Result<PathBuf> {
    let mut number = 0;
    loop {
        let new = beside(path, &format!("{INFIX}{number}"));
        match options().create_new(true).open(&new) {
            Ok(_) => return Ok(new),
            // It is another process's, or was left behind where nothing can be tidied up.
            Err(error) if error.kind() == ErrorKind::AlreadyExists && number < HIGHEST => number += 1,
            Err(error) => return Err(error),
        }
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn fill(new: &Path) -> Result<(), StoreError> {
    let mut conn = open(new, Role::Writer)?;
    conn.batch_execute(&format!("PRAGMA application_id = {APPLICATION_ID}"))?;
    switch_to_log(&mut conn, new)
}

/// Turns the write-ahead log on, where it is not on already.
pub fn switch_to_log(conn: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let mode: JournalMode = diesel::sql_query("PRAGMA journal_mode = WAL").get_result(conn)?;
    match mode.journal_mode.as_str() {
        "wal" => Ok(()),
        other => Err(StoreError::Unusable(format!(
            "{} cannot have a write-ahead log (its journal mode stays {other}): it must be on a local disk, not on a \
             network file system",
            path.display()
        ))),
    }
}

#[derive(QueryableByName)]
struct JournalMode {
    #[diesel(sql_type = Text)]
    journal_mode: String,
}

/// Refuses a database of another program.
pub fn recognise(conn: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let shown = path.display();
    let found: ApplicationId = diesel::sql_query("PRAGMA application_id").get_result(conn)?;
    let query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let tables: Vec<Table> = diesel::sql_query(query).load(conn)?;
    let has = |name: &str| tables.iter().any(|table| table.name == name);
    match found.application_id {
        APPLICATION_ID => Ok(()),
        0 if tables.is_empty() || OURS.into_iter().all(has) => Ok(()),
        id => Err(StoreError::Unusable(format!(
            "{shown} is the database of another program (application id {id}, {} tables) and was not touched: is \
             database.url right?",
            tables.len()
        ))),
    }
}

#[derive(QueryableByName)]
struct ApplicationId {
    #[diesel(sql_type = Integer)]
    application_id: i32,
}

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
}
