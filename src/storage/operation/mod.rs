//! Keys, counters, marks of time, jobs, and pruning.

pub mod clock_mark;
pub mod counter;
pub mod job;
pub mod prune;
pub mod signing_key;
