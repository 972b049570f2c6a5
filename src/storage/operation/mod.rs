//! Keys, counters, marks of time, and pruning.

pub mod clock_mark;
pub mod counter;
pub mod prune;
pub mod signing_key;
