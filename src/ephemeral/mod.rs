//! Counters that may be lost: attempts within a window of time. What must never be forgotten (used, revoked, rotated)
//! lives in storage.

mod redis;
mod sql;

#[cfg(test)]
mod tests;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;

use self::redis::Redis;
use crate::crypto::MacKey;
use crate::foundation::{SecretString, Timestamp};
use crate::storage::{Store, StoreError};

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
    Redis(Redis, Store),
}

/// How often something happened in the window that is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hits {
    /// How often; 0 when no window is running.
    pub count: u64,
    /// When the window ends and counting starts again; zero when none is running.
    pub resets_in: Duration,
}

/// Why nothing could be counted.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum EphemeralError {
    /// Neither Redis, if there is one, nor the database did it.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// The URL of Redis is not one that we can use. TLS (`rediss`) is not built in.
    #[error("redis.url must be like redis://user:password@host:6379/0")]
    Url,
}

impl Ephemeral {
    /// Counters in the database. `names` keys the hash under which a counter is stored, so that no address or name can
    /// be read, or guessed, from it.
    pub fn sql(store: Store, names: MacKey) -> Self {
        Self { names, place: Place::Sql(store) }
    }

    /// Counters in Redis. It is reached when first needed: a Redis that is down does not keep a server from starting.
    ///
    /// # Errors
    /// [`EphemeralError::Url`].
    pub fn redis(url: &SecretString, store: Store, names: MacKey) -> Result<Self, EphemeralError> {
        Ok(Self { names, place: Place::Redis(Redis::new(url)?, store) })
    }

    /// Counts one more hit on `key` and tells how many the current window has seen, this one included. A window begins
    /// with the first hit and lasts for `window`, however many follow.
    ///
    /// # Errors
    /// [`EphemeralError::Unavailable`]. Then the caller decides what is worse, to let it pass or to refuse it.
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

    /// Counts one more hit on each key in turn, as far as the first that goes beyond its limit, and tells of that one.
    /// Keys that are counted together are always named in the same order: the database locks one after the other.
    ///
    /// # Errors
    /// As [`Ephemeral::hit`].
    pub async fn hit_each(
        &self,
        limits: &[(&str, u64)],
        window: Duration,
        now: Timestamp,
    ) -> Result<Option<Hits>, EphemeralError> {
        if let Place::Sql(store) = &self.place {
            let limits: Vec<_> = limits.iter().map(|(key, limit)| (self.id(key), *limit)).collect();
            return Ok(sql::hit_each(store, &limits, window, now).await?);
        }
        for (key, limit) in limits {
            let hits = self.hit(key, window, now).await?;
            if hits.count > *limit {
                return Ok(Some(hits));
            }
        }
        Ok(None)
    }

    /// Takes one hit back from each key, as for an attempt that turned out to be no guess. Other hits of the window stay.
    ///
    /// # Errors
    /// [`EphemeralError::Unavailable`].
    pub async fn forgive_each(&self, keys: &[&str], now: Timestamp) -> Result<(), EphemeralError> {
        let ids: Vec<_> = keys.iter().map(|key| self.id(key)).collect();
        let (redis, store) = match &self.place {
            Place::Sql(store) => return Ok(sql::forgive_each(store, &ids).await?),
            Place::Redis(redis, store) => (redis, store),
        };
        for (done, id) in ids.iter().enumerate() {
            if redis.forgive(id, now).await.is_none() {
                return Ok(sql::forgive_each(store, ids.get(done..).unwrap_or_default()).await?);
            }
        }
        Ok(())
    }

    /// What [`Ephemeral::hit`] would count on, without counting.
    #[cfg(test)]
    async fn peek(&self, key: &str, now: Timestamp) -> Result<Hits, EphemeralError> {
        let id = self.id(key);
        let store = match &self.place {
            Place::Sql(store) => store,
            Place::Redis(redis, store) => match redis.peek(&id, now).await {
                Some(hits) => return Ok(hits),
                None => store,
            },
        };
        Ok(sql::peek(store, &id, now).await?)
    }

    /// Ends the window of `key`, as after a successful login.
    ///
    /// # Errors
    /// [`EphemeralError::Unavailable`].
    pub async fn forget(&self, key: &str, now: Timestamp) -> Result<(), EphemeralError> {
        let id = self.id(key);
        let store = match &self.place {
            Place::Sql(store) => store,
            Place::Redis(redis, store) => match redis.forget(&id, now).await {
                Some(()) => return Ok(()),
                None => store,
            },
        };
        Ok(sql::forget(store, &id).await?)
    }

    fn id(&self, key: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.names.mac(&[key.as_bytes()]))
    }
}

impl Hits {
    /// Those of a window that ends at `end`.
    fn until(count: u64, end: Timestamp, now: Timestamp) -> Self {
        match end > now {
            true => Self { count, resets_in: end.since(now) },
            false => Self { count: 0, resets_in: Duration::ZERO },
        }
    }
}
