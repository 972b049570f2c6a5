//! Counters that may be lost.
