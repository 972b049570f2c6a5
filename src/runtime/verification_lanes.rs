//! Signatures whose verification costs a processor milliseconds: beside the threads that answer requests, one at a time for
//! clients that somebody has looked at and one for all others. Strangers send as many as they like, with keys that they have
//! registered themselves.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use thiserror::Error;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;
use tokio::task::block_in_place;

/// So many wait for a lane or are in it: with some ten milliseconds for each, nobody waits longer than a third of a second.
const ADMITTED: usize = 32;
/// When it is worth asking again.
pub const AGAIN: Duration = Duration::from_secs(1);

/// The lanes.
pub struct VerificationLanes {
    vetted: Lane,
    strangers: Lane,
    verified: AtomicU64,
}

/// One of them. The first permit is for waiting, the second for verifying.
struct Lane {
    admit: Semaphore,
    run: Semaphore,
}

/// Too many wait already. Whether the signature is right was not looked at.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("too many signatures are being verified that take long")]
pub struct LaneFull;

impl VerificationLanes {
    /// Nobody is in them yet.
    pub fn new() -> Self {
        Self { vetted: Lane::new(), strangers: Lane::new(), verified: AtomicU64::new(0) }
    }

    /// Verifies something of a client, which somebody has looked at or not (`is_vetted`): at once if that is cheap, otherwise when it
    /// is its turn.
    ///
    /// # Errors
    /// When too many wait.
    pub async fn run<T>(&self, is_costly: bool, is_vetted: bool, verify: impl FnOnce() -> T) -> Result<T, LaneFull> {
        if !is_costly {
            return Ok(verify());
        }
        let lane = if is_vetted { &self.vetted } else { &self.strangers };
        let _admitted = lane.admit.try_acquire().map_err(|_| LaneFull)?;
        let _turn = lane.run.acquire().await.map_err(|_| LaneFull)?;
        self.verified.fetch_add(1, Ordering::Relaxed);
        Ok(match Handle::current().runtime_flavor() {
            // There is no other thread that could go on meanwhile.
            RuntimeFlavor::CurrentThread => verify(),
            _ => block_in_place(verify),
        })
    }

    /// How often something costly was verified, since the process started.
    pub fn verified(&self) -> u64 {
        self.verified.load(Ordering::Relaxed)
    }
}

impl Lane {
    fn new() -> Self {
        Self { admit: Semaphore::new(ADMITTED), run: Semaphore::new(1) }
    }
}

impl Default for VerificationLanes {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn strangers_who_fill_their_lane_hold_up_no_one_else() {
        let lanes = VerificationLanes::new();
        let all = lanes.strangers.admit.try_acquire_many(u32::try_from(ADMITTED).unwrap()).unwrap();
        assert_eq!(lanes.run(true, false, || 1).await, Err(LaneFull));
        assert_eq!(lanes.run(true, true, || 2).await, Ok(2), "of a client that somebody knows");
        assert_eq!(lanes.run(false, false, || 3).await, Ok(3), "what is cheap never waits");
        drop(all);
        assert_eq!(lanes.run(true, false, || 4).await, Ok(4));
        assert_eq!(lanes.verified(), 2);
    }

    #[tokio::test]
    async fn with_one_thread_it_is_done_there() {
        assert_eq!(VerificationLanes::new().run(true, false, || 1).await, Ok(1));
    }
}
