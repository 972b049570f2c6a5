//! Watches the files of an open database: they must stay in their places, and the log must not stay large.
//!
//! A connection to files that were deleted or replaced goes on writing to files without a name, and what it commits is
//! lost. The keeper holds the files open for as long as the store lives, so SQLite itself never deletes them meanwhile:
//! if they are gone, somebody else deleted them.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Integer;
use tokio::runtime::Handle;

use super::fault::Fault;
use super::file::{recognise, switch_to_log};
use super::marks::beside;
use super::rights::{explain, explained};
use super::{Role, open};
use crate::storage::StoreError;

/// A larger log had to grow because a reader kept an old state. In ordinary use it has half of this size.
const LARGE: u64 = 32 << 20;
/// How often opening is tried, because another process may hold its locks for a moment.
const TRIES: u32 = 250;
/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(20);

/// An open database: its files, and the connection that keeps them.
pub struct SqliteFile {
    database: Watched,
    log: Watched,
    index: Watched,
    keeper: Mutex<SqliteConnection>,
    /// Whether the log or its index is gone: what is written now would not be found again.
    lost: AtomicBool,
    saved: AtomicBool,
    /// Whether the writer has been told not to copy the log at its commits.
    writer_rests: AtomicBool,
}

/// A file that was at a path when the database was opened.
struct Watched {
    path: PathBuf,
    id: FileId,
}

/// Which file it is, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileId(u64, u64);

impl FileId {
    #[cfg(unix)]
    fn of(found: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self(found.dev(), found.ino())
    }
}

impl Watched {
    fn at(path: PathBuf) -> Result<Self, StoreError> {
        let id = FileId::of(&metadata(&path)?);
        Ok(Self { path, id })
    }

    /// Refuses unless the same file is still there.
    fn check(&self) -> Result<Metadata, StoreError> {
        let found = metadata(&self.path)?;
        match FileId::of(&found) == self.id {
            true => Ok(found),
            false => Err(StoreError::unavailable(format!("{} was replaced while it was in use", self.path.display()))),
        }
    }
}

fn metadata(path: &Path) -> Result<Metadata, StoreError> {
    fs::metadata(path).map_err(|error| StoreError::unavailable(format!("{}: {error}", path.display())))
}

impl SqliteFile {
    /// Opens the database at `path`, which [`super::prepare`] returned. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] when it is not ours.
    pub fn open(path: PathBuf) -> Result<Self, StoreError> {
        let keeper = patiently(|| {
            let mut keeper = open(&path, Role::Keeper)?;
            recognise(&mut keeper, &path)?;
            switch_to_log(&mut keeper, &path)?;
            // Reads, so that the log and its index are open from now on.
            keeper.batch_execute("SELECT count(*) FROM sqlite_master")?;
            Ok(keeper)
        })
        .map_err(|error| refused(error, &path))?;
        Ok(Self {
            log: Watched::at(beside(&path, "-wal"))?,
            index: Watched::at(beside(&path, "-shm"))?,
            database: Watched::at(path)?,
            keeper: Mutex::new(keeper),
            lost: AtomicBool::new(false),
            saved: AtomicBool::new(false),
            writer_rests: AtomicBool::new(false),
        })
    }

    /// One more connection.
    ///
    /// # Errors
    /// As [`SqliteFile::check`].
    pub fn connect(self: &Arc<Self>, role: Role) -> Result<SqliteConnection, StoreError> {
        self.check()?;
        if role == Role::Writer {
            // The new connection has not been told yet.
            self.writer_rests.store(false, Ordering::Relaxed);
        }
        open(&self.database.path, role).map_err(|error| explain(error, &self.database.path))
    }

    /// Refuses when a commit would be lost, and then saves what was committed before, as far as that is possible.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when a file was removed, replaced or emptied.
    pub fn check(self: &Arc<Self>) -> Result<(), StoreError> {
        self.checked().map(drop)
    }

    /// As [`SqliteFile::check`], and returns whether the log is large.
    pub fn checked(self: &Arc<Self>) -> Result<bool, StoreError> {
        if self.database.check()?.len() == 0 {
            return Err(StoreError::unavailable(format!("{} was emptied while in use", self.database.path.display())));
        }
        if self.lost.load(Ordering::Relaxed) {
            return Err(self.restart());
        }
        match self.log.check() {
            Ok(log) => Ok(log.len() > LARGE),
            Err(error) => Err(self.lose(&error)),
        }
    }

    /// Must be called every second. Does [`SqliteFile::check`] even if nobody else does, and shrinks a large log.
    /// Blocks.
    ///
    /// # Errors
    /// As [`SqliteFile::check`].
    pub fn tend(self: &Arc<Self>) -> Result<(), StoreError> {
        if let Err(error) = self.index.check() {
            self.lose(&error);
        }
        match self.checked() {
            Ok(true) => self.shrink(),
            Ok(false) => Ok(()),
            Err(error) => {
                if self.lost.load(Ordering::Relaxed) {
                    // Each time: a commit may have been under way when the loss was noticed.
                    self.save();
                }
                Err(error)
            }
        }
    }

    /// Brings everything that was committed into the database's own file and empties the log. A server does this last,
    /// so that a copy of the file is complete. Blocks.
    ///
    /// # Errors
    /// As [`SqliteFile::check`]; [`StoreError::Unavailable`] when somebody else reads or writes meanwhile.
    pub fn finish(self: &Arc<Self>) -> Result<(), StoreError> {
        self.checked()?;
        match self.keep(|keeper| Ok(checkpoint(keeper, "PASSIVE")? && checkpoint(keeper, "TRUNCATE")?))? {
            true => Ok(()),
            false => Err(StoreError::unavailable("another process uses the database")),
        }
    }

    /// Copies what the log holds into the database's own file, as far as no reader still needs the old pages. Stops
    /// neither readers nor the writer. Blocks.
    ///
    /// # Errors
    /// As [`SqliteFile::check`]; [`StoreError::Unavailable`] when the file cannot be written.
    pub fn copy_log(self: &Arc<Self>) -> Result<(), StoreError> {
        self.checked()?;
        self.keep(|keeper| checkpoint(keeper, "PASSIVE")).map(drop)
    }

    /// Notes whether the log is large, and returns whether that has changed. A commit that copied a large log would
    /// hold up everybody, so copying is left to [`SqliteFile::tend`].
    pub fn is_news_to_writer(&self, log_is_large: bool) -> bool {
        self.writer_rests.swap(log_is_large, Ordering::Relaxed) != log_is_large
    }

    /// Whether nobody else is writing at this moment. Blocks for some milliseconds.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] for any other reason than a lock.
    pub fn is_writer_free(&self) -> Result<bool, StoreError> {
        match self.keep(|keeper| keeper.batch_execute("BEGIN IMMEDIATE; ROLLBACK").map_err(StoreError::from)) {
            Err(error) if Fault::of(&error) == Some(Fault::Locked) => Ok(false),
            other => other.map(|()| true),
        }
    }

    /// Its path, for messages.
    pub fn path(&self) -> &Path {
        &self.database.path
    }

    /// Notes that the log was removed or replaced, and saves at once what is in it.
    fn lose(self: &Arc<Self>, error: &StoreError) -> StoreError {
        if !self.lost.swap(true, Ordering::Relaxed) {
            tracing::error!(%error, "the database's log was removed while it was in use: nothing more is written");
            let file = Arc::clone(self);
            match Handle::try_current() {
                Ok(runtime) => drop(runtime.spawn_blocking(move || file.save())),
                Err(_) => self.save(),
            }
        }
        self.restart()
    }

    fn restart(&self) -> StoreError {
        let log = self.log.path.display();
        StoreError::unavailable(format!("{log} or its index was removed while it was in use: restart the server"))
    }

    /// Brings what was committed into the database's own file, from the log that only we still have.
    fn save(&self) {
        // A log that another process has begun in its place belongs to another state of the database: the two must not
        // be mixed.
        let foreign = fs::metadata(&self.log.path).is_ok_and(|log| FileId::of(&log) != self.log.id && log.len() > 0);
        if foreign {
            tracing::error!("another process has written to the database meanwhile: restore a backup");
            return;
        }
        match self.keep(|keeper| checkpoint(keeper, "PASSIVE")) {
            Ok(true) if !self.saved.swap(true, Ordering::Relaxed) => {
                tracing::error!("everything that was committed is in the database's file again: restart the server");
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "what was committed could not yet be saved from the removed log"),
        }
    }

    /// The first step holds up nobody. It leaves little for the second step, which stops the writer.
    fn shrink(&self) -> Result<(), StoreError> {
        self.keep(|keeper| {
            if checkpoint(keeper, "PASSIVE")? && checkpoint(keeper, "TRUNCATE")? {
                tracing::info!("the database's log had grown and was cut back");
            }
            Ok(())
        })
    }

    fn keep<T>(&self, work: impl FnOnce(&mut SqliteConnection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        work(&mut self.keeper.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Copies the log into the database; returns whether all of it was copied.
fn checkpoint(keeper: &mut SqliteConnection, how: &str) -> Result<bool, StoreError> {
    let done: Checkpoint = diesel::sql_query(format!("PRAGMA wal_checkpoint({how})")).get_result(keeper)?;
    Ok(done.busy == 0 && done.log == done.checkpointed)
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
    #[diesel(sql_type = Integer)]
    log: i32,
    #[diesel(sql_type = Integer)]
    checkpointed: i32,
}

/// Repeats `work` while another process has the database to itself, as it does to begin or end its log.
fn patiently<T>(mut work: impl FnMut() -> Result<T, StoreError>) -> Result<T, StoreError> {
    for _ in 1..TRIES {
        match work() {
            Err(error) if Fault::of(&error) == Some(Fault::Locked) => std::thread::sleep(PAUSE),
            other => return other,
        }
    }
    work()
}

/// What SQLite cannot read, in a sentence that says what to do.
fn refused(error: StoreError, path: &Path) -> StoreError {
    match (Fault::of(&error), error) {
        (Some(Fault::Damaged), StoreError::Unavailable(cause)) => StoreError::Unusable(format!(
            "{} is not a SQLite database, or a damaged one ({cause}): restore a backup, or correct database.url",
            path.display()
        )),
        // Waiting mends no rights.
        (Some(Fault::Rights), StoreError::Unavailable(cause)) => StoreError::Unusable(explained(&cause, path)),
        (_, other) => other,
    }
}
