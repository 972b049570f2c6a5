//! Whether a password is on lists of stolen ones. Off, unless the operator names a server that has them.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::app::{App, BreachCheck};
use crate::domain::account::breach::{ADD_PADDING, RangeQuery};
use crate::domain::account::password_policy::PasswordRefused;
use crate::foundation::SecretString;
use crate::outbound::header::{HeaderName, HeaderValue};
use crate::outbound::{Method, Request, StatusCode};

/// Somebody waits for it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Some thousand lines of 40 bytes.
const LIMIT: usize = 256 * 1024;

/// Asks for the lists' part in which `password` would be, and looks for it. A server that does not answer refuses nobody:
/// the policy holds without it, and people could not sign up otherwise.
///
/// # Errors
/// When it was found often enough.
pub async fn check(app: &App, password: &SecretString) -> Result<(), PasswordRefused> {
    let Some(settings) = &app.settings.breach_check else { return Ok(()) };
    // Longer ones were refused before.
    let Some(query) = RangeQuery::of(password) else { return Ok(()) };
    match times(app, settings, &query).await {
        Ok(times) => {
            if app.breach_check_is_out.swap(false, Ordering::Relaxed) {
                tracing::info!("check for stolen passwords works again");
            }
            match times >= settings.least {
                true => Err(PasswordRefused::Breached { times }),
                false => Ok(()),
            }
        }
        Err(error) => {
            if !app.breach_check_is_out.swap(true, Ordering::Relaxed) {
                tracing::warn!(error, "check for stolen passwords does not work: they are accepted without it");
            }
            Ok(())
        }
    }
}

async fn times(app: &App, settings: &BreachCheck, query: &RangeQuery) -> Result<u64, String> {
    let url = format!("{}{}", settings.url, query.prefix());
    let padded = (HeaderName::from_static(ADD_PADDING), HeaderValue::from_static("true"));
    let request = Request::new(Method::GET, url).header(padded.0, padded.1).within(PATIENCE).at_most(LIMIT);
    let answer = app.outbound.request(request).await.map_err(|error| error.to_string())?;
    match answer.status {
        StatusCode::OK => query.times(&answer.body).map_err(|error| error.to_string()),
        other => Err(format!("the answer has status {}", other.as_u16())),
    }
}
