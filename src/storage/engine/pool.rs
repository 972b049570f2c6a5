//! Connections that wait for work, and the lease under which one works.

use std::sync::Arc;
use std::time::Duration;

use deadpool::managed::{
    Manager, Metrics, Object, Pool as Deadpool, PoolConfig, PoolError, QueueMode, RecycleError, RecycleResult,
};
use diesel_async::SimpleAsyncConnection;
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::backend::{AnyConnection, PostgresServer};
use super::sqlite::{AUTOCHECKPOINT, Role, SqliteFile};
use crate::foundation::deadline;
use crate::storage::{Conn, StoreError};

/// The longest that one read or one transaction may take, with the wait for a connection. The deadline of the request
/// that needs it may be earlier.
pub const DEADLINE: Duration = Duration::from_secs(4);
/// The part of that which is kept for the work: a connection that comes later is of no use.
const WORK: Duration = Duration::from_millis(500);
/// How long an abandoned connection may take to answer its last statement and to roll back. Longer than a statement
/// waits for a lock.
const SETTLE: Duration = Duration::from_secs(2);

/// How long a caller waits for a connection, or for its turn to write.
pub fn patience() -> Duration {
    deadline::left(DEADLINE).saturating_sub(WORK)
}

/// Opens connections of one kind.
pub enum Connector {
    /// To a PostgreSQL server.
    Postgres(Arc<PostgresServer>),
    /// To a SQLite file.
    Sqlite(Arc<SqliteFile>, Role),
}

impl Connector {
    /// Refuses when a commit would be lost, because the file was removed or replaced.
    fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::Postgres(_) => Ok(()),
            Self::Sqlite(file, _) => file.check(),
        }
    }
}

impl Manager for Connector {
    type Type = AnyConnection;
    type Error = StoreError;

    async fn create(&self) -> Result<AnyConnection, StoreError> {
        match self {
            Self::Postgres(server) => Ok(AnyConnection::postgres(server).await?),
            Self::Sqlite(file, role) => Ok(AnyConnection::sqlite(file.connect(*role)?)),
        }
    }

    /// Costs no round trip: a connection that died while it waited is noticed without one.
    async fn recycle(&self, conn: &mut AnyConnection, _: &Metrics) -> RecycleResult<StoreError> {
        if let Self::Sqlite(file, role) = self {
            let log_is_large = file.checked().map_err(RecycleError::Backend)?;
            if *role == Role::Writer && file.is_news_to_writer(log_is_large) {
                let pages = if log_is_large { 0 } else { AUTOCHECKPOINT };
                let pragma = format!("PRAGMA wal_autocheckpoint = {pages}");
                conn.batch_execute(&pragma).await.map_err(|error| RecycleError::Backend(error.into()))?;
            }
        }
        if conn.is_broken() { Err(RecycleError::message("broken")) } else { Ok(()) }
    }
}

/// A pool of connections of one kind.
#[derive(Clone)]
pub struct Pool(Deadpool<Connector>);

impl Pool {
    /// A pool of at most `size` connections. None is opened yet.
    pub fn new(connector: Connector, size: usize) -> Result<Self, StoreError> {
        let mut config = PoolConfig::new(size.max(1));
        // The most recently used first: its statements are prepared and its pages are in memory.
        config.queue_mode = QueueMode::Lifo;
        let pool = Deadpool::builder(connector).config(config).build().map_err(StoreError::unavailable)?;
        Ok(Self(pool))
    }

    /// Closes the connections that were unused for `unused_for`, and returns how many.
    pub fn close_unused(&self, unused_for: Duration) -> usize {
        // Closed here, after the pool's lock was released.
        self.0.retain(|_, metrics| metrics.last_used() < unused_for).removed.len()
    }

    /// Takes a connection. Callers are served in order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when none is free or can be opened in time.
    pub async fn lease(&self) -> Result<Lease, StoreError> {
        match timeout(patience(), self.0.get()).await {
            Ok(Ok(object)) => Ok(Lease(Some(object))),
            Ok(Err(PoolError::Backend(error))) => Err(error),
            Ok(Err(error)) => Err(StoreError::unavailable(error)),
            Err(_) => Err(StoreError::unavailable("no connection was free in time")),
        }
    }
}

/// A connection in use, until [`Lease::done`] gives it back. If its work failed, or its future was dropped because its
/// request is gone, its state is unknown: a connection to SQLite is closed at once, one to PostgreSQL is given back
/// after the server has answered and rolled back (docs/decisions/0018).
pub struct Lease(Option<Object<Connector>>);

impl Lease {
    /// The connection.
    ///
    /// # Errors
    /// Never: a lease has its connection until it is done, and `done` takes the lease.
    pub fn conn(&mut self) -> Result<&mut Conn, StoreError> {
        self.0.as_deref_mut().ok_or_else(|| StoreError::unavailable("the connection was given back"))
    }

    /// Checks that what was committed on it will be found again.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when its file was removed or replaced meanwhile.
    pub fn check(&self) -> Result<(), StoreError> {
        match self.0.as_ref().and_then(Object::pool) {
            Some(pool) => pool.manager().check(),
            None => Ok(()),
        }
    }

    /// Takes the connection for good: nobody else will get it.
    ///
    /// # Errors
    /// Never, as [`Lease::conn`].
    pub fn take(mut self) -> Result<Conn, StoreError> {
        self.0.take().map(Object::take).ok_or_else(|| StoreError::unavailable("the connection was given back"))
    }

    /// Gives the connection back for others to use.
    pub fn done(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            Unsettled(Some(object)).settle();
        }
    }
}

/// A connection whose state is unknown. It keeps its place in the pool, which bounds their number, and is closed unless
/// it settles: nobody else uses it before.
struct Unsettled(Option<Object<Connector>>);

impl Unsettled {
    /// Settles it in the background, where that is possible.
    fn settle(mut self) {
        let settles = self.0.as_deref().is_some_and(AnyConnection::can_settle);
        if settles && let Ok(runtime) = Handle::try_current() {
            // When the runtime ends, the task is dropped and the connection closed.
            drop(runtime.spawn(async move {
                let Some(conn) = self.0.as_deref_mut() else { return };
                if matches!(timeout(SETTLE, conn.settle()).await, Ok(Ok(()))) {
                    drop(self.0.take());
                }
            }));
        }
    }
}

impl Drop for Unsettled {
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            drop(Object::take(object));
        }
    }
}
