//! What the cookie of a browser leads to in which somebody has signed in: the records of tower-sessions, kept in our
//! database under the hash of the cookie. A browser that nobody has signed in with has none.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::domain::sign_in::remembered_device::DeviceSecrets;
use crate::foundation::{Secret, SecretHash, id::SessionId};
use crate::services::ServiceError;
use crate::storage::sign_in::browser_session::{self, Found};
use crate::storage::sign_in::session;
use crate::storage::{Conn, StoreError};

/// What is kept for a browser.
#[derive(Clone, Serialize, Deserialize)]
pub struct Known {
    /// Binds authorization requests to this browser; survives a sign-in, unlike the cookie.
    pub binding: String,
    /// In every form of ours that this browser gets.
    pub csrf: String,
    /// Who is signed in.
    pub session: Option<SessionId>,
    /// Whether the browser keeps its cookie when it is closed; what the version before wrote does not say it.
    #[serde(default)]
    pub stays: bool,
}

/// Its name among the values of a record.
pub const KEY: &str = "browser";

/// A record as it is written: an object of named values.
#[derive(Serialize)]
struct Record<'a> {
    browser: &'a Known,
}

/// A browser, as it comes to a sign-in.
pub struct Before {
    /// What its cookie leads to, under the hash of the cookie.
    pub known: Option<(SecretHash, Known)>,
    /// The secret that its authorization requests are bound to.
    pub binding: String,
    /// By which it is remembered, so that no second factor is asked for.
    pub remembered: DeviceSecrets,
}

/// A record that was made by a sign-in.
pub struct NewRecord {
    /// The cookie's new value: 128 random bits, as tower-sessions writes them.
    pub cookie: String,
    /// What it leads to.
    pub known: Known,
}

impl Before {
    /// No browser: an application acts by tokens, and what is made for it is a cookie that nobody gets.
    pub fn of_no_browser(app: &App) -> Self {
        Self::bound_to(Secret::generate(&app.random).reveal())
    }

    /// The same, for requests that are bound to this.
    pub fn bound_to(binding: String) -> Self {
        Self { known: None, binding, remembered: DeviceSecrets::default() }
    }

    /// The session that it is signed in with. It may have ended or expired: the caller checks that.
    pub fn session(&self) -> Option<SessionId> {
        self.known.as_ref().and_then(|(_, known)| known.session)
    }

    /// Whether a browser that is given another cookie, for the session that it has, keeps that one too when it is closed:
    /// as its person chose at the sign-in, and the setting still allows.
    pub fn stays(&self, app: &App) -> bool {
        let chosen = self.known.as_ref().is_some_and(|(_, known)| known.stays);
        app.settings.login.keep_signed_in.applies(chosen)
    }
}

/// The record behind a cookie, and the session of whoever signed in, live or not.
///
/// # Errors
/// When the database does not answer.
pub async fn load(app: &App, cookie: &SecretHash) -> Result<Option<Found>, ServiceError> {
    let now = app.clock.now();
    let found = app.store.read("find_browser", async |conn| browser_session::find(conn, cookie, now).await).await?;
    match found {
        Some(Found { data, signed_in: None }) => {
            let signed_in = match session_in(&data) {
                Some(id) => {
                    app.store.read("find_session", async |conn| session::find_with_user(conn, id).await).await?
                }
                None => None,
            };
            Ok(Some(Found { data, signed_in }))
        }
        found => Ok(found),
    }
}

/// The version before wrote it there only.
fn session_in(data: &str) -> Option<SessionId> {
    let values: HashMap<String, Known> = serde_json::from_str(data).ok()?;
    values.get(KEY)?.session
}

/// How long a cookie that was replaced still leads to its record: for requests that were under way with it, such as the
/// second of two clicks, and for a browser that left before the new cookie arrived. It signs nobody in: a sign-in takes the
/// session out of it, and a sign-out ends the session.
const RETIRED: Duration = Duration::from_secs(10);

/// Notes who signed in, under a new cookie: one that somebody else may have planted is not signed in by it. Forms that
/// were made for whoever was signed in before are void. `stays`: the browser keeps its cookie when it is closed. Part of the
/// sign-in's transaction.
///
/// # Errors
/// When the database does not answer.
pub async fn sign_in(
    app: &App,
    tx: &mut Conn,
    before: &Before,
    session: SessionId,
    stays: bool,
) -> Result<NewRecord, StoreError> {
    let now = app.clock.now();
    if let Some((cookie, known)) = &before.known {
        let rest = Known { session: None, ..known.clone() };
        browser_session::replaced(tx, cookie, &encode(&rest)?, now.after(RETIRED)).await?;
    }
    let csrf = Secret::generate(&app.random).reveal();
    let known = Known { binding: before.binding.clone(), csrf, session: Some(session), stays };
    let cookie = URL_SAFE_NO_PAD.encode(app.random.bytes::<16>());
    // The record may outlive the session that it leads to: the session has limits of its own.
    let lifetimes = &app.settings.lifetimes;
    let until = now.after(lifetimes.session_absolute.max(lifetimes.authorization_request));
    browser_session::insert(tx, &SecretHash::of(&cookie), &encode(&known)?, session, now, until).await?;
    Ok(NewRecord { cookie, known })
}

/// Lets a record end soon.
///
/// # Errors
/// When the database does not answer.
pub async fn retire(app: &App, cookie: &SecretHash) -> Result<(), ServiceError> {
    let until = app.clock.now().after(RETIRED);
    app.store.transaction("retire_browser", async |tx| browser_session::retire(tx, cookie, until).await).await?;
    Ok(())
}

fn encode(known: &Known) -> Result<String, StoreError> {
    serde_json::to_string(&Record { browser: known }).map_err(|_| StoreError::Corrupt("browser_sessions.data"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_the_form_that_tower_sessions_reads() {
        let known = Known { binding: "b".into(), csrf: "c".into(), session: None, stays: true };
        let read: HashMap<String, Known> = serde_json::from_str(&encode(&known).unwrap()).unwrap();
        assert_eq!(read[KEY].binding, "b");
        assert!(read[KEY].stays);
    }

    #[test]
    fn a_record_of_the_version_before_is_read_and_does_not_stay() {
        let read: HashMap<String, Known> =
            serde_json::from_str(r#"{"browser":{"binding":"b","csrf":"c","session":null}}"#).unwrap();
        assert!(!read[KEY].stays);
    }
}
