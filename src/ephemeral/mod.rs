//! Counters that may be lost: attempts within a window of time. What must never be forgotten (used, revoked, rotated)
//! lives in storage.

mod error;
mod limit;
mod redis;
mod sql;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub use self::error::EphemeralError;
pub use self::limit::{Hits, Limit};
use self::redis::Redis;
use crate::crypto::MacKey;
use crate::foundation::{SecretString, Timestamp};
use crate::storage::{Conn, Store, StoreError};

/// Counters that all instances share.
pub struct Ephemeral {
    names: MacKey,
    place: Place,
}

/// Where the counters are.
enum Place {
    /// In the database.
    Sql(Store),
    /// In Redis, and in the database for as long as Redis does not answer.
    Redis(Box<Redis>, Store),
}

impl Ephemeral {
    /// Counters in the database. `names` keys the hash under which a counter is stored, so that no address or name can
    /// be read, or guessed, from it.
    pub fn sql(store: Store, names: MacKey) -> Self {
        Self { names, place: Place::Sql(store) }
    }

    /// Counters in Redis. The connection is made at the first use, so a server starts even while Redis is down. With
    /// `rediss://`, the certificate is verified by the authorities of the machine and those in `extra_ca`.
    ///
    /// # Errors
    /// [`EphemeralError::Url`], [`EphemeralError::Authorities`].
    pub fn redis(
        url: &SecretString,
        extra_ca: Option<&Path>,
        store: Store,
        names: MacKey,
    ) -> Result<Self, EphemeralError> {
        Ok(Self { names, place: Place::Redis(Box::new(Redis::new(url, extra_ca)?), store) })
    }

    /// Counts one more hit on `key` and tells how many the current window has seen, this one included. A window begins
    /// with the first hit and lasts for `window`, however many follow.
    ///
    /// # Errors
    /// [`EphemeralError::Unavailable`]. The caller then decides whether to allow or to refuse the attempt.
    pub async fn hit(&self, key: &str, window: Duration, now: Timestamp) -> Result<Hits, EphemeralError> {
        let id = self.id(key);
        let store = match &self.place {
            Place::Sql(store) => store,
            Place::Redis(redis, store) => match redis.hit(&id, window, now).await {
                Some(hits) => return Ok(hits),
                None => store,
            },
        };
        Ok(sql::hit(store, &id, window, now).await?)
    }

    /// A counter, and the most hits that it allows within a window.
    pub fn limit(&self, key: &str, most: u64) -> Limit {
        Limit { id: self.id(key), most }
    }

    /// Counts one more hit on each of `limits` in Redis. If one goes beyond its limit, it stops there, undoes the hits
    /// on those before it, and returns its hits. `None` when Redis did not count: then count in the database with
    /// [`Ephemeral::hit_each_in`], in the caller's transaction.
    pub async fn hit_each_outside(&self, limits: &[Limit], window: Duration, now: Timestamp) -> Option<Option<Hits>> {
        let Place::Redis(redis, _) = &self.place else { return None };
        for (index, limit) in limits.iter().enumerate() {
            let hits = redis.hit(&limit.id, window, now).await?;
            if hits.count > limit.most {
                for before in limits.get(..index).unwrap_or_default() {
                    redis.forgive(&before.id, now).await?;
                }
                return Some(Some(hits));
            }
        }
        Some(None)
    }

    /// The same in the database, which locks the counters one after the other: always pass counters in the same order,
    /// or two transactions wait for each other.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn hit_each_in(
        &self,
        tx: &mut Conn,
        limits: &[Limit],
        window: Duration,
        now: Timestamp,
    ) -> Result<Option<Hits>, StoreError> {
        sql::hit_each(tx, limits, window, now).await
    }

    /// Takes one hit back from each of `forgiven` (the attempt turned out to be no guess), and deletes those in
    /// `forgotten` (it succeeded), in Redis. `false` when Redis did not do it.
    pub async fn settle_outside(&self, forgiven: &[Limit], forgotten: &[Limit], now: Timestamp) -> bool {
        let Place::Redis(redis, _) = &self.place else { return false };
        for limit in forgiven {
            if redis.forgive(&limit.id, now).await.is_none() {
                return false;
            }
        }
        for limit in forgotten {
            if redis.forget(&limit.id, now).await.is_none() {
                return false;
            }
        }
        true
    }

    /// The same in the database.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn settle_in(&self, tx: &mut Conn, forgiven: &[Limit], forgotten: &[Limit]) -> Result<(), StoreError> {
        sql::forgive_each(tx, forgiven).await?;
        sql::forget_each(tx, forgotten).await
    }

    /// The hits so far, without counting one.
    #[cfg(test)]
    async fn peek(&self, key: &str, window: Duration, now: Timestamp) -> Result<Hits, EphemeralError> {
        let id = self.id(key);
        let store = match &self.place {
            Place::Sql(store) => store,
            Place::Redis(redis, store) => match redis.peek(&id, window, now).await {
                Some(hits) => return Ok(hits),
                None => store,
            },
        };
        Ok(sql::peek(store, &id, window, now).await?)
    }

    fn id(&self, key: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.names.mac(&[key.as_bytes()]))
    }
}
