//! Whether the database can be written. Reading does not tell: it works on a full disk, over a quota and at a standby.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::schema;
use crate::foundation::{SecretHash, Timestamp};
use crate::storage::{Conn, StoreError};

/// How often writing is tried while it fails, however many callers ask.
const WHILE_FAILING: Duration = Duration::from_secs(1);
/// How often writing to a SQLite file is tried while no failure is known.
const ON_SQLITE: Duration = Duration::from_secs(10);
/// Bytes that are written and deleted again in one transaction. More than a page, so that room must be found for them.
const BYTES: usize = 16 * 1024;

/// What is known about whether writing works.
#[derive(Default)]
pub struct Readiness {
    /// Whether the last transaction that wrote failed, for whatever reason.
    suspected: AtomicBool,
    /// When writing was last tried here, and the result.
    tried: Mutex<Option<(Instant, Result<(), StoreError>)>>,
}

impl Readiness {
    /// Takes notice of a transaction's outcome.
    pub fn note<T>(&self, outcome: &Result<T, StoreError>) {
        if matches!(outcome, Err(StoreError::Unavailable(_) | StoreError::Unsettled(_))) {
            self.suspected.store(true, Ordering::Relaxed);
        }
    }

    /// Tries to write, if a write has failed since the last successful try, and on SQLite now and then.
    /// `write` is a transaction that does [`write`].
    pub async fn check(
        &self,
        is_sqlite: bool,
        write: impl Future<Output = Result<(), StoreError>>,
    ) -> Result<(), StoreError> {
        let suspected = AtomicBool::load(&self.suspected, Ordering::Relaxed);
        if !suspected && !is_sqlite {
            return Ok(());
        }
        let mut tried = self.tried.lock().await;
        match &*tried {
            Some((at, failure @ Err(_))) if at.elapsed() < WHILE_FAILING => return failure.clone(),
            Some((at, Ok(()))) if at.elapsed() < ON_SQLITE && !suspected => return Ok(()),
            _ => {}
        }
        // Cleared before the attempt, so that a failure meanwhile is noted again.
        self.suspected.store(false, Ordering::Relaxed);
        let outcome = write.await;
        *tried = Some((Instant::now(), outcome.clone()));
        outcome
    }
}

/// Deletes in the same transaction what it writes, so that the file does not grow.
pub(super) async fn write(tx: &mut Conn) -> Result<(), StoreError> {
    use schema::browser_sessions::{created_at, data, expires_at, hash, table};
    let (key, filling, past) = (SecretHash::of("is the database writable?"), filling(), Timestamp::from_secs(0));
    let row = (hash.eq(&key), data.eq(&filling), created_at.eq(past), expires_at.eq(past));
    diesel::insert_into(table).values(row).on_conflict_do_nothing().execute(tx).await?;
    diesel::delete(table.find(&key)).execute(tx).await?;
    Ok(())
}

/// Text that cannot be compressed.
fn filling() -> String {
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let letters = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b'0' + (state % 75) as u8)
    });
    letters.take(BYTES).collect()
}

/// Whether the database answers, has its tables and, as far as it says, takes changes.
pub async fn answers(conn: &mut Conn) -> Result<(), StoreError> {
    use schema::clients;
    let _: Vec<String> = clients::table.select(clients::id).limit(1).load(conn).await?;
    if !conn.is_postgres() {
        return Ok(());
    }
    let read_only = sql::<Bool>("current_setting('transaction_read_only')::boolean");
    match diesel::select(read_only).get_result(conn).await? {
        true => {
            conn.distrust();
            Err(StoreError::unavailable("the database is read-only"))
        }
        false => Ok(()),
    }
}

/// A setting of PostgreSQL by which confirmed changes can be lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsafeSetting {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// What is lost, and when.
    consequence: &'static str,
}

impl fmt::Display for UnsafeSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgreSQL has {} = {}: {}", self.name, self.value, self.consequence)
    }
}

/// The unsafe settings of this connection.
pub async fn unsafe_settings(conn: &mut Conn) -> Result<Vec<UnsafeSetting>, StoreError> {
    if !conn.is_postgres() {
        return Ok(Vec::new());
    }
    let mut values = Vec::new();
    for (name, query, _) in SETTINGS {
        let value: String = diesel::select(sql::<Text>(query)).get_result(conn).await?;
        values.push((name, value));
    }
    Ok(unsafe_among(values))
}

/// Names of settings, how to ask for them, and what is lost where they are off.
const SETTINGS: [(&str, &str, &str); 3] = [
    ("synchronous_commit", "current_setting('synchronous_commit')", LOSES),
    ("fsync", "current_setting('fsync')", BREAKS),
    ("full_page_writes", "current_setting('full_page_writes')", BREAKS),
];
const LOSES: &str = "after a crash, used codes and refresh tokens can be unused again, and sign-outs undone";
const BREAKS: &str = "after a crash of the machine, the database can be damaged beyond repair";

fn unsafe_among(values: Vec<(&'static str, String)>) -> Vec<UnsafeSetting> {
    let consequence =
        |name| SETTINGS.into_iter().find(|(known, ..)| *known == name).map(|(_, _, consequence)| consequence);
    let found = values.into_iter().filter(|(_, value)| value == "off");
    found.filter_map(|(name, value)| Some(UnsafeSetting { name, value, consequence: consequence(name)? })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(values: [&str; 3]) -> Vec<String> {
        let values = SETTINGS.iter().zip(values).map(|((name, ..), value)| (*name, value.to_owned()));
        unsafe_among(values.collect()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_setting_with_which_what_was_answered_can_be_lost_is_told_with_what_is_lost() {
        for safe in ["on", "local", "remote_write", "remote_apply"] {
            assert_eq!(told([safe, "on", "on"]), [""; 0]);
        }
        assert_eq!(
            told(["off", "off", "off"]),
            [
                format!("PostgreSQL has synchronous_commit = off: {LOSES}"),
                format!("PostgreSQL has fsync = off: {BREAKS}"),
                format!("PostgreSQL has full_page_writes = off: {BREAKS}"),
            ]
        );
        assert_eq!(told(["on", "off", "on"]), [format!("PostgreSQL has fsync = off: {BREAKS}")]);
    }
}
