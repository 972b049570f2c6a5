//! SQLite, run on the thread that asks.

use std::error::Error;
use std::future::poll_fn;
use std::pin::pin;

use diesel::SqliteConnection;
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;

/// A SQLite connection that runs its statements on the calling thread.
pub type SqliteInPlace = SyncConnectionWrapper<SqliteConnection, InPlace>;

/// Runs a blocking task where it is. A statement takes some ten microseconds, less than the way to another thread and
/// back, and less than to ask tokio for another thread to take over the other tasks (docs/decisions/0011).
///
/// However slow the disk is, what needs no database goes on: there are more threads than connections.
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

/// For a statement that waits for the disk or for another process: other tasks of this thread get another one at once.
pub async fn waiting<F: Future>(statement: F) -> F::Output {
    let mut statement = pin!(statement);
    poll_fn(|context| match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => block_in_place(|| statement.as_mut().poll(context)),
        // A runtime with one thread has none.
        _ => statement.as_mut().poll(context),
    })
    .await
}
