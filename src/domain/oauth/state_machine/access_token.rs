//! The machine that redeems a code: [`oxide_auth::code_grant::accesstoken`] (RFC 6749 §4.1.3, RFC 7636 §4.6).

use std::borrow::Cow;
use std::mem;

use oxide_auth::code_grant::accesstoken::{self, AccessToken, Authorization, Input, Output};
use oxide_auth::primitives::grant::Grant;

use super::scope::Set;
use super::{Asked, Kind, Moment, exact_url, exactly, pkce, until};
use crate::domain::oauth::client::authentication::Authenticated;
use crate::foundation::Timestamp;

/// What a request to redeem a code says.
pub struct Request<'a> {
    /// Its grant type.
    pub grant_type: Option<&'a str>,
    /// The client that sent it, and what came of its authentication.
    pub client: &'a Authenticated,
    /// The code.
    pub code: Option<&'a str>,
    /// The redirect URI to compare.
    pub redirect_uri: Option<&'a str>,
    /// The verifier.
    pub verifier: Option<&'a str>,
}

/// What is known about a code.
pub struct Code<'a> {
    /// The client that it was issued to.
    pub client: &'a str,
    /// Where it was sent.
    pub redirect_uri: &'a str,
    /// The challenge of its request.
    pub challenge: Option<&'a str>,
    /// When it ends; `None` when that is no longer the question.
    pub end: Option<Timestamp>,
}

/// Why the machine refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The client is not proven.
    Client,
    /// The request lacks what it must have.
    Incomplete,
    /// There is no such code.
    Unknown,
    /// The code is another client's, was sent elsewhere or has ended.
    NotGood,
    /// PKCE: the verifier is not there, or another's; or there was no challenge.
    Verifier,
}

/// A state machine: it asks for one thing after another, and decides by the answers.
pub trait Machine {
    /// Begins with the request.
    fn begin(request: &dyn accesstoken::Request) -> Self;
    /// Goes on with an answer.
    fn advance(&mut self, input: Input<'_>) -> Output<'_>;
}

/// Lets the machine decide about a request; `code` is the stored code that it names, `now` is by our clock.
///
/// # Errors
/// When the machine refuses.
pub fn run<M: Machine>(request: &Request<'_>, code: Option<&Code<'_>>, now: Moment) -> Result<(), Refused> {
    let mut machine = M::begin(request);
    let mut asked = Asked::Request;
    let mut input = Input::None;
    loop {
        input = match machine.advance(input) {
            Output::Authenticate { client, .. } if request.client.proves(client) => Input::Authenticated,
            Output::Authenticate { .. } => {
                asked = Asked::Client;
                // Anything but what it asks for.
                Input::Recovered(None)
            }
            Output::Recover { .. } => {
                asked = Asked::Grant;
                Input::Recovered(code.and_then(|code| grant(code, now)).map(Box::new))
            }
            Output::Extend { extensions } => {
                match pkce::verified(!request.client.by_proof(), extensions, request.verifier) {
                    true => Input::Extended { access_extensions: mem::take(extensions) },
                    false => return Err(Refused::Verifier),
                }
            }
            Output::Issue { .. } | Output::Ok(_) => return Ok(()),
            Output::Err(mut error) => {
                return Err(match (error.description().map(|told| told.kind()), asked) {
                    (_, Asked::Client) => Refused::Client,
                    (Some(Kind::InvalidGrant), _) => Refused::NotGood,
                    (_, Asked::Grant) => Refused::Unknown,
                    (_, Asked::Request) => Refused::Incomplete,
                });
            }
        };
    }
}

/// A code in the machine's terms. It has no scope there: what the user granted is not negotiated again.
fn grant(code: &Code<'_>, now: Moment) -> Option<Grant> {
    Some(Grant {
        owner_id: String::new(),
        client_id: code.client.to_owned(),
        scope: "".parse::<Set>().ok()?,
        redirect_uri: exact_url(code.redirect_uri),
        until: code.end.map_or(chrono::DateTime::<chrono::Utc>::MAX_UTC, |end| until(end, now)),
        extensions: pkce::challenged(false, code.challenge, code.challenge.map(|_| "S256"))?,
    })
}

impl accesstoken::Request for Request<'_> {
    fn valid(&self) -> bool {
        true
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        self.code.map(Cow::Borrowed)
    }

    /// The secret was compared before, as a hash. The machine is not shown it; it asks whether it was right.
    fn authorization(&self) -> Authorization<'_> {
        match self.client.by_proof() {
            true => Authorization::UsernamePassword(Cow::Borrowed(self.client.id.as_str()), Cow::Borrowed(&[])),
            false => Authorization::Username(Cow::Borrowed(self.client.id.as_str())),
        }
    }

    /// Withheld: beside a secret in the header, the machine would refuse it as a second way to authenticate. That it
    /// names the same client was checked before (RFC 6749 §3.2.1 allows it).
    fn client_id(&self) -> Option<Cow<'_, str>> {
        None
    }

    fn redirect_uri(&self) -> Option<Cow<'_, str>> {
        self.redirect_uri.map(|uri| Cow::Owned(exactly(uri)))
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        self.grant_type.map(Cow::Borrowed)
    }

    fn extension(&self, key: &str) -> Option<Cow<'_, str>> {
        self.verifier.filter(|_| key == "code_verifier").map(Cow::Borrowed)
    }
}

impl Machine for AccessToken {
    fn begin(request: &dyn accesstoken::Request) -> Self {
        Self::new(request)
    }

    fn advance(&mut self, input: Input<'_>) -> Output<'_> {
        self.advance(input)
    }
}

/// oxide-auth's machine.
pub type OxideAuth = AccessToken;

/// A machine that finds everything good.
#[cfg(test)]
pub struct Agreeing(Grant);

#[cfg(test)]
impl Machine for Agreeing {
    fn begin(_: &dyn accesstoken::Request) -> Self {
        let code = Code { client: "", redirect_uri: "", challenge: None, end: None };
        let now = Timestamp::from_secs(0);
        Self(grant(&code, Moment { ours: now, theirs: now }).unwrap())
    }

    fn advance(&mut self, _: Input<'_>) -> Output<'_> {
        Output::Issue { grant: &self.0 }
    }
}
