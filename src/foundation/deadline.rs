//! The moment by which a request must be answered. It is set when the request arrives, and each wait for that request
//! is limited to the time that is left: five waits of two seconds each would otherwise add up to ten.
//!
//! A task-local, so that use cases need not pass it on (docs/decisions/0018).

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

use tokio::task::futures::TaskLocalFuture;
use tokio::time::Instant;

tokio::task_local! {
    static DEADLINE: Cell<Instant>;
}

/// Runs `work` for a request that must be answered within `span`. It interrupts nothing: each wait asks [`left`].
pub fn scope<F: Future>(span: Duration, work: F) -> TaskLocalFuture<Cell<Instant>, F> {
    DEADLINE.scope(Cell::new(Instant::now() + span), work)
}

/// How long one wait may take: what is left of the request's time, at most `longest`. Jobs and commands have no
/// deadline, so each of their waits may take `longest`.
pub fn left(longest: Duration) -> Duration {
    DEADLINE
        .try_with(|deadline| deadline.get().saturating_duration_since(Instant::now()).min(longest))
        .unwrap_or(longest)
}

/// Moves the deadline by the time that the caller took to send its request, which does not count.
pub fn prolong(by: Duration) {
    let _no_request = DEADLINE.try_with(|deadline| deadline.set(deadline.get() + by));
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test]
    async fn a_wait_has_what_is_left_of_the_request_and_no_more_than_it_wants() {
        scope(3 * SECOND, async {
            assert_eq!(left(SECOND), SECOND);
            assert!((2 * SECOND..=3 * SECOND).contains(&left(9 * SECOND)));
            prolong(9 * SECOND);
            assert_eq!(left(9 * SECOND), 9 * SECOND);
        })
        .await;
        scope(Duration::ZERO, async { assert_eq!(left(SECOND), Duration::ZERO) }).await;
    }

    #[tokio::test]
    async fn without_a_request_there_is_no_deadline() {
        prolong(SECOND);
        assert_eq!(left(4 * SECOND), 4 * SECOND);
    }
}
