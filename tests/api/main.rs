//! The whole server in one process, without sockets: requests go into the router, answers come out, and the clock
//! stands still until a test moves it.
//!
//! `TEST_DATABASE=postgres` with `TEST_DATABASE_URL` runs every test on PostgreSQL, else they run on SQLite.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod account;
mod documents;
mod federation;
mod harness;
mod jobs;
mod oauth;
mod operation;
mod own_account;
mod pages;
mod pgbouncer;
mod sign_in;
mod standards;
