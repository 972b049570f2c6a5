//! The keys of clients: those that are registered, and those that a client publishes at a URL (`jwks_uri`), as they were a while ago.
//! All of it can be fetched again.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::timeout;

use crate::crypto::foreign::{ForeignJwkSet, jwk_set};
use crate::domain::oauth::client::{Client, ClientId};
use crate::foundation::Timestamp;
use crate::outbound::{Method, Outbound, Request, StatusCode};

/// For how long keys that were fetched are believed without looking again: so long a key still counts that was taken away.
const LIFE: Duration = Duration::from_secs(600);
/// For how long they are believed when they are not to be had any more.
const STALE: Duration = Duration::from_secs(24 * 3600);
/// Keys are fetched again for a key that is not known so often at most, however many ask: strangers can, with any client's id.
const REFETCH: Duration = Duration::from_secs(30);
/// A failure is remembered so long.
const RETRY: Duration = Duration::from_secs(10);
/// An application waits for it.
const PATIENCE: Duration = Duration::from_secs(3);
/// So many are fetched at one time: servers that hang leave most of the turns of the outbound client to all others.
const TURNS: usize = 8;
/// The most clients whose keys are kept, each at most some twenty kilobytes.
const KEPT: usize = 1_000;

/// The keys of clients.
pub struct ClientKeys {
    published: Cache<ClientId, Arc<Published>>,
    turns: Semaphore,
}

/// What one client publishes. Held while it is fetched, so that fifty who come at once fetch once.
#[derive(Default)]
struct Published(Mutex<Held>);

#[derive(Default)]
struct Held {
    /// From where, in case it was registered anew.
    uri: String,
    keys: Option<(Arc<ForeignJwkSet>, Timestamp)>,
    /// When it was last asked for, and what came of that.
    tried: Option<(Timestamp, Result<(), String>)>,
}

/// Why somebody asks for keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// To use them.
    Use,
    /// None of those that are known fits.
    Newer,
}

/// The keys of a client are not to be had now: at whose URL, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysUnavailable(pub String);

impl ClientKeys {
    /// Nothing is known yet.
    pub fn new() -> Self {
        Self { published: Cache::new(KEPT), turns: Semaphore::new(TURNS) }
    }

    /// The keys of this client, from wherever it has them; none if it has none.
    ///
    /// # Errors
    /// When they are at a URL, were never had from there, or not for a day, and are not to be had now.
    pub async fn of(
        &self,
        client: &Client,
        need: Need,
        outbound: &Outbound,
        now: Timestamp,
    ) -> Result<Arc<ForeignJwkSet>, KeysUnavailable> {
        let keys = &client.metadata.keys;
        match (&keys.jwks, &keys.jwks_uri) {
            (Some(registered), _) => Ok(registered.keys()),
            (None, Some(uri)) => self.published(&client.id, uri, need, outbound, now).await,
            (None, None) => Ok(Arc::default()),
        }
    }

    async fn published(
        &self,
        client: &ClientId,
        uri: &str,
        need: Need,
        outbound: &Outbound,
        now: Timestamp,
    ) -> Result<Arc<ForeignJwkSet>, KeysUnavailable> {
        // Nothing fails here.
        let published = self.published.get_or_insert_with(client, || Ok::<_, std::convert::Infallible>(Arc::default()));
        let published = published.unwrap_or_default();
        let mut held = published.0.lock().await;
        if held.uri != uri {
            *held = Held { uri: uri.to_owned(), ..Held::default() };
        }
        if !held.is_to_be_fetched(need, now) {
            return held.known(now);
        }
        let fetched = match timeout(PATIENCE, self.turns.acquire()).await {
            Ok(Ok(_turn)) => fetch(outbound, uri).await,
            _ => Err("too many others are being fetched".to_owned()),
        };
        held.tried = Some((now, fetched.as_ref().map(drop).map_err(Clone::clone)));
        match fetched {
            Ok(keys) => held.keys = Some((Arc::new(keys), now)),
            Err(error) => tracing::debug!(%client, error, "the keys of a client were not to be had"),
        }
        held.known(now)
    }
}

impl Default for ClientKeys {
    fn default() -> Self {
        Self::new()
    }
}

impl Held {
    fn is_to_be_fetched(&self, need: Need, now: Timestamp) -> bool {
        // A time of the future was taken from a wrong clock.
        let within = |at: Timestamp, span: Duration| now >= at && now.since(at) < span;
        let rest = match (&self.tried, need) {
            (None, _) => return true,
            (Some((_, Err(_))), Need::Use) => RETRY,
            (Some(_), _) => REFETCH,
        };
        let is_due = self.tried.as_ref().is_none_or(|(at, _)| !within(*at, rest));
        let is_fresh = self.keys.as_ref().is_some_and(|(_, at)| within(*at, LIFE));
        is_due && (need == Need::Newer || !is_fresh)
    }

    /// What was known a while ago is more likely true than not.
    fn known(&self, now: Timestamp) -> Result<Arc<ForeignJwkSet>, KeysUnavailable> {
        match &self.keys {
            Some((keys, at)) if now.since(*at) < STALE => Ok(Arc::clone(keys)),
            _ => {
                let why = self.tried.as_ref().and_then(|(_, outcome)| outcome.as_ref().err());
                Err(KeysUnavailable(why.cloned().unwrap_or_else(|| "they are too old".to_owned())))
            }
        }
    }
}

async fn fetch(outbound: &Outbound, uri: &str) -> Result<ForeignJwkSet, String> {
    let request = Request::new(Method::GET, uri).within(PATIENCE).at_most(jwk_set::LONGEST);
    let answer = outbound.request(request).await.map_err(|error| error.to_string())?;
    match answer.status {
        StatusCode::OK => ForeignJwkSet::parse(&answer.body).map_err(|why| format!("what is there {why}")),
        other => Err(format!("it answered {}", other.as_u16())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn later(seconds: u64) -> Timestamp {
        NOW.after(Duration::from_secs(seconds))
    }

    #[test]
    fn keys_are_fetched_once_in_a_while_and_sooner_for_one_that_is_not_known() {
        let mut held = Held::default();
        assert!(held.is_to_be_fetched(Need::Use, NOW) && held.is_to_be_fetched(Need::Newer, NOW));
        held.keys = Some((Arc::default(), NOW));
        held.tried = Some((NOW, Ok(())));
        for (after, used, newer) in
            [(0, false, false), (29, false, false), (30, false, true), (599, false, true), (600, true, true)]
        {
            assert_eq!(held.is_to_be_fetched(Need::Use, later(after)), used, "after {after} s");
            assert_eq!(held.is_to_be_fetched(Need::Newer, later(after)), newer, "after {after} s");
        }
        assert!(held.is_to_be_fetched(Need::Newer, NOW.before(Duration::from_secs(1))), "the clock was set back");
    }

    #[test]
    fn a_failure_is_remembered_shortly_and_what_was_known_goes_on_to_count() {
        let mut held = Held { tried: Some((NOW, Err("it is down".into()))), ..Held::default() };
        assert!(!held.is_to_be_fetched(Need::Use, later(9)) && held.is_to_be_fetched(Need::Use, later(10)));
        assert_eq!(held.known(NOW), Err(KeysUnavailable("it is down".into())));
        held.keys = Some((Arc::default(), NOW.before(LIFE)));
        assert!(held.known(NOW).is_ok());
        assert!(held.known(NOW.after(STALE)).is_err());
    }
}
