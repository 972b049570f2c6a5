//! Password hashing on a bounded number of threads, in memory that is reused.

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::crypto::password::{PasswordError, Verified, WorkArea};
use crate::foundation::{SecretString, deadline};

/// How many hashes one core does in a second, rounded down from what was measured on two busy cores.
const HASHES_PER_CORE_SECOND: usize = 50;
/// New passwords that are judged or wait for it. Nearly all of them take a millisecond; the worst takes two seconds.
const JUDGED: usize = 8;
/// How long a request may wait for its turn. Beyond this, people press the button again and make it worse.
const LONGEST_WAIT_SECONDS: usize = 2;

/// Why a password was not hashed or compared.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PoolError {
    /// More are waiting than can be served in two seconds. Answer 503 with `Retry-After` at once.
    #[error("too many passwords are being checked; try again in a moment")]
    Overloaded,
    /// The password or the stored hash is not usable.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The work was thrown away because the process is stopping.
    #[error("password hashing was stopped")]
    Stopped,
}

/// Hashes passwords, one per core at a time, each in a work area of its own (19 MiB, allocated when first needed and
/// kept while there is work for it). Nothing else ever waits behind it. Clones share the pool.
#[derive(Clone)]
pub struct PasswordPool(Arc<Inner>);

struct Inner {
    /// Work areas that nobody uses. A stack: under light load, one area is used again and again and no other exists.
    idle: Mutex<Vec<Idle>>,
    /// One permit for each hash that may run.
    run: Arc<Semaphore>,
    /// One permit for each request that runs or waits.
    admit: Arc<Semaphore>,
    /// The lane in which passwords are judged, one at a time: beside the hashes, which never wait for it.
    judge: Arc<Semaphore>,
    /// One permit for each that is judged or waits for it.
    admit_to_judge: Arc<Semaphore>,
    computed: AtomicU64,
}

/// A work area between two uses.
struct Idle {
    area: WorkArea,
    /// Whether it was unused at the last call of [`PasswordPool::release_unused`] too.
    passed_over: bool,
}

impl PasswordPool {
    /// A pool that uses at most `cores` cores, and at least one.
    pub fn new(cores: usize) -> Self {
        let cores = cores.max(1);
        let admitted = cores.saturating_mul(HASHES_PER_CORE_SECOND * LONGEST_WAIT_SECONDS).min(Semaphore::MAX_PERMITS);
        Self::with_limits(cores, admitted)
    }

    fn with_limits(running: usize, admitted: usize) -> Self {
        Self(Arc::new(Inner {
            idle: Mutex::default(),
            run: Arc::new(Semaphore::new(running)),
            admit: Arc::new(Semaphore::new(admitted)),
            judge: Arc::new(Semaphore::new(1)),
            admit_to_judge: Arc::new(Semaphore::new(JUDGED)),
            computed: AtomicU64::new(0),
        }))
    }

    /// Hashes a new password; see [`WorkArea::hash`].
    ///
    /// # Errors
    /// [`PoolError::Overloaded`], or when the password is empty or too long.
    pub async fn hash(&self, password: SecretString, salt: [u8; 16]) -> Result<String, PoolError> {
        self.work(move |area| area.hash(&password, salt)).await
    }

    /// Judges a new password. It can take as long as a hundred hashes, so it has a lane of its own, for one at a time: whoever
    /// has the worst of passwords judged holds up others who choose one, and nobody who signs in.
    ///
    /// # Errors
    /// [`PoolError::Overloaded`].
    pub async fn judge<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, PoolError> {
        let admitted = self.0.admit_to_judge.clone().try_acquire_owned().map_err(|_| PoolError::Overloaded)?;
        let patience = deadline::left(Duration::MAX);
        let running =
            timeout(patience, self.0.judge.clone().acquire_owned()).await.map_err(|_| PoolError::Overloaded)?;
        let running = running.map_err(|_| PoolError::Stopped)?;
        let task = tokio::task::spawn_blocking(move || {
            // The permits move with the work, as those of a hash do.
            let _permits = (admitted, running);
            work()
        });
        task.await.map_err(|_| PoolError::Stopped)
    }

    /// Checks whether another hash fits in, before the caller does work that would be wasted.
    ///
    /// # Errors
    /// [`PoolError::Overloaded`].
    pub fn has_room(&self) -> Result<(), PoolError> {
        match self.0.admit.available_permits() {
            0 => Err(PoolError::Overloaded),
            _ => Ok(()),
        }
    }

    /// Waits for a turn. The hash of that turn begins at once and is not cut off.
    ///
    /// # Errors
    /// [`PoolError::Overloaded`].
    pub async fn turn(&self) -> Result<Turn, PoolError> {
        let admitted = self.0.admit.clone().try_acquire_owned().map_err(|_| PoolError::Overloaded)?;
        // What is admitted is served within two seconds, unless the cores are busy with something else.
        let patience = deadline::left(Duration::MAX);
        let running = timeout(patience, self.0.run.clone().acquire_owned()).await.map_err(|_| PoolError::Overloaded)?;
        let running = running.map_err(|_| PoolError::Stopped)?;
        Ok(Turn { pool: self.clone(), admitted, running })
    }

    /// Gives back the memory of the areas that nobody has used since the last call, and tells how many those were.
    /// Called every few seconds, it leaves a busy pool alone and an idle one without memory.
    pub fn release_unused(&self) -> usize {
        let unused: Vec<_> = self.0.idle().extract_if(.., |idle| mem::replace(&mut idle.passed_over, true)).collect();
        // Dropped here, after the lock was released: unmapping takes a moment.
        unused.len()
    }

    /// How many hashes were computed so far. Tests compare this number, because the time of a hash is lost in noise.
    pub fn computed(&self) -> u64 {
        self.0.computed.load(Ordering::Relaxed)
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut WorkArea) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PoolError> {
        self.turn().await?.work(work).await
    }
}

/// The right to compute one hash now.
pub struct Turn {
    pool: PasswordPool,
    admitted: OwnedSemaphorePermit,
    running: OwnedSemaphorePermit,
}

impl Turn {
    /// Compares a password with a stored hash, `None` for a user whom we do not know; see [`WorkArea::verify`].
    ///
    /// # Errors
    /// When the stored hash is broken.
    pub async fn verify(self, password: SecretString, stored: Option<&str>) -> Result<Verified, PoolError> {
        let stored = stored.map(str::to_owned);
        self.work(move |area| area.verify(&password, stored.as_deref())).await
    }

    async fn work<T: Send + 'static>(
        self,
        work: impl FnOnce(&mut WorkArea) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PoolError> {
        let Self { pool: PasswordPool(inner), admitted, running } = self;
        let task = tokio::task::spawn_blocking(move || {
            // The permits move with the work: when a request goes away, its core is still busy.
            let _permits = (admitted, running);
            let mut area = inner.idle().pop().map(|idle| idle.area).unwrap_or_default();
            let before = area.computed();
            let result = work(&mut area);
            inner.computed.fetch_add(area.computed().wrapping_sub(before), Ordering::Relaxed);
            inner.idle().push(Idle { area, passed_over: false });
            result
        });
        Ok(task.await.map_err(|_| PoolError::Stopped)??)
    }
}

impl Inner {
    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn secret(text: &str) -> SecretString {
        SecretString::new(text.to_owned())
    }

    fn areas(pool: &PasswordPool) -> usize {
        pool.0.idle().len()
    }

    #[tokio::test]
    async fn what_is_hashed_verifies_and_an_unknown_user_does_not() {
        let pool = PasswordPool::new(2);
        assert_eq!(areas(&pool), 0, "nothing is allocated before the first password");
        let stored = pool.hash(secret("hunter2"), [7; 16]).await.unwrap();
        assert!(pool.turn().await.unwrap().verify(secret("hunter2"), Some(&stored)).await.unwrap().matches);
        assert!(!pool.turn().await.unwrap().verify(secret("hunter3"), Some(&stored)).await.unwrap().matches);
        assert!(!pool.turn().await.unwrap().verify(secret("hunter2"), None).await.unwrap().matches);
        assert_eq!(areas(&pool), 1, "one after another, they share one work area");
        assert_eq!(pool.hash(secret(""), [7; 16]).await, Err(PoolError::Password(PasswordError::Empty)));
    }

    #[tokio::test]
    async fn memory_goes_back_when_there_is_no_work_for_it_and_only_then() {
        let pool = PasswordPool::new(3);
        // Three at once, each in an area of its own.
        let together = Arc::new(std::sync::Barrier::new(3));
        let at_once = (0..3).map(|_| {
            let together = together.clone();
            pool.work(move |area| {
                together.wait();
                area.hash(&secret("hunter2"), [7; 16])
            })
        });
        futures_util::future::join_all(at_once).await;
        assert_eq!((areas(&pool), pool.release_unused()), (3, 0), "they were used a moment ago");

        // From then on there is work for one.
        pool.hash(secret("hunter2"), [7; 16]).await.unwrap();
        assert_eq!((pool.release_unused(), areas(&pool)), (2, 1));
        pool.hash(secret("hunter2"), [7; 16]).await.unwrap();
        assert_eq!((pool.release_unused(), areas(&pool)), (0, 1));
        assert_eq!((pool.release_unused(), areas(&pool)), (1, 0));
        pool.hash(secret("hunter2"), [7; 16]).await.unwrap();
    }

    #[tokio::test]
    async fn a_password_that_takes_long_to_judge_holds_up_nobody_who_signs_in() {
        let pool = PasswordPool::with_limits(1, 1);
        let (started, has_started) = tokio::sync::oneshot::channel();
        let (release, released) = mpsc::channel::<()>();
        let slow = {
            let pool = pool.clone();
            tokio::spawn(async move {
                pool.judge(move || {
                    started.send(()).unwrap();
                    released.recv().unwrap();
                })
                .await
            })
        };
        has_started.await.unwrap();
        pool.hash(secret("hunter2"), [7; 16]).await.unwrap();
        let waiting: Vec<_> = (1..JUDGED)
            .map(|_| {
                let pool = pool.clone();
                tokio::spawn(async move { pool.judge(|| ()).await })
            })
            .collect();
        while pool.0.admit_to_judge.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(pool.judge(|| ()).await, Err(PoolError::Overloaded), "no more wait than there is room for");
        release.send(()).unwrap();
        slow.await.unwrap().unwrap();
        for one in waiting {
            one.await.unwrap().unwrap();
        }
    }

    #[tokio::test]
    async fn a_full_queue_is_refused_at_once_and_a_dropped_request_keeps_its_core_until_the_work_ends() {
        let pool = PasswordPool::with_limits(1, 2);
        let (started, has_started) = tokio::sync::oneshot::channel();
        let (release, released) = mpsc::channel::<()>();
        let busy = {
            let pool = pool.clone();
            tokio::spawn(async move {
                pool.work(move |_| {
                    started.send(()).unwrap();
                    released.recv().unwrap();
                    Ok(())
                })
                .await
            })
        };
        has_started.await.unwrap();
        // The browser goes away; the thread is still at it.
        busy.abort();
        assert!(busy.await.unwrap_err().is_cancelled());
        assert_eq!(pool.0.run.available_permits(), 0);

        let waiting = tokio::spawn({
            let pool = pool.clone();
            async move { pool.work(|_| Ok(1)).await }
        });
        while pool.0.admit.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(pool.work(|_| Ok(2)).await, Err(PoolError::Overloaded));

        release.send(()).unwrap();
        assert_eq!(waiting.await.unwrap(), Ok(1));
        assert_eq!(pool.work(|_| Ok(3)).await, Ok(3));
        assert_eq!(areas(&pool), 1);
    }

    #[tokio::test]
    async fn a_request_that_leaves_the_queue_makes_room() {
        let pool = PasswordPool::with_limits(1, 1);
        let running = pool.0.run.clone().acquire_owned().await.unwrap();
        let waiting = tokio::spawn({
            let pool = pool.clone();
            async move { pool.work(|_| Ok(())).await }
        });
        while pool.0.admit.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        waiting.abort();
        assert!(waiting.await.unwrap_err().is_cancelled());
        drop(running);
        assert_eq!(pool.work(|_| Ok(())).await, Ok(()));
    }
}
