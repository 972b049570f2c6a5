//! [`Store`]: the way to a connection.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryFutureExt;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use super::backend::Doubt;
use super::durations::Durations;
use super::migrate::{self, Schema};
use super::pool::{Connector, DEADLINE, Lease, Pool};
use super::postgres;
use super::readiness::{self, Readiness};
use super::settings::{Patience, StoreSettings};
use super::sqlite::{self, Role, SqliteFile};
use super::work::{Course, Work, transaction, write_once};
use super::writer::Writer;
use crate::foundation::deadline;
use crate::storage::{Conn, DatabaseUrl, StoreError, UnsafeSetting};

/// How often it is asked whether another process still writes.
const POLL: Duration = Duration::from_millis(80);

/// The database. Cheap to clone; every clone uses the same connections.
#[derive(Clone)]
pub struct Store {
    readers: Pool,
    writers: Writers,
    patience: Option<Patience>,
    readiness: Arc<Readiness>,
    durations: Arc<Durations>,
}

/// How a use case writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// With one statement, the last that it does: [`Store::write_once`].
    Once,
    /// With as many as it likes: [`Store::transaction`].
    Together,
}

#[derive(Clone)]
enum Writers {
    /// PostgreSQL.
    Many(Pool),
    /// SQLite.
    One(Writer, Arc<SqliteFile>),
}

impl Store {
    /// Reaches the database: opens the file, which is created if there is none, or connects to the server.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it cannot be reached.
    pub async fn connect(settings: StoreSettings) -> Result<Self, StoreError> {
        let (readers, writers) = match settings.url {
            DatabaseUrl::Postgres(config) => {
                let server = postgres::server(*config, settings.extra_ca_file, settings.prepared_statements)?;
                let pool = Pool::new(Connector::Postgres(server), settings.postgres_connections)?;
                (pool.clone(), Writers::Many(pool))
            }
            DatabaseUrl::Sqlite(path) => {
                let open = move || SqliteFile::open(sqlite::prepare(&path, settings.may_create)?);
                let file = Arc::new(spawn_blocking(open).await.map_err(StoreError::unavailable)??);
                let writer = Pool::new(Connector::Sqlite(Arc::clone(&file), Role::Writer), 1)?;
                let readers = Pool::new(Connector::Sqlite(Arc::clone(&file), Role::Reader), settings.sqlite_readers)?;
                (readers, Writers::One(Writer::new(writer), file))
            }
        };
        let durations = Arc::new(Durations::new(settings.clock, settings.slow_after));
        let store = Self { readers, writers, patience: settings.patience, readiness: Arc::default(), durations };
        store.writers.lease().await.map_err(|error| store.explained(error))?.done();
        Ok(store)
    }

    /// How the tables compare with those that this program was made for. Only reads.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database does not answer, or does not let us ask.
    pub async fn schema(&self) -> Result<Schema, StoreError> {
        self.read("compare_tables", async |conn: &mut Conn| migrate::schema(conn).await).await
    }

    /// Brings the tables up to date and returns the migrations that it applied; changes nothing when none is missing, so
    /// that a role without the right to change tables gets by. Instances may do so at the same time: one applies them,
    /// the others wait and find nothing left to do.
    ///
    /// A database that a newer version has migrated is not an error, so that versions can overlap while they are
    /// replaced: a release only adds to the tables, and removes what it no longer needs one release later.
    ///
    /// # Errors
    /// When a migration fails. Then none has been applied.
    pub async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        if self.schema().await?.missing.is_empty() {
            return Ok(Vec::new());
        }
        migrate::migrate(self.writers.lease().await?).await.map_err(|error| self.explained(error))
    }

    /// Looks after the files of a SQLite database: to be called every second.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when they are not what they were.
    pub async fn tend(&self) -> Result<(), StoreError> {
        let Writers::One(_, file) = &self.writers else { return Ok(()) };
        let file = Arc::clone(file);
        spawn_blocking(move || file.tend()).await.map_err(StoreError::unavailable)?
    }

    /// Copies the log of a SQLite file into the file, while others read and write. A log that grows long is copied by the
    /// commit that finds it so, and whoever writes next waits for that: call this after writing much.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file cannot be written.
    pub async fn copy_log(&self) -> Result<(), StoreError> {
        let Writers::One(_, file) = &self.writers else { return Ok(()) };
        let file = Arc::clone(file);
        spawn_blocking(move || file.copy_log()).await.map_err(StoreError::unavailable)?
    }

    /// Closes SQLite connections that were not used for a while: each keeps up to two megabytes of pages in memory, and
    /// opening another takes less than a millisecond. Those to a server stay: there it takes longer.
    ///
    /// # Errors
    /// When the process is stopping.
    pub async fn close_unused(&self, unused_for: Duration) -> Result<usize, StoreError> {
        let Writers::One(writer, _) = &self.writers else { return Ok(0) };
        let (readers, writer) = (self.readers.clone(), writer.clone());
        let close = move || readers.close_unused(unused_for) + writer.close_unused(unused_for);
        spawn_blocking(close).await.map_err(StoreError::unavailable)
    }

    /// Brings everything into the file of a SQLite database: the last that is done.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it stays in the log, from where it is read as before.
    pub async fn finish(&self) -> Result<(), StoreError> {
        let Writers::One(_, file) = &self.writers else { return Ok(()) };
        let file = Arc::clone(file);
        spawn_blocking(move || file.finish()).await.map_err(StoreError::unavailable)?
    }

    /// Waits until no other process writes to a SQLite file.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] when one still does at the end of the patience.
    pub async fn wait_for_writer(&self, patience: Patience) -> Result<(), StoreError> {
        let Writers::One(_, file) = &self.writers else { return Ok(()) };
        let mut free = std::pin::pin!(async {
            loop {
                let file = Arc::clone(file);
                let is_free = spawn_blocking(move || file.is_writer_free()).await.map_err(StoreError::unavailable)?;
                if is_free.map_err(|error| self.explained(error))? {
                    return Ok(());
                }
                sleep(POLL).await;
            }
        });
        if let Ok(outcome) = timeout(patience.notice_after, &mut free).await {
            return outcome;
        }
        let path = file.path().display();
        (patience.say)(&format!("another process is writing to {path} and has not finished: waiting for it"));
        timeout(patience.give_up_after.saturating_sub(patience.notice_after), free).await.unwrap_or_else(|_| {
            Err(StoreError::Unusable(format!(
                "another process has been writing to {path} for {} seconds (a backup, or a shell with an open \
                 transaction?): end it, then run this again",
                patience.give_up_after.as_secs()
            )))
        })
    }

    /// Whether the database answers, has its tables and does not say that it is read-only.
    ///
    /// # Errors
    /// When not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read("ask_database", async |conn: &mut Conn| readiness::answers(conn).await).await
    }

    /// [`Store::ping`], and whether it can be written.
    ///
    /// # Errors
    /// When not.
    pub async fn ready(&self) -> Result<(), StoreError> {
        self.ping().await?;
        let write = self.transaction("try_writing", async |tx: &mut Conn| readiness::write(tx).await);
        self.readiness.check(self.is_sqlite(), write).await
    }

    /// Settings of the database with which what was answered can be lost.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not answer.
    pub async fn unsafe_settings(&self) -> Result<Vec<UnsafeSetting>, StoreError> {
        self.read("read_unsafe_settings", async |conn: &mut Conn| readiness::unsafe_settings(conn).await).await
    }

    /// Whether it is a file of our own.
    pub(in crate::storage) fn is_sqlite(&self) -> bool {
        matches!(self.writers, Writers::One(..))
    }

    /// Runs `work` on a connection that reads. Each query sees what had been committed when it began. `name` says what for,
    /// as in `find_client`: its duration is noted under it, and a failure tells it.
    ///
    /// # Errors
    /// Those of `work`; [`StoreError::Unavailable`] at the request's deadline, at the latest after four seconds, however
    /// far it came.
    pub fn read<'a, T, F>(
        &'a self,
        name: &'static str,
        work: F,
    ) -> impl Future<Output = Result<T, StoreError>> + Send + 'a
    where
        for<'c> F:
            Work<&'c mut Conn, Result<T, StoreError>, Fut: Send> + AsyncFnOnce(&'c mut Conn) -> Result<T, StoreError>,
        F: Send + 'a,
        T: Send + 'a,
    {
        let outcome = within_deadline(async move {
            let watch = self.durations.watch(name);
            let mut lease = self.readers.lease().await?;
            watch.has_connection();
            let outcome = work(lease.conn()?).await;
            // After an error of the connection's its state is unknown.
            if !matches!(outcome, Err(StoreError::Unavailable(_))) {
                lease.done();
            }
            outcome
        });
        outcome.map_err(move |error| error.during(name))
    }

    /// Runs `work` in a transaction, which is committed if it returns `Ok` and rolled back if it returns `Err`. If the
    /// future is dropped before `work` is done, the transaction is rolled back at once; if later, it may have been
    /// committed. On SQLite `work` must wait for nothing but the connection: meanwhile it holds
    /// up every other transaction. `name` says what for, as of [`Store::read`].
    ///
    /// `Err` means that we failed. A refusal that must be remembered is an `Ok` (a failed login, a replayed token).
    /// A query that failed ends the transaction even if `work` returns `Ok`, unless it had a savepoint of its own
    /// (`AsyncConnection::transaction`).
    ///
    /// # Errors
    /// Those of `work`; [`StoreError::Unavailable`] when the transaction could not be begun, and at the request's deadline
    /// (at the latest after four seconds); [`StoreError::Unsettled`] when it was being committed then, or when the answer
    /// to the commit was lost.
    pub fn transaction<'a, T, F>(
        &'a self,
        name: &'static str,
        work: F,
    ) -> impl Future<Output = Result<T, StoreError>> + Send + 'a
    where
        for<'c> F:
            Work<&'c mut Conn, Result<T, StoreError>, Fut: Send> + AsyncFnOnce(&'c mut Conn) -> Result<T, StoreError>,
        F: Send + 'a,
        T: Send + 'a,
    {
        // On the heap before anything else holds it, as in `within_deadline`.
        let settled = Box::pin(self.settled(name, work));
        async move {
            if let Some(patience) = self.patience {
                self.wait_for_writer(patience).await?;
            }
            settled.await
        }
    }

    /// As [`Store::transaction`], for work that reads and then changes something with one statement, the last that it
    /// does: a second one is refused. PostgreSQL makes a transaction of each statement by itself, and without one round
    /// it two round trips are spared. So what was read may have changed when the statement comes, which must itself look at what must
    /// not have changed (that a code is unused); nothing after it may fail.
    ///
    /// # Errors
    /// As [`Store::transaction`].
    pub fn write_once<'a, T, F>(
        &'a self,
        name: &'static str,
        work: F,
    ) -> impl Future<Output = Result<T, StoreError>> + Send + 'a
    where
        for<'c> F:
            Work<&'c mut Conn, Result<T, StoreError>, Fut: Send> + AsyncFnOnce(&'c mut Conn) -> Result<T, StoreError>,
        F: Send + 'a,
        T: Send + 'a,
    {
        self.settled_once(name, work)
    }

    /// [`Store::write_once`] or [`Store::transaction`], for work that is the one or the other from case to case.
    ///
    /// # Errors
    /// As [`Store::transaction`].
    #[expect(clippy::manual_async_fn, reason = "an async fn does not say that its future is Send")]
    pub fn write<'a, T, F>(
        &'a self,
        name: &'static str,
        writes: Writes,
        work: F,
    ) -> impl Future<Output = Result<T, StoreError>> + Send + 'a
    where
        for<'c> F:
            Work<&'c mut Conn, Result<T, StoreError>, Fut: Send> + AsyncFnOnce(&'c mut Conn) -> Result<T, StoreError>,
        F: Send + 'a,
        T: Send + 'a,
    {
        async move {
            match writes {
                Writes::Once => self.write_once(name, work).await,
                Writes::Together => self.transaction(name, work).await,
            }
        }
    }

    async fn settled<T, F>(&self, name: &'static str, work: F) -> Result<T, StoreError>
    where
        for<'c> F: Work<&'c mut Conn, Result<T, StoreError>, Fut: Send>,
    {
        let course = Course { watch: self.durations.watch(name), doubt: Doubt::default() };
        let outcome = within_deadline(async {
            match &self.writers {
                Writers::Many(pool) => transaction(pool, &course, work).await,
                Writers::One(writer, _) => writer.transaction(&course, work).await,
            }
        })
        .await;
        self.noted(outcome, name, &course.doubt)
    }

    async fn settled_once<T, F>(&self, name: &'static str, work: F) -> Result<T, StoreError>
    where
        for<'c> F: Work<&'c mut Conn, Result<T, StoreError>, Fut: Send>,
    {
        let course = Course { watch: self.durations.watch(name), doubt: Doubt::default() };
        let outcome = within_deadline(async {
            match &self.writers {
                Writers::Many(pool) => write_once(pool, &course, work).await,
                Writers::One(writer, _) => writer.write_once(&course, work).await,
            }
        })
        .await;
        self.noted(outcome, name, &course.doubt)
    }

    /// Why a SQLite file cannot be written, if it is the file's fault.
    fn explained(&self, error: StoreError) -> StoreError {
        match &self.writers {
            Writers::One(_, file) => sqlite::explain(error, file.path()),
            Writers::Many(_) => error,
        }
    }

    /// What was interrupted while it was in doubt may have been done.
    fn noted<T>(&self, outcome: Result<T, StoreError>, name: &'static str, doubt: &Doubt) -> Result<T, StoreError> {
        let outcome = match outcome {
            Err(StoreError::Unavailable(cause)) if doubt.is_there() => Err(StoreError::Unsettled(cause)),
            Err(error) => Err(self.explained(error)),
            done => done,
        };
        self.readiness.note(&outcome);
        outcome.map_err(|error| error.during(name))
    }
}

impl Writers {
    async fn lease(&self) -> Result<Lease, StoreError> {
        match self {
            Self::Many(pool) => pool.lease().await,
            Self::One(writer, _) => writer.lease().await,
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

/// The future of a whole use case runs in `work`: on the heap, or those of a page and its layers would add up to more
/// than a thread's stack in a debug build.
async fn within_deadline<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    match timeout(deadline::left(DEADLINE), Box::pin(work)).await {
        Ok(result) => result,
        Err(_) => Err(StoreError::unavailable("the database took too long")),
    }
}
