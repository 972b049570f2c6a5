//! Whose turn it is when something is fetched from a server that a client has named: its keys, its request objects. Clients that
//! somebody has looked at have turns that no others take: whoever registers forty clients whose servers hang holds up strangers alone.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::outbound::{Answer, Outbound, OutboundError, Request};

/// Whoever needs it waits for it: for a turn, and as long for the answer.
pub const PATIENCE: Duration = Duration::from_secs(3);
/// So many are fetched at one time for clients that somebody has looked at,
const VETTED: usize = 6;
/// and so many for others. All turns together leave most of those of the outbound client to others.
const STRANGERS: usize = 4;

/// The turns of one kind of thing.
pub struct FetchTurns {
    vetted: Semaphore,
    strangers: Semaphore,
}

/// Why something was not fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotFetched {
    /// Too many others are being fetched. Nobody was asked, so it says nothing about the client's server.
    NoTurn,
    /// What came of asking.
    Failed(String),
}

impl FetchTurns {
    /// Nothing is being fetched.
    pub fn new() -> Self {
        Self { vetted: Semaphore::new(VETTED), strangers: Semaphore::new(STRANGERS) }
    }

    /// Fetches something for a client that somebody has looked at, or not (`is_vetted`). Of other clients, a server has two calls at
    /// once, and one that hung is left alone for a while.
    ///
    /// # Errors
    /// When it is not to be had.
    pub async fn fetch(&self, outbound: &Outbound, request: Request, is_vetted: bool) -> Result<Answer, NotFetched> {
        let _turn = self.turn(is_vetted).await?;
        let answer = match is_vetted {
            true => outbound.request(request).await,
            false => outbound.ask_stranger(request).await,
        };
        answer.map_err(|error| match error {
            OutboundError::Busy { .. } => NotFetched::NoTurn,
            other => NotFetched::Failed(other.to_string()),
        })
    }

    async fn turn(&self, is_vetted: bool) -> Result<SemaphorePermit<'_>, NotFetched> {
        let turns = if is_vetted { &self.vetted } else { &self.strangers };
        timeout(PATIENCE, turns.acquire()).await.ok().and_then(Result::ok).ok_or(NotFetched::NoTurn)
    }
}

impl std::fmt::Display for NotFetched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoTurn => f.write_str("too many others are being fetched"),
            Self::Failed(why) => f.write_str(why),
        }
    }
}

impl Default for FetchTurns {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn servers_of_strangers_that_hang_hold_up_strangers_alone() {
        let turns = FetchTurns::new();
        let mut hanging = Vec::new();
        for _ in 0..STRANGERS {
            hanging.push(turns.turn(false).await.unwrap());
        }
        assert!(turns.strangers.try_acquire().is_err(), "the next one waits");
        assert!(turns.turn(true).await.is_ok());
        drop(hanging);
        assert!(turns.turn(false).await.is_ok());
    }
}
