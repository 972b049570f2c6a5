//! Keeps a wrong clock from destroying anything: what cannot be undone is done by the time that is believed, and an
//! instance whose clock is not the database's says so.

use std::time::Duration;

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::Operate;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::grant::GrantState;
use crate::domain::operation::audit_event::Action;
use crate::domain::operation::believed_time::{PLAUSIBLE, is_from_the_future};
use crate::foundation::Timestamp;
use crate::foundation::clock::SKEW;
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::operation::{audit_event, clock_mark};

/// The mark in the database is written when it is so much behind.
const MARK_PRECISION: Duration = Duration::from_secs(60);
/// A measurement that took so long tells nothing.
const SLOW: Duration = Duration::from_secs(5);

/// Takes a look at the clock: against the monotonic one, against what other instances or an operator believe, and against
/// the database server's. Notes in the database what time it is.
///
/// # Errors
/// When the database does not answer; the look at our own clock was taken.
pub async fn check(app: &App) -> Result<(), ServiceError> {
    app.clock_guard.observe(&app.clock, None);
    let before = app.clock.reading();
    let (mark, server) = app
        .store
        .read("compare_clocks", async |conn| {
            Ok((clock_mark::believed(conn).await?, clock_mark::of_server(conn).await?))
        })
        .await?;
    let after = app.clock.reading();
    if let Some(server) = server.filter(|_| after.monotonic.saturating_sub(before.monotonic) < SLOW) {
        app.clock_guard.compare(after.wall, server);
    }
    app.clock_guard.observe(&app.clock, mark);
    let guard = &app.clock_guard;
    let believed = guard.believed_at(after.monotonic);
    // Back only once our own clock is believed there: a clock that is behind for a moment leaves the mark alone.
    let behind = mark.is_none_or(|mark| believed.since(mark) >= MARK_PRECISION);
    let ahead = mark.is_some_and(|mark| mark.since(believed) > PLAUSIBLE);
    if behind || (ahead && !guard.is_in_doubt()) {
        app.store.transaction("note_time", async |tx| clock_mark::believe(tx, believed).await).await?;
    }
    Ok(())
}

/// The operator says that the clock is right. Running servers whose clocks are there too believe it within seconds.
///
/// # Errors
/// When the database does not answer.
pub async fn confirm(app: &App, by: &Actor) -> Result<Timestamp, ServiceError> {
    let may = by.may(Operate)?;
    let now = app.clock.now();
    let confirmed = event(app, &may, Action::ClockConfirmed);
    app.store
        .transaction("confirm_clock", async |tx| {
            clock_mark::believe(tx, now).await?;
            audit_event::insert(tx, &confirmed).await
        })
        .await?;
    tracing::info!(clock = %now, "the clock was confirmed");
    Ok(now)
}

/// The time by which a window is judged that began at `began_at` by the clock of the process `began_by`. Never later than
/// it may be: a jump ends no window, and one that a doubted clock began ends by that clock. For another process it is a
/// minute less, since its clock may be ahead of ours by that much, or ours of its: then the window is longer by a minute
/// or two, which gives away little, where one that had ended at once would end somebody's grant.
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
            .of(Kind::Clock)
            .with("made at", state.grant.created_at)
            .with("now", now)),
    }
}
