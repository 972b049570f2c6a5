//! What the cookie of a browser leads to in which somebody has signed in: the records of tower-sessions, kept in our
//! database under the hash of the cookie. A browser that nobody has signed in with has none.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::domain::sign_in::remembered_device::DeviceSecrets;
use crate::foundation::{Secret, SecretHash, Timestamp, id::SessionId};
use crate::services::ServiceError;
use crate::storage::sign_in::browser_session::{self, Found};
use crate::storage::sign_in::session;
use crate::storage::{Conn, StoreError};

/// What is kept for a browser.
#[derive(Clone, Serialize, Deserialize)]
pub struct Known {
    /// Binds authorization requests to this browser; survives a sign-in, unlike the cookie.
    pub binding: String,
    /// In every form of ours that this browser gets for the account that it was made for. Others have one derived from it.
    pub csrf: String,
    /// Who is signed in, and current: whoever is read along with this.
    pub session: Option<SessionId>,
    /// Who else is signed in, whoever was current last first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<SessionId>,
    /// Whose forms hold the token as it is, where that is not who is current: the token was made with this session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_for: Option<SessionId>,
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

impl Known {
    /// Every session that it holds, the current one first. Each may have ended or expired.
    pub fn sessions(&self) -> impl Iterator<Item = SessionId> {
        self.session.into_iter().chain(self.others.iter().copied())
    }

    /// The session whose forms hold the token as it is.
    pub fn made_for(&self) -> Option<SessionId> {
        self.made_for.or(self.session)
    }

    /// The same, in which `session` is current, and these others are signed in.
    #[must_use]
    pub fn going_on_with(&self, session: SessionId, others: Vec<SessionId>) -> Self {
        Self { session: Some(session), others, made_for: self.made_for(), ..self.clone() }
    }
}

/// A browser, as it comes to a sign-in.
pub struct Before {
    /// What its cookie leads to, under the hash of the cookie.
    pub known: Option<(SecretHash, Known)>,
    /// The secret that its authorization requests are bound to.
    pub binding: String,
    /// By which it is remembered, so that no second factor is asked for.
    pub remembered: DeviceSecrets,
    /// Whether there is a browser at all, which can be given a cookie.
    pub is_there: bool,
}

/// A record that was made by a sign-in.
pub struct NewRecord {
    /// The cookie's new value: 128 random bits, as tower-sessions writes them.
    pub cookie: String,
    /// What it leads to.
    pub known: Known,
}

impl Before {
    /// No browser: an application acts by tokens, and no cookie is made for it.
    pub fn of_no_browser(app: &App) -> Self {
        Self::bound_to(Secret::generate(&app.random).reveal())
    }

    /// The same, for requests that are bound to this.
    pub fn bound_to(binding: String) -> Self {
        Self { known: None, binding, remembered: DeviceSecrets::default(), is_there: false }
    }

    /// Every session that it holds, the current one first. Each may have ended or expired: the caller checks that.
    pub fn sessions(&self) -> Vec<SessionId> {
        self.known.iter().flat_map(|(_, known)| known.sessions()).collect()
    }

    /// Every session that it holds but this one.
    pub fn sessions_but(&self, session: SessionId) -> Vec<SessionId> {
        self.sessions().into_iter().filter(|held| *held != session).collect()
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
    known_in(data)?.session
}

fn known_in(data: &str) -> Option<Known> {
    let mut values: HashMap<String, Known> = serde_json::from_str(data).ok()?;
    values.remove(KEY)
}

/// How long a cookie that was replaced still leads to its record: for requests that were under way with it, such as the
/// second of two clicks, and for a browser that left before the new cookie arrived. It signs nobody in: a sign-in takes the
/// session out of it, and a sign-out ends the session.
const RETIRED: Duration = Duration::from_secs(10);

/// Notes who signed in, under a new cookie: one that somebody else may have planted is not signed in by it. Forms that
/// were made for whoever was signed in before are void. `others` are those who stay signed in beside them. `stays`: the
/// browser keeps its cookie when it is closed. Nothing is kept, nor made, where there is no browser. Part of the sign-in's
/// transaction.
///
/// # Errors
/// When the database does not answer.
pub async fn sign_in(
    app: &App,
    tx: &mut Conn,
    before: &Before,
    session: SessionId,
    others: Vec<SessionId>,
    stays: bool,
) -> Result<Option<NewRecord>, StoreError> {
    if !before.is_there {
        return Ok(None);
    }
    let now = app.clock.now();
    if let Some((cookie, known)) = &before.known {
        let rest = Known { session: None, others: Vec::new(), made_for: known.made_for(), ..known.clone() };
        browser_session::replaced(tx, cookie, &encode(&rest)?, now.after(RETIRED)).await?;
    }
    let csrf = Secret::generate(&app.random).reveal();
    let binding = before.binding.clone();
    let known = Known { binding, csrf, session: Some(session), others, made_for: None, stays };
    let cookie = URL_SAFE_NO_PAD.encode(app.random.bytes::<16>());
    // The record may outlive the session that it leads to: the session has limits of its own.
    let lifetimes = &app.settings.lifetimes;
    let until = now.after(lifetimes.session_absolute.max(lifetimes.authorization_request));
    browser_session::insert(tx, &SecretHash::of(&cookie), &encode(&known)?, session, now, until).await?;
    Ok(Some(NewRecord { cookie, known }))
}

/// The record behind a cookie, which nobody else changes until the end of this transaction.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &mut Conn, cookie: &SecretHash, now: Timestamp) -> Result<Option<Known>, StoreError> {
    let data = browser_session::lock(tx, cookie, now).await?;
    Ok(data.and_then(|data| known_in(&data)))
}

/// Keeps what a record, which is locked, is to be from now on: with another current session.
///
/// # Errors
/// When the database does not answer.
pub async fn go_on_with(tx: &mut Conn, cookie: &SecretHash, known: &Known) -> Result<(), StoreError> {
    let session = known.session.ok_or(StoreError::Corrupt("browser_sessions.session_id"))?;
    browser_session::go_on_with(tx, cookie, &encode(known)?, session).await
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
    use crate::foundation::Random;

    fn known(seed: u64) -> Known {
        let session = Some(SessionId::generate(&Random::seeded(seed), Timestamp::from_secs(0)));
        let (binding, csrf) = ("b".into(), "c".into());
        Known { binding, csrf, session, others: Vec::new(), made_for: None, stays: true }
    }

    #[test]
    fn a_record_has_the_form_that_tower_sessions_reads() {
        let known = known(1);
        let json = encode(&known).unwrap();
        assert!(!json.contains("others") && !json.contains("made_for"), "as the version before wrote it: {json}");
        let read: HashMap<String, Known> = serde_json::from_str(&json).unwrap();
        assert_eq!(read[KEY].binding, "b");
        assert!(read[KEY].stays);
    }

    #[test]
    fn whoever_becomes_current_takes_nobody_elses_forms() {
        let (first, second) = (known(1), known(2).session.unwrap());
        let switched = first.going_on_with(second, vec![first.session.unwrap()]);
        assert_eq!(switched.made_for(), first.session);
        assert_eq!(switched.sessions().collect::<Vec<_>>(), [second, first.session.unwrap()]);
        let read = known_in(&encode(&switched).unwrap()).unwrap();
        assert_eq!(
            (read.session, read.made_for, read.others),
            (Some(second), first.session, vec![first.session.unwrap()])
        );
        let back = switched.going_on_with(first.session.unwrap(), vec![second]);
        assert_eq!((back.made_for(), back.csrf), (first.session, first.csrf), "its own forms hold again");
    }

    #[test]
    fn a_record_of_the_version_before_is_read_and_does_not_stay() {
        let read: HashMap<String, Known> =
            serde_json::from_str(r#"{"browser":{"binding":"b","csrf":"c","session":null}}"#).unwrap();
        assert!(!read[KEY].stays);
        assert!(read[KEY].others.is_empty() && read[KEY].made_for.is_none(), "one account at most");
    }
}
