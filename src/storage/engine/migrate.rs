//! Which migrations a database has, and bringing its tables up to date.

use std::time::Duration;

use diesel::QueryDsl;
use diesel::dsl::sql;
use diesel::migration::{Migration, MigrationSource};
use diesel::sql_types::Bool;
use diesel_async::{
    AnsiTransactionManager, AsyncMigrationHarness, RunQueryDsl, SimpleAsyncConnection, TransactionManager,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::backend::AnySql;
use super::pool::Lease;
use super::sqlite::APPLICATION_ID;
use crate::storage::{Conn, StoreError};

/// Every migration, compiled in. Released ones are never edited, removed or reordered.
const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// How long all migrations may take, with the wait for another instance that applies them.
const DEADLINE: Duration = Duration::from_secs(600);
/// One lock for each schema: two installations in one database do not wait for each other.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended('latchkey ' || current_schema(), 0))";

diesel::table! {
    /// Where diesel's harness notes what it has applied.
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

/// How a database's tables compare with those that this program was made for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// None of our tables is there.
    pub is_new: bool,
    /// The migrations that this program knows and the database does not have.
    pub missing: Vec<String>,
    /// Versions that the database has and this program does not know: a newer one has migrated it.
    pub unknown: Vec<String>,
}

/// Compares. Only reads, so that a role without any right to change tables can ask.
pub async fn schema(conn: &mut Conn) -> Result<Schema, StoreError> {
    use __diesel_schema_migrations::{table, version};
    // Asked first: the error of a query of a missing table cannot be told from other errors.
    let is_there = match conn.is_postgres() {
        true => "to_regclass('__diesel_schema_migrations') IS NOT NULL",
        false => "EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '__diesel_schema_migrations')",
    };
    let present: Vec<String> = match diesel::select(sql::<Bool>(is_there)).get_result(conn).await? {
        true => table.select(version).order(version).load(conn).await?,
        false => Vec::new(),
    };
    let known: Vec<(String, String)> =
        known()?.iter().map(|one| (one.name().version().to_string(), one.name().to_string())).collect();
    Ok(Schema {
        is_new: present.is_empty(),
        missing: known.iter().filter(|(one, _)| !present.contains(one)).map(|(_, name)| name.clone()).collect(),
        unknown: present.into_iter().filter(|one| !known.iter().any(|(known, _)| known == one)).collect(),
    })
}

fn known() -> Result<Vec<Box<dyn Migration<AnySql>>>, StoreError> {
    MIGRATIONS.migrations().map_err(StoreError::unavailable)
}

/// Applies the missing migrations: all of them or, on any error, none. Of several instances that start at once, one
/// applies them while the others wait.
pub async fn migrate(lease: Lease) -> Result<Vec<String>, StoreError> {
    let work = async {
        // The connection is not given back to the pool: it waits longer than a request may.
        let mut conn = lease.take()?;
        // On a thread of its own: diesel's harness blocks, and so does SQLite while another instance migrates.
        let runtime = Handle::current();
        let harness = tokio::task::spawn_blocking(move || {
            // One transaction for all: the harness would commit each by itself, and others would see the steps.
            runtime.block_on(prepare(&mut conn))?;
            apply(AsyncMigrationHarness::new(conn))
        });
        let (mut conn, applied) = harness.await.map_err(StoreError::unavailable)??;
        AnsiTransactionManager::commit_transaction(&mut conn).await?;
        Ok::<_, StoreError>(applied)
    };
    timeout(DEADLINE, work).await.unwrap_or_else(|_| Err(StoreError::unavailable("the migration took too long")))
}

/// Begins the transaction and takes the lock, and waits for both longer than a request may.
async fn prepare(conn: &mut Conn) -> Result<(), StoreError> {
    if !conn.is_postgres() {
        conn.batch_execute("PRAGMA busy_timeout = 60000").await?;
    }
    AnsiTransactionManager::begin_transaction(conn).await?;
    if conn.is_postgres() {
        conn.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0").await?;
        conn.batch_execute(LOCK).await?;
    } else {
        // For a file of an earlier version, or one that somebody else created empty.
        conn.batch_execute(&format!("PRAGMA application_id = {APPLICATION_ID}")).await?;
    }
    Ok(())
}

fn apply(mut harness: AsyncMigrationHarness<Conn>) -> Result<(Conn, Vec<String>), StoreError> {
    let applied = harness.run_pending_migrations(MIGRATIONS).map_err(StoreError::unavailable)?;
    let known = known()?;
    let named = known.iter().filter(|one| applied.contains(&one.name().version()));
    let applied = named.map(|one| one.name().to_string()).collect();
    Ok((harness.into_inner(), applied))
}
