//! The database: SQLite or PostgreSQL, chosen by its URL when the program starts.
//!
//! [`Store`] hands out connections: to read, or inside a transaction. The functions of the areas, one file for each
//! kind of row, take such a connection and therefore compose inside a transaction. Queries are ordinary diesel-async
//! code, written once for both databases (`engine`).

pub mod account;
mod engine;
pub mod factor;
pub mod federation;
pub mod oauth;
pub mod operation;
pub mod sign_in;

#[cfg(test)]
mod tests;

pub use engine::{
    Conn, DatabaseUrl, DatabaseUrlError, Patience, PreparedStatements, Schema, Store, StoreError, StoreSettings,
    UnsafeSetting, Writes,
};
