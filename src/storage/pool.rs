//! Connections that wait for work, and the lease under which one works.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use deadpool::managed::{
    Manager, Metrics, Object, Pool as Deadpool, PoolConfig, PoolError, QueueMode, RecycleError, RecycleResult,
};
use tokio::time::timeout;

use super::backend::{AnyConnection, PostgresServer};
use super::sqlite::{self, FileId, Role};
use super::{Conn, StoreError};

/// How long a caller waits for a connection.
const CHECKOUT: Duration = Duration::from_secs(2);

/// Opens connections of one kind.
pub enum Connector {
    /// To a PostgreSQL server.
    Postgres(Arc<PostgresServer>),
    /// To a SQLite file.
    Sqlite(PathBuf, Role, FileId),
}

impl Manager for Connector {
    type Type = AnyConnection;
    type Error = StoreError;

    async fn create(&self) -> Result<AnyConnection, StoreError> {
        match self {
            Self::Postgres(server) => Ok(AnyConnection::postgres(server.connect().await?)),
            Self::Sqlite(path, role, file) => {
                file.check(path)?;
                Ok(AnyConnection::sqlite(sqlite::open(path, *role)?))
            }
        }
    }

    /// Costs no round trip: a connection that died while it waited is noticed without one.
    async fn recycle(&self, conn: &mut AnyConnection, _: &Metrics) -> RecycleResult<StoreError> {
        if let Self::Sqlite(path, _, file) = self {
            file.check(path).map_err(RecycleError::Backend)?;
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

    /// Takes a connection, in the order of asking.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when none is free or can be opened within two seconds.
    pub async fn lease(&self) -> Result<Lease, StoreError> {
        match timeout(CHECKOUT, self.0.get()).await {
            Ok(Ok(object)) => Ok(Lease(Some(object))),
            Ok(Err(PoolError::Backend(error))) => Err(error),
            Ok(Err(error)) => Err(StoreError::unavailable(error)),
            Err(_) => Err(StoreError::unavailable("no connection was free in time")),
        }
    }
}

/// A connection at work. Unless it is given back by [`Lease::done`] it is closed, at once: whatever it was doing when
/// its work failed or its future was dropped, it holds no lock afterwards, and nobody else gets to see it.
pub struct Lease(Option<Object<Connector>>);

impl Lease {
    /// The connection.
    ///
    /// # Errors
    /// Never: a lease has its connection until it is done, and `done` takes the lease.
    pub fn conn(&mut self) -> Result<&mut Conn, StoreError> {
        self.0.as_deref_mut().ok_or_else(|| StoreError::unavailable("the connection was given back"))
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
            drop(Object::take(object));
        }
    }
}
