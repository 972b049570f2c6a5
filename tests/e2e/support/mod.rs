//! What the end-to-end tests and the load benchmark share: a real installation, and a person with a browser without
//! JavaScript.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    dead_code,
    missing_docs,
    reason = "a test may panic, and not every user of this folder uses all of it"
)]

pub mod database;
pub mod html;
pub mod installation;
pub mod user_agent;

pub use database::Database;
pub use installation::Installation;

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Waits until something is so, however slow the machine is. What may never be so fails, and says `what` was waited for.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !holds().await {
        assert!(Instant::now() < end, "in vain: {what}");
        sleep(Duration::from_millis(100)).await;
    }
}
