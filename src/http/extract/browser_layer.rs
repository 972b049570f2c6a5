//! The cookie of a browser in which somebody has signed in: a layer of tower-sessions, over our own store.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;
use tower::{Layer, ServiceExt, service_fn};
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::{Expiry, SessionManagerLayer, SessionStore, session_store};

use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::sign_in::session as sign_in;
use crate::foundation::SecretHash;
use crate::services::sign_in::browser_session;

/// The key in a record under which a sign-in passes on the cookie that it made.
pub(super) const COOKIE: &str = "cookie";

/// The layer that reads and writes the cookie of a browser in which somebody has signed in. On https it has the `__Host-`
/// prefix: no other host, not even a subdomain, can plant it. `Lax`, because the browser must bring it along from the
/// application to `/authorize`.
pub async fn layer(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let secure = app.issuer.is_https();
    let beside = Beside::default();
    request.extensions_mut().insert(beside.clone());
    let routes = service_fn(move |request| next.clone().run(request).map(Ok::<_, Infallible>));
    let sessions = SessionManagerLayer::new(Records { app, beside })
        .with_name(if secure { "__Host-latchkey" } else { "latchkey" })
        .with_secure(secure)
        .with_http_only(true)
        .with_path("/")
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnSessionEnd)
        .layer(routes);
    match sessions.oneshot(request).await {
        Ok(response) => response,
        Err(impossible) => match impossible {},
    }
}

/// The session and the user that were found with a record: one query reads all three.
#[derive(Clone, Default)]
pub(super) struct Beside(Arc<Mutex<Option<(sign_in::Session, User)>>>);

impl Beside {
    fn put(&self, signed_in: Option<(sign_in::Session, User)>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = signed_in;
    }

    pub(super) fn take(&self) -> Option<(sign_in::Session, User)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// tower-sessions' records for one request, kept by [`browser_sessions`]. They are written in the transaction of the
/// sign-in that makes them, so the store has nothing left to write.
#[derive(Clone)]
pub struct Records {
    app: App,
    beside: Beside,
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Records")
    }
}

#[async_trait]
impl SessionStore for Records {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        let made = record.data.remove(COOKIE);
        let id = made.as_ref().and_then(serde_json::Value::as_str).and_then(|cookie| cookie.parse().ok());
        record.id = id.ok_or_else(|| session_store::Error::Backend("only a sign-in makes a record".to_owned()))?;
        Ok(())
    }

    async fn save(&self, _: &Record) -> session_store::Result<()> {
        Err(session_store::Error::Backend("a record is never changed".to_owned()))
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let found = browser_session::load(&self.app, &hash(id)).await;
        let Some(found) = found.map_err(|error| session_store::Error::Backend(error.to_string()))? else {
            return Ok(None);
        };
        let Ok(data) = serde_json::from_str::<HashMap<String, serde_json::Value>>(&found.data) else {
            return Ok(None);
        };
        self.beside.put(found.signed_in);
        // Our rows expire by our own clock; this date is only the library's.
        Ok(Some(Record { id: *id, data, expiry_date: time::OffsetDateTime::UNIX_EPOCH }))
    }

    /// A sign-in retires the record that it replaces, and a sign-out its own.
    async fn delete(&self, _: &Id) -> session_store::Result<()> {
        Ok(())
    }
}

/// What a record is stored under.
pub(super) fn hash(id: &Id) -> SecretHash {
    SecretHash::of(&id.to_string())
}
