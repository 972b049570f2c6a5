//! Pure rules: no async, no I/O.
pub mod account;
pub mod oauth;
