//! [`Store`]: the way to a connection.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use diesel_async::{AnsiTransactionManager, TransactionManager};
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use super::backend::Doubt;
use super::migrate::{self, Schema};
use super::pool::{Connector, DEADLINE, Lease, Pool};
use super::postgres;
use super::readiness::{self, Readiness};
use super::sqlite::{self, Role, SqliteFile};
use super::writer::Writer;
use crate::foundation::deadline;
use crate::storage::{Conn, DatabaseUrl, PreparedStatements, StoreError, UnsafeSetting};

/// How often it is asked whether another process still writes.
const POLL: Duration = Duration::from_millis(80);

/// What [`Store::connect`] needs to know.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    /// Where the database is.
    pub url: DatabaseUrl,
    /// The most connections to a PostgreSQL server.
    pub postgres_connections: usize,
    /// The connections to a SQLite file that read, beside the one that writes.
    pub sqlite_readers: usize,
    /// A file of PEM certificates to trust beside the system's, where PostgreSQL is reached with TLS.
    pub extra_ca_file: Option<PathBuf>,
    /// Whether statements are kept prepared on PostgreSQL.
    pub prepared_statements: PreparedStatements,
    /// Whether a SQLite file is made where there is none.
    pub may_create: bool,
    /// How long each transaction waits for others who write to a SQLite file, before its deadline begins. `None`, as
    /// everything that serves has it: within the deadline.
    pub patience: Option<Patience>,
}

/// How a process that has nobody waiting for it waits for others who write.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// After this long it is said.
    pub notice_after: Duration,
    /// After this long it is given up.
    pub give_up_after: Duration,
    /// Says it.
    pub say: fn(&str),
}

impl StoreSettings {
    /// The settings that suit most: 16 connections to a server, or 4 readers of a file.
    pub fn new(url: DatabaseUrl) -> Self {
        Self {
            url,
            postgres_connections: 16,
            sqlite_readers: 4,
            extra_ca_file: None,
            prepared_statements: PreparedStatements::Auto,
            may_create: true,
            patience: None,
        }
    }
}

/// The database. Cheap to clone; every clone uses the same connections.
#[derive(Clone)]
pub struct Store {
    readers: Pool,
    writers: Writers,
    patience: Option<Patience>,
    readiness: Arc<Readiness>,
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
        let store = Self { readers, writers, patience: settings.patience, readiness: Arc::default() };
        store.writers.lease().await.map_err(|error| store.explained(error))?.done();
        Ok(store)
    }

    /// How the tables compare with those that this program was made for. Only reads.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database does not answer, or does not let us ask.
    pub async fn schema(&self) -> Result<Schema, StoreError> {
        self.read(async |conn: &mut Conn| migrate::schema(conn).await).await
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
        self.read(async |conn: &mut Conn| readiness::answers(conn).await).await
    }

    /// [`Store::ping`], and whether it can be written.
    ///
    /// # Errors
    /// When not.
    pub async fn ready(&self) -> Result<(), StoreError> {
        self.ping().await?;
        self.readiness.check(self).await
    }

    /// Settings of the database with which what was answered can be lost.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not answer.
    pub async fn unsafe_settings(&self) -> Result<Vec<UnsafeSetting>, StoreError> {
        self.read(async |conn: &mut Conn| readiness::unsafe_settings(conn).await).await
    }

    /// Whether it is a file of our own.
    pub(in crate::storage) fn is_sqlite(&self) -> bool {
        matches!(self.writers, Writers::One(..))
    }

    /// Runs `work` on a connection that reads. Each query sees what had been committed when it began.
    ///
    /// # Errors
    /// Those of `work`; [`StoreError::Unavailable`] at the request's deadline, at the latest after four seconds, however
    /// far it came.
    pub fn read<'a, T, F>(&'a self, work: F) -> impl Future<Output = Result<T, StoreError>> + Send + 'a
    where
        for<'c> F:
            Work<&'c mut Conn, Result<T, StoreError>, Fut: Send> + AsyncFnOnce(&'c mut Conn) -> Result<T, StoreError>,
        F: Send + 'a,
        T: Send + 'a,
    {
        within_deadline(async move {
            let mut lease = self.readers.lease().await?;
            let outcome = work(lease.conn()?).await;
            // After an error of the connection's its state is unknown.
            if !matches!(outcome, Err(StoreError::Unavailable(_))) {
                lease.done();
            }
            outcome
        })
    }

    /// Runs `work` in a transaction, which is committed if it returns `Ok` and rolled back if it returns `Err`. If the
    /// future is dropped before `work` is done, the transaction is rolled back at once; if later, it may have been
    /// committed. On SQLite `work` must wait for nothing but the connection: meanwhile it holds
    /// up every other transaction.
    ///
    /// `Err` means that we failed. A refusal that must be remembered is an `Ok` (a failed login, a replayed token).
    /// A query that failed ends the transaction even if `work` returns `Ok`, unless it had a savepoint of its own
    /// (`AsyncConnection::transaction`).
    ///
    /// # Errors
    /// Those of `work`; [`StoreError::Unavailable`] when the transaction could not be begun, and at the request's deadline
    /// (at the latest after four seconds); [`StoreError::Unsettled`] when it was being committed then, or when the answer
    /// to the commit was lost.
    pub fn transaction<'a, T, F>(&'a self, work: F) -> impl Future<Output = Result<T, StoreError>> + Send + 'a
    where
        for<'c> F:
            Work<&'c mut Conn, Result<T, StoreError>, Fut: Send> + AsyncFnOnce(&'c mut Conn) -> Result<T, StoreError>,
        F: Send + 'a,
        T: Send + 'a,
    {
        // On the heap before anything else holds it, as in `within_deadline`.
        let settled = Box::pin(self.settled(work));
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
    pub fn write_once<'a, T, F>(&'a self, work: F) -> impl Future<Output = Result<T, StoreError>> + Send + 'a
    where
        for<'c> F:
            Work<&'c mut Conn, Result<T, StoreError>, Fut: Send> + AsyncFnOnce(&'c mut Conn) -> Result<T, StoreError>,
        F: Send + 'a,
        T: Send + 'a,
    {
        self.settled_once(work)
    }

    async fn settled<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        for<'c> F: Work<&'c mut Conn, Result<T, StoreError>, Fut: Send>,
    {
        let doubt = Doubt::default();
        let outcome = within_deadline(async {
            match &self.writers {
                Writers::Many(pool) => transaction(pool, &doubt, work).await,
                Writers::One(writer, _) => writer.transaction(&doubt, work).await,
            }
        })
        .await;
        self.noted(outcome, &doubt)
    }

    async fn settled_once<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        for<'c> F: Work<&'c mut Conn, Result<T, StoreError>, Fut: Send>,
    {
        let doubt = Doubt::default();
        let outcome = within_deadline(async {
            match &self.writers {
                Writers::Many(pool) => write_once(pool, &doubt, work).await,
                Writers::One(writer, _) => writer.write_once(&doubt, work).await,
            }
        })
        .await;
        self.noted(outcome, &doubt)
    }

    /// Why a SQLite file cannot be written, if it is the file's fault.
    fn explained(&self, error: StoreError) -> StoreError {
        match &self.writers {
            Writers::One(_, file) => sqlite::explain(error, file.path()),
            Writers::Many(_) => error,
        }
    }

    /// What was interrupted while it was in doubt may have been done.
    fn noted<T>(&self, outcome: Result<T, StoreError>, doubt: &Doubt) -> Result<T, StoreError> {
        let outcome = match outcome {
            Err(StoreError::Unavailable(cause)) if doubt.is_there() => Err(StoreError::Unsettled(cause)),
            Err(error) => Err(self.explained(error)),
            done => done,
        };
        self.readiness.note(&outcome);
        outcome
    }
}

/// Work with a connection of its own and no transaction round it.
async fn write_once<T, F>(pool: &Pool, doubt: &Doubt, work: F) -> Result<T, StoreError>
where
    for<'c> F: Work<&'c mut Conn, Result<T, StoreError>>,
{
    let mut lease = pool.lease().await?;
    let conn = lease.conn()?;
    conn.allow_one_write(doubt.clone());
    let outcome = attempt(conn, work).await;
    conn.allow_writes();
    // After an error of the connection's its state is unknown.
    if !matches!(outcome, Err(StoreError::Unavailable(_))) {
        lease.done();
    }
    outcome
}

/// A transaction with a connection of its own.
async fn transaction<T, F>(pool: &Pool, doubt: &Doubt, work: F) -> Result<T, StoreError>
where
    for<'c> F: Work<&'c mut Conn, Result<T, StoreError>>,
{
    let mut lease = pool.lease().await?;
    let conn = lease.conn()?;
    AnsiTransactionManager::begin_transaction(conn).await?;
    match attempt(conn, work).await {
        Ok(value) => {
            if conn.is_closed() {
                return Err(StoreError::unavailable("the connection was closed before the commit"));
            }
            let committed = doubt.until(AnsiTransactionManager::commit_transaction(conn)).await;
            committed.map_err(|error| StoreError::of_commit(error, conn.was_refused()))?;
            lease.done();
            Ok(value)
        }
        Err(error) => {
            // Here and not in the background: whoever hears of the failure finds no lock of ours.
            if AnsiTransactionManager::rollback_transaction(conn).await.is_ok() {
                lease.done();
            }
            Err(error)
        }
    }
}

/// Does the work of a transaction. After an error, what it did must be rolled back.
pub(super) async fn attempt<T, F>(conn: &mut Conn, work: F) -> Result<T, StoreError>
where
    for<'c> F: Work<&'c mut Conn, Result<T, StoreError>>,
{
    match work(conn).await {
        Ok(_) if conn.is_doomed() => Err(StoreError::unavailable("a query of the transaction had failed")),
        outcome => outcome,
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

/// An async closure whose future has a name, so that one can ask for it to be `Send`: stable Rust cannot say so of an
/// `AsyncFnOnce`. Every async closure is one.
pub trait Work<A, R>: AsyncFnOnce(A) -> R + FnOnce(A) -> <Self as Work<A, R>>::Fut {
    /// The closure's future.
    type Fut: Future<Output = R>;
}

impl<F, A, R, Fut> Work<A, R> for F
where
    F: AsyncFnOnce(A) -> R + FnOnce(A) -> Fut,
    Fut: Future<Output = R>,
{
    type Fut = Fut;
}
