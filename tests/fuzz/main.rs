//! What strangers may send, at random: each target (tests/fuzz/targets) is run on every input that was kept for it
//! (tests/fuzz/corpus) and on some that are made of those. `scripts/fuzz` looks for new ones with libFuzzer.
//!
//! `FUZZ_TRIES` tries so many random inputs for each target instead of its own number; `FUZZ_SEED` repeats those of a run.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test may panic, and says which input has made it"
)]

mod mutation;
mod round;
mod targets;
