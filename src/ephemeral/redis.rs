//! Counters in Redis.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use ::redis::aio::{ConnectionManager, ConnectionManagerConfig};
use ::redis::{Client, RedisError, RedisResult, Script, TlsCertificates, cmd};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::error::EphemeralError;
use super::limit::Hits;
use crate::foundation::{SecretString, Timestamp, deadline, trust};

/// Redis answers in less than a millisecond. If it takes longer than this, the database is faster.
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(200);
const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);
/// How long Redis is left alone after a failure, so that not every request waits for a timeout.
const PAUSE: Duration = Duration::from_secs(2);
/// How often a failure is worth a line in the log.
const LOG_EVERY: Duration = Duration::from_secs(60);

/// How far the clocks of two instances may be apart.
const SKEW: Duration = Duration::from_secs(60);

/// Counts one hit, in one step. A counter is a hash: `n` hits, and the `end` of its window in microseconds of our
/// clock. Our clock decides; Redis' own clock only removes what is over. The end goes in and out as text, because Lua
/// would round it. A window that ends later than possible (`ARGV[4]`) was written by a wrong clock, and counts as over.
static HIT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local last = redis.call('HGET', KEYS[1], 'end')
         if last and tonumber(last) > tonumber(ARGV[1]) and tonumber(last) <= tonumber(ARGV[4]) then
             return {redis.call('HINCRBY', KEYS[1], 'n', 1), last}
         end
         redis.call('HSET', KEYS[1], 'n', 1, 'end', ARGV[2])
         redis.call('PEXPIRE', KEYS[1], ARGV[3])
         return {1, ARGV[2]}",
    )
});

/// Takes one hit back, never below zero. A window that is over stays over.
static FORGIVE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local hits = tonumber(redis.call('HGET', KEYS[1], 'n') or '0')
         if hits > 0 then
             return redis.call('HINCRBY', KEYS[1], 'n', -1)
         end
         return 0",
    )
});

/// A Redis server. Methods return `None` when the caller must count in the database instead; failures are logged now
/// and then.
pub struct Redis {
    client: Client,
    /// Made at the first use and dropped after a failure: a connection that was refused (wrong password), or that leads
    /// to a replica since a failover, would otherwise never be replaced.
    connection: Mutex<Option<ConnectionManager>>,
    failed_at: AtomicI64,
    logged_at: AtomicI64,
    /// Whether the log says that Redis does not answer, and not yet that it answers again.
    logged: AtomicBool,
}

impl Redis {
    pub fn new(url: &SecretString, extra_ca: Option<&Path>) -> Result<Self, EphemeralError> {
        let client = match url.expose().starts_with("rediss://") {
            true => Client::build_with_tls(url.expose(), authorities(extra_ca)?),
            false => Client::open(url.expose()),
        };
        Ok(Self {
            client: client.map_err(|_| EphemeralError::Url)?,
            connection: Mutex::default(),
            failed_at: AtomicI64::new(i64::MIN),
            logged_at: AtomicI64::new(i64::MIN),
            logged: AtomicBool::new(false),
        })
    }

    pub async fn hit(&self, id: &str, window: Duration, now: Timestamp) -> Option<Hits> {
        let mut connection = self.connection(now)?;
        let mut call = HIT.key(name(id));
        let end = now.after(window);
        call.arg(now.as_micros()).arg(end.as_micros()).arg(milliseconds(window)).arg(end.after(SKEW).as_micros());
        let answer: RedisResult<(u64, i64)> = call.invoke_async(&mut connection).await;
        let (count, end) = self.settle(answer, now)?;
        Some(Hits::until(count, Timestamp::from_micros(end), window, now))
    }

    pub async fn forgive(&self, id: &str, now: Timestamp) -> Option<()> {
        let mut connection = self.connection(now)?;
        let answer: RedisResult<i64> = FORGIVE.key(name(id)).invoke_async(&mut connection).await;
        self.settle(answer, now).map(|_| ())
    }

    #[cfg(test)]
    pub async fn peek(&self, id: &str, window: Duration, now: Timestamp) -> Option<Hits> {
        let mut connection = self.connection(now)?;
        let answer = cmd("HMGET").arg(name(id)).arg("n").arg("end").query_async(&mut connection).await;
        let (count, end): (Option<u64>, Option<i64>) = self.settle(answer, now)?;
        let end = end.map_or(now, Timestamp::from_micros);
        Some(Hits::until(count.unwrap_or(0), end, window, now))
    }

    pub async fn forget(&self, id: &str, now: Timestamp) -> Option<()> {
        let mut connection = self.connection(now)?;
        let answer: RedisResult<u64> = cmd("UNLINK").arg(name(id)).query_async(&mut connection).await;
        self.settle(answer, now).map(|_| ())
    }

    /// Whether no call has failed yet.
    #[cfg(test)]
    pub fn answers(&self) -> bool {
        self.failed_at.load(Ordering::Relaxed) == i64::MIN
    }

    /// The connection, which its first call makes; `None` during the pause after a failure.
    fn connection(&self, now: Timestamp) -> Option<ConnectionManager> {
        // With less time left than Redis may take, the database is asked, which keeps to the deadline. That is no
        // failure of Redis.
        let needed = CONNECT_TIMEOUT + RESPONSE_TIMEOUT;
        if within(&self.failed_at, PAUSE, now) || deadline::left(needed) < needed {
            return None;
        }
        let mut kept = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_none() {
            let config = ConnectionManagerConfig::new()
                .set_number_of_retries(0)
                .set_connection_timeout(Some(CONNECT_TIMEOUT))
                .set_response_timeout(Some(RESPONSE_TIMEOUT));
            // Fails only for settings that contradict each other.
            *kept = ConnectionManager::new_lazy_with_config(self.client.clone(), config).ok();
        }
        kept.clone()
    }

    fn settle<T>(&self, answer: RedisResult<T>, now: Timestamp) -> Option<T> {
        let answer = answer.inspect_err(|error| self.failed(error, now)).ok()?;
        if self.logged.load(Ordering::Relaxed) && self.logged.swap(false, Ordering::Relaxed) {
            tracing::info!("Redis answers again");
        }
        Some(answer)
    }

    fn failed(&self, error: &RedisError, now: Timestamp) {
        *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.failed_at.store(now.as_micros(), Ordering::Relaxed);
        // A Redis that fails and answers by turns gets one line of each kind per `LOG_EVERY`, not one per turn.
        if !within(&self.logged_at, LOG_EVERY, now) && !self.logged.swap(true, Ordering::Relaxed) {
            self.logged_at.store(now.as_micros(), Ordering::Relaxed);
            tracing::warn!(%error, "Redis does not answer; counting in the database instead");
        }
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redis")
    }
}

/// The authorities of the machine and those in `extra_ca`, in the form that the library takes.
fn authorities(extra_ca: Option<&Path>) -> Result<TlsCertificates, EphemeralError> {
    // The library uses rustls' process-wide provider of cryptography. An error means that it is set already.
    let _already_set = rustls::crypto::ring::default_provider().install_default();
    let all = trust::authorities(extra_ca).map_err(|error| EphemeralError::Authorities(error.to_string()))?;
    let pem =
        |der: &[u8]| format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(der));
    let pem: String = all.iter().map(|certificate| pem(certificate)).collect();
    Ok(TlsCertificates { client_tls: None, root_cert: Some(pem.into_bytes()) })
}

/// Whether `now` is in the `span` that began at `start`. A time before `start` is not: the clock was set back.
fn within(start: &AtomicI64, span: Duration, now: Timestamp) -> bool {
    let start = Timestamp::from_micros(start.load(Ordering::Relaxed));
    (start..start.after(span)).contains(&now)
}

fn name(id: &str) -> String {
    format!("latchkey:{id}")
}

/// At least 1: Redis refuses an expiry of 0.
fn milliseconds(window: Duration) -> u64 {
    u64::try_from(window.as_millis()).unwrap_or(u64::MAX).clamp(1, 1 << 50)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn after_failure() -> Redis {
        let redis = Redis::new(&SecretString::new("redis://127.0.0.1:6379".to_owned()), None).unwrap();
        assert!(redis.connection(START).is_some());
        redis.failed(&RedisError::from(std::io::Error::from(std::io::ErrorKind::ConnectionReset)), START);
        redis
    }

    #[tokio::test]
    async fn after_a_failure_redis_is_left_alone_for_two_seconds() {
        let redis = after_failure();
        assert!(redis.connection.lock().unwrap().is_none(), "a failed connection is not used again");
        let last = START.after(PAUSE).before(Duration::from_micros(1));
        assert!(redis.connection(START).is_none());
        assert!(redis.connection(last).is_none());
        assert!(redis.connection(START.after(PAUSE)).is_some());
    }

    #[tokio::test]
    async fn a_clock_that_is_set_back_does_not_prolong_the_pause() {
        assert!(after_failure().connection(START.before(Duration::from_secs(3600))).is_some());
    }

    #[tokio::test]
    async fn an_outage_is_logged_when_it_begins_and_when_it_ends_and_at_most_once_a_minute() {
        let redis = after_failure();
        let logged =
            || (redis.logged.load(Ordering::Relaxed), Timestamp::from_micros(redis.logged_at.load(Ordering::Relaxed)));
        let error = RedisError::from(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
        redis.failed(&error, START.after(LOG_EVERY));
        assert_eq!(logged(), (true, START), "the same outage has no second line");
        assert_eq!(redis.settle(Ok(1), START.after(LOG_EVERY)), Some(1));
        assert_eq!(logged(), (false, START), "it has ended");
        redis.failed(&error, START.after(Duration::from_secs(59)));
        assert_eq!(logged(), (false, START), "another one within the minute has none");
        redis.failed(&error, START.after(LOG_EVERY));
        assert_eq!(logged(), (true, START.after(LOG_EVERY)));
    }

    #[test]
    fn an_expiry_is_never_none_and_never_too_large_for_redis() {
        assert_eq!(milliseconds(Duration::ZERO), 1);
        assert_eq!(milliseconds(Duration::from_secs(60)), 60_000);
        assert_eq!(milliseconds(Duration::MAX), 1 << 50);
    }
}
