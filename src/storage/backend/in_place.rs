//! SQLite, run on the thread that asks.

use std::error::Error;

use diesel::SqliteConnection;
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

/// A SQLite connection that runs its statements on the calling thread.
pub type SqliteInPlace = SyncConnectionWrapper<SqliteConnection, InPlace>;

/// Runs a blocking task where it is. A statement takes some ten microseconds, less than the way to another thread and
/// back (docs/decisions/0011).
///
/// However slow the disk is, what needs no database goes on: there are more threads than connections that read, and the
/// one that writes waits elsewhere (`storage/writer.rs`).
#[derive(Debug)]
pub struct InPlace;

impl SpawnBlocking for InPlace {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync + 'static>>>
    where
        R: Send + 'static,
    {
        async move { Ok(task()) }.boxed()
    }

    fn get_runtime() -> Self {
        Self
    }
}
