//! What is counted.

use std::time::Duration;

use crate::foundation::Timestamp;

/// How often something happened in the window that is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hits {
    /// How often; 0 when no window is running.
    pub count: u64,
    /// When the window ends and counting starts again; zero when none is running.
    pub resets_in: Duration,
}

/// A counter, and the most hits that it allows within a window.
#[derive(Clone, Debug)]
pub struct Limit {
    pub(super) id: String,
    pub(super) most: u64,
}

impl Hits {
    /// The hits of a window that ends at `end`. The wait is at most `window`, whatever is stored.
    pub(super) fn until(count: u64, end: Timestamp, window: Duration, now: Timestamp) -> Self {
        match end > now {
            true => Self { count, resets_in: end.since(now).min(window) },
            false => Self { count: 0, resets_in: Duration::ZERO },
        }
    }
}
