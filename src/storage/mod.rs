//! The database: SQLite or PostgreSQL, chosen by its URL when the program starts.
//!
//! [`Store`] hands out connections: to read, or inside a transaction. The functions beside it, one file for each kind
//! of row, take such a connection and therefore compose inside a transaction. Queries are ordinary diesel-async code,
//! written once for both databases (`backend`).

pub mod access_token;
pub mod authorization_code;
pub mod authorization_request;
pub mod browser_session;
pub mod client;
pub mod clock_mark;
pub mod consent;
pub mod counter;
pub mod grant;
pub mod login_throttle;
pub mod prune;
pub mod refresh_token;
pub mod revoked_token;
pub mod session;
pub mod signing_key;
pub mod user;

mod backend;
mod columns;
mod error;
mod json;
mod migrate;
mod pool;
mod postgres;
mod readiness;
mod schema;
mod sqlite;
mod store;
mod url;
mod writer;

#[cfg(test)]
mod tests;

pub use backend::{AnyConnection as Conn, PreparedStatements};
pub use error::StoreError;
pub use migrate::Schema;
pub use readiness::UnsafeSetting;
pub use store::{Patience, Store, StoreSettings};
pub use url::{DatabaseUrl, DatabaseUrlError};
