//! What a store is opened with.

use std::path::PathBuf;
use std::time::Duration;

use crate::foundation::Clock;
use crate::storage::{DatabaseUrl, PreparedStatements};

/// What [`super::store::Store::connect`] needs to know.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    /// Where the database is.
    pub url: DatabaseUrl,
    /// The most connections to a PostgreSQL server.
    pub postgres_connections: usize,
    /// The connections to a SQLite file that read, beside the one that writes.
    pub sqlite_readers: usize,
    /// A file of PEM certificates to trust beside the system's, where PostgreSQL is reached with TLS.
    pub extra_ca_file: Option<PathBuf>,
    /// Whether statements are kept prepared on PostgreSQL.
    pub prepared_statements: PreparedStatements,
    /// Whether a SQLite file is made where there is none.
    pub may_create: bool,
    /// How long each transaction waits for others who write to a SQLite file, before its deadline begins. `None`, as
    /// everything that serves has it: within the deadline.
    pub patience: Option<Patience>,
    /// A read or a transaction that takes so long is told of in the log.
    pub slow_after: Option<Duration>,
    /// What durations are measured by.
    pub clock: Clock,
}

/// How a process that has nobody waiting for it waits for others who write.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// After this long it is said.
    pub notice_after: Duration,
    /// After this long it is given up.
    pub give_up_after: Duration,
    /// Says it.
    pub say: fn(&str),
}

impl StoreSettings {
    /// The settings that suit most: 16 connections to a server, or 4 readers of a file.
    pub fn new(url: DatabaseUrl) -> Self {
        Self {
            url,
            postgres_connections: 16,
            sqlite_readers: 4,
            extra_ca_file: None,
            prepared_statements: PreparedStatements::Auto,
            may_create: true,
            patience: None,
            slow_after: None,
            clock: Clock::System,
        }
    }
}
