//! What keeps a server going: keys, clocks, pruning, health.

pub mod clock_guard;
pub mod health;
pub mod key_rotation;
pub mod keys;
pub mod prune;
