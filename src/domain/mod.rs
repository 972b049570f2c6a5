//! The rules, as pure functions over values: no async, no I/O, no knowledge of HTTP or of a database.

pub mod access;
pub mod account;
pub mod factor;
pub mod federation;
pub mod oauth;
pub mod operation;
pub mod sign_in;
