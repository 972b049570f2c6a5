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
    /// The machine's clock, and so many microseconds more: the clock of `latchkey dev`, which can be moved forward.
    Ahead(Arc<AtomicI64>),
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

    /// The machine's clock, moved forward by so much.
    pub fn ahead(by: Duration) -> Self {
        Self::Ahead(Arc::new(AtomicI64::new(micros(by))))
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => of_machine(),
            Self::Ahead(ahead) => of_machine().after(span(ahead.load(Ordering::SeqCst))),
            Self::Fixed(hands) => Timestamp::from_micros(hands.wall.load(Ordering::SeqCst)),
        }
    }

    /// The clock by which it is measured how long something took: one that is moved forward would say that whatever runs took
    /// as long as that.
    #[must_use]
    pub fn for_durations(&self) -> Self {
        match self {
            Self::Ahead(_) => Self::System,
            Self::System | Self::Fixed(_) => self.clone(),
        }
    }

    /// The current time, and the monotonic clock beside it.
    pub fn reading(&self) -> Reading {
        // Both hands as far ahead: one that was moved between two looks would seem to have been set.
        if let Self::Ahead(ahead) = self {
            let ahead = span(ahead.load(Ordering::SeqCst));
            return Reading { wall: of_machine().after(ahead), monotonic: since_start() + ahead };
        }
        let monotonic = self.monotonic();
        Reading { wall: self.now(), monotonic }
    }

    /// How long ago an arbitrary moment was: what durations are measured by.
    pub fn monotonic(&self) -> Duration {
        match self {
            Self::System => since_start(),
            Self::Ahead(ahead) => since_start() + span(ahead.load(Ordering::SeqCst)),
            Self::Fixed(hands) => span(hands.monotonic.load(Ordering::SeqCst)),
        }
    }

    /// Lets time pass, on both hands. The system's clock cannot be moved: that call does nothing.
    pub fn advance(&self, by: Duration) {
        match self {
            Self::System => {}
            Self::Ahead(ahead) => drop(ahead.fetch_add(micros(by), Ordering::SeqCst)),
            Self::Fixed(hands) => {
                hands.wall.store(self.now().after(by).as_micros(), Ordering::SeqCst);
                hands.monotonic.fetch_add(micros(by), Ordering::SeqCst);
            }
        }
    }

    /// Sets a fixed clock's time of day and leaves its monotonic clock alone, as a wrong time server or its correction
    /// does. No other clock can be set: that call does nothing.
    pub fn set(&self, to: Timestamp) {
        if let Self::Fixed(hands) = self {
            hands.wall.store(to.as_micros(), Ordering::SeqCst);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "what time it is, is read here alone")]
fn of_machine() -> Timestamp {
    Timestamp::from_micros(chrono::Utc::now().timestamp_micros())
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

fn span(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

fn since_start() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    #[expect(clippy::disallowed_methods, reason = "how time passes is read here alone")]
    let now = Instant::now();
    now.saturating_duration_since(*START.get_or_init(|| now))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);
    const SOON: Duration = Duration::from_secs(60);

    #[test]
    fn a_clock_that_is_ahead_goes_on_and_both_of_its_hands_are_moved_for_whoever_holds_it() {
        let (machine, clock) = (Clock::System, Clock::ahead(DAY));
        let held = clock.clone();
        // The machine's clock is looked at first, so that what passes in between is added.
        let lead = |clock: &Clock| {
            let machine = machine.now();
            clock.now().since(machine)
        };
        assert!((DAY..DAY + SOON).contains(&lead(&held)));
        let before = held.reading();
        clock.advance(DAY);
        let after = held.reading();
        let (wall, monotonic) = (after.wall.since(before.wall), after.monotonic.saturating_sub(before.monotonic));
        assert!((DAY..DAY + SOON).contains(&wall) && (DAY..DAY + SOON).contains(&monotonic));
        assert!((2 * DAY..2 * DAY + SOON).contains(&lead(&held)));
        let begun = clock.for_durations().monotonic();
        clock.advance(DAY);
        assert!(clock.for_durations().monotonic().saturating_sub(begun) < SOON, "nothing took a day");
        machine.advance(DAY);
        assert!((3 * DAY..3 * DAY + SOON).contains(&lead(&held)), "the machine's clock is not ours to move");
    }
}
