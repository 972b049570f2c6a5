//! The browser that a request comes from, known by its cookies.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tower_cookies::{Cookie, Cookies};
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, Session};

use super::actor;
use super::browser_layer::{Beside, COOKIE, hash};
use super::client_ip::ClientIp;
use crate::app::App;
use crate::crypto::digest::equal;
use crate::domain::access::actor::Actor;
use crate::domain::account::user::User;
use crate::domain::sign_in::pending_sign_in::COMPLETE_WITHIN;
use crate::domain::sign_in::remembered_device::DeviceSecrets;
use crate::domain::sign_in::selection::Account;
use crate::domain::sign_in::session as sign_in;
use crate::foundation::{Secret, SecretHash, id::SessionId};
use crate::http::language;
use crate::http::respond::page_error::PageError;
use crate::services::sign_in::accounts::{self, Accounts, Held};
use crate::services::sign_in::authorize::Place;
use crate::services::sign_in::browser_session::{self, Before, KEY, Known, NewRecord};
use crate::services::{ServiceError, Unavailable};

/// So long a link of a mail waits for the sign-in that it needs.
const LINK_WAITS: time::Duration = time::Duration::minutes(15);

/// The browser that a request comes from. Before a sign-in its cookie holds a secret and nothing is stored for it,
/// since strangers can make any number of them. A sign-in replaces it by a cookie of tower-sessions, for which a record
/// is stored.
pub struct Browser {
    cookies: Cookies,
    record: Session,
    known: Option<Known>,
    /// Whoever the request goes on with: the current account, unless another one was selected.
    signed_in: Option<(sign_in::Session, User)>,
    stranger: Option<Stranger>,
    /// The token in every form that it gets for that account.
    token: Option<String>,
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

impl Browser {
    /// Whether it came with a valid cookie of ours.
    pub fn is_known(&self) -> bool {
        self.known.is_some() || self.stranger.is_some()
    }

    /// Who is signed in, whoever the request goes on with first. Their sessions may have ended or expired.
    pub fn accounts(&self, app: &App) -> Accounts {
        let current = self.signed_in.clone();
        let first =
            current.as_ref().map(|(session, _)| session.id).or(self.known.as_ref().and_then(|known| known.session));
        let held = self.known.iter().flat_map(Known::sessions).filter(|held| Some(*held) != first);
        Accounts { current, others: held.take(app.settings.login.most_others()).collect() }
    }

    /// Every session that it holds, live or not.
    pub fn sessions(&self) -> Vec<SessionId> {
        self.known.iter().flat_map(Known::sessions).collect()
    }

    /// Goes on with this account, which is signed in here: what it does from now on is done by its person, and its forms
    /// carry a token of theirs. With nobody, nothing changes.
    pub fn act_for(&mut self, app: &App, account: Option<&(sign_in::Session, User)>) {
        let Some((session, user)) = account else { return };
        self.actor = self.actor.clone().signed_in(user.id, session.id);
        self.signed_in = Some((session.clone(), user.clone()));
        self.token = self.known.as_ref().map(|known| token_of(app, known, Some(session.id)));
    }

    /// Makes one of the accounts that are signed in here the current one, and goes on with it; in `flow`, it is the one that was
    /// chosen. `false` when it is not signed in here, or no longer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn choose(&mut self, app: &App, id: SessionId, flow: Option<&str>) -> Result<bool, ServiceError> {
        let (Some(cookie), Some(known)) = (self.record.id().map(|id| hash(&id)), &self.known) else {
            return Ok(false);
        };
        let Some(held) = accounts::choose(app, (&cookie, known), id, flow).await? else { return Ok(false) };
        self.now_holds(app, held);
        Ok(true)
    }

    /// Signs these accounts out, and goes on with whoever is left. Tells whether anybody is; otherwise everything about it
    /// is forgotten.
    ///
    /// # Errors
    /// When the database does not answer: then nobody is told that they are signed out.
    pub async fn sign_out(&mut self, app: &App, leaving: &[Account]) -> Result<bool, ServiceError> {
        let left = match self.record.id().filter(|_| self.known.is_some()) {
            Some(id) => accounts::sign_out(app, &self.actor, &hash(&id), leaving).await?,
            None => None,
        };
        match left {
            Some(held) => {
                self.now_holds(app, held);
                Ok(true)
            }
            None => self.forget(app).await.map(|()| false),
        }
    }

    fn now_holds(&mut self, app: &App, held: Held) {
        self.known = Some(held.known);
        self.show_state(app);
        self.act_for(app, Some(&held.current));
    }

    /// What its authorization requests are bound to.
    pub fn binding(&self) -> Option<SecretHash> {
        self.secret().map(SecretHash::of)
    }

    /// What scripts of clients can notice a change of (OpenID Connect Session Management §3.2): it is another one after each
    /// sign-in, sign-out and switch, says nothing about anybody, and is empty where nobody is signed in.
    pub fn state(&self, app: &App) -> String {
        let ended =
            self.signed_in.as_ref().filter(|(session, _)| session.ended_at.is_some()).map(|(session, _)| session.id);
        let held: Vec<_> = self.known.iter().flat_map(Known::sessions).filter(|held| Some(*held) != ended).collect();
        if held.is_empty() {
            return String::new();
        }
        let held: String = held.iter().map(ToString::to_string).collect();
        URL_SAFE_NO_PAD.encode(app.browser_key.mac(&[b"state", held.as_bytes()]))
    }

    /// The name of the cookie that the script of `check_session_iframe` reads that state from.
    pub fn state_cookie(&self) -> &'static str {
        state_name(self.secure)
    }

    /// Sees to it that the browser has the cookie with its state. That frame is one in a page of another site, so the cookie has
    /// to come along there too, which browsers allow on https alone; without it, a frame of the same site is what works.
    pub fn show_state(&self, app: &App) {
        let (name, state) = (self.state_cookie(), self.state(app));
        let shown = self.cookies.get(name);
        if shown.as_ref().map(Cookie::value).unwrap_or_default() == state {
            return;
        }
        let same_site = if self.secure { SameSite::None } else { SameSite::Lax };
        let mut cookie = Cookie::build((name, state)).same_site(same_site).secure(self.secure).path("/").build();
        // It goes with the other one.
        if self.known.as_ref().is_some_and(|known| known.stays) {
            cookie.set_max_age(time::Duration::try_from(app.settings.lifetimes.session_absolute).ok());
        }
        match cookie.value().is_empty() {
            true => self.cookies.remove(cookie),
            false => self.cookies.add(cookie),
        }
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

    /// The token for its forms; empty for a browser that is not known. It belongs to the account that the request goes on
    /// with: a form that was made for one account does nothing to another that is current by then.
    pub fn csrf(&self) -> String {
        self.token.clone().unwrap_or_default()
    }

    /// Whether a form that it sent carries its token.
    pub fn sent_form(&self, csrf: Option<&str>) -> bool {
        self.token.as_deref().zip(csrf).is_some_and(|(token, csrf)| equal(token, csrf))
    }

    /// The token for forms that name the account that they are about: it holds whoever is current.
    pub fn csrf_of_choice(&self, app: &App) -> String {
        let known = self.known.as_ref().map(|known| known.csrf.as_bytes());
        known.map(|csrf| URL_SAFE_NO_PAD.encode(app.browser_key.mac(&[b"choice", csrf]))).unwrap_or_default()
    }

    /// Whether such a form that it sent carries its token.
    pub fn sent_choice(&self, app: &App, csrf: Option<&str>) -> bool {
        self.known.is_some() && csrf.is_some_and(|csrf| equal(&self.csrf_of_choice(app), csrf))
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
        let stranger = Stranger::new(app, secret);
        (self.token, self.stranger) = (Some(stranger.csrf.clone()), Some(stranger));
        hash
    }

    /// The state of the browser before a sign-in.
    pub fn before(&self, app: &App) -> Before {
        let cookie = self.record.id().map(|id| hash(&id));
        let binding = self.secret().map_or_else(|| Secret::generate(&app.random).reveal(), str::to_owned);
        Before { known: cookie.zip(self.known.clone()), binding, remembered: self.remembered(), is_there: true }
    }

    /// Gives it the secret of half a sign-in, for as long as that can be completed.
    pub fn keep_half(&mut self, secret: &Secret) {
        let lasts = time::Duration::try_from(COMPLETE_WITHIN).unwrap_or(time::Duration::MINUTE);
        let cookie = Cookie::build((half_name(self.secure), secret.reveal())).max_age(lasts);
        self.cookies.add(cookie.http_only(true).same_site(SameSite::Lax).secure(self.secure).path("/").build());
        self.half = Some(secret.hash());
    }

    /// It is sent to a sign-in by the link of a mail with this secret, and comes back to it from there.
    pub fn keep_link(&mut self, token: &str) {
        let cookie = Cookie::build((link_name(self.secure), token.to_owned())).max_age(LINK_WAITS);
        self.cookies.add(cookie.http_only(true).same_site(SameSite::Lax).secure(self.secure).path("/").build());
    }

    /// The secret of the link that sent it to a sign-in. It is told once.
    pub fn take_link(&mut self) -> Option<String> {
        let name = link_name(self.secure);
        let token = self.cookies.get(name)?.value().to_owned();
        self.cookies.remove(Cookie::build(name).path("/").secure(self.secure).build());
        let sound =
            token.len() <= 64 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        sound.then_some(token)
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
    pub async fn sign_in(&mut self, app: &App, new: Option<NewRecord>) -> Result<(), ServiceError> {
        let Some(new) = new else { return Ok(()) };
        self.record.cycle_id().await.map_err(unavailable)?;
        self.record.insert(KEY, &new.known).await.map_err(unavailable)?;
        self.record.insert(COOKIE, &new.cookie).await.map_err(unavailable)?;
        let lasts = time::Duration::try_from(app.settings.lifetimes.session_absolute).unwrap_or(time::Duration::MAX);
        self.record.set_expiry(Some(if new.known.stays { Expiry::OnInactivity(lasts) } else { Expiry::OnSessionEnd }));
        self.forget_stranger();
        self.token = Some(token_of(app, &new.known, new.known.session));
        (self.known, self.signed_in) = (Some(new.known), None);
        self.forget_half();
        self.show_state(app);
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
        self.show_state(app);
        Ok(())
    }

    fn forget_stranger(&mut self) {
        let name = stranger_name(self.secure);
        if self.cookies.get(name).is_some() {
            self.cookies.remove(Cookie::build(name).path("/").build());
        }
        (self.stranger, self.token) = (None, None);
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
}

/// The token in the forms that a browser gets for the account with this session: that of its record for the one that the record
/// was made with, and for any other one that is derived from it.
fn token_of(app: &App, known: &Known, account: Option<SessionId>) -> String {
    match account.filter(|account| Some(*account) != known.made_for()) {
        None => known.csrf.clone(),
        Some(account) => {
            let account = account.to_string();
            let mac = app.browser_key.mac(&[b"account", known.csrf.as_bytes(), account.as_bytes()]);
            URL_SAFE_NO_PAD.encode(mac)
        }
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
        let token = match &known {
            Some(known) => Some(token_of(app, known, known.session)),
            None => stranger.as_ref().map(|stranger| stranger.csrf.clone()),
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
        Ok(Self { cookies, record, known, signed_in, stranger, token, half, actor, address, secure })
    }
}

fn unavailable(error: tower_sessions::session::Error) -> ServiceError {
    match error {
        tower_sessions::session::Error::SerdeJson(error) => ServiceError::internal(error),
        tower_sessions::session::Error::Store(error) => ServiceError::Unavailable(Unavailable {
            cause: error.to_string(),
            retry_after: std::time::Duration::from_secs(2),
            may_be_done: false,
            by_strangers: false,
        }),
    }
}

/// The cookie of a browser that nobody has signed in with.
const fn stranger_name(secure: bool) -> &'static str {
    if secure { "__Host-latchkey-browser" } else { "latchkey-browser" }
}

/// The cookie with the state of the browser, which scripts may read.
const fn state_name(secure: bool) -> &'static str {
    if secure { "__Host-latchkey-state" } else { "latchkey-state" }
}

/// The cookie with the secret of half a sign-in.
const fn half_name(secure: bool) -> &'static str {
    if secure { "__Host-latchkey-half" } else { "latchkey-half" }
}

/// The cookie with the secret of a link that waits for a sign-in.
const fn link_name(secure: bool) -> &'static str {
    if secure { "__Host-latchkey-link" } else { "latchkey-link" }
}

/// The cookie of a browser in which no second factor is asked for.
const fn remembered_name(secure: bool) -> &'static str {
    if secure { "__Host-latchkey-remembered" } else { "latchkey-remembered" }
}
