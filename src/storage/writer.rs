//! The one writer of a SQLite file, and how transactions that wait for each other share a commit.
//!
//! What is committed is on the disk, and that takes longer than all the work before it. So a transaction whose work is
//! done hands its turn, with everything still uncommitted, to the next one in the queue; the last one there commits for
//! all, and only then is anybody told. Each but the first has a savepoint of its own: one that fails undoes itself alone.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use diesel_async::{AnsiTransactionManager, TransactionManager};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::pool::{Lease, Pool};
use super::store::{Work, begin};
use super::{Conn, StoreError};

/// How long a transaction waits for its turn.
const PATIENCE: Duration = Duration::from_secs(2);

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
struct Queue(Mutex<Option<VecDeque<oneshot::Sender<Turn>>>>);

/// The right to write. Dropping it gives it to the next in the queue.
struct Turn {
    queue: Arc<Queue>,
    /// What others have written and not committed: whoever has the turn commits it, or hands it on.
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

    /// As [`super::Store::transaction`].
    pub async fn transaction<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        for<'c> F: Work<&'c mut Conn, Result<T, StoreError>>,
    {
        let mut turn = Queue::turn(&self.queue).await?;
        // While this is out of the turn, its end is that of whoever works on it: nothing here waits for anything but
        // SQLite, which answers at once, so a request that is abandoned has either not begun or left no work half done.
        let mut group = match turn.group.take() {
            Some(group) => group,
            None => Group { lease: self.pool.lease().await?, members: Vec::new() },
        };
        let alone = group.members.is_empty();
        let conn = group.lease.conn()?;
        let outcome = begin(conn, work).await?;
        match &outcome {
            // The first needs no savepoint: nobody has come after it yet.
            Ok(_) if alone => {}
            Ok(_) => AnsiTransactionManager::commit_transaction(conn).await?,
            Err(_) => AnsiTransactionManager::rollback_transaction(conn).await?,
        }
        if alone && outcome.is_err() {
            group.lease.done();
            return outcome;
        }
        let (member, committed) = oneshot::channel();
        group.members.push(member);
        turn.group = Some(group);
        if let Some(last) = turn.hand_on() {
            last.commit().await;
        }
        // Also for a failure: what it found may have been what another of the group wrote.
        committed.await.unwrap_or_else(|_| Err(StoreError::unavailable("the shared transaction was undone")))?;
        outcome
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
        match timeout(PATIENCE, receiver).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(StoreError::unavailable("the writer was not free in time")),
        }
    }

    /// The next who still waits. Without one the turn is free.
    fn next(&self, free: bool) -> Option<oneshot::Sender<Turn>> {
        let mut state = self.lock();
        let waiting = state.as_mut()?;
        while let Some(next) = waiting.pop_front() {
            if !next.is_closed() {
                return Some(next);
            }
        }
        if free {
            *state = None;
        }
        None
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<VecDeque<oneshot::Sender<Turn>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Hands the turn on with its group; it comes back when the group is full or nobody waits.
    fn hand_on(mut self) -> Option<Self> {
        while self.group.as_ref().is_some_and(|group| group.members.len() < MOST) {
            let Some(next) = self.queue.next(false) else { break };
            match next.send(self) {
                Ok(()) => return None,
                Err(back) => self = back,
            }
        }
        Some(self)
    }

    /// Commits for all, tells them, and gives the turn up.
    async fn commit(mut self) {
        let Some(mut group) = self.group.take() else { return };
        let result = match group.lease.conn() {
            Ok(conn) => AnsiTransactionManager::commit_transaction(conn).await.map_err(StoreError::from),
            Err(error) => Err(error),
        };
        if result.is_ok() {
            group.lease.done();
        }
        for member in group.members {
            let _gone = member.send(result.clone());
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        match (self.group.take(), Handle::try_current()) {
            // It reached somebody who was gone in the same moment. What the others did is committed all the same.
            (Some(group), Ok(runtime)) => {
                let turn = Self { queue: Arc::clone(&self.queue), group: Some(group) };
                drop(runtime.spawn(turn.commit()));
            }
            _ => {
                if let Some(next) = self.queue.next(true) {
                    let turn = Self { queue: Arc::clone(&self.queue), group: None };
                    let _passed_on_if_gone = next.send(turn);
                }
            }
        }
    }
}
