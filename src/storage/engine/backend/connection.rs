//! A connection to either database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::connection::{CacheSize, Instrumentation};
use diesel::query_builder::{AsQuery, QueryFragment, QueryId};
use diesel::result::{ConnectionError, ConnectionResult, Error, QueryResult};
use diesel::{Connection, SqliteConnection};
use diesel_async::{
    AnsiTransactionManager, AsyncConnection, AsyncConnectionCore, SimpleAsyncConnection, TransactionManager,
};
use futures_util::future::{BoxFuture, ready};
use futures_util::{FutureExt, StreamExt, TryStreamExt};

use super::doubt::Doubt;
use super::pg_server::PostgresServer;
use super::postgres::PostgresConnection;
use super::query::Lowered;
use super::row::{AnyRow, AnyRows};
use super::sqlite::SqliteRow;
use super::{AnySql, sqlite};

/// How a query of some type runs on SQLite.
type Run<T> = fn(&mut SqliteConnection, Lowered) -> QueryResult<T>;

/// A connection to either database, for ordinary diesel-async queries.
pub struct AnyConnection {
    database: Database,
    transaction: AnsiTransactionManager,
    /// Whether a statement has failed since the transaction, or its last savepoint, began.
    ///
    /// PostgreSQL then answers COMMIT with a rollback, and reports that only where diesel does not look; SQLite would
    /// commit the rest. This makes both refuse.
    doomed: Doomed,
    /// How much may be written.
    writes: Writes,
    /// Whether rows were changed since [`AnyConnection::begin_work`].
    changed: bool,
    /// Whether the one statement that may write has been sent and not answered.
    doubt: Doubt,
}

/// How much may be written before the work on a connection is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Writes {
    /// Any number of statements: in a transaction.
    #[default]
    Any,
    /// One statement, which is a transaction by itself.
    One,
    /// None any more: that statement was sent.
    None,
}

enum Database {
    Pg(Box<PostgresConnection>),
    Sqlite(Box<SqliteConnection>),
}

impl AnyConnection {
    /// Opens a connection to a PostgreSQL server that can write.
    ///
    /// # Errors
    /// When the server does not answer, or refuses, or is read-only.
    pub async fn postgres(server: &Arc<PostgresServer>) -> ConnectionResult<Self> {
        Ok(Self::to(Database::Pg(Box::new(PostgresConnection::open(server).await?))))
    }

    /// Wraps a connection to SQLite.
    pub fn sqlite(conn: SqliteConnection) -> Self {
        Self::to(Database::Sqlite(Box::new(conn)))
    }

    fn to(database: Database) -> Self {
        Self {
            database,
            transaction: AnsiTransactionManager::default(),
            doomed: Doomed::default(),
            writes: Writes::Any,
            changed: false,
            doubt: Doubt::default(),
        }
    }

    /// Whether this is PostgreSQL: for the few statements that only it has.
    pub fn is_postgres(&self) -> bool {
        matches!(self.database, Database::Pg(_))
    }

    /// Whether a statement has failed in the open transaction, which then cannot be committed.
    pub fn is_doomed(&self) -> bool {
        self.doomed.get()
    }

    /// Allows one statement that changes something, until [`AnyConnection::allow_writes`]: there is no transaction, so a
    /// second one could not be undone together with it.
    /// `doubt` tells whether it was answered.
    pub fn allow_one_write(&mut self, doubt: Doubt) {
        self.writes = Writes::One;
        self.doubt = doubt;
        self.doomed.set(false);
    }

    /// Allows any number of statements again.
    pub fn allow_writes(&mut self) {
        self.writes = Writes::Any;
        self.doubt = Doubt::default();
    }

    /// Refuses a statement after the one that was allowed.
    fn permit(&self, query: &Lowered) -> QueryResult<()> {
        match self.writes == Writes::None && !query.only_reads() {
            true => Err(Error::QueryBuilderError("a second write without a transaction".into())),
            false => Ok(()),
        }
    }

    /// Notes that a statement is sent which may change something.
    fn send(&self, query: &Lowered) {
        if self.writes == Writes::One && !query.only_reads() {
            self.doubt.begin();
        }
    }

    /// Begins work that shares a transaction with earlier work, whose failures and changes do not count for it.
    pub fn begin_work(&mut self) {
        self.changed = false;
        self.doomed.set(false);
    }

    /// Whether a statement has changed rows since [`AnyConnection::begin_work`].
    pub fn has_changed_rows(&self) -> bool {
        self.changed
    }

    /// Notes that a statement has changed something.
    fn wrote(&mut self) {
        self.changed = true;
        if self.writes == Writes::One {
            self.writes = Writes::None;
        }
    }

    /// Whether [`AnyConnection::settle`] is worth trying.
    pub fn can_settle(&self) -> bool {
        matches!(&self.database, Database::Pg(conn) if !conn.is_closed())
    }

    /// Makes a connection to PostgreSQL whose work was abandoned fit for other work: waits for the answer to the last
    /// statement, and rolls back an open transaction.
    pub async fn settle(&mut self) -> QueryResult<()> {
        let open = AnsiTransactionManager::is_broken_transaction_manager(self);
        match &mut self.database {
            // The server answers in the order of asking, so this answer is the last. Outside of a transaction ROLLBACK
            // would be a warning in its log.
            Database::Pg(conn) => conn.batch_execute(if open { "ROLLBACK" } else { "" }, false).await?,
            Database::Sqlite(_) => return Err(Error::BrokenTransactionManager),
        }
        self.transaction = AnsiTransactionManager::default();
        self.doomed.set(false);
        self.allow_writes();
        Ok(())
    }

    /// Gives up this connection and every other to the same server that was opened before: the server is read-only.
    pub fn distrust(&self) {
        if let Database::Pg(conn) = &self.database {
            conn.distrust();
        }
    }

    /// Whether the last failure was the database's own refusal, so that nothing was done.
    pub fn was_refused(&self) -> bool {
        match &self.database {
            Database::Pg(conn) => conn.was_refused(),
            Database::Sqlite(_) => true,
        }
    }

    /// Whether no transaction is open.
    fn is_idle(&mut self) -> bool {
        matches!(AnsiTransactionManager::transaction_manager_status_mut(self).transaction_depth(), Ok(None))
    }

    /// Whether the server has closed it, or it leads to one that is read-only.
    pub fn is_closed(&self) -> bool {
        match &self.database {
            Database::Pg(conn) => conn.is_closed(),
            Database::Sqlite(_) => false,
        }
    }

    /// Whether it must not be used again: closed, or left inside a transaction.
    pub fn is_broken(&mut self) -> bool {
        self.is_closed() || AnsiTransactionManager::is_broken_transaction_manager(self)
    }

    fn load_lowered(&mut self, query: Lowered, on_sqlite: Run<Vec<SqliteRow>>) -> BoxFuture<'_, QueryResult<AnyRows>> {
        async move {
            self.permit(&query)?;
            self.send(&query);
            if !query.only_reads() {
                self.wrote();
            }
            let (doomed, doubt) = (self.doomed.clone(), self.doubt.clone());
            // A statement that writes is never repeated: it may have been done.
            let idle = query.only_reads() && self.is_idle();
            let rows = match &mut self.database {
                // PostgreSQL may report the failure of a statement only where its first row would have been.
                Database::Pg(conn) => conn
                    .load(&query, idle, doubt)
                    .await
                    .map(|rows| AnyRows::Pg(rows.map_ok(AnyRow::Pg).inspect_err(move |_| doomed.set(true)).boxed())),
                Database::Sqlite(conn) => on_sqlite(conn, query).map(|rows| AnyRows::Sqlite(rows.into_iter())),
            };
            if rows.is_err() {
                self.doomed.set(true);
            }
            rows
        }
        .boxed()
    }

    fn execute_lowered(&mut self, query: Lowered, on_sqlite: Run<usize>) -> BoxFuture<'_, QueryResult<usize>> {
        async move {
            self.permit(&query)?;
            self.send(&query);
            let result = match &mut self.database {
                Database::Pg(conn) => conn.execute(&query).await,
                Database::Sqlite(conn) => on_sqlite(conn, query),
            };
            if result.is_ok() || self.was_refused() {
                self.doubt.end();
            }
            match &result {
                Ok(0) => {}
                Ok(_) => self.wrote(),
                Err(_) => self.doomed.set(true),
            }
            result
        }
        .boxed()
    }
}

/// The statements that begin and end transactions and savepoints.
fn is_of_a_transaction(sql: &str) -> bool {
    ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"].iter().any(|word| sql.starts_with(word))
        && !sql.contains(';')
}

impl SimpleAsyncConnection for AnyConnection {
    async fn batch_execute(&mut self, sql: &str) -> QueryResult<()> {
        let idle = self.is_idle();
        let result = match &mut self.database {
            Database::Pg(conn) => conn.batch_execute(sql, idle).await,
            // Takes the write lock at once: SQLite cannot wait for it later without a deadlock.
            Database::Sqlite(conn) if sql == "BEGIN" => sqlite::run(conn, "BEGIN IMMEDIATE"),
            // Each transaction has them: prepared once.
            Database::Sqlite(conn) if is_of_a_transaction(sql) => sqlite::run(conn, sql),
            Database::Sqlite(conn) => diesel::connection::SimpleConnection::batch_execute(&mut **conn, sql),
        };
        match &result {
            Ok(()) if sql == "BEGIN" || sql.starts_with("ROLLBACK") => self.doomed.set(false),
            Ok(()) => {}
            Err(_) => self.doomed.set(true),
        }
        result
    }
}

impl AsyncConnectionCore for AnyConnection {
    type ExecuteFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<usize>>;
    type LoadFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<Self::Stream<'conn, 'query>>>;
    type Stream<'conn, 'query> = AnyRows;
    type Row<'conn, 'query> = AnyRow;
    type Backend = AnySql;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> Self::LoadFuture<'conn, 'query>
    where
        T: AsQuery + 'query,
        T::Query: QueryFragment<AnySql> + QueryId + 'query,
    {
        match Lowered::new(&source.as_query()) {
            Ok(query) => self.load_lowered(query, sqlite::load::<T::Query>),
            Err(error) => ready(Err(error)).boxed(),
        }
    }

    fn execute_returning_count<'conn, 'query, T>(&'conn mut self, source: T) -> Self::ExecuteFuture<'conn, 'query>
    where
        T: QueryFragment<AnySql> + QueryId + 'query,
    {
        match Lowered::new(&source) {
            Ok(query) => self.execute_lowered(query, sqlite::execute::<T>),
            Err(error) => ready(Err(error)).boxed(),
        }
    }
}

impl AsyncConnection for AnyConnection {
    type TransactionManager = AnsiTransactionManager;

    /// The trait's way to open a connection. Ours needs more than a URL: see `Store::connect`.
    async fn establish(_: &str) -> ConnectionResult<Self> {
        Err(ConnectionError::InvalidConnectionUrl("connections are opened by Store::connect".into()))
    }

    fn transaction_state(&mut self) -> &mut AnsiTransactionManager {
        &mut self.transaction
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        match &mut self.database {
            Database::Pg(conn) => conn.instrumentation(),
            Database::Sqlite(conn) => conn.instrumentation(),
        }
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        match &mut self.database {
            Database::Pg(conn) => *conn.instrumentation() = Some(Box::new(instrumentation)),
            Database::Sqlite(conn) => conn.set_instrumentation(instrumentation),
        }
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        match &mut self.database {
            Database::Pg(conn) if matches!(size, CacheSize::Disabled) => conn.forget_statements(),
            Database::Pg(_) => {}
            Database::Sqlite(conn) => conn.set_prepared_statement_cache_size(size),
        }
    }
}

#[derive(Clone, Default)]
struct Doomed(Arc<AtomicBool>);

impl Doomed {
    fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, doomed: bool) {
        self.0.store(doomed, Ordering::Relaxed);
    }
}
