//! What keeps a server going: keys, clocks, events, traces of refusals, pruning, health, calls of others.

pub mod brake;
pub mod clock_guard;
pub mod decision_traces;
pub mod dev_clock;
pub mod encryption_keys;
pub mod events;
pub mod health;
pub mod jobs;
pub mod key_administration;
pub mod key_retirement;
pub mod key_revocation;
pub mod key_rotation;
pub mod keys;
pub mod mail;
pub mod outbound_check;
pub mod places;
pub mod prune;
pub mod sealed_job;
