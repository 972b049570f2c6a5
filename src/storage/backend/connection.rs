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

use super::postgres::PostgresConnection;
use super::query::Lowered;
use super::row::{AnyRow, AnyRows};
use super::{AnySql, sqlite};

/// A connection to either database, for ordinary diesel-async queries.
pub struct AnyConnection {
    database: Database,
    /// A statement has failed since the transaction, or its last savepoint, began.
    ///
    /// PostgreSQL then rolls back whatever COMMIT asks for, and says so only where diesel does not look; SQLite would
    /// commit the rest. With this, both refuse.
    doomed: Doomed,
    /// How much may be written.
    writes: Writes,
}

/// How much may be written before the work on a connection is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Writes {
    /// Any number of statements: in a transaction.
    #[default]
    Any,
    /// One statement, which is a transaction by itself.
    One,
    /// None: that one has been.
    None,
}

enum Database {
    Pg(Box<PostgresConnection>),
    Sqlite(Box<SqliteConnection>, AnsiTransactionManager),
}

impl AnyConnection {
    /// Wraps a connection to PostgreSQL.
    pub fn postgres(conn: PostgresConnection) -> Self {
        Self { database: Database::Pg(Box::new(conn)), doomed: Doomed::default(), writes: Writes::Any }
    }

    /// Wraps a connection to SQLite.
    pub fn sqlite(conn: SqliteConnection) -> Self {
        Self {
            database: Database::Sqlite(Box::new(conn), AnsiTransactionManager::default()),
            doomed: Doomed::default(),
            writes: Writes::Any,
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
    pub fn allow_one_write(&mut self) {
        self.writes = Writes::One;
        self.doomed.set(false);
    }

    /// Allows any number of them again.
    pub fn allow_writes(&mut self) {
        self.writes = Writes::Any;
    }

    /// Refuses a statement after the one that was allowed.
    fn permit(&self, query: &Lowered) -> QueryResult<()> {
        match self.writes == Writes::None && !query.only_reads() {
            true => Err(Error::QueryBuilderError("a second write without a transaction".into())),
            false => Ok(()),
        }
    }

    /// Notes that one has changed something.
    fn wrote(&mut self) {
        if self.writes == Writes::One {
            self.writes = Writes::None;
        }
    }

    /// Whether [`AnyConnection::settle`] is worth trying.
    pub fn can_settle(&self) -> bool {
        matches!(&self.database, Database::Pg(conn) if !conn.is_closed())
    }

    /// Makes a connection to PostgreSQL whose work was abandoned fit for other work: waits for the answer to whatever
    /// was asked last, and rolls back what is open.
    pub async fn settle(&mut self) -> QueryResult<()> {
        match &mut self.database {
            Database::Pg(conn) => conn.settle().await?,
            Database::Sqlite(..) => return Err(Error::BrokenTransactionManager),
        }
        self.doomed.set(false);
        self.writes = Writes::Any;
        Ok(())
    }

    /// Whether it must not be used again: closed, or left inside a transaction.
    pub fn is_broken(&mut self) -> bool {
        let closed = match &self.database {
            Database::Pg(conn) => conn.is_closed(),
            Database::Sqlite(..) => false,
        };
        closed || AnsiTransactionManager::is_broken_transaction_manager(self)
    }

    fn load_lowered(&mut self, query: Lowered) -> BoxFuture<'_, QueryResult<AnyRows>> {
        async move {
            self.permit(&query)?;
            if !query.only_reads() {
                self.wrote();
            }
            let doomed = self.doomed.clone();
            let rows = match &mut self.database {
                // PostgreSQL may report the failure of a statement only where its first row would have been.
                Database::Pg(conn) => conn
                    .load(&query)
                    .await
                    .map(|rows| AnyRows::Pg(rows.map_ok(AnyRow::Pg).inspect_err(move |_| doomed.set(true)).boxed())),
                Database::Sqlite(conn, _) => sqlite::load(conn, query).map(|rows| AnyRows::Sqlite(rows.into_iter())),
            };
            if rows.is_err() {
                self.doomed.set(true);
            }
            rows
        }
        .boxed()
    }

    fn execute_lowered(&mut self, query: Lowered) -> BoxFuture<'_, QueryResult<usize>> {
        async move {
            self.permit(&query)?;
            let result = match &mut self.database {
                Database::Pg(conn) => conn.inner().execute_returning_count(query).await,
                Database::Sqlite(conn, _) => sqlite::execute(conn, &query),
            };
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
        let result = match &mut self.database {
            Database::Pg(conn) => conn.batch_execute(sql).await,
            // Takes the write lock at once: SQLite cannot wait for it later without a deadlock.
            Database::Sqlite(conn, _) if sql == "BEGIN" => {
                sqlite::execute(conn, &Lowered::statement("BEGIN IMMEDIATE")).map(drop)
            }
            // Each transaction has them: prepared once.
            Database::Sqlite(conn, _) if is_of_a_transaction(sql) => {
                sqlite::execute(conn, &Lowered::statement(sql)).map(drop)
            }
            Database::Sqlite(conn, _) => diesel::connection::SimpleConnection::batch_execute(&mut **conn, sql),
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
            Ok(query) => self.load_lowered(query),
            Err(error) => ready(Err(error)).boxed(),
        }
    }

    fn execute_returning_count<'conn, 'query, T>(&'conn mut self, source: T) -> Self::ExecuteFuture<'conn, 'query>
    where
        T: QueryFragment<AnySql> + QueryId + 'query,
    {
        match Lowered::new(&source) {
            Ok(query) => self.execute_lowered(query),
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
        match &mut self.database {
            Database::Pg(conn) => conn.inner().transaction_state(),
            Database::Sqlite(_, state) => state,
        }
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        match &mut self.database {
            Database::Pg(conn) => conn.inner().instrumentation(),
            Database::Sqlite(conn, _) => conn.instrumentation(),
        }
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        match &mut self.database {
            Database::Pg(conn) => conn.inner().set_instrumentation(instrumentation),
            Database::Sqlite(conn, _) => conn.set_instrumentation(instrumentation),
        }
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        match &mut self.database {
            Database::Pg(conn) => conn.inner().set_prepared_statement_cache_size(size),
            Database::Sqlite(conn, _) => conn.set_prepared_statement_cache_size(size),
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
