//! Bringing the tables up to date.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::{AnsiTransactionManager, RunQueryDsl, SimpleAsyncConnection, TransactionManager};
use tokio::time::timeout;

use super::pool::Lease;
use super::{Conn, StoreError};

/// Every migration, oldest first: version, name, SQL. Released ones are never edited, removed or reordered.
const MIGRATIONS: &[Migration] = &[Migration {
    version: "20261121000001",
    name: "initial",
    sql: include_str!("../../migrations/2026-11-21-000001_initial/up.sql"),
}];

struct Migration {
    version: &'static str,
    name: &'static str,
    sql: &'static str,
}

/// How long all of it may take, the wait for another instance that is at it included.
const DEADLINE: Duration = Duration::from_secs(600);
/// One lock for each schema: two installations in one database do not wait for each other.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended('latchkey ' || current_schema(), 0))";

// The table of diesel's own command line, which can therefore work on our databases.
diesel::table! {
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

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
pub async fn migrate(mut lease: Lease) -> Result<Migrated, StoreError> {
    let work = async {
        let conn = lease.conn()?;
        if !conn.is_postgres() {
            conn.batch_execute("PRAGMA busy_timeout = 60000").await?;
        }
        AnsiTransactionManager::begin_transaction(conn).await?;
        let migrated = apply(conn).await?;
        AnsiTransactionManager::commit_transaction(conn).await?;
        Ok::<_, StoreError>(migrated)
    };
    // The lease is not given back: its connection waits longer than a request may.
    timeout(DEADLINE, work).await.unwrap_or_else(|_| Err(StoreError::unavailable("the migration took too long")))
}

async fn apply(conn: &mut Conn) -> Result<Migrated, StoreError> {
    if conn.is_postgres() {
        // The limits of a request do not fit a change to a large table.
        conn.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0").await?;
        conn.batch_execute(LOCK).await?;
    }
    conn.batch_execute(diesel::migration::CREATE_MIGRATIONS_TABLE).await?;
    let present: Vec<String> = __diesel_schema_migrations::table
        .select(__diesel_schema_migrations::version)
        .order(__diesel_schema_migrations::version)
        .load(conn)
        .await?;
    let mut migrated = Migrated::default();
    for migration in MIGRATIONS.iter().filter(|migration| !present.iter().any(|version| version == migration.version)) {
        conn.batch_execute(migration.sql).await?;
        diesel::insert_into(__diesel_schema_migrations::table)
            .values(__diesel_schema_migrations::version.eq(migration.version))
            .execute(conn)
            .await?;
        migrated.applied.push(format!("{}_{}", migration.version, migration.name));
    }
    migrated.unknown =
        present.into_iter().filter(|version| !MIGRATIONS.iter().any(|known| known.version == version)).collect();
    Ok(migrated)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn the_list_is_the_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let mut on_disk: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .map(|name| name.replace('-', ""))
            .collect();
        on_disk.sort();
        let listed: Vec<String> = MIGRATIONS.iter().map(|one| format!("{}_{}", one.version, one.name)).collect();
        assert_eq!(listed, on_disk);
    }
}
