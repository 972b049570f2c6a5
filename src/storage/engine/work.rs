//! The work that a caller hands to the store, and how it is done on a connection to a server.

use std::future::Future;

use diesel_async::{AnsiTransactionManager, TransactionManager};

use super::backend::Doubt;
use super::durations::Watch;
use super::pool::Pool;
use crate::storage::{Conn, StoreError};

/// An async closure whose future has a name, so that one can ask for it to be `Send`: stable Rust cannot say so of an
/// `AsyncFnOnce`. Every async closure is one.
pub trait Work<A, R>: AsyncFnOnce(A) -> R + FnOnce(A) -> <Self as Work<A, R>>::Fut {
    /// The closure's future.
    type Fut: Future<Output = R>;
}

impl<F, A, R, Fut> Work<A, R> for F
where
    F: AsyncFnOnce(A) -> R + FnOnce(A) -> Fut,
    Fut: Future<Output = R>,
{
    type Fut = Fut;
}

/// One read or transaction: what is to be known of it from outside while it runs.
pub struct Course<'a> {
    /// How long it takes.
    pub watch: Watch<'a>,
    /// Whether it may have been done although nobody said so.
    pub doubt: Doubt,
}

/// Does the work of a transaction. After an error, what it did must be rolled back.
pub(super) async fn attempt<T, F>(conn: &mut Conn, work: F) -> Result<T, StoreError>
where
    for<'c> F: Work<&'c mut Conn, Result<T, StoreError>>,
{
    match work(conn).await {
        Ok(_) if conn.is_doomed() => Err(StoreError::unavailable("a query of the transaction had failed")),
        outcome => outcome,
    }
}

/// A transaction with a connection of its own.
pub async fn transaction<T, F>(pool: &Pool, course: &Course<'_>, work: F) -> Result<T, StoreError>
where
    for<'c> F: Work<&'c mut Conn, Result<T, StoreError>>,
{
    let mut lease = pool.lease().await?;
    course.watch.has_connection();
    let conn = lease.conn()?;
    AnsiTransactionManager::begin_transaction(conn).await?;
    match attempt(conn, work).await {
        Ok(value) => {
            if conn.is_closed() {
                return Err(StoreError::unavailable("the connection was closed before the commit"));
            }
            let committed = course.doubt.until(AnsiTransactionManager::commit_transaction(conn)).await;
            committed.map_err(|error| StoreError::of_commit(error, conn.was_refused()))?;
            lease.done();
            Ok(value)
        }
        Err(error) => {
            // Here and not in the background: whoever hears of the failure finds no lock of ours.
            if AnsiTransactionManager::rollback_transaction(conn).await.is_ok() {
                lease.done();
            }
            Err(error)
        }
    }
}

/// Work with a connection of its own and no transaction round it.
pub async fn write_once<T, F>(pool: &Pool, course: &Course<'_>, work: F) -> Result<T, StoreError>
where
    for<'c> F: Work<&'c mut Conn, Result<T, StoreError>>,
{
    let mut lease = pool.lease().await?;
    course.watch.has_connection();
    let conn = lease.conn()?;
    conn.allow_one_write(course.doubt.clone());
    let outcome = attempt(conn, work).await;
    conn.allow_writes();
    // After an error of the connection's its state is unknown.
    if !matches!(outcome, Err(StoreError::Unavailable(_))) {
        lease.done();
    }
    outcome
}
