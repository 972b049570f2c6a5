//! End-to-end tests: the real program as a process, used over HTTP only by code that does not know it.
//!
//! `TEST_DATABASE=postgres` with `TEST_DATABASE_URL` runs them on PostgreSQL, else they run on SQLite. The browser and
//! the JavaScript clients are in this folder too: `npm ci && npm test`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod commands;
mod events;
mod full_disk;
mod health;
mod integrate;
mod kill_during_jobs;
mod kill_during_rotation;
mod openidconnect_client;
mod outbound;
mod reading_forms;
mod rights;
mod rights_of_files;
mod signals;
mod sqlite_file;
mod stalled_log;
mod support;
mod warnings;
mod why;

/// The program under test.
const LATCHKEY: &str = env!("CARGO_BIN_EXE_latchkey");
