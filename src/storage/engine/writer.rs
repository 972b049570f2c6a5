//! The one writer of a SQLite file, and how transactions that wait for each other share a commit.
//!
//! A commit waits for the disk, which takes longer than all the work before it, so transactions share commits. One
//! whose work is done passes its turn, still uncommitted, to the next in the queue. The last one commits for all, and
//! only then do the callers get their answers. Each has a savepoint, so that a failure undoes that one alone; the first
//! one, and those that write once, need none.

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

use super::pool::{Lease, Pool, patience};
use super::work::{Course, Work, attempt};
use crate::storage::{Conn, StoreError};

/// The most transactions that share a commit. With this many the first one waits a few milliseconds for the others.
const MOST: usize = 64;

/// The one writer of a SQLite file.
#[derive(Clone)]
pub struct Writer {
    /// A pool of one connection.
    pool: Pool,
    queue: Arc<Queue>,
}

/// The callers that wait for the turn; `None` while the turn is free.
#[derive(Default)]
struct Queue(Mutex<Option<Waiting>>);

type Waiting = VecDeque<oneshot::Sender<Turn>>;

/// The right to write. Dropping it commits the group that came with it, then passes the turn to the next in the queue.
struct Turn {
    queue: Arc<Queue>,
    /// What earlier transactions have written and not committed.
    group: Option<Group>,
}

/// Transactions whose work is done, with the connection that will commit them. Dropping it fails them all.
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
    pub async fn transaction<T, F>(&self, course: &Course<'_>, work: F) -> Result<T, StoreError>
    where
        for<'c> F: Work<&'c mut Conn, Result<T, StoreError>>,
    {
        self.share(course, true, work).await
    }

    /// As [`crate::storage::Store::write_once`]. A savepoint would cost two statements and a copy of each changed page,
    /// and is not needed: work that fails before it has changed anything leaves nothing to undo, and a later failure is
    /// the database's, which fails for all.
    pub async fn write_once<T, F>(&self, course: &Course<'_>, work: F) -> Result<T, StoreError>
    where
        for<'c> F: Work<&'c mut Conn, Result<T, StoreError>>,
    {
        self.share(course, false, work).await
    }

    async fn share<T, F>(&self, course: &Course<'_>, savepoint: bool, work: F) -> Result<T, StoreError>
    where
        for<'c> F: Work<&'c mut Conn, Result<T, StoreError>>,
    {
        let mut turn = Queue::turn(&self.queue).await?;
        // Dropping this future while it holds the group would undo the others' work. That cannot happen halfway: the
        // work waits for nothing but SQLite, which answers at once.
        let mut group = match turn.group.take() {
            Some(group) => group,
            None => Group::begin(&self.pool).await?,
        };
        course.watch.has_connection();
        // The first one needs no savepoint: there is nothing else that must stay.
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
                // A failure waits for the commit too: it may rest on what another of the group wrote.
                let undone = || StoreError::unavailable("the shared transaction was undone");
                course.doubt.until(committed).await.unwrap_or_else(|_| Err(undone()))?;
                outcome
            }
            // SQLite has undone everything itself, as it does when the disk is full: report that cause.
            (Err(_), Err(error @ StoreError::Unavailable(_))) => Err(error),
            (Err(error), _) => Err(error),
        }
    }

    /// See [`Pool::close_unused`].
    pub fn close_unused(&self, unused_for: Duration) -> usize {
        self.pool.close_unused(unused_for)
    }

    /// The connection, for work before the first transaction, which needs no turn.
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

    /// The next caller that still waits.
    fn next(&self) -> Option<oneshot::Sender<Turn>> {
        Self::next_of(self.lock().as_mut()?)
    }

    /// The next caller that still waits; without one the turn becomes free.
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
    /// Passes the turn on with the group, or commits when the group is full or nobody waits.
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
            // If that caller is gone by now, the turn comes back and is dropped here, which passes it to the next.
            drop(next.send(Self { queue: Arc::clone(&self.queue), group: None }));
        }
    }
}

impl Group {
    /// Begins a transaction. Another process may have to finish its own first.
    async fn begin(pool: &Pool) -> Result<Self, StoreError> {
        let mut lease = pool.lease().await?;
        let begun = spawn_blocking(move || {
            at_once(AnsiTransactionManager::begin_transaction(lease.conn()?))?;
            Ok::<_, StoreError>(lease)
        });
        Ok(Self { lease: begun.await.map_err(StoreError::unavailable)??, members: Vec::new() })
    }

    /// Adds a transaction. The receiver gets the result of the commit.
    fn join(&mut self) -> oneshot::Receiver<Result<(), StoreError>> {
        let (member, committed) = oneshot::channel();
        self.members.push(member);
        committed
    }

    /// Commits for all, passes the turn on, and sends the results. It runs on another thread, because the disk is slow,
    /// and on its own, so that a dropped request takes nothing from the others. A task sends the results: to wake each
    /// caller from outside of the runtime's threads would cost a lock and perhaps a system call.
    fn commit(self, turn: Turn) {
        let Self { mut lease, members } = self;
        let work = move || {
            let result = lease
                .conn()
                .and_then(|conn| at_once(AnsiTransactionManager::commit_transaction(conn)).map_err(unavailable))
                // A commit into files that were removed must not be reported as done.
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

/// The result of a future that never waits, such as one of a SQLite connection.
fn at_once(statement: impl Future<Output = QueryResult<()>>) -> QueryResult<()> {
    statement.now_or_never().unwrap_or(Err(Error::BrokenTransactionManager))
}

/// The error of a failed shared transaction: never a conflict, because no member caused it.
fn unavailable(error: Error) -> StoreError {
    match StoreError::from(error) {
        error @ StoreError::Unavailable(_) => error,
        other => StoreError::unavailable(other),
    }
}
