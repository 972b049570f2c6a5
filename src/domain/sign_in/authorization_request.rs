//! What waits for a sign-in, on its way through the pages.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::oauth::authorize::pkce::CodeChallenge;
use crate::domain::oauth::authorize::pushed::Pushed;
use crate::domain::oauth::authorize::request::{AuthorizationRequest, Prompt};
use crate::domain::oauth::authorize::response_mode::ResponseMode;
use crate::domain::oauth::authorize::response_type::ResponseType;
use crate::domain::oauth::client::ClientId;
use crate::domain::oauth::token::claims::ClaimsRequest;
use crate::domain::oauth::token::scope::Scope;
use crate::domain::sign_in::destination::{Destination, OwnPage};
use crate::foundation::{SecretHash, Timestamp};

/// What waits for somebody to sign in, choose or consent. What they are and did is kept in the session and not here, so
/// presenting it again gains nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting<R> {
    /// What was asked for.
    pub request: R,
    /// The hash of the secret of the browser that it was made in.
    pub browser: SecretHash,
    /// When it was made.
    pub asked_at: Timestamp,
    /// When it can no longer be taken up.
    pub expires_at: Timestamp,
}

/// An authorization request that waits, as it is stored where it is too long for a URL.
pub type WaitingRequest = Waiting<AuthorizationRequest>;

/// What a waiting request is worth to the browser that presents it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is continued.
    Here,
    /// It begins anew: another browser's, or too old.
    Anew,
    /// It ended too long ago to be continued or begun anew.
    Forgotten,
}

/// How long after its end a waiting request still leads back to the application: a page that was left open for a weekend does.
const LEADS_BACK: Duration = Duration::from_secs(7 * 24 * 3600);
/// How far the clocks of instances may differ. A request that was made further in the future was made by a wrong clock,
/// and would end as much too late.
const SKEW: Duration = Duration::from_secs(60);

impl<R> Waiting<R> {
    /// What it is worth now, to a browser with this secret.
    pub fn standing(&self, browser: Option<&SecretHash>, now: Timestamp) -> Standing {
        let here = browser.is_some_and(|browser| browser.matches(&self.browser));
        if now >= self.expires_at.after(LEADS_BACK) {
            return Standing::Forgotten;
        }
        match here && now < self.expires_at && self.asked_at <= now.after(SKEW) {
            true => Standing::Here,
            false => Standing::Anew,
        }
    }

    /// The same of another type.
    pub fn map<T>(self, make: impl FnOnce(R) -> T) -> Waiting<T> {
        let Self { request, browser, asked_at, expires_at } = self;
        Waiting { request: make(request), browser, asked_at, expires_at }
    }
}

impl Waiting<Destination> {
    /// Writes as few bytes as is reasonable, because they travel in a URL. The end is left out, since the setting for
    /// it may change meanwhile.
    ///
    /// # Errors
    /// None in practice.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = self.browser.as_bytes().to_vec();
        bytes.extend(self.asked_at.as_micros().to_be_bytes());
        serde_json::to_writer(&mut bytes, &Wire::from(self.request.clone()))?;
        Ok(bytes)
    }

    /// Reads [`Waiting::to_bytes`]; `lives` is how long it can be taken up.
    pub fn from_bytes(bytes: &[u8], lives: Duration) -> Option<Self> {
        let (browser, rest) = bytes.split_at_checked(32)?;
        let (asked_at, wire) = rest.split_at_checked(8)?;
        let asked_at = Timestamp::from_micros(i64::from_be_bytes(asked_at.try_into().ok()?));
        let wire: Wire = serde_json::from_slice(wire).ok()?;
        let browser = SecretHash::from_stored(browser)?;
        Some(Self { request: wire.into(), browser, asked_at, expires_at: asked_at.after(lives) })
    }
}

/// The two are told apart by their members.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Wire {
    Client(Box<RequestWire>),
    Page {
        #[serde(rename = "g")]
        page: OwnPage,
    },
}

/// A request with names of one letter, and without absent members.
#[derive(Serialize, Deserialize)]
struct RequestWire {
    #[serde(rename = "c")]
    client: ClientId,
    #[serde(rename = "r")]
    redirect_uri: String,
    #[serde(rename = "t", default, skip_serializing_if = "is_default")]
    response_type: ResponseType,
    #[serde(rename = "m", default, skip_serializing_if = "is_default")]
    response_mode: ResponseMode,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(rename = "o")]
    scope: Scope,
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    resources: Vec<String>,
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    challenge: Option<CodeChallenge>,
    #[serde(rename = "q", default, skip_serializing_if = "BTreeSet::is_empty")]
    prompt: BTreeSet<Prompt>,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    max_age: Option<u64>,
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    login_hint: Option<String>,
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    idp_hint: Option<String>,
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    ui_locales: Option<String>,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(rename = "l", default, skip_serializing_if = "ClaimsRequest::is_empty")]
    claims: ClaimsRequest,
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pushed: Option<Pushed>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl From<Destination> for Wire {
    fn from(destination: Destination) -> Self {
        match destination {
            Destination::Client(request) => Self::Client(Box::new((*request).into())),
            Destination::Page(page) => Self::Page { page },
        }
    }
}

impl From<Wire> for Destination {
    fn from(wire: Wire) -> Self {
        match wire {
            Wire::Client(request) => AuthorizationRequest::from(*request).into(),
            Wire::Page { page } => Self::Page(page),
        }
    }
}

impl From<AuthorizationRequest> for RequestWire {
    fn from(request: AuthorizationRequest) -> Self {
        Self {
            client: request.client,
            redirect_uri: request.redirect_uri,
            response_type: request.response_type,
            response_mode: request.response_mode,
            state: request.state,
            scope: request.scope,
            resources: request.resources,
            nonce: request.nonce,
            challenge: request.challenge,
            prompt: request.prompt,
            max_age: request.max_age,
            login_hint: request.login_hint,
            idp_hint: request.idp_hint,
            ui_locales: request.ui_locales,
            subject: request.subject,
            claims: request.claims,
            pushed: request.pushed,
        }
    }
}

impl From<RequestWire> for AuthorizationRequest {
    fn from(wire: RequestWire) -> Self {
        Self {
            client: wire.client,
            redirect_uri: wire.redirect_uri,
            response_type: wire.response_type,
            response_mode: wire.response_mode,
            state: wire.state,
            scope: wire.scope,
            resources: wire.resources,
            nonce: wire.nonce,
            challenge: wire.challenge,
            prompt: wire.prompt,
            max_age: wire.max_age,
            login_hint: wire.login_hint,
            idp_hint: wire.idp_hint,
            ui_locales: wire.ui_locales,
            subject: wire.subject,
            claims: wire.claims,
            pushed: wire.pushed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::fixtures::{MICROSECOND, NOW, request, seconds};

    const LIVES: Duration = Duration::from_secs(3600);

    fn waiting(request: impl Into<Destination>) -> Waiting<Destination> {
        Waiting { request: request.into(), browser: SecretHash::of("b"), asked_at: NOW, expires_at: NOW.after(LIVES) }
    }

    #[test]
    fn everything_that_was_asked_for_comes_back() {
        let full = AuthorizationRequest {
            response_type: ResponseType::CodeIdToken,
            response_mode: ResponseMode::FormPost,
            state: Some("\"é\u{1f600}".into()),
            nonce: Some("n".into()),
            resources: vec!["https://a.example/".into(), "urn:b".into()],
            challenge: Some(CodeChallenge::from_stored("c".repeat(43))),
            prompt: [Prompt::Login, Prompt::Consent].into(),
            max_age: Some(0),
            login_hint: Some("alice".into()),
            idp_hint: Some("google".into()),
            ui_locales: Some("de-AT en".into()),
            subject: Some("u".into()),
            claims: ClaimsRequest::parse(r#"{"id_token":{"acr":{"essential":true,"values":["a"]}}}"#).unwrap(),
            pushed: Some(Pushed { hash: SecretHash::of("p"), until: NOW }),
            ..request()
        };
        for request in [request(), full] {
            let waiting = waiting(request);
            assert_eq!(Waiting::from_bytes(&waiting.to_bytes().unwrap(), LIVES), Some(waiting));
        }
        for page in OwnPage::ALL {
            let waiting = waiting(Destination::Page(page));
            assert_eq!(Waiting::from_bytes(&waiting.to_bytes().unwrap(), LIVES), Some(waiting));
        }
    }

    #[test]
    fn what_is_cut_off_is_no_flow() {
        let bytes = waiting(request()).to_bytes().unwrap();
        for end in 0..bytes.len() {
            assert_eq!(Waiting::from_bytes(&bytes[..end], LIVES), None, "{end}");
        }
    }

    #[test]
    fn a_flow_is_taken_up_by_its_own_browser_and_in_time() {
        let (own, other) = (SecretHash::of("b"), SecretHash::of("x"));
        let waiting = waiting(request());
        let before = |time: Timestamp| Timestamp::from_micros(time.as_micros() - 1);
        let week = seconds(7 * 24 * 3600);
        let table = [
            (Some(&own), NOW, Standing::Here),
            (Some(&own), before(waiting.expires_at), Standing::Here),
            (Some(&own), waiting.expires_at, Standing::Anew),
            (Some(&own), before(waiting.expires_at.after(week)), Standing::Anew),
            (Some(&own), waiting.expires_at.after(week), Standing::Forgotten),
            (Some(&other), NOW, Standing::Anew),
            (None, NOW, Standing::Anew),
            (None, waiting.expires_at.after(week), Standing::Forgotten),
            // Made by a clock that had gone wrong.
            (Some(&own), NOW.before(SKEW), Standing::Here),
            (Some(&own), NOW.before(SKEW).before(MICROSECOND), Standing::Anew),
        ];
        for (browser, now, standing) in table {
            assert_eq!(waiting.standing(browser, now), standing, "{browser:?} at {now}");
        }
    }
}
