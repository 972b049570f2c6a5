//! The browser that a request comes from, known by its cookies.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt;
use tower::{Layer, ServiceExt, service_fn};
use tower_cookies::{Cookie, Cookies};
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore, session_store};

use super::actor;
use super::client_ip::ClientIp;
use crate::app::App;
use crate::crypto::digest::equal;
use crate::domain::access::actor::Actor;
use crate::domain::account::user::User;
use crate::domain::sign_in::pending_sign_in::COMPLETE_WITHIN;
use crate::domain::sign_in::remembered_device::DeviceSecrets;
use crate::domain::sign_in::session as sign_in;
use crate::foundation::{Secret, SecretHash};
use crate::http::language;
use crate::http::respond::page_error::PageError;
use crate::services::sign_in::authorize::Place;
use crate::services::sign_in::browser_session::{self, Before, KEY, Known, NewRecord};
use crate::services::{ServiceError, Unavailable};

/// The browser that a request comes from. Before a sign-in its cookie holds a secret and nothing is stored for it,
/// since strangers can make any number of them. A sign-in replaces it by a cookie of tower-sessions, for which a record
/// is stored.
pub struct Browser {
    cookies: Cookies,
    record: Session,
    known: Option<Known>,
    signed_in: Option<(sign_in::Session, User)>,
    stranger: Option<Stranger>,
    /// The hash of the secret of half a sign-in.
    half: Option<SecretHash>,
    /// Its address, and who is signed in.
    actor: Actor,
    address: IpAddr,
    secure: bool,
}

/// A browser that nobody has signed in with.
struct Stranger {
    /// Binds its authorization requests to it.
    secret: String,
    /// The token in every form that it gets: derived from the secret, which no form shows.
    csrf: String,
}

/// The key in a record under which a sign-in passes on the cookie that it made.
const COOKIE: &str = "cookie";

impl Browser {
    /// Whether it came with a valid cookie of ours.
    pub fn is_known(&self) -> bool {
        self.known.is_some() || self.stranger.is_some()
    }

    /// The session that it is signed in with, live or not, and the session's user.
    pub fn signed_in(&self) -> Option<(sign_in::Session, User)> {
        self.signed_in.clone()
    }

    /// What its authorization requests are bound to.
    pub fn binding(&self) -> Option<SecretHash> {
        self.secret().map(SecretHash::of)
    }

    /// What its requests are looked for by.
    pub fn place(&self) -> Place {
        Place { browser: self.binding(), half: self.half }
    }

    /// The user who is signed in, even if their session has ended; otherwise nobody.
    pub fn actor(&self) -> Actor {
        self.actor.clone()
    }

    /// Whether it keeps its cookie when it is closed.
    pub fn stays(&self) -> bool {
        self.known.as_ref().is_some_and(|known| known.stays)
    }

    /// Its address.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// The token for its forms; empty for a browser that is not known.
    pub fn csrf(&self) -> String {
        self.token().unwrap_or_default().to_owned()
    }

    /// Whether a form that it sent carries its token.
    pub fn sent_form(&self, csrf: Option<&str>) -> bool {
        self.token().zip(csrf).is_some_and(|(token, csrf)| equal(token, csrf))
    }

    /// Makes sure that it has a cookie, and returns what its authorization requests are bound to. Nothing is stored.
    pub fn remember(&mut self, app: &App) -> SecretHash {
        if let Some(binding) = self.binding() {
            return binding;
        }
        let secret = Secret::generate(&app.random).reveal();
        let cookie = Cookie::build((stranger_name(self.secure), secret.clone()));
        self.cookies.add(cookie.http_only(true).same_site(SameSite::Lax).secure(self.secure).path("/").build());
        let hash = SecretHash::of(&secret);
        self.stranger = Some(Stranger::new(app, secret));
        hash
    }

    /// The state of the browser before a sign-in.
    pub fn before(&self, app: &App) -> Before {
        let cookie = self.record.id().map(|id| hash(&id));
        let binding = self.secret().map_or_else(|| Secret::generate(&app.random).reveal(), str::to_owned);
        Before { known: cookie.zip(self.known.clone()), binding, remembered: self.remembered() }
    }

    /// Gives it the secret of half a sign-in, for as long as that can be completed.
    pub fn keep_half(&mut self, secret: &Secret) {
        let lasts = time::Duration::try_from(COMPLETE_WITHIN).unwrap_or(time::Duration::MINUTE);
        let cookie = Cookie::build((half_name(self.secure), secret.reveal())).max_age(lasts);
        self.cookies.add(cookie.http_only(true).same_site(SameSite::Lax).secure(self.secure).path("/").build());
        self.half = Some(secret.hash());
    }

    /// By which it is remembered, for the people who wanted that.
    fn remembered(&self) -> DeviceSecrets {
        let cookie = self.cookies.get(remembered_name(self.secure));
        cookie.map(|cookie| DeviceSecrets::read(cookie.value())).unwrap_or_default()
    }

    /// Gives it one more secret by which it is remembered. The cookie outlives the session and its sign-out.
    pub fn keep_remembered(&mut self, app: &App, secret: &Secret) {
        let lasts = time::Duration::try_from(app.settings.remember_device).unwrap_or(time::Duration::DAY);
        let value = self.remembered().and(&secret.reveal());
        let cookie = Cookie::build((remembered_name(self.secure), value)).max_age(lasts);
        self.cookies.add(cookie.http_only(true).same_site(SameSite::Lax).secure(self.secure).path("/").build());
    }

    /// Gives it the cookie of a sign-in that has been stored. Where it stays, the browser keeps it after it is closed, for as
    /// long as the session can last. The old cookie signs nobody in.
    ///
    /// # Errors
    /// None in practice: the record is in memory.
    pub async fn sign_in(&mut self, app: &App, new: NewRecord) -> Result<(), ServiceError> {
        self.record.cycle_id().await.map_err(unavailable)?;
        self.record.insert(KEY, &new.known).await.map_err(unavailable)?;
        self.record.insert(COOKIE, &new.cookie).await.map_err(unavailable)?;
        let lasts = time::Duration::try_from(app.settings.lifetimes.session_absolute).unwrap_or(time::Duration::MAX);
        self.record.set_expiry(Some(if new.known.stays { Expiry::OnInactivity(lasts) } else { Expiry::OnSessionEnd }));
        (self.known, self.signed_in) = (Some(new.known), None);
        self.forget_stranger();
        self.forget_half();
        Ok(())
    }

    /// Forgets everything about it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget(&mut self, app: &App) -> Result<(), ServiceError> {
        self.signed_in = None;
        if self.known.take().is_some() {
            if let Some(id) = self.record.id() {
                browser_session::retire(app, &hash(&id)).await?;
            }
            self.record.flush().await.map_err(unavailable)?;
        }
        self.forget_stranger();
        self.forget_half();
        Ok(())
    }

    fn forget_stranger(&mut self) {
        let name = stranger_name(self.secure);
        if self.cookies.get(name).is_some() {
            self.cookies.remove(Cookie::build(name).path("/").build());
        }
        self.stranger = None;
    }

    fn forget_half(&mut self) {
        let name = half_name(self.secure);
        if self.cookies.get(name).is_some() {
            self.cookies.remove(Cookie::build(name).path("/").secure(self.secure).build());
        }
        self.half = None;
    }

    fn secret(&self) -> Option<&str> {
        let known = self.known.as_ref().map(|known| known.binding.as_str());
        known.or(self.stranger.as_ref().map(|stranger| stranger.secret.as_str()))
    }

    fn token(&self) -> Option<&str> {
        let known = self.known.as_ref().map(|known| known.csrf.as_str());
        known.or(self.stranger.as_ref().map(|stranger| stranger.csrf.as_str()))
    }
}

impl Stranger {
    fn new(app: &App, secret: String) -> Self {
        let csrf = URL_SAFE_NO_PAD.encode(app.browser_key.mac(&[b"csrf", secret.as_bytes()]));
        Self { secret, csrf }
    }

    /// Reads a cookie; `None` unless we could have made it.
    fn read(app: &App, cookie: &Cookie<'_>) -> Option<Self> {
        let value = cookie.value();
        let sound = value.len() == 43 && URL_SAFE_NO_PAD.decode(value).is_ok();
        sound.then(|| Self::new(app, value.to_owned()))
    }
}

impl FromRequestParts<App> for Browser {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let missing = |(_, cause): (_, &str)| ServiceError::internal(cause);
        let record = Session::from_request_parts(parts, app).await.map_err(missing)?;
        let cookies = Cookies::from_request_parts(parts, app).await.map_err(missing)?;
        let known = match record.get(KEY).await {
            // A record of another version that we cannot read counts as no cookie: an error would never go away.
            Err(tower_sessions::session::Error::SerdeJson(_)) => None,
            known => known.map_err(unavailable)?,
        };
        let secure = app.issuer.is_https();
        let stranger = match known {
            None => cookies.get(stranger_name(secure)).and_then(|cookie| Stranger::read(app, &cookie)),
            Some(_) => None,
        };
        let half = cookies.get(half_name(secure)).map(|cookie| SecretHash::of(cookie.value()));
        let Ok(ClientIp(address)): Result<_, Infallible> = ClientIp::from_request_parts(parts, app).await;
        let signed_in = parts.extensions.get::<Beside>().and_then(Beside::take);
        if let Some((_, user)) = &signed_in {
            language::of_user(user);
        }
        let stranger_here = actor::at(address, &parts.headers);
        let actor = match &signed_in {
            Some((session, user)) => stranger_here.signed_in(user.id, session.id),
            None => stranger_here,
        };
        Ok(Self { cookies, record, known, signed_in, stranger, half, actor, address, secure })
    }
}

fn unavailable(error: tower_sessions::session::Error) -> ServiceError {
    match error {
        tower_sessions::session::Error::SerdeJson(error) => ServiceError::internal(error),
        tower_sessions::session::Error::Store(error) => ServiceError::Unavailable(Unavailable {
            cause: error.to_string(),
            retry_after: std::time::Duration::from_secs(2),
            may_be_done: false,
        }),
    }
}

/// The cookie of a browser that nobody has signed in with.
const fn stranger_name(secure: bool) -> &'static str {
    if secure { "__Host-latchkey-browser" } else { "latchkey-browser" }
}

/// The cookie with the secret of half a sign-in.
const fn half_name(secure: bool) -> &'static str {
    if secure { "__Host-latchkey-half" } else { "latchkey-half" }
}

/// The cookie of a browser in which no second factor is asked for.
const fn remembered_name(secure: bool) -> &'static str {
    if secure { "__Host-latchkey-remembered" } else { "latchkey-remembered" }
}

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
struct Beside(Arc<Mutex<Option<(sign_in::Session, User)>>>);

impl Beside {
    fn put(&self, signed_in: Option<(sign_in::Session, User)>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = signed_in;
    }

    fn take(&self) -> Option<(sign_in::Session, User)> {
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

fn hash(id: &Id) -> SecretHash {
    SecretHash::of(&id.to_string())
}
