//! What carries every query: the backend for both databases, connections, transactions, migrations, the schema.

pub(super) mod backend;
pub(super) mod columns;
pub(super) mod durations;
pub(super) mod error;
pub(super) mod json;
pub(super) mod migrate;
pub(super) mod pool;
pub(super) mod postgres;
pub(super) mod proofs;
pub(super) mod readiness;
pub(super) mod schema;
mod schema_joins;
pub(super) mod settings;
pub(super) mod sqlite;
pub(super) mod store;
pub(super) mod url;
pub(super) mod work;
pub(super) mod writer;

pub use backend::{AnyConnection as Conn, PreparedStatements};
pub use error::StoreError;
pub use migrate::Schema;
pub use readiness::UnsafeSetting;
pub use settings::{Patience, StoreSettings};
pub use store::{Store, Writes};
pub use url::{DatabaseUrl, DatabaseUrlError};
