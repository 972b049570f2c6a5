//! Registered clients, as they were a moment ago.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;

use crate::domain::oauth::client::{Client, ClientId};
use crate::foundation::Timestamp;

/// How old a cached client may be. A disabled client is refused by every instance after at most this time.
const FRESH: Duration = Duration::from_secs(1);

/// Clients as they were at most [`FRESH`] ago, so that a machine's token costs no query.
pub struct ClientCache(Cache<ClientId, (Arc<Client>, Timestamp)>);

impl ClientCache {
    /// An empty cache of bounded size. Only clients that exist are kept, so made-up ids cannot fill it.
    pub fn new() -> Self {
        Self(Cache::new(10_000))
    }

    /// The client, if it was read within the last second.
    pub fn fresh(&self, id: &ClientId, now: Timestamp) -> Option<Arc<Client>> {
        let (client, at) = self.0.get(id)?;
        (now >= at && now.since(at) < FRESH).then_some(client)
    }

    /// Keeps a client as it was read at `now`.
    pub fn keep(&self, client: Arc<Client>, now: Timestamp) {
        self.0.insert(client.id.clone(), (client, now));
    }

    /// Forgets the client, so that the next caller reads it from the database.
    pub fn forget(&self, id: &ClientId) {
        drop(self.0.remove(id));
    }
}

impl Default for ClientCache {
    fn default() -> Self {
        Self::new()
    }
}
