//! The rules, as pure functions over values: no async, no I/O, no knowledge of HTTP or of a database.

pub mod account;
pub mod believed_time;
pub mod consent;
pub mod oauth;
pub mod session;
pub mod signing_key;
