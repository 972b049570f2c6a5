//! What the demo app remembers of a browser: in memory, bounded, gone with the process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header;

use super::exchange::Exchange;
use super::step::Step;
use crate::foundation::{Clock, Random, Secret, SecretHash, Timestamp};

/// Most browsers that are remembered; the oldest is forgotten for a new one.
const CAPACITY: usize = 256;
/// Most sign-ins that one browser can have under way, in as many tabs.
const PENDING: usize = 8;
/// Most cards of one browser.
const STEPS: usize = 40;
const LIFETIME: Duration = Duration::from_secs(8 * 3600);
const COOKIE: &str = "latchkey_demo";

/// One browser.
#[derive(Clone)]
pub struct Session {
    /// What a form must carry to be this browser's own.
    pub csrf: String,
    created_at: Timestamp,
    pending: Vec<Pending>,
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    /// The `state` and the URL of a logout under way.
    pub logout: Option<(String, url::Url)>,
    /// The cards, oldest first.
    pub steps: Vec<Step>,
    next_step: usize,
}

/// A sign-in that was started: what must come back with it.
#[derive(Clone)]
pub struct Pending {
    /// `state`.
    pub state: String,
    /// `nonce`.
    pub nonce: String,
    /// The PKCE verifier.
    pub verifier: String,
    /// Where the browser was sent.
    pub url: url::Url,
    /// How the provider's endpoints were found.
    pub discovery: Vec<Exchange>,
}

/// What a sign-in yielded.
#[derive(Clone)]
pub struct SignedIn {
    /// `sub`.
    pub subject: String,
    /// What to call them.
    pub name: String,
    /// Their e-mail address, if it was given.
    pub email: Option<String>,
    /// The current access token.
    pub access_token: String,
    /// The current refresh token.
    pub refresh_token: Option<String>,
    /// The ID token, which a logout needs as a hint.
    pub id_token: String,
    /// The token of the machine client, once there is one.
    pub machine_token: Option<String>,
}

impl Session {
    /// Remembers a sign-in that begins; the oldest of too many is forgotten.
    pub fn begin(&mut self, pending: Pending) {
        if self.pending.len() >= PENDING {
            self.pending.remove(0);
        }
        self.pending.push(pending);
    }

    /// Takes the sign-in with this `state`: once, so that an answer cannot be used again.
    pub fn take_pending(&mut self, state: &str) -> Option<Pending> {
        let at = self.pending.iter().position(|pending| pending.state == state)?;
        Some(self.pending.remove(at))
    }

    /// Starts the cards anew.
    pub fn restart(&mut self) {
        self.steps.clear();
    }

    /// Adds a card and tells its number. When there are too many, the oldest after the sign-in's own goes.
    pub fn push(&mut self, mut step: Step) -> usize {
        const SIGN_IN: usize = 5;
        self.next_step += 1;
        step.number = self.next_step;
        if self.steps.len() >= STEPS {
            self.steps.remove(SIGN_IN);
        }
        self.steps.push(step);
        self.next_step
    }
}

/// All browsers.
pub struct Sessions {
    by_cookie: Mutex<HashMap<SecretHash, Session>>,
    random: Random,
    clock: Clock,
}

impl Sessions {
    /// None yet.
    pub fn new(random: Random, clock: Clock) -> Self {
        Self { by_cookie: Mutex::default(), random, clock }
    }

    /// Does something with the session of `cookie`; `None` when the cookie is unknown, forged or too old.
    pub fn with<T>(&self, cookie: Option<&str>, act: impl FnOnce(&mut Session) -> T) -> Option<T> {
        let now = self.clock.now();
        let mut sessions = self.lock();
        let session = sessions.get_mut(&SecretHash::of(cookie?))?;
        (now < session.created_at.after(LIFETIME)).then(|| act(session))
    }

    /// Makes a session and returns the value of its cookie.
    pub fn open(&self) -> String {
        let cookie = Secret::generate(&self.random);
        let session = Session {
            csrf: Secret::generate(&self.random).reveal(),
            created_at: self.clock.now(),
            pending: Vec::new(),
            signed_in: None,
            logout: None,
            steps: Vec::new(),
            next_step: 0,
        };
        let mut sessions = self.lock();
        if sessions.len() >= CAPACITY {
            let oldest = sessions.iter().min_by_key(|(_, session)| session.created_at).map(|(hash, _)| *hash);
            oldest.map(|hash| sessions.remove(&hash));
        }
        sessions.insert(cookie.hash(), session);
        cookie.reveal()
    }

    /// Gives a session a new cookie, as at every sign-in: whoever knew the old one must not be signed in by it.
    pub fn rename(&self, cookie: &str) -> Option<String> {
        let new = Secret::generate(&self.random);
        let mut sessions = self.lock();
        let session = sessions.remove(&SecretHash::of(cookie))?;
        sessions.insert(new.hash(), session);
        Some(new.reveal())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SecretHash, Session>> {
        self.by_cookie.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The value of our cookie in a request.
pub fn cookie(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then(|| value.to_owned()))
}

/// The `Set-Cookie` header that gives a browser this value, until it is closed.
pub fn set_cookie(value: &str, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/demo; HttpOnly; SameSite=Lax{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions() -> (Sessions, Clock) {
        let clock = Clock::fixed(Timestamp::from_secs(1_000_000));
        (Sessions::new(Random::System, clock.clone()), clock)
    }

    fn pending(state: &str) -> Pending {
        let url = url::Url::parse("http://127.0.0.1/authorize").unwrap();
        let (nonce, verifier) = (String::new(), String::new());
        Pending { state: state.into(), nonce, verifier, url, discovery: Vec::new() }
    }

    #[test]
    fn a_state_is_taken_once_and_only_by_the_browser_that_began() {
        let (sessions, _) = sessions();
        let (ours, theirs) = (sessions.open(), sessions.open());
        sessions.with(Some(&ours), |session| session.begin(pending("a")));
        let take = |cookie: &str| sessions.with(Some(cookie), |session| session.take_pending("a").is_some());
        assert_eq!(take(&theirs), Some(false));
        assert_eq!(take(&ours), Some(true));
        assert_eq!(take(&ours), Some(false));
    }

    #[test]
    fn forged_old_and_renamed_cookies_lead_nowhere() {
        let (sessions, clock) = sessions();
        assert!(sessions.with(None, |_| ()).is_none());
        assert!(sessions.with(Some("forged"), |_| ()).is_none());
        let old = sessions.open();
        let new = sessions.rename(&old).unwrap();
        assert!(sessions.with(Some(&old), |_| ()).is_none());
        assert!(sessions.with(Some(&new), |_| ()).is_some());
        clock.advance(LIFETIME);
        assert!(sessions.with(Some(&new), |_| ()).is_none());
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_goes_first() {
        let (sessions, clock) = sessions();
        let first = sessions.open();
        for _ in 0..CAPACITY {
            clock.advance(Duration::from_secs(1));
            sessions.open();
        }
        assert_eq!(sessions.lock().len(), CAPACITY);
        assert!(sessions.with(Some(&first), |_| ()).is_none());
        let cookie = sessions.open();
        sessions.with(Some(&cookie), |session| (0..=PENDING).for_each(|n| session.begin(pending(&n.to_string()))));
        assert_eq!(sessions.with(Some(&cookie), |session| session.take_pending("0").is_none()), Some(true));
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=b; latchkey_demo=x; latchkey_demo2=y".parse().unwrap());
        assert_eq!(cookie(&headers).as_deref(), Some("x"));
    }
}
