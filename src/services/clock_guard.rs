//! Keeps a wrong clock from destroying anything: what cannot be undone is done by the time that is believed, and an
//! instance whose clock is not the database's says so.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::ServiceError;
use crate::app::App;
use crate::domain::believed_time::{BelievedTime, CONFIRMED_AFTER, Change, apart, is_from_the_future};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::grant::GrantState;
use crate::foundation::clock::{Reading, SKEW};
use crate::foundation::{Clock, Timestamp};
use crate::storage::{Store, StoreError, clock_mark};

/// The mark in the database is written when it is so much behind.
const MARK_PRECISION: Duration = Duration::from_secs(60);
/// A measurement that took so long tells nothing.
const SLOW: Duration = Duration::from_secs(5);
/// A server that was off for so long is nothing unusual.
const MONTH: Duration = Duration::from_secs(30 * 86_400);

/// What is believed, in memory.
pub struct ClockGuard(Mutex<State>);

struct State {
    time: BelievedTime,
    /// How far our clock and the database server's lie apart, when that is too far.
    off_by: Option<Duration>,
}

impl ClockGuard {
    /// Compares the clock with the time that the database was last used at.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open(store: &Store, clock: &Clock) -> Result<Self, StoreError> {
        let mark = store.read(async |conn| clock_mark::believed(conn).await).await?;
        let reading = clock.reading();
        let (time, change) = BelievedTime::new(reading, mark);
        match (change, mark) {
            (Change::Doubted, Some(mark)) if reading.wall.since(mark) < MONTH && reading.wall > mark => {
                tracing::info!(%mark, clock = %reading.wall, "this database was last used long ago: until the clock \
                    has gone for {} hours, what expired meanwhile is not deleted", CONFIRMED_AFTER.as_secs() / 3600);
            }
            (Change::Doubted, Some(mark)) => warn_of(reading, mark),
            _ => {}
        }
        Ok(Self(Mutex::new(State { time, off_by: None })))
    }

    /// The earliest time that it may be: nothing is deleted or ended for good by a later one.
    pub fn earliest(&self, clock: &Clock) -> Timestamp {
        let reading = clock.reading();
        self.lock().time.at(reading.monotonic).min(reading.wall)
    }

    /// The earliest time that it may be, for a window that was opened by a clock that read `made_at`.
    fn by_the_clock_of(&self, made_at: Timestamp, clock: &Clock) -> Timestamp {
        let reading = clock.reading();
        self.lock().time.by_the_clock_of(made_at, reading.monotonic).min(reading.wall)
    }

    /// The latest time that it may be: nothing is believed that was made later.
    pub fn latest(&self, clock: &Clock) -> Timestamp {
        let reading = clock.reading();
        self.lock().time.at(reading.monotonic).max(reading.wall)
    }

    /// Whether the clock is not believed.
    pub fn is_in_doubt(&self) -> bool {
        self.lock().time.is_in_doubt()
    }

    /// How far our clock is off from the database server's, when that is more than may be.
    pub fn off_by(&self) -> Option<Duration> {
        self.lock().off_by
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a look at the clock: against the monotonic one, against what other instances or an operator believe, and against
/// the database server's. Notes in the database what time it is.
///
/// # Errors
/// When the database does not answer; the look at our own clock was taken.
pub async fn check(app: &App) -> Result<(), ServiceError> {
    observe(app, None);
    let before = app.clock.reading();
    let (mark, server) = app
        .store
        .read(async |conn| Ok((clock_mark::believed(conn).await?, clock_mark::of_server(conn).await?)))
        .await?;
    let after = app.clock.reading();
    if let Some(server) = server.filter(|_| after.monotonic.saturating_sub(before.monotonic) < SLOW) {
        compare(app, after.wall, server);
    }
    observe(app, mark);
    let guard = &app.clock_guard;
    let believed = guard.lock().time.at(after.monotonic);
    // Back only once our own clock is believed there: a clock that is behind for a moment leaves the mark alone.
    let behind = mark.is_none_or(|mark| believed.since(mark) >= MARK_PRECISION);
    let ahead = mark.is_some_and(|mark| mark.since(believed) > crate::domain::believed_time::PLAUSIBLE);
    if behind || (ahead && !guard.is_in_doubt()) {
        app.store.transaction(async |tx| clock_mark::believe(tx, believed).await).await?;
    }
    Ok(())
}

/// The operator says that the clock is right. Running servers whose clocks are there too believe it within seconds.
///
/// # Errors
/// When the database does not answer.
pub async fn confirm(app: &App) -> Result<Timestamp, ServiceError> {
    let now = app.clock.now();
    app.store.transaction(async |tx| clock_mark::believe(tx, now).await).await?;
    tracing::info!(clock = %now, "the clock was confirmed");
    Ok(now)
}

/// The time by which a window is judged that began at `began_at` by the clock of the process `began_by`. Never later than it
/// may be: a jump ends no window, and one that a doubted clock began ends by that clock. For another process it is a minute less, since its clock may be ahead of ours by that much, or ours
/// of its: then the window is longer by a minute or two, which gives away little, where one that had ended at once would
/// end somebody's grant.
pub fn judged_by(app: &App, began_by: Option<i64>, began_at: Timestamp, now: Timestamp) -> Timestamp {
    let now = app.clock_guard.by_the_clock_of(began_at, &app.clock).min(now);
    if began_by == Some(app.instance) { now } else { now.before(SKEW) }
}

/// Whether something that was made at `made_at` was made by a clock that stood ahead.
pub fn is_ahead(app: &App, made_at: Timestamp) -> bool {
    // The one comparison that nearly always suffices comes first.
    is_from_the_future(made_at, app.clock.now()) && is_from_the_future(made_at, app.clock_guard.latest(&app.clock))
}

/// Decides whether anything may be given out under a grant now: [`GrantState::check`], and not if it was made by a clock
/// that stood ahead.
///
/// # Errors
/// `invalid_grant`; the detail says which condition failed.
pub fn check_grant(app: &App, state: &GrantState, client: &Client, now: Timestamp) -> Result<(), Refusal> {
    state.check(client, now)?;
    match is_ahead(app, state.grant.created_at) {
        false => Ok(()),
        true => Err(Refusal::new(ErrorCode::InvalidGrant, "The grant was made while the clock stood ahead.")
            .with("made at", state.grant.created_at)
            .with("now", now)),
    }
}

fn observe(app: &App, mark: Option<Timestamp>) {
    let reading = app.clock.reading();
    let mut state = app.clock_guard.lock();
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

fn warn_of(reading: Reading, believed: Timestamp) {
    tracing::warn!(clock = %reading.wall, %believed, "the clock was set: until it is set back, has stood for {} hours or is \
        confirmed with `latchkey clock confirm`, nothing is deleted by it", CONFIRMED_AFTER.as_secs() / 3600);
}

fn compare(app: &App, own: Timestamp, server: Timestamp) {
    let off_by = Some(apart(own, server)).filter(|off| *off > SKEW);
    let before = std::mem::replace(&mut app.clock_guard.lock().off_by, off_by);
    match (before, off_by) {
        (None, Some(_)) => tracing::warn!(clock = %own, database = %server,
            "our clock and the database server's differ by more than a minute: not ready until they agree"),
        (Some(_), None) => tracing::info!("our clock and the database server's agree again"),
        _ => {}
    }
}
