//! The one writer of a SQLite file, and how transactions that wait for each other share a commit.
//!
//! What is committed is on the disk, and that takes longer than all the work before it. So a transaction whose work is
//! done hands its turn, with everything still uncommitted, to the next one in the queue; the last one there commits for
//! all, and only then is anybody told. Each but the first, and those that write once, has a savepoint of its own: one that
//! fails undoes itself alone.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use diesel::result::{Error, QueryResult};
use diesel_async::{AnsiTransactionManager, TransactionManager};
use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::backend::Doubt;
use super::pool::{Lease, Pool, patience};
use super::store::{Work, attempt};
use crate::storage::{Conn, StoreError};

/// Transactions that share a commit, at most: with it the first one waits a few milliseconds for the others.
const MOST: usize = 64;

/// The one writer of a SQLite file.
#[derive(Clone)]
pub struct Writer {
    /// Of one connection.
    pool: Pool,
    queue: Arc<Queue>,
}

/// Who waits for the turn; `None` while nobody has it.
#[derive(Default)]
struct Queue(Mutex<Option<Waiting>>);

type Waiting = VecDeque<oneshot::Sender<Turn>>;

/// The right to write. Dropping it gives it to the next in the queue, after the commit of what came with it.
struct Turn {
    queue: Arc<Queue>,
    /// What others have written and not committed, on its way to the next one.
    group: Option<Group>,
}

/// Transactions whose work is done, on the connection that will commit them. Dropping it undoes them, and tells them.
struct Group {
    lease: Lease,
    members: Vec<oneshot::Sender<Result<(), StoreError>>>,
}

impl Writer {
    /// Writes through the one connection of `pool`.
    pub fn new(pool: Pool) -> Self {
        Self { pool, queue: Arc::default() }
    }

    /// As [`crate::storage::Store::transaction`].
    pub async fn transaction<T, F>(&self, doubt: &Doubt, work: F) -> Result<T, StoreError>
    where
        for<'c> F: Work<&'c mut Conn, Result<T, StoreError>>,
    {
        self.share(doubt, true, work).await
    }

    /// As [`crate::storage::Store::write_once`]. It has no savepoint, which costs two statements and a copy of each page
    /// that is changed: when it fails before it has changed anything there is nothing to undo, and what fails after that
    /// is the database, which fails for all.
    pub async fn write_once<T, F>(&self, doubt: &Doubt, work: F) -> Result<T, StoreError>
    where
        for<'c> F: Work<&'c mut Conn, Result<T, StoreError>>,
    {
        self.share(doubt, false, work).await
    }

    async fn share<T, F>(&self, doubt: &Doubt, savepoint: bool, work: F) -> Result<T, StoreError>
    where
        for<'c> F: Work<&'c mut Conn, Result<T, StoreError>>,
    {
        let mut turn = Queue::turn(&self.queue).await?;
        // While the group is out of the turn, whoever drops it undoes what the others did. But work waits for nothing
        // except SQLite, which answers at once: a request that is abandoned has either not begun or left none half done.
        let mut group = match turn.group.take() {
            Some(group) => group,
            None => Group::begin(&self.pool).await?,
        };
        // The first needs no savepoint: what it did is all that there is.
        let alone = group.members.is_empty();
        let savepoint = savepoint && !alone;
        let conn = group.lease.conn()?;
        if savepoint {
            AnsiTransactionManager::begin_transaction(conn).await?;
        }
        conn.begin_work();
        let outcome = attempt(conn, work).await;
        let settled = match &outcome {
            Ok(_) if savepoint => AnsiTransactionManager::commit_transaction(conn).await.map_err(unavailable),
            Ok(_) => Ok(()),
            Err(_) if savepoint || alone => {
                AnsiTransactionManager::rollback_transaction(conn).await.map_err(unavailable)
            }
            Err(StoreError::Conflict | StoreError::Corrupt(_)) if !conn.has_changed_rows() => {
                conn.begin_work();
                Ok(())
            }
            // Undone with the group, which is dropped below.
            Err(_) => Err(StoreError::unavailable("it failed halfway, and was undone")),
        };
        match (settled, outcome) {
            (Ok(()), Err(error)) if alone => {
                group.lease.done();
                Err(error)
            }
            (Ok(()), outcome) => {
                let committed = group.join();
                turn.pass_on(group);
                // Also for a failure: what it found may have been what another of the group wrote.
                let undone = || StoreError::unavailable("the shared transaction was undone");
                doubt.until(committed).await.unwrap_or_else(|_| Err(undone()))?;
                outcome
            }
            // SQLite has undone everything itself, as it does when the disk is full: that is the cause to tell of.
            (Err(_), Err(error @ StoreError::Unavailable(_))) => Err(error),
            (Err(error), _) => Err(error),
        }
    }

    /// See [`Pool::close_unused`].
    pub fn close_unused(&self, unused_for: Duration) -> usize {
        self.pool.close_unused(unused_for)
    }

    /// The connection, for work that has nothing to do with turns: before the first transaction.
    pub async fn lease(&self) -> Result<Lease, StoreError> {
        self.pool.lease().await
    }
}

impl Queue {
    /// Waits for the turn.
    async fn turn(queue: &Arc<Self>) -> Result<Turn, StoreError> {
        let receiver = match &mut *queue.lock() {
            Some(waiting) => {
                let (sender, receiver) = oneshot::channel();
                waiting.push_back(sender);
                receiver
            }
            free @ None => {
                *free = Some(VecDeque::new());
                return Ok(Turn { queue: Arc::clone(queue), group: None });
            }
        };
        match timeout(patience(), receiver).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(StoreError::unavailable("the writer was not free in time")),
        }
    }

    /// The next who still waits.
    fn next(&self) -> Option<oneshot::Sender<Turn>> {
        Self::next_of(self.lock().as_mut()?)
    }

    /// The same; without one the turn is free.
    fn next_or_free(&self) -> Option<oneshot::Sender<Turn>> {
        let mut state = self.lock();
        let next = Self::next_of(state.as_mut()?);
        if next.is_none() {
            *state = None;
        }
        next
    }

    fn next_of(waiting: &mut Waiting) -> Option<oneshot::Sender<Turn>> {
        std::iter::from_fn(|| waiting.pop_front()).find(|next| !next.is_closed())
    }

    fn lock(&self) -> MutexGuard<'_, Option<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Hands the turn on with the group, or commits when that is full or nobody waits.
    fn pass_on(mut self, group: Group) {
        let full = group.members.len() >= MOST;
        self.group = Some(group);
        while !full && let Some(next) = self.queue.next() {
            match next.send(self) {
                Ok(()) => return,
                Err(back) => self = back,
            }
        }
        // Dropped with its group.
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(group) = self.group.take() {
            return group.commit(Self { queue: Arc::clone(&self.queue), group: None });
        }
        if let Some(next) = self.queue.next_or_free() {
            // Should that one be gone by now, the turn comes back and is dropped here: again to the next.
            drop(next.send(Self { queue: Arc::clone(&self.queue), group: None }));
        }
    }
}

impl Group {
    /// Begins one; another process may have to finish its own transaction first.
    async fn begin(pool: &Pool) -> Result<Self, StoreError> {
        let mut lease = pool.lease().await?;
        let begun = spawn_blocking(move || {
            at_once(AnsiTransactionManager::begin_transaction(lease.conn()?))?;
            Ok::<_, StoreError>(lease)
        });
        Ok(Self { lease: begun.await.map_err(StoreError::unavailable)??, members: Vec::new() })
    }

    /// One more, who will be told of the commit.
    fn join(&mut self) -> oneshot::Receiver<Result<(), StoreError>> {
        let (member, committed) = oneshot::channel();
        self.members.push(member);
        committed
    }

    /// Commits for all, gives up the turn, and tells them. On another thread, because the disk takes its time, and on its
    /// own: whoever is abandoned meanwhile takes nothing from the others. They are told by a task: each that is woken from
    /// outside of the runtime's threads costs a lock and perhaps a system call.
    fn commit(self, turn: Turn) {
        let Self { mut lease, members } = self;
        let work = move || {
            let result = lease
                .conn()
                .and_then(|conn| at_once(AnsiTransactionManager::commit_transaction(conn)).map_err(unavailable))
                // Nobody is told of what went into files that have no name any more.
                .and_then(|()| lease.check());
            match &result {
                Ok(()) => lease.done(),
                Err(_) => drop(lease),
            }
            drop(turn);
            result
        };
        // Without a runtime, or with one that ends, `work` is dropped: what was not committed is undone.
        if let Ok(runtime) = Handle::try_current() {
            let committed = runtime.spawn_blocking(work);
            drop(runtime.spawn(async move {
                let Ok(result) = committed.await else { return };
                for member in members {
                    let _gone = member.send(result.clone());
                }
            }));
        }
    }
}

/// What a future comes to that never waits, as those of a SQLite connection do.
fn at_once(statement: impl Future<Output = QueryResult<()>>) -> QueryResult<()> {
    statement.now_or_never().unwrap_or(Err(Error::BrokenTransactionManager))
}

/// What failed for all who share a transaction: none of them has a conflict, whatever the database calls it.
fn unavailable(error: Error) -> StoreError {
    match StoreError::from(error) {
        error @ StoreError::Unavailable(_) => error,
        other => StoreError::unavailable(other),
    }
}
