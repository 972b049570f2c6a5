//! Every long-lived part, built once.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::config::{self, Config, Database, Lifetimes, Login};
use crate::crypto::sealing::MasterKeyError;
use crate::crypto::{CryptoError, MacKey, MasterKey};
use crate::domain::oauth::scope::Scope;
use crate::ephemeral::{Ephemeral, EphemeralError};
use crate::foundation::url::Issuer;
use crate::foundation::{Clock, Random};
use crate::services::ServiceError;
use crate::services::access_tokens::VerifiedTokens;
use crate::services::clients::ClientCache;
use crate::services::keys::{self, KeyRing, KeyRoom};
use crate::services::password_pool::PasswordPool;
use crate::storage::{DatabaseUrl, DatabaseUrlError, Store, StoreError, StoreSettings};

/// Every long-lived part. Cheap to clone: the parts are shared.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of an [`App`].
pub struct Parts {
    /// Our own base URL.
    pub issuer: Issuer,
    /// Plain values from the configuration.
    pub settings: Settings,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// The record of truth.
    pub store: Store,
    /// Counters that may be lost.
    pub ephemeral: Ephemeral,
    /// Where passwords are hashed.
    pub passwords: PasswordPool,
    /// The keys that sign tokens.
    pub keys: KeyRing,
    /// Clients, from memory.
    pub clients: ClientCache,
    /// Access tokens whose signature was verified before.
    pub verified_tokens: VerifiedTokens,
    /// What data at rest is sealed under.
    pub master: MasterKey,
    /// What refresh tokens' successors are derived with.
    pub refresh_key: MacKey,
}

/// Plain values from the configuration, as the services need them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// The brake on guessing passwords.
    pub login: Login,
    /// The age at which a signing key is replaced.
    pub rotate_after: Duration,
    /// Fewest characters of a password.
    pub password_min_length: usize,
    /// The operator's own scopes.
    pub extra_scopes: Scope,
    /// Proxies whose forwarding headers are believed.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// Set by `latchkey dev` only: who can sign in with one click. Also decides whether pages explain refusals.
    pub dev: Option<Dev>,
}

/// What only `latchkey dev` has.
#[derive(Clone, Debug, Default)]
pub struct Dev {
    /// Demo users, with their passwords.
    pub personas: Vec<Persona>,
}

/// A demo user.
#[derive(Clone, Debug)]
pub struct Persona {
    /// To sign in with.
    pub username: &'static str,
    /// In clear: it is printed on the login page.
    pub password: &'static str,
    /// Who they are.
    pub role: &'static str,
}

/// Why the parts could not be put together. Each says what to do.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The master key is missing, short or a known default.
    #[error("{0}")]
    MasterKey(#[from] MasterKeyError),
    /// The signing keys were sealed under another master key.
    #[error(
        "secrets.master_key is not the one that this database's signing keys were sealed with: \
         use the key that the server was first started with"
    )]
    WrongMasterKey,
    /// The database's address is not one that we understand.
    #[error("database.url: {0}")]
    DatabaseUrl(#[from] DatabaseUrlError),
    /// The database cannot be used.
    #[error("{0}: is database.url right, and the database running?")]
    Store(#[from] StoreError),
    /// The counters cannot be used.
    #[error("redis.url: {0}")]
    Ephemeral(#[from] EphemeralError),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl From<ServiceError> for BuildError {
    fn from(error: ServiceError) -> Self {
        Self::Other(error.to_string())
    }
}

impl From<CryptoError> for BuildError {
    fn from(error: CryptoError) -> Self {
        Self::Other(error.to_string())
    }
}

impl App {
    /// Puts the parts together: opens the database, brings its schema up to date, opens the keys or makes them.
    ///
    /// # Errors
    /// When a part cannot be had; the text says what to do.
    pub async fn build(config: &Config, clock: Clock, random: Random, dev: Option<Dev>) -> Result<Self, BuildError> {
        let master = MasterKey::parse(&config.secrets.master_key)?;
        let store = Store::connect(store_settings(&config.database)?).await?;
        store.migrate().await?;
        let counters = master.derive("counters")?;
        let ephemeral = match &config.redis.url {
            Some(url) => Ephemeral::redis(url, store.clone(), counters)?,
            None => Ephemeral::sql(store.clone(), counters),
        };
        let keep = retired_key_life(&config.lifetimes);
        let room = KeyRoom { store: &store, master: &master, clock: &clock, random: &random, keep };
        let keys = keys::open(&room).await.map_err(|error| match error {
            ServiceError::Internal(cause) if cause == CryptoError::Sealed.to_string() => BuildError::WrongMasterKey,
            other => other.into(),
        })?;
        Ok(Self(Arc::new(Parts {
            issuer: config.issuer.clone(),
            settings: Settings {
                lifetimes: config.lifetimes,
                login: config.login,
                rotate_after: config.keys.rotate_after,
                password_min_length: usize::try_from(config.password.min_length).unwrap_or(usize::MAX),
                extra_scopes: config.scopes.extra.iter().map(String::as_str).collect(),
                trusted_proxies: config.server.trusted_proxies.clone(),
                dev,
            },
            refresh_key: master.derive("refresh_token/successor")?,
            passwords: PasswordPool::new(cores()),
            clients: ClientCache::new(),
            verified_tokens: VerifiedTokens::new(),
            clock,
            random,
            store,
            ephemeral,
            keys,
            master,
        })))
    }

    /// Brings the database's tables up to date, without building anything else. Returns what it applied.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn migrate(config: &Config) -> Result<Vec<String>, BuildError> {
        Ok(Store::connect(store_settings(&config.database)?).await?.migrate().await?)
    }

    /// What makes and reads keys.
    pub fn key_room(&self) -> KeyRoom<'_> {
        let keep = retired_key_life(&self.settings.lifetimes);
        KeyRoom { store: &self.store, master: &self.master, clock: &self.clock, random: &self.random, keep }
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// How many connections may read a SQLite file: a query keeps a core busy, so more than cores would only wait.
fn sqlite_readers() -> usize {
    cores().min(4)
}

/// The threads that requests need: one for each core. SQLite's statements run on them, so there is at least one more
/// than can be inside: however slow the disk is, what needs no database goes on.
pub fn worker_threads() -> usize {
    cores().max(sqlite_readers() + 2)
}

/// The cores that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Opens the same database that the configuration names, with as many connections.
fn store_settings(database: &Database) -> Result<StoreSettings, DatabaseUrlError> {
    let url = match &database.url {
        config::DatabaseUrl::Sqlite(path) => DatabaseUrl::Sqlite(path.clone()),
        config::DatabaseUrl::Postgres(url) => url.expose().parse()?,
    };
    let connections = usize::try_from(database.pool_size).unwrap_or(usize::MAX);
    Ok(StoreSettings {
        url,
        postgres_connections: connections,
        sqlite_readers: connections.saturating_sub(1).clamp(1, sqlite_readers()),
        extra_ca_file: database.extra_ca_file.clone(),
    })
}

/// A retired key is published until the last token that it signed has expired, and an hour more: for clocks that
/// differ, and for instances that saw the rotation late.
fn retired_key_life(lifetimes: &Lifetimes) -> Duration {
    lifetimes.access_token.max(lifetimes.id_token).saturating_add(Duration::from_secs(3600))
}
