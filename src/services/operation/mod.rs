//! What keeps a server going: keys, clocks, pruning, health, calls of others.

pub mod clock_guard;
pub mod health;
pub mod key_revocation;
pub mod key_rotation;
pub mod keys;
pub mod outbound_check;
pub mod prune;
