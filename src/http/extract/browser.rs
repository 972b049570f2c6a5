//! The browser that a request comes from, known by its cookie.

use std::collections::HashMap;
use std::fmt;

use async_trait::async_trait;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore, session_store};

use crate::app::App;
use crate::crypto::digest::equal;
use crate::foundation::{Secret, SecretHash, id::SessionId};
use crate::http::respond::page_error::PageError;
use crate::services::{ServiceError, browser_sessions};

/// The browser that a request comes from.
pub struct Browser {
    cookie: Session,
    known: Option<Known>,
}

/// What is kept for a browser.
#[derive(Clone, Serialize, Deserialize)]
struct Known {
    /// Binds parked authorization requests to this browser; survives a sign-in, unlike the cookie.
    binding: String,
    /// In every form of ours that this browser gets.
    csrf: String,
    /// Who is signed in.
    session: Option<SessionId>,
}

const KEY: &str = "browser";

impl Browser {
    /// Whether its cookie leads to anything.
    pub fn is_known(&self) -> bool {
        self.known.is_some()
    }

    /// The session that it is signed in with; whether that one still lives is another question.
    pub fn session(&self) -> Option<SessionId> {
        self.known.as_ref().and_then(|known| known.session)
    }

    /// What its authorization requests are bound to.
    pub fn binding(&self) -> Option<SecretHash> {
        self.known.as_ref().map(|known| SecretHash::of(&known.binding))
    }

    /// The token for its forms; empty for a browser that is not known.
    pub fn csrf(&self) -> String {
        self.known.as_ref().map(|known| known.csrf.clone()).unwrap_or_default()
    }

    /// Whether a form that it sent carries its token.
    pub fn sent_form(&self, csrf: Option<&str>) -> bool {
        self.known.as_ref().zip(csrf).is_some_and(|(known, csrf)| equal(&known.csrf, csrf))
    }

    /// Makes sure that it is known, and returns what its authorization requests are bound to.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remember(&mut self, app: &App) -> Result<SecretHash, ServiceError> {
        if let Some(binding) = self.binding() {
            return Ok(binding);
        }
        let binding = Secret::generate(&app.random).reveal();
        let hash = SecretHash::of(&binding);
        self.store(Known { binding, csrf: Secret::generate(&app.random).reveal(), session: None }).await?;
        Ok(hash)
    }

    /// Notes who signed in, under a new cookie: one that somebody else may have planted is not signed in by it. Forms
    /// that were made for whoever was signed in before are void.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sign_in(&mut self, app: &App, session: SessionId) -> Result<(), ServiceError> {
        // What remains of the old cookie for a moment is signed in no more.
        if let Some(known) = self.known.clone().filter(|known| known.session.is_some()) {
            self.store(Known { session: None, ..known }).await?;
            self.cookie.save().await.map_err(unavailable)?;
        }
        let binding = match &self.known {
            Some(known) => known.binding.clone(),
            None => Secret::generate(&app.random).reveal(),
        };
        self.cookie.cycle_id().await.map_err(unavailable)?;
        self.store(Known { binding, csrf: Secret::generate(&app.random).reveal(), session: Some(session) }).await
    }

    /// Forgets everything about it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget(&mut self) -> Result<(), ServiceError> {
        self.known = None;
        self.cookie.flush().await.map_err(unavailable)
    }

    async fn store(&mut self, known: Known) -> Result<(), ServiceError> {
        self.cookie.insert(KEY, &known).await.map_err(unavailable)?;
        self.known = Some(known);
        Ok(())
    }
}

impl FromRequestParts<App> for Browser {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let cookie = Session::from_request_parts(parts, app)
            .await
            .map_err(|(_, cause)| ServiceError::Internal(cause.to_owned()))?;
        let known = match cookie.get(KEY).await {
            // What another version wrote and we cannot read is as good as no cookie; an error would stay for good.
            Err(tower_sessions::session::Error::SerdeJson(_)) => None,
            known => known.map_err(unavailable)?,
        };
        Ok(Self { cookie, known })
    }
}

fn unavailable(error: tower_sessions::session::Error) -> ServiceError {
    match error {
        tower_sessions::session::Error::SerdeJson(error) => ServiceError::Internal(error.to_string()),
        tower_sessions::session::Error::Store(error) => ServiceError::Unavailable(crate::services::Unavailable {
            cause: error.to_string(),
            retry_after: std::time::Duration::from_secs(2),
        }),
    }
}

/// The layer that reads and writes the cookie. On https it has the `__Host-` prefix: no other host, not even a
/// subdomain, can plant it. `Lax`, because the browser must bring it along from the application to `/authorize`.
pub fn layer(app: &App) -> SessionManagerLayer<Records> {
    let secure = app.issuer.is_https();
    SessionManagerLayer::new(Records(app.clone()))
        .with_name(if secure { "__Host-latchkey" } else { "latchkey" })
        .with_secure(secure)
        .with_http_only(true)
        .with_path("/")
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnSessionEnd)
}

/// tower-sessions' records, kept by [`browser_sessions`].
#[derive(Clone)]
pub struct Records(App);

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Records")
    }
}

#[async_trait]
impl SessionStore for Records {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        let data = encode(record)?;
        while !browser_sessions::create(&self.0, &hash(&record.id), &data).await.map_err(backend)? {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        browser_sessions::save(&self.0, &hash(&record.id), &encode(record)?).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let Some(data) = browser_sessions::load(&self.0, &hash(id)).await.map_err(backend)? else {
            return Ok(None);
        };
        let Ok(data) = serde_json::from_str::<HashMap<String, serde_json::Value>>(&data) else {
            return Ok(None);
        };
        // Our rows expire by our own clock; this date is only the library's.
        Ok(Some(Record { id: *id, data, expiry_date: time::OffsetDateTime::UNIX_EPOCH }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        browser_sessions::retire(&self.0, &hash(id)).await.map_err(backend)
    }
}

fn hash(id: &Id) -> SecretHash {
    SecretHash::of(&id.to_string())
}

fn encode(record: &Record) -> session_store::Result<String> {
    serde_json::to_string(&record.data).map_err(|error| session_store::Error::Encode(error.to_string()))
}

fn backend(error: ServiceError) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}
