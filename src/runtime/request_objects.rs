//! Request objects that clients publish at URLs of theirs (`request_uri`), fetched when a browser names one.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;

use crate::crypto::jwt::MAX_LENGTH;
use crate::domain::oauth::client::request_object::without_fragment;
use crate::domain::oauth::client::{Client, ClientId};
use crate::foundation::Timestamp;
use crate::outbound::{Method, Outbound, Request, StatusCode};
use crate::runtime::fetch_turns::{FetchTurns, NotFetched, PATIENCE};

/// For how long one is kept that its URI names a version of: a browser loads a link again.
const LIFE: Duration = Duration::from_secs(60);
/// The most that are kept, of 16 KiB each.
const KEPT: usize = 200;

/// Those that were fetched a moment ago.
pub struct RequestObjects {
    fetched: Cache<(ClientId, String), (Arc<str>, Timestamp)>,
    turns: FetchTurns,
}

impl RequestObjects {
    /// None yet.
    pub fn new() -> Self {
        Self { fetched: Cache::new(KEPT), turns: FetchTurns::new() }
    }

    /// The object at `uri`, which `client` has registered. The fragment of the URI tells one version of it from another (OpenID
    /// Connect Core §6.2), so that one with a fragment need not be fetched again. It is no proof of what is there: who can change
    /// the link can change it too, and some send one that is the hash of nothing.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn at(
        &self,
        client: &Client,
        uri: &str,
        outbound: &Outbound,
        now: Timestamp,
    ) -> Result<Arc<str>, NotFetched> {
        let key = (client.id.clone(), uri.to_owned());
        if let Some((object, at)) = self.fetched.get(&key)
            && now >= at
            && now.since(at) < LIFE
        {
            return Ok(object);
        }
        let place = without_fragment(uri);
        let request = Request::new(Method::GET, place).within(PATIENCE).at_most(MAX_LENGTH);
        let answer = self.turns.fetch(outbound, request, client.is_vetted()).await?;
        if answer.status != StatusCode::OK {
            return Err(NotFetched::Failed(format!("it answered {}", answer.status.as_u16())));
        }
        let text =
            str::from_utf8(&answer.body).map_err(|_| NotFetched::Failed("what is there is no text".to_owned()))?;
        let object: Arc<str> = text.trim().into();
        if place.len() < uri.len() {
            self.fetched.insert(key, (Arc::clone(&object), now));
        }
        Ok(object)
    }
}

impl Default for RequestObjects {
    fn default() -> Self {
        Self::new()
    }
}
