//! Every long-lived part, built once.

mod bounds;
mod branding;
mod build_error;
mod dev;
mod factors;
mod keys;
mod lifetimes;
mod login;
mod mail;
mod passwords;
pub mod providers;
mod registration;
pub mod resources;
mod settings;
mod sign_up;

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};

use tokio::sync::Notify;

pub use self::branding::{Asset, Brand};
pub use self::build_error::{BuildError, NewerTables, SchemaRefused};
pub use self::dev::{Dev, Persona};
use self::lifetimes::retired_key_life;
pub use self::passwords::BreachCheck;
pub use self::settings::Settings;
use crate::config::Config;
pub use crate::config::{DynamicRegistration, Switch};
use crate::crypto::passkey::RelyingParty;
use crate::crypto::{CryptoError, MacKey, MasterKey};
use crate::domain::oauth::token::claim_catalogue::ClaimCatalogue;
use crate::domain::oauth::token::subject::Subjects;
use crate::ephemeral::Ephemeral;
use crate::foundation::url::Issuer;
use crate::foundation::{Clock, Random};
use crate::mail::Mail;
use crate::mail::message::Letterhead;
use crate::outbound::{Outbound, OutboundSettings};
use crate::runtime::client_cache::ClientCache;
use crate::runtime::client_failures::ClientFailures;
use crate::runtime::client_keys::ClientKeys;
use crate::runtime::clock_guard::ClockGuard;
use crate::runtime::decision_traces::DecisionTraces;
use crate::runtime::event_counts::EventCounts;
use crate::runtime::key_context::{KeyContext, KeyError};
use crate::runtime::key_ring::KeyRing;
use crate::runtime::password_pool::PasswordPool;
use crate::runtime::places::Places;
use crate::runtime::request_objects::RequestObjects;
use crate::runtime::sector_documents::SectorDocuments;
use crate::runtime::upstream::Upstreams;
use crate::runtime::verification_lanes::VerificationLanes;
use crate::runtime::verified_tokens::VerifiedTokens;
pub use crate::storage::Patience;
use crate::storage::{Schema, Store, StoreSettings};

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
    /// Which time to believe when the clock is set.
    pub clock_guard: ClockGuard,
    /// Names this process among others on the same database: it may be another one after each start.
    pub instance: i64,
    /// Randomness.
    pub random: Random,
    /// The record of truth.
    pub store: Store,
    /// What a newer version has changed of its tables; it works with them all the same.
    pub newer_tables: Option<NewerTables>,
    /// Counters that may be lost.
    pub ephemeral: Ephemeral,
    /// Calls other servers.
    pub outbound: Outbound,
    /// Writes to people.
    pub mail: Mail,
    /// What every mail has at its head.
    pub letterhead: Letterhead,
    /// Where passwords are hashed.
    pub passwords: PasswordPool,
    /// The keys that sign tokens, and those that others encrypt to.
    pub keys: KeyRing,
    /// What clients call people.
    pub subjects: Subjects,
    /// Failures of client authentication.
    pub client_failures: ClientFailures,
    /// What is counted, and written down once a minute.
    pub event_counts: EventCounts,
    /// Why requests were refused, until it is written down.
    pub decision_traces: DecisionTraces,
    /// Clients, from memory.
    pub clients: ClientCache,
    /// The keys of clients.
    pub client_keys: ClientKeys,
    /// Request objects of clients.
    pub request_objects: RequestObjects,
    /// By which clients show that they belong to a sector.
    pub sector_documents: SectorDocuments,
    /// Where signatures are verified that take long.
    pub verifications: VerificationLanes,
    /// Access tokens whose signature was verified before.
    pub verified_tokens: VerifiedTokens,
    /// What is known of upstream providers.
    pub upstreams: Upstreams,
    /// Tells the worker of this process that a job was added, so that it begins at once.
    pub job_added: Notify,
    /// Where addresses are.
    pub places: Places,
    /// The server as passkeys know it; `None` where its address is a number, to which none can be bound.
    pub relying_party: Option<RelyingParty>,
    /// What data at rest is sealed under.
    pub master: MasterKey,
    /// What refresh tokens' successors are derived with.
    pub refresh_key: MacKey,
    /// What the form tokens of browsers are derived with that nobody has signed in with.
    pub browser_key: MacKey,
    /// What makes the cookies by which browsers are known again, and hides which accounts were tried.
    pub login_key: MacKey,
    /// What recovery codes are hashed with.
    pub factor_key: MacKey,
    /// Whether the log says that a trusted proxy does not tell whom it speaks for.
    pub told_of_silent_proxy: AtomicBool,
    /// Whether the lists of stolen passwords did not answer the last time.
    pub breach_check_is_out: AtomicBool,
    /// When the log last said that no more mails are taken, in microseconds since 1970; 0 when it never did.
    pub told_of_full_mail_queue: AtomicI64,
}

/// What is made ready when the parts are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prepare {
    /// The tables are brought up to date, and missing keys made: `serve` and `dev`.
    TablesAndKeys,
    /// Missing keys are made; the tables must be there: `serve --no-migrate`.
    Keys,
    /// Everything is taken as it is: a command needs no more rights than what it does.
    Nothing,
}

impl App {
    /// [`App::prepared`] with tables that are up to date and every key that is needed.
    ///
    /// # Errors
    /// When a part cannot be had; the text says what to do.
    pub async fn build(config: &Config, clock: Clock, random: Random, dev: Option<Dev>) -> Result<Self, BuildError> {
        Self::prepared(config, clock, random, dev, Prepare::TablesAndKeys, None).await
    }

    /// Puts the parts together on the configured database, and makes ready what `prepare` says; with `patience` for other
    /// processes that write to a SQLite file.
    ///
    /// # Errors
    /// When a part cannot be had; the text says what to do.
    pub async fn prepared(
        config: &Config,
        clock: Clock,
        random: Random,
        dev: Option<Dev>,
        prepare: Prepare,
        patience: Option<Patience>,
    ) -> Result<Self, BuildError> {
        let master = MasterKey::parse(&config.secrets.master_key)?;
        let may_create = prepare == Prepare::TablesAndKeys;
        // A server must not keep its callers waiting; a start may.
        let per_transaction = patience.filter(|_| prepare == Prepare::Nothing);
        let settings = StoreSettings {
            may_create,
            patience: per_transaction,
            clock: clock.for_durations(),
            ..store_settings(config)
        };
        let store = Store::connect(settings).await?;
        let newer_tables = match prepare {
            Prepare::TablesAndKeys => migrate(&store, patience).await?.1,
            Prepare::Keys | Prepare::Nothing => sufficient(store.schema().await?)?,
        };
        let counters = master.derive("counters")?;
        let ephemeral = match &config.redis.url {
            Some(url) => Ephemeral::redis(url, config.redis.extra_ca_file.as_deref(), store.clone(), counters)?,
            None => Ephemeral::sql(store.clone(), counters),
        };
        let clock_guard = ClockGuard::open(&store, &clock).await?;
        let context = keys::context(config, &store, &master, (&clock, &clock_guard), &random);
        let (keys, subjects) =
            keys::open(&context, prepare != Prepare::Nothing).await.map_err(|error| match error {
                KeyError::Crypto(CryptoError::Sealed) => BuildError::WrongMasterKey,
                other => other.into(),
            })?;
        // A command tells nobody of a place.
        let file = config.geo.database.as_deref().filter(|_| prepare != Prepare::Nothing);
        let places = Places::open(file).map_err(|error| BuildError::Other(format!("geo.database: {error}")))?;
        let outbound = Self::outbound(config, dev.is_some());
        let mail = Self::mail(config, dev.is_some());
        let upstream = providers::providers(config, dev.is_some()).map_err(BuildError::Other)?;
        let claims = ClaimCatalogue::new(&config.claims.extra)?;
        let resources = resources::resources(config, &claims)?;
        Ok(Self(Arc::new(Parts {
            issuer: config.issuer.clone(),
            relying_party: RelyingParty::of(&config.issuer),
            settings: Settings::of(config, claims, resources, upstream, dev).map_err(BuildError::Other)?,
            refresh_key: master.derive("refresh_token/successor")?,
            browser_key: master.derive("browser")?,
            login_key: master.derive("login")?,
            factor_key: master.derive("factor")?,
            told_of_silent_proxy: AtomicBool::new(false),
            breach_check_is_out: AtomicBool::new(false),
            told_of_full_mail_queue: AtomicI64::new(0),
            passwords: PasswordPool::new(cores()),
            client_failures: ClientFailures::default(),
            event_counts: EventCounts::default(),
            decision_traces: DecisionTraces::default(),
            clients: ClientCache::new(),
            client_keys: ClientKeys::new(),
            request_objects: RequestObjects::new(),
            sector_documents: SectorDocuments::new(),
            verifications: VerificationLanes::new(),
            verified_tokens: VerifiedTokens::new(),
            upstreams: Upstreams::default(),
            job_added: Notify::new(),
            instance: i64::from_be_bytes(random.bytes()),
            clock,
            clock_guard,
            random,
            store,
            newer_tables,
            ephemeral,
            outbound,
            mail,
            letterhead: Self::letterhead(config),
            keys,
            subjects,
            places,
            master,
        })))
    }

    /// Brings the database's tables up to date, without building anything else. Returns what it applied, and what a
    /// newer version had done before.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn migrate(
        config: &Config,
        patience: Patience,
    ) -> Result<(Vec<String>, Option<NewerTables>), BuildError> {
        migrate(&Store::connect(store_settings(config)).await?, Some(patience)).await
    }

    /// What calls other servers, without building anything else. With `dev` it may call this machine.
    pub fn outbound(config: &Config, dev: bool) -> Outbound {
        Outbound::new(OutboundSettings {
            allow: config.outbound.allow.clone(),
            extra_ca_file: config.outbound.extra_ca_file.clone(),
            allow_loopback: dev,
        })
    }
}

impl App {
    /// What makes and reads keys.
    pub fn key_context(&self) -> KeyContext<'_> {
        KeyContext {
            store: &self.store,
            master: &self.master,
            clock: &self.clock,
            guard: &self.clock_guard,
            random: &self.random,
            algorithms: self.settings.algorithms,
            encryption: self.settings.encryption,
            life: retired_key_life(&self.settings.lifetimes),
        }
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Brings the tables up to date, if they are not.
async fn migrate(store: &Store, patience: Option<Patience>) -> Result<(Vec<String>, Option<NewerTables>), BuildError> {
    let schema = store.schema().await?;
    if let (Some(patience), false) = (patience, schema.missing.is_empty()) {
        store.wait_for_writer(patience).await?;
    }
    let newer = newer(&schema);
    match store.migrate().await {
        Ok(applied) => Ok((applied, newer)),
        Err(cause) => Err(BuildError::Migration { missing: schema.missing, cause }),
    }
}

/// Whether this version can work with tables as they are. A newer version's are no hindrance: while instances are
/// replaced one by one, the old ones go on, and a release only adds to the tables.
fn sufficient(schema: Schema) -> Result<Option<NewerTables>, SchemaRefused> {
    match schema {
        Schema { is_new: true, .. } => Err(SchemaRefused::New),
        Schema { missing, .. } if !missing.is_empty() => Err(SchemaRefused::Old(missing)),
        schema => Ok(newer(&schema)),
    }
}

fn newer(schema: &Schema) -> Option<NewerTables> {
    (!schema.unknown.is_empty()).then(|| NewerTables(schema.unknown.clone()))
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

fn store_settings(config: &Config) -> StoreSettings {
    let database = &config.database;
    let connections = usize::try_from(database.pool_size).unwrap_or(usize::MAX);
    StoreSettings {
        url: database.url.clone(),
        postgres_connections: connections,
        sqlite_readers: connections.saturating_sub(1).clamp(1, sqlite_readers()),
        extra_ca_file: database.extra_ca_file.clone(),
        prepared_statements: database.prepared_statements,
        slow_after: config.log.slow_transaction.0,
        ..StoreSettings::new(database.url.clone())
    }
}

#[cfg(test)]
mod tests;
