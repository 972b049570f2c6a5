//! A PostgreSQL server, perhaps behind a pooler such as PgBouncer, and how a connection to it is opened.

use std::error::Error as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use diesel::result::{ConnectionError, ConnectionResult};
use tokio::task::JoinHandle;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Limits that the server enforces, so that no query and no forgotten transaction outlives the request it served. They
/// are asked for when the session starts, which costs no round trip.
const LIMITS: &str = "-c statement_timeout=3s -c lock_timeout=1s -c idle_in_transaction_session_timeout=5s";
/// How the server shows the first of these limits.
const STATEMENT_TIMEOUT: &str = "3s";
/// The same limits for each transaction: a pooler gives us no session to keep them in.
const BEGIN_WITH_LIMITS: &str = "BEGIN; SET LOCAL statement_timeout = '3s'; SET LOCAL lock_timeout = '1s'; \
                                 SET LOCAL idle_in_transaction_session_timeout = '5s'";
/// Whether the limits were taken, and whether the server can write.
const CHECK: &str = "SELECT current_setting('statement_timeout'), current_setting('transaction_read_only')";

/// Whether statements are kept prepared, under names that live as long as a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PreparedStatements {
    /// Unless there is a pooler in between.
    #[default]
    Auto,
    /// Also behind a pooler, which must then support them, as PgBouncer does from 1.21 on.
    Always,
    /// Never.
    Never,
}

/// What was opened to a server.
pub struct PostgresSession {
    /// What statements are sent through.
    pub client: Client,
    /// What moves the bytes.
    pub driver: Driver,
    /// The server's era in which it was opened.
    pub era: u64,
    /// Whether it keeps prepared statements.
    pub keeps: bool,
    /// The statement that opens a transaction.
    pub begin: &'static str,
}

/// A PostgreSQL server and how to reach it.
pub struct PostgresServer {
    config: Config,
    /// Present unless the configuration says to do without TLS.
    tls: Option<MakeRustlsConnect>,
    prepared: PreparedStatements,
    /// Whether there is a pooler: each transaction has another session there, which keeps nothing of ours.
    pooled: AtomicBool,
    /// Ends when the server turns out to be read-only: connections of an earlier era are not used again.
    era: AtomicU64,
}

impl PostgresServer {
    /// A server that is reached with `config`.
    pub fn new(config: Config, tls: Option<MakeRustlsConnect>, prepared: PreparedStatements) -> Self {
        let pooled = AtomicBool::new(prepared == PreparedStatements::Never);
        Self { config, tls, prepared, pooled, era: AtomicU64::new(0) }
    }

    /// Opens a connection that can write: a standby, or a server that was demoted, is refused.
    ///
    /// A pooler shows in what becomes of the limits of a session: it refuses them, or drops them.
    ///
    /// # Errors
    /// When the server does not answer, or refuses, or is read-only.
    pub async fn connect(&self) -> ConnectionResult<PostgresSession> {
        let mut pooled = self.pooled.load(Ordering::Relaxed);
        let opened = match self.open(!pooled).await {
            Err(error) if !pooled && is_refusal_of_limits(&error) => {
                pooled = true;
                self.open(false).await
            }
            opened => opened,
        };
        let (client, driver) = opened.map_err(|error| bad_connection(&error))?;
        let era = self.era();
        let answer = client.simple_query(CHECK).await.map_err(|error| bad_connection(&error))?;
        let row = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some((row.get(0)?, row.get(1)?)),
            _ => None,
        });
        let Some((statement_timeout, read_only)) = row else {
            return Err(ConnectionError::BadConnection("the server does not say what it is".to_owned()));
        };
        if read_only == "on" {
            let reason = "the server is read-only: a standby, or the database was set so";
            return Err(ConnectionError::BadConnection(reason.to_owned()));
        }
        pooled |= statement_timeout != STATEMENT_TIMEOUT;
        if pooled && !self.pooled.swap(true, Ordering::Relaxed) {
            tracing::info!("PostgreSQL is reached through a pooler: nothing is kept in its sessions");
        }
        let keeps = match self.prepared {
            PreparedStatements::Always => true,
            PreparedStatements::Never => false,
            PreparedStatements::Auto => !pooled,
        };
        let begin = if pooled { BEGIN_WITH_LIMITS } else { "BEGIN" };
        Ok(PostgresSession { client, driver, era, keeps, begin })
    }

    async fn open(&self, with_limits: bool) -> Result<(Client, Driver), tokio_postgres::Error> {
        let mut config = self.config.clone();
        if with_limits {
            let own = config.get_options().unwrap_or_default();
            config.options(format!("{own} {LIMITS}").trim_start());
        }
        Ok(match &self.tls {
            Some(tls) => {
                let (client, connection) = config.connect(tls.clone()).await?;
                (client, Driver(tokio::spawn(async move { drop(connection.await) })))
            }
            None => {
                let (client, connection) = config.connect(NoTls).await?;
                (client, Driver(tokio::spawn(async move { drop(connection.await) })))
            }
        })
    }

    /// The current era.
    pub fn era(&self) -> u64 {
        self.era.load(Ordering::Relaxed)
    }

    /// Ends the era `seen`: after a failover every connection leads to the wrong server, and is not used again.
    pub fn end_era(&self, seen: u64) {
        let next = seen.saturating_add(1);
        if self.era.compare_exchange(seen, next, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            tracing::warn!("PostgreSQL is read-only: its connections are replaced by ones that can write");
        }
    }
}

/// Whether `error` is how a pooler or a proxy refuses the settings of a session.
fn is_refusal_of_limits(error: &tokio_postgres::Error) -> bool {
    let refusals = [
        &SqlState::PROTOCOL_VIOLATION,
        &SqlState::FEATURE_NOT_SUPPORTED,
        &SqlState::UNDEFINED_OBJECT,
        &SqlState::INVALID_PARAMETER_VALUE,
    ];
    error.code().is_some_and(|code| refusals.contains(&code))
}

/// The message without the URL, which may hold a password, but with its reason, which tokio-postgres leaves to `source`.
fn bad_connection(error: &tokio_postgres::Error) -> ConnectionError {
    ConnectionError::BadConnection(match error.source() {
        Some(reason) => format!("{error}: {reason}"),
        None => error.to_string(),
    })
}

/// The task that moves bytes between the socket and the connection. It ends when the server closes the socket, and it
/// closes the socket when it is dropped: the server then ends whatever the connection was doing.
pub struct Driver(pub JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}
