//! Whether a commit has been asked for and not answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a commit, or a statement that is a transaction by itself, has been asked for and not answered: whatever
/// interrupts it then, it may have been done. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Doubt(Arc<AtomicBool>);

impl Doubt {
    /// It is being asked for.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// The database has answered: done, or refused.
    pub fn end(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Whether there is any.
    pub fn is_there(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Asks for a commit.
    pub async fn until<T>(&self, answered: impl Future<Output = T>) -> T {
        self.begin();
        let answer = answered.await;
        self.end();
        answer
    }
}
