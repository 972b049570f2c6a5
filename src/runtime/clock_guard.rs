//! Which time to believe when the machine's clock is set. Only the believed time decides about what cannot be undone,
//! such as deleting rows.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::domain::operation::believed_time::{BelievedTime, CONFIRMED_AFTER, Change, apart};
use crate::foundation::clock::{Reading, SKEW};
use crate::foundation::{Clock, Timestamp};
use crate::storage::operation::clock_mark;
use crate::storage::{Store, StoreError};

/// A server may have been switched off for this long.
const MONTH: Duration = Duration::from_secs(30 * 86_400);

/// The time that this process believes.
pub struct ClockGuard(Mutex<State>);

struct State {
    time: BelievedTime,
    /// How far our clock differs from the database server's; `None` within the limit.
    off_by: Option<Duration>,
}

impl ClockGuard {
    /// Compares the clock with the time at which the database was last used.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open(store: &Store, clock: &Clock) -> Result<Self, StoreError> {
        let mark = store.read("read_clock_mark", async |conn| clock_mark::believed(conn).await).await?;
        let reading = clock.reading();
        let (time, change) = BelievedTime::new(reading, mark);
        match (change, mark) {
            (Change::Doubted, Some(mark)) if reading.wall.since(mark) < MONTH && reading.wall > mark => {
                tracing::info!(last_used = %mark, clock = %reading.wall, "this database was last used long ago: until the clock \
                    has gone for {} hours, what expired meanwhile is not deleted", CONFIRMED_AFTER.as_secs() / 3600);
            }
            (Change::Doubted, Some(mark)) => warn_of(reading, mark),
            _ => {}
        }
        Ok(Self(Mutex::new(State { time, off_by: None })))
    }

    /// The earliest time that it can be now. Deleting, and ending something for good, use this one.
    pub fn earliest(&self, clock: &Clock) -> Timestamp {
        let reading = clock.reading();
        self.lock().time.at(reading.monotonic).min(reading.wall)
    }

    /// The earliest time that it can be by the clock that read `made_at`: a doubted clock still ends what it has begun.
    pub fn by_the_clock_of(&self, made_at: Timestamp, clock: &Clock) -> Timestamp {
        let reading = clock.reading();
        self.lock().time.by_the_clock_of(made_at, reading.monotonic).min(reading.wall)
    }

    /// The latest time that it can be now. A later timestamp is not believed.
    pub fn latest(&self, clock: &Clock) -> Timestamp {
        let reading = clock.reading();
        self.lock().time.at(reading.monotonic).max(reading.wall)
    }

    /// Whether the clock is not believed.
    pub fn is_in_doubt(&self) -> bool {
        self.lock().time.is_in_doubt()
    }

    /// How far our clock differs from the database server's; `None` within the limit.
    pub fn off_by(&self) -> Option<Duration> {
        self.lock().off_by
    }

    /// The time that is believed now.
    pub fn believed(&self, clock: &Clock) -> Timestamp {
        self.believed_at(clock.reading().monotonic)
    }

    /// The time that is believed when the monotonic clock reads `monotonic`.
    pub fn believed_at(&self, monotonic: Duration) -> Timestamp {
        self.lock().time.at(monotonic)
    }

    /// Updates the believed time from the clock and from `mark`, the time that the other instances believe.
    pub fn observe(&self, clock: &Clock, mark: Option<Timestamp>) {
        let reading = clock.reading();
        let mut state = self.lock();
        let before = state.time.at(reading.monotonic);
        let change = state.time.observe(reading, mark);
        drop(state);
        match change {
            Change::None => {}
            Change::Doubted => warn_of(reading, before),
            Change::Corrected => tracing::info!(clock = %reading.wall, "the clock is right again"),
            Change::Confirmed => tracing::info!(clock = %reading.wall, "the clock is believed from now on"),
        }
    }

    /// Compares our clock with the database server's, read at the same moment.
    pub fn compare(&self, own: Timestamp, server: Timestamp) {
        let off_by = Some(apart(own, server)).filter(|off| *off > SKEW);
        let before = std::mem::replace(&mut self.lock().off_by, off_by);
        match (before, off_by) {
            (None, Some(_)) => tracing::warn!(clock = %own, database = %server,
                "our clock and the database server's differ by more than a minute: not ready until they agree"),
            (Some(_), None) => tracing::info!("our clock and the database server's agree again"),
            _ => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn warn_of(reading: Reading, believed: Timestamp) {
    tracing::warn!(clock = %reading.wall, %believed, "the clock was set: until it is set back, has stood for {} hours or is \
        confirmed with `latchkey clock confirm`, nothing is deleted by it", CONFIRMED_AFTER.as_secs() / 3600);
}
