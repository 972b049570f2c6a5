//! Events, traces of refusals, jobs, keys, counters, marks of time, and pruning.

pub mod audit_event;
pub mod clock_mark;
pub mod counter;
pub mod decision_trace;
pub mod encryption_key;
pub mod job;
pub mod kept_key;
pub mod prune;
pub mod signing_key;
