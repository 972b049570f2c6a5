//! One connection to PostgreSQL, which notices that it has died and replaces itself.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use diesel::pg::Pg;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::result::{ConnectionError, ConnectionResult, DatabaseErrorKind, Error, QueryResult};
use diesel_async::{
    AnsiTransactionManager, AsyncConnection, AsyncConnectionCore, AsyncPgConnection, SimpleAsyncConnection,
    TransactionManager,
};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::NoTls;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a connection that has just failed may take to be recognised as dead: the error can overtake the end of the
/// stream by a moment.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// A PostgreSQL server and how to reach it.
#[derive(Clone)]
pub struct PostgresServer {
    /// Address, user, timeouts.
    pub config: tokio_postgres::Config,
    /// Present unless the configuration says to do without TLS.
    pub tls: Option<MakeRustlsConnect>,
    /// Statements that every new connection begins with.
    pub session: &'static str,
}

impl PostgresServer {
    /// Opens a connection.
    ///
    /// # Errors
    /// When the server does not answer, or refuses.
    pub async fn connect(self: &Arc<Self>) -> ConnectionResult<PostgresConnection> {
        let (client, driver) = match &self.tls {
            Some(tls) => {
                let (client, connection) = self.config.connect(tls.clone()).await.map_err(bad_connection)?;
                (client, tokio::spawn(async move { drop(connection.await) }))
            }
            None => {
                let (client, connection) = self.config.connect(NoTls).await.map_err(bad_connection)?;
                (client, tokio::spawn(async move { drop(connection.await) }))
            }
        };
        let driver = Driver(driver);
        let mut conn = AsyncPgConnection::try_from(client).await?;
        conn.batch_execute(self.session).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(PostgresConnection { conn, driver, server: Arc::clone(self) })
    }
}

/// The message without the URL, which may hold a password, but with its reason, which tokio-postgres leaves to `source`.
fn bad_connection(error: tokio_postgres::Error) -> ConnectionError {
    ConnectionError::BadConnection(match error.source() {
        Some(reason) => format!("{error}: {reason}"),
        None => error.to_string(),
    })
}

/// The task that moves bytes between the socket and the connection. It ends when the server closes the socket, and it
/// closes the socket when it is dropped: the server then ends whatever the connection was doing.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A connection to PostgreSQL.
pub struct PostgresConnection {
    conn: AsyncPgConnection,
    driver: Driver,
    server: Arc<PostgresServer>,
}

impl PostgresConnection {
    /// The connection that does the work.
    pub fn inner(&mut self) -> &mut AsyncPgConnection {
        &mut self.conn
    }

    /// Whether the server has closed it.
    pub fn is_closed(&self) -> bool {
        self.driver.0.is_finished()
    }

    /// Runs a query that returns rows. A connection that turns out to be dead is replaced, once, unless a transaction
    /// went down with it: a restart of the server costs no request.
    pub async fn load<'c, Q>(
        &'c mut self,
        query: &'c Q,
    ) -> QueryResult<<AsyncPgConnection as AsyncConnectionCore>::Stream<'c, 'c>>
    where
        Q: Query + QueryFragment<Pg> + QueryId + Sync,
    {
        match self.conn.load(query).await {
            Err(error) if self.died(&error).await => {
                self.replace().await?;
                self.conn.load(query).await
            }
            result => result,
        }
    }

    /// Runs statements without parameters; as [`PostgresConnection::load`] for the one that opens a transaction.
    pub async fn batch_execute(&mut self, sql: &str) -> QueryResult<()> {
        match self.conn.batch_execute(sql).await {
            Err(error) if self.died(&error).await => {
                self.replace().await?;
                self.conn.batch_execute(sql).await
            }
            result => result,
        }
    }

    /// As [`super::AnyConnection::settle`]. The server answers in the order of asking, so this answer is the last.
    pub async fn settle(&mut self) -> QueryResult<()> {
        let open = AnsiTransactionManager::is_broken_transaction_manager(&mut self.conn);
        *self.conn.transaction_state() = AnsiTransactionManager::default();
        // Outside of a transaction ROLLBACK would be a warning in the server's log.
        self.conn.batch_execute(if open { "ROLLBACK" } else { "" }).await
    }

    /// Whether `error` came from a connection that is gone and had no transaction open.
    async fn died(&mut self, error: &Error) -> bool {
        use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand, Unknown};
        // A server that shuts down says so in an error of its own, whose code diesel does not pass on.
        let suspicious = matches!(error, Error::DatabaseError(ClosedConnection | UnableToSendCommand | Unknown, _));
        let status = AnsiTransactionManager::transaction_manager_status_mut(&mut self.conn);
        let idle = matches!(status.transaction_depth(), Ok(None));
        suspicious && idle && (self.is_closed() || timeout(LAST_WORDS, &mut self.driver.0).await.is_ok())
    }

    async fn replace(&mut self) -> QueryResult<()> {
        *self = self.server.connect().await.map_err(|error| {
            Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand, Box::new(error.to_string()))
        })?;
        Ok(())
    }
}
