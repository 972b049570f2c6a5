//! Moving the clock of `latchkey dev` forward, so that whoever tries what happens after an hour need not wait for it.

use std::time::Duration;

use crate::app::App;
use crate::domain::operation::dev_clock::{FURTHEST, Forward};
use crate::foundation::Timestamp;
use crate::services::ServiceError;
use crate::services::operation::{clock_guard, jobs, keys};

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// It is this time now.
    To(Timestamp),
    /// In all that would be further than [`FURTHEST`]; nothing was moved.
    TooFar,
    /// This is no `latchkey dev`: nothing was moved.
    NotHere,
}

/// Moves both hands of the clock, so that it is believed as if so much time had passed: what expires has expired, jobs that
/// are due by now run at once, and a restart does not go back. Nothing but a number in a file is stored, and nothing of what
/// is done afterwards is different from what is done when time passes by itself.
///
/// # Errors
/// When the file cannot be written: nothing was moved then. When the database does not answer: it was moved.
pub async fn forward(app: &App, step: Forward) -> Result<Moved, ServiceError> {
    let Some(dev) = app.settings.dev.as_ref().filter(|_| app.issuer.is_loopback()) else { return Ok(Moved::NotHere) };
    let step = step.as_duration();
    if let Some(file) = &dev.clock {
        let file = file.clone();
        let kept = tokio::task::spawn_blocking(move || file.add(step, FURTHEST)).await;
        if !kept.map_err(ServiceError::internal)?.map_err(ServiceError::internal)? {
            return Ok(Moved::TooFar);
        }
    }
    app.clock.advance(step);
    let now = app.clock.now();
    tracing::info!(clock = %now, "the clock was moved forward");
    // What waits for its next look at the time would do so within seconds; whoever moved it looks at once.
    clock_guard::check(app).await?;
    keys::reload(app).await?;
    jobs::begin(app);
    Ok(Moved::To(now))
}

/// By how much the clock is ahead of the machine's, as far as that is remembered.
pub fn ahead(app: &App) -> Duration {
    let dev = app.settings.dev.as_ref();
    dev.and_then(|dev| dev.clock.as_ref()).map_or(Duration::ZERO, |file| file.ahead())
}
