//! Bringing the tables up to date.

use std::time::Duration;

use diesel::migration::{Migration, MigrationSource};
use diesel_async::{AnsiTransactionManager, AsyncMigrationHarness, SimpleAsyncConnection, TransactionManager};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::backend::AnySql;
use super::pool::Lease;
use super::{Conn, StoreError};

/// Every migration, compiled in. Released ones are never edited, removed or reordered.
const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// How long all of it may take, the wait for another instance that is at it included.
const DEADLINE: Duration = Duration::from_secs(600);
/// One lock for each schema: two installations in one database do not wait for each other.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended('latchkey ' || current_schema(), 0))";

/// What [`migrate`] did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Migrated {
    /// The migrations that it applied.
    pub applied: Vec<String>,
    /// Versions that the database has and this program does not know.
    pub unknown: Vec<String>,
}

/// Applies what the database does not have, all of it or, on any error, nothing. Of several instances that start at
/// once one does it while the others wait.
pub async fn migrate(lease: Lease) -> Result<Migrated, StoreError> {
    let work = async {
        // The connection is not given back: it waits longer than a request may.
        let mut conn = lease.take()?;
        // On a thread of its own: diesel's harness blocks, and so does SQLite while another instance is at it.
        let runtime = Handle::current();
        let harness = tokio::task::spawn_blocking(move || {
            // One transaction round the lot: the harness would commit each on its own, between the eyes of others.
            runtime.block_on(prepare(&mut conn))?;
            apply(AsyncMigrationHarness::new(conn))
        });
        let (mut conn, migrated) = harness.await.map_err(StoreError::unavailable)??;
        AnsiTransactionManager::commit_transaction(&mut conn).await?;
        Ok::<_, StoreError>(migrated)
    };
    timeout(DEADLINE, work).await.unwrap_or_else(|_| Err(StoreError::unavailable("the migration took too long")))
}

/// Begins the transaction and takes the lock, with patience that no request has.
async fn prepare(conn: &mut Conn) -> Result<(), StoreError> {
    if !conn.is_postgres() {
        conn.batch_execute("PRAGMA busy_timeout = 60000").await?;
    }
    AnsiTransactionManager::begin_transaction(conn).await?;
    if conn.is_postgres() {
        conn.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0").await?;
        conn.batch_execute(LOCK).await?;
    }
    Ok(())
}

fn apply(mut harness: AsyncMigrationHarness<Conn>) -> Result<(Conn, Migrated), StoreError> {
    let known: Vec<Box<dyn Migration<AnySql>>> = MIGRATIONS.migrations().map_err(StoreError::unavailable)?;
    let is_known = |version: &String| known.iter().any(|one| one.name().version().to_string() == *version);
    let present = harness.applied_migrations().map_err(StoreError::unavailable)?;
    let applied = harness.run_pending_migrations(MIGRATIONS).map_err(StoreError::unavailable)?;
    let named = known.iter().filter(|one| applied.contains(&one.name().version()));
    let migrated = Migrated {
        applied: named.map(|one| one.name().to_string()).collect(),
        unknown: present.iter().map(ToString::to_string).filter(|version| !is_known(version)).collect(),
    };
    Ok((harness.into_inner(), migrated))
}
