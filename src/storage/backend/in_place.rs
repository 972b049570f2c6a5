//! SQLite, run on the thread that asks.

use std::error::Error;

use diesel::SqliteConnection;
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime::{Handle, RuntimeFlavor};

/// A SQLite connection that runs its statements on the calling thread.
pub type SqliteInPlace = SyncConnectionWrapper<SqliteConnection, InPlace>;

/// Runs a blocking task where it is. A statement takes some ten microseconds, less than the way to another thread and
/// back: measured, twice as fast, and a tenth of the worst latency (docs/decisions/0003).
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
        async move {
            // Tells tokio to let another thread take over the other tasks. A runtime with one thread has none.
            match Handle::try_current().map(|handle| handle.runtime_flavor()) {
                Ok(RuntimeFlavor::MultiThread) => Ok(tokio::task::block_in_place(task)),
                _ => Ok(task()),
            }
        }
        .boxed()
    }

    fn get_runtime() -> Self {
        Self
    }
}
