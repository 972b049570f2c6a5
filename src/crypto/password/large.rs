//! Work that needs more memory than our own hashes.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Held by whoever hashes in more memory than ours need: one at a time, however many cores there are, so that imported
/// hashes cannot take a machine's memory.
pub fn alone() -> MutexGuard<'static, ()> {
    static LARGE: Mutex<()> = Mutex::new(());
    LARGE.lock().unwrap_or_else(PoisonError::into_inner)
}
