//! What the store promises, on the database that `TEST_DATABASE` chooses.

mod abandoned;
mod accounts;
mod audit_events;
#[path = "../../../tests/api/harness/database.rs"]
mod database;
mod decision_traces;
mod durations;
mod factors;
mod faults;
mod jobs;
mod login_throttles;
mod migrations;
mod once;
mod one_time_links;
mod plans;
mod protocol;
mod proxy;
mod prune;
mod queries;
mod registrations;
mod rows;
mod schema;
mod sqlite_file;
mod transactions;
mod upstream_tokens;
mod writer;

use database::TestDatabase;

use super::{Store, StoreSettings};
use crate::foundation::Timestamp;

/// An empty database with its tables.
pub(super) async fn store() -> (Store, TestDatabase) {
    let database = database::fresh().await;
    let store = open(&database.url).await;
    store.migrate().await.unwrap();
    (store, database)
}

async fn open(url: &str) -> Store {
    Store::connect(StoreSettings::new(url.parse().unwrap())).await.unwrap()
}

/// Whether it is PostgreSQL, for tests of what only that does.
fn is_postgres(database: &TestDatabase) -> bool {
    database.url.starts_with("postgres")
}

/// A time that the tests call now.
pub(super) const NOW: Timestamp = Timestamp::from_secs(1_790_000_000);
