//! What makes and reads the keys, from the configuration.

use super::lifetimes::retired_key_life;
use crate::config::Config;
use crate::crypto::MasterKey;
use crate::domain::oauth::token::subject::Subjects;
use crate::foundation::{Clock, Random};
use crate::runtime::clock_guard::ClockGuard;
use crate::runtime::key_context::{KeyContext, KeyError};
use crate::runtime::key_ring::{self, KeyRing};
use crate::runtime::{kept_key, key_making};
use crate::storage::Store;

/// What makes and reads keys, before there is an [`App`](super::App).
pub fn context<'a>(
    config: &Config,
    store: &'a Store,
    master: &'a MasterKey,
    (clock, guard): (&'a Clock, &'a ClockGuard),
    random: &'a Random,
) -> KeyContext<'a> {
    let life = retired_key_life(&config.lifetimes);
    let (algorithms, encryption) = (config.keys.algorithms, config.keys.encryption);
    KeyContext { store, master, clock, guard, random, algorithms, encryption, life }
}

/// Loads the keys; a server `makes` those that are missing. A command tells no client of anybody, and needs no key for that.
///
/// # Errors
/// When the master key is another one, or the database does not answer.
pub async fn open(context: &KeyContext<'_>, makes: bool) -> Result<(KeyRing, Subjects), KeyError> {
    match makes {
        true => Ok((key_making::open(context).await?, Subjects::new(Some(kept_key::open(context).await?)))),
        false => Ok((key_ring::load(context).await?, Subjects::new(None))),
    }
}
