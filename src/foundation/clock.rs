//! The only source of time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::Timestamp;

/// The most that the clocks of two instances may differ. Every rule tolerates this much.
pub const SKEW: Duration = Duration::from_secs(60);

/// The only source of time. Tests hold the other end of [`Clock::Fixed`] and move it.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands still until it is moved.
    Fixed(Arc<Hands>),
}

/// What a [`Clock::Fixed`] shows, in microseconds.
#[derive(Debug)]
pub struct Hands {
    wall: AtomicI64,
    monotonic: AtomicI64,
}

/// What a clock says at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The time of day, which can be set forward and back.
    pub wall: Timestamp,
    /// The time since an arbitrary fixed moment. It cannot be set.
    pub monotonic: Duration,
}

impl Clock {
    /// A clock that stands at `now`.
    pub fn fixed(now: Timestamp) -> Self {
        Self::Fixed(Arc::new(Hands { wall: AtomicI64::new(now.as_micros()), monotonic: AtomicI64::new(0) }))
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        match self {
            #[expect(clippy::disallowed_methods, reason = "what time it is, is read here alone")]
            Self::System => Timestamp::from_micros(chrono::Utc::now().timestamp_micros()),
            Self::Fixed(hands) => Timestamp::from_micros(hands.wall.load(Ordering::SeqCst)),
        }
    }

    /// The current time, and the monotonic clock beside it.
    pub fn reading(&self) -> Reading {
        let monotonic = self.monotonic();
        Reading { wall: self.now(), monotonic }
    }

    /// How long ago an arbitrary moment was: what durations are measured by.
    pub fn monotonic(&self) -> Duration {
        match self {
            Self::System => since_start(),
            Self::Fixed(hands) => {
                Duration::from_micros(u64::try_from(hands.monotonic.load(Ordering::SeqCst)).unwrap_or(0))
            }
        }
    }

    /// Lets time pass on a fixed clock. The system's clock cannot be moved: that call does nothing.
    pub fn advance(&self, by: Duration) {
        if let Self::Fixed(hands) = self {
            hands.wall.store(self.now().after(by).as_micros(), Ordering::SeqCst);
            hands.monotonic.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }

    /// Sets a fixed clock's time of day and leaves its monotonic clock alone, as a wrong time server or its correction
    /// does. The system's clock cannot be set: that call does nothing.
    pub fn set(&self, to: Timestamp) {
        if let Self::Fixed(hands) = self {
            hands.wall.store(to.as_micros(), Ordering::SeqCst);
        }
    }
}

fn since_start() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    #[expect(clippy::disallowed_methods, reason = "how time passes is read here alone")]
    let now = Instant::now();
    now.saturating_duration_since(*START.get_or_init(|| now))
}
