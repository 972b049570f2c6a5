//! Request objects that clients publish at URLs of theirs (`request_uri`), fetched when a browser names one.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::crypto::jwt::MAX_LENGTH;
use crate::domain::oauth::client::ClientId;
use crate::domain::oauth::client::request_object::without_fragment;
use crate::foundation::Timestamp;
use crate::outbound::{Method, Outbound, Request, StatusCode};

/// A person waits for it.
const PATIENCE: Duration = Duration::from_secs(3);
/// So many are fetched at one time: strangers can have us fetch what any client has registered, and one that hangs leaves most of the
/// turns of the outbound client to all others.
const TURNS: usize = 8;
/// For how long one is kept that its URI names a version of: a browser loads a link again.
const LIFE: Duration = Duration::from_secs(60);
/// The most that are kept, of 16 KiB each.
const KEPT: usize = 200;

/// Those that were fetched a moment ago.
pub struct RequestObjects {
    fetched: Cache<(ClientId, String), (Arc<str>, Timestamp)>,
    turns: Semaphore,
}

impl RequestObjects {
    /// None yet.
    pub fn new() -> Self {
        Self { fetched: Cache::new(KEPT), turns: Semaphore::new(TURNS) }
    }

    /// The object at `uri`, which `client` has registered. The fragment of the URI tells one version of it from another (OpenID
    /// Connect Core §6.2), so that one with a fragment need not be fetched again. It is no proof of what is there: who can change
    /// the link can change it too, and some send one that is the hash of nothing.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn at(
        &self,
        client: &ClientId,
        uri: &str,
        outbound: &Outbound,
        now: Timestamp,
    ) -> Result<Arc<str>, String> {
        let key = (client.clone(), uri.to_owned());
        if let Some((object, at)) = self.fetched.get(&key)
            && now >= at
            && now.since(at) < LIFE
        {
            return Ok(object);
        }
        let Ok(Ok(_turn)) = timeout(PATIENCE, self.turns.acquire()).await else {
            return Err("too many others are being fetched".to_owned());
        };
        let place = without_fragment(uri);
        let request = Request::new(Method::GET, place).within(PATIENCE).at_most(MAX_LENGTH);
        let answer = outbound.request(request).await.map_err(|error| error.to_string())?;
        if answer.status != StatusCode::OK {
            return Err(format!("it answered {}", answer.status.as_u16()));
        }
        let text = str::from_utf8(&answer.body).map_err(|_| "what is there is no text".to_owned())?;
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
