//! One connection to PostgreSQL, which notices that it has died and replaces itself.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::Instrumentation;
use diesel::result::{ConnectionResult, DatabaseErrorKind, Error, QueryResult};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use tokio::time::timeout;
use tokio_postgres::error::{Severity, SqlState};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row, RowStream, Statement};

use super::doubt::Doubt;
use super::pg_server::{Driver, PostgresServer, PostgresSession};
use super::pg_wire::{self, Parameter};
use super::query::Lowered;

/// How long a connection that has just failed may take to be recognised as dead: the error can overtake the end of the
/// stream by a moment.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// A connection to PostgreSQL.
pub struct PostgresConnection {
    client: Client,
    driver: Driver,
    server: Arc<PostgresServer>,
    /// The server's era in which it was opened.
    era: u64,
    /// Prepared statements by their text; `None` where none is kept. The program has a fixed number of them.
    statements: Option<HashMap<String, Statement>>,
    /// The statement that opens a transaction.
    begin: &'static str,
    /// Whether the last failure was the server's own refusal, so that nothing was done.
    refused: bool,
    instrumentation: Option<Box<dyn Instrumentation>>,
}

impl PostgresConnection {
    /// Opens a connection to `server` that can write.
    ///
    /// # Errors
    /// As [`PostgresServer::connect`].
    pub async fn open(server: &Arc<PostgresServer>) -> ConnectionResult<Self> {
        let PostgresSession { client, driver, era, keeps, begin } = server.connect().await?;
        let (server, statements) = (Arc::clone(server), keeps.then(HashMap::new));
        Ok(Self { client, driver, server, era, statements, begin, refused: false, instrumentation: None })
    }

    /// Whether it must not be used again: the server has closed it, or turned out to be read-only since it was opened.
    pub fn is_closed(&self) -> bool {
        self.driver.0.is_finished() || self.era != self.server.era()
    }

    /// Replaces it, and every other connection of its era.
    pub fn distrust(&self) {
        self.server.end_era(self.era);
    }

    /// Whether the last failure was the server's own refusal, and not a lost answer.
    pub fn was_refused(&self) -> bool {
        self.refused
    }

    /// What diesel's instrumentation is kept in.
    pub fn instrumentation(&mut self) -> &mut Option<Box<dyn Instrumentation>> {
        &mut self.instrumentation
    }

    /// Keeps no statements from now on.
    pub fn forget_statements(&mut self) {
        self.statements = None;
    }

    /// Runs a query that returns rows. A dead connection is replaced once, if it was `idle`: then no transaction is
    /// lost with it, and a restart of the server costs no request. `doubt` ends when the server refuses.
    pub async fn load(
        &mut self,
        query: &Lowered,
        idle: bool,
        doubt: Doubt,
    ) -> QueryResult<BoxStream<'static, QueryResult<Row>>> {
        let mut rows = self.start(query).await?;
        if let Err(error) = &rows
            && idle
            && self.died(error).await
        {
            self.replace().await?;
            rows = self.start(query).await?;
        }
        let (server, era) = (Arc::clone(&self.server), self.era);
        let failed = move |error: tokio_postgres::Error| {
            if is_refusal(&error) {
                doubt.end();
            }
            failed(&error, &server, era)
        };
        match rows {
            Ok(rows) => Ok(rows.map_err(failed).boxed()),
            Err(error) => Err(failed(error)),
        }
    }

    /// Runs a query and tells how many rows it changed.
    pub async fn execute(&mut self, query: &Lowered) -> QueryResult<usize> {
        let (types, values) = parameters(query)?;
        let count = match self.statement(query, &types).await {
            Ok(Some(statement)) => self.client.execute_raw(&statement, values).await,
            Ok(None) => {
                let typed: Vec<_> = values.iter().map(|value| value as &(dyn ToSql + Sync)).zip(types).collect();
                self.client.execute_typed(query.sql(), &typed).await
            }
            Err(error) => Err(error),
        };
        let count = count.map_err(|error| self.failed(&error))?;
        usize::try_from(count).map_err(|error| Error::DeserializationError(error.into()))
    }

    /// Runs statements without parameters; as [`PostgresConnection::load`] for the one that opens a transaction.
    pub async fn batch_execute(&mut self, sql: &str, idle: bool) -> QueryResult<()> {
        let sql = if sql == "BEGIN" { self.begin } else { sql };
        match self.client.batch_execute(sql).await {
            Err(error) if idle && self.died(&error).await => {
                self.replace().await?;
                // The new connection may lead to another kind of pooler.
                let sql = if sql.starts_with("BEGIN") { self.begin } else { sql };
                self.client.batch_execute(sql).await.map_err(|error| self.failed(&error))
            }
            result => result.map_err(|error| self.failed(&error)),
        }
    }

    async fn start(&mut self, query: &Lowered) -> QueryResult<Result<RowStream, tokio_postgres::Error>> {
        let (types, values) = parameters(query)?;
        Ok(match self.statement(query, &types).await {
            Ok(Some(statement)) => self.client.query_raw(&statement, values).await,
            Ok(None) => self.client.query_typed_raw(query.sql(), values.into_iter().zip(types)).await,
            Err(error) => Err(error),
        })
    }

    /// The prepared statement; `None` where preparing would only cost a round trip.
    async fn statement(&mut self, query: &Lowered, types: &[Type]) -> Result<Option<Statement>, tokio_postgres::Error> {
        let Some(kept) = self.statements.as_mut().filter(|_| query.is_cacheable()) else { return Ok(None) };
        if let Some(statement) = kept.get(query.sql()) {
            return Ok(Some(statement.clone()));
        }
        let statement = self.client.prepare_typed(query.sql(), types).await?;
        kept.insert(query.sql().to_owned(), statement.clone());
        Ok(Some(statement))
    }

    fn failed(&mut self, error: &tokio_postgres::Error) -> Error {
        self.refused = is_refusal(error);
        failed(error, &self.server, self.era)
    }

    /// Whether `error` came from a connection that is gone. A server that shuts down says so in an error of its own.
    async fn died(&mut self, error: &tokio_postgres::Error) -> bool {
        !is_refusal(error) && (self.driver.0.is_finished() || timeout(LAST_WORDS, &mut self.driver.0).await.is_ok())
    }

    async fn replace(&mut self) -> QueryResult<()> {
        let instrumentation = self.instrumentation.take();
        *self = Self::open(&self.server).await.map_err(|error| {
            Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand, Box::new(error.to_string()))
        })?;
        self.instrumentation = instrumentation;
        Ok(())
    }
}

fn parameters(query: &Lowered) -> QueryResult<(Vec<Type>, Vec<Parameter>)> {
    let binds = query.to_pg()?;
    let types = binds.metadata.iter().map(|metadata| {
        let oid = metadata.oid().map_err(|error| Error::SerializationError(Box::new(error)))?;
        Type::from_oid(oid).ok_or_else(|| Error::SerializationError("a type of none of our columns".into()))
    });
    Ok((types.collect::<QueryResult<_>>()?, binds.binds.into_iter().map(Parameter).collect()))
}

/// Whether the server has refused and goes on, so that the statement, and a commit, was not done.
fn is_refusal(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_some_and(|told| told.parsed_severity() == Some(Severity::Error))
}

fn failed(error: &tokio_postgres::Error, server: &PostgresServer, era: u64) -> Error {
    if error.code() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION) {
        server.end_era(era);
    }
    pg_wire::error(error)
}
