//! The keys of clients: those that are registered, and those that a client publishes at a URL (`jwks_uri`), as they were a while ago.
//! All of it can be fetched again.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;
use tokio::sync::Mutex;

use crate::crypto::foreign::{ForeignJwkSet, jwk_set};
use crate::domain::oauth::client::{Client, ClientId};
use crate::foundation::Timestamp;
use crate::outbound::{Method, Outbound, Request, StatusCode};
use crate::runtime::fetch_turns::{FetchTurns, NotFetched, PATIENCE};

/// For how long keys that were fetched are believed without looking again: so long a key still counts that was taken away.
const LIFE: Duration = Duration::from_secs(600);
/// For how long they are believed when they are not to be had any more.
const STALE: Duration = Duration::from_secs(24 * 3600);
/// Keys are fetched again for a key that is not known so often at most, however many ask: strangers can, with any client's id.
const REFETCH: Duration = Duration::from_secs(30);
/// A failure is remembered so long.
const RETRY: Duration = Duration::from_secs(10);
/// The most clients that somebody has looked at, and the most others, whose keys are kept, each at most some twenty kilobytes.
const KEPT: usize = 500;

/// The keys of clients.
pub struct ClientKeys {
    vetted: Cache<ClientId, Arc<Published>>,
    /// Apart, so that nobody drives others' keys out by registering clients.
    strangers: Cache<ClientId, Arc<Published>>,
    turns: FetchTurns,
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

/// The keys of a client are not to be had now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysUnavailable {
    /// Why.
    pub why: String,
    /// Whether anybody can bring it about as often as they like: by a client of their own, or by naming a key that is not known.
    pub by_strangers: bool,
}

impl ClientKeys {
    /// Nothing is known yet.
    pub fn new() -> Self {
        Self { vetted: Cache::new(KEPT), strangers: Cache::new(KEPT), turns: FetchTurns::new() }
    }

    /// The keys of this client, from wherever it has them; none if it has none.
    ///
    /// # Errors
    /// When they are at a URL, were never had from there, or not for a day, and are not to be had now. Of [`Need::Newer`] also when
    /// it is not known whether there are newer ones, because they were not to be had the last time: that proves nothing against
    /// whoever has signed with one.
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
            (None, Some(uri)) => self.published(client, uri, need, outbound, now).await,
            (None, None) => Ok(Arc::default()),
        }
    }

    async fn published(
        &self,
        client: &Client,
        uri: &str,
        need: Need,
        outbound: &Outbound,
        now: Timestamp,
    ) -> Result<Arc<ForeignJwkSet>, KeysUnavailable> {
        let (id, is_vetted) = (&client.id, client.is_vetted());
        let published = if is_vetted { &self.vetted } else { &self.strangers };
        // Nothing fails here.
        let published = published.get_or_insert_with(id, || Ok::<_, std::convert::Infallible>(Arc::default()));
        let published = published.unwrap_or_default();
        let mut held = published.0.lock().await;
        held.is_at(uri, is_vetted);
        let unavailable = |why| KeysUnavailable { why, by_strangers: !is_vetted || need == Need::Newer };
        if !held.is_to_be_fetched(need, now) {
            return held.known(need, now).map_err(unavailable);
        }
        let outcome = match self.fetch(outbound, uri, is_vetted).await {
            Ok(keys) => {
                held.keys = Some((Arc::new(keys), now));
                Ok(())
            }
            // Nobody was asked: what is known still counts, and the next one may have more luck.
            Err(NotFetched::NoTurn) => {
                let known = (need == Need::Use).then(|| held.known(need, now).ok()).flatten();
                return known.ok_or_else(|| unavailable(NotFetched::NoTurn.to_string()));
            }
            Err(NotFetched::Failed(error)) => {
                match is_vetted {
                    true => tracing::warn!(client = %id, error, "the keys of a client were not to be had"),
                    // Strangers could flood the log.
                    false => tracing::debug!(client = %id, error, "the keys of a client were not to be had"),
                }
                Err(error)
            }
        };
        held.tried = Some((now, outcome));
        held.known(need, now).map_err(unavailable)
    }

    async fn fetch(&self, outbound: &Outbound, uri: &str, is_vetted: bool) -> Result<ForeignJwkSet, NotFetched> {
        let request = Request::new(Method::GET, uri).within(PATIENCE).at_most(jwk_set::LONGEST);
        let answer = self.turns.fetch(outbound, request, is_vetted).await?;
        let failed = |why| Err(NotFetched::Failed(why));
        match answer.status {
            StatusCode::OK => ForeignJwkSet::parse(&answer.body).or_else(|why| failed(format!("what is there {why}"))),
            other => failed(format!("it answered {}", other.as_u16())),
        }
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

    /// The keys are at `uri` from now on. What was fetched elsewhere counts no more. A failure does, of a client that nobody has looked
    /// at: by naming another URL each time it would have us call servers as often as it likes.
    fn is_at(&mut self, uri: &str, is_vetted: bool) {
        if self.uri != uri {
            let failure = self.tried.take().filter(|(_, outcome)| !is_vetted && outcome.is_err());
            *self = Self { uri: uri.to_owned(), keys: None, tried: failure };
        }
    }

    /// What was known a while ago is more likely true than not; but whether there is something newer is not known after a failure.
    fn known(&self, need: Need, now: Timestamp) -> Result<Arc<ForeignJwkSet>, String> {
        let failure = self.tried.as_ref().and_then(|(_, outcome)| outcome.as_ref().err());
        match (&self.keys, failure) {
            (_, Some(why)) if need == Need::Newer => Err(why.clone()),
            (Some((keys, at)), _) if now.since(*at) < STALE => Ok(Arc::clone(keys)),
            _ => Err(failure.cloned().unwrap_or_else(|| "they are too old".to_owned())),
        }
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
        assert_eq!(held.known(Need::Use, NOW), Err("it is down".into()));
        held.keys = Some((Arc::default(), NOW.before(LIFE)));
        assert!(held.known(Need::Use, NOW).is_ok());
        assert!(held.known(Need::Use, NOW.after(STALE)).is_err());
        assert!(held.known(Need::Newer, NOW).is_err(), "there may be newer ones");
        held.tried = Some((NOW, Ok(())));
        assert!(held.known(Need::Newer, NOW).is_ok());
    }

    #[test]
    fn who_names_another_url_after_a_failure_is_not_asked_sooner() {
        let failed = || Held { tried: Some((NOW, Err("it hangs".into()))), uri: "a".into(), ..Held::default() };
        let mut held = failed();
        held.is_at("b", false);
        assert!(!held.is_to_be_fetched(Need::Use, NOW) && held.uri == "b");
        let mut held = failed();
        held.is_at("b", true);
        assert!(held.is_to_be_fetched(Need::Use, NOW), "an operator has mended it");
        let mut held = Held { keys: Some((Arc::default(), NOW)), tried: Some((NOW, Ok(()))), ..Held::default() };
        held.is_at("b", false);
        assert!(held.keys.is_none() && held.is_to_be_fetched(Need::Use, NOW));
    }
}
