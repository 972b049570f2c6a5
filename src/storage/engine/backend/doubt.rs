//! Whether a commit was sent and not answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a commit, or a statement that is a transaction by itself, was sent and not answered: if its caller is
/// interrupted then, it may have been done. Clones share one state.
#[derive(Clone, Debug, Default)]
pub struct Doubt(Arc<AtomicBool>);

impl Doubt {
    /// Notes that a commit is being sent.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Notes that the database has answered: done, or refused.
    pub fn end(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Whether a commit is unanswered.
    pub fn is_there(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Is in doubt until the commit is `answered`.
    pub async fn until<T>(&self, answered: impl Future<Output = T>) -> T {
        self.begin();
        let answer = answered.await;
        self.end();
        answer
    }
}
