//! The machine that takes up an authorization request: [`oxide_auth::code_grant::authorization`] (RFC 6749 §4.1.1).

use std::borrow::Cow;

use oxide_auth::code_grant::authorization::{self, Authorization, Input, Output};
use oxide_auth::code_grant::error::AuthorizationErrorType as Kind;
#[cfg(test)]
use oxide_auth::primitives::grant::Extensions;
use oxide_auth::primitives::registrar::{BoundClient, PreGrant};

use super::pkce;
#[cfg(test)]
use super::registered;
use super::scope::Set;

/// What an authorization request says. Its client and its redirect URI are proven before: the machine does not know
/// them, and would ask.
pub struct Request<'a> {
    /// The client that asks.
    pub client: &'a str,
    /// Where the answer is to go.
    pub redirect_uri: &'a str,
    /// The scope that is asked for.
    pub scope: Option<&'a str>,
    /// PKCE: the challenge.
    pub challenge: Option<&'a str>,
    /// PKCE: how it was made.
    pub challenge_method: Option<&'a str>,
    /// PKCE: whether this client must use it.
    pub challenge_required: bool,
}

/// Why the machine refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The client or the redirect URI is not there, or no URL.
    Malformed,
    /// The scope is malformed.
    Scope,
    /// PKCE: no challenge where there must be one, or another method than S256.
    Challenge,
}

/// What the machine lets pass.
pub struct Accepted {
    /// What was negotiated.
    pub scope: Set,
    /// PKCE: the challenge.
    pub challenge: Option<String>,
}

/// A state machine: it asks for one thing after another, and decides by the answers.
pub trait Machine {
    /// Begins with the request.
    fn begin(request: &dyn authorization::Request) -> Self;
    /// Goes on with an answer.
    fn advance(&mut self, input: Input<'_>) -> Output<'_>;
}

/// Lets the machine decide about a request, and `negotiate`, which knows the client, about the scope.
///
/// # Errors
/// When the machine refuses. The inner error is that of the negotiation.
pub fn run<M: Machine, E>(
    request: &Request<'_>,
    mut negotiate: impl FnMut(Option<Set>) -> Result<Set, E>,
) -> Result<Result<Accepted, E>, Refused> {
    let mut machine = M::begin(request);
    let mut input = Input::None;
    loop {
        input = match machine.advance(input) {
            Output::Bind { client_id, redirect_uri: Some(redirect_uri) } => Input::Bound {
                request,
                bound_client: BoundClient {
                    client_id: Cow::Owned(client_id),
                    redirect_uri: Cow::Owned(redirect_uri.into()),
                },
            },
            Output::Bind { redirect_uri: None, .. } => return Err(Refused::Malformed),
            Output::Extend => {
                let Request { challenge_required, challenge, challenge_method, .. } = *request;
                match pkce::challenged(challenge_required, challenge, challenge_method) {
                    Some(extensions) => Input::Extended(extensions),
                    None => return Err(Refused::Challenge),
                }
            }
            Output::Negotiate { bound_client, scope } => {
                let BoundClient { client_id, redirect_uri } = bound_client.clone();
                match negotiate(scope) {
                    Ok(scope) => {
                        let (client_id, redirect_uri) = (client_id.into_owned(), redirect_uri.into_owned());
                        Input::Negotiated { pre_grant: PreGrant { client_id, redirect_uri, scope }, state: None }
                    }
                    Err(refusal) => return Ok(Err(refusal)),
                }
            }
            Output::Ok { pre_grant, extensions, .. } => {
                return Ok(Ok(Accepted { scope: pre_grant.scope, challenge: pkce::challenge(extensions) }));
            }
            Output::Err(mut error) => {
                return Err(match error.description().map(|told| told.kind()) {
                    Some(Kind::InvalidScope) => Refused::Scope,
                    _ => Refused::Malformed,
                });
            }
        };
    }
}

impl authorization::Request for Request<'_> {
    fn valid(&self) -> bool {
        true
    }

    fn client_id(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.client))
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        self.scope.map(Cow::Borrowed)
    }

    fn redirect_uri(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.redirect_uri))
    }

    /// Withheld: the machine would put it into an error's URL, which we make ourselves, byte for byte.
    fn state(&self) -> Option<Cow<'_, str>> {
        None
    }

    /// The only one that the machine knows. What kinds of answer there are, and who may have them, is decided before.
    fn response_type(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed("code"))
    }

    fn extension(&self, key: &str) -> Option<Cow<'_, str>> {
        let value = match key {
            "code_challenge" => self.challenge,
            "code_challenge_method" => self.challenge_method,
            _ => None,
        };
        value.map(Cow::Borrowed)
    }
}

impl Machine for Authorization {
    fn begin(request: &dyn authorization::Request) -> Self {
        Self::new(request)
    }

    fn advance(&mut self, input: Input<'_>) -> Output<'_> {
        self.advance(input)
    }
}

/// oxide-auth's machine.
pub type OxideAuth = Authorization;

/// A machine that accepts everything: of a scope what it can read, and any challenge whatever its method.
#[cfg(test)]
pub struct Agreeing {
    client: BoundClient<'static>,
    scope: Option<Set>,
    extensions: Extensions,
}

#[cfg(test)]
impl Machine for Agreeing {
    fn begin(request: &dyn authorization::Request) -> Self {
        let client = BoundClient { client_id: Cow::Borrowed(""), redirect_uri: Cow::Owned(registered("")) };
        let readable = |text: Cow<'_, str>| {
            let words = text.split(' ').filter(|word| word.parse::<Set>().is_ok()).collect::<Vec<_>>();
            words.join(" ").parse().ok()
        };
        let extensions = request.extension("code_challenge").as_deref().map(pkce::unjudged).unwrap_or_default();
        Self { client, scope: request.scope().and_then(readable), extensions }
    }

    fn advance(&mut self, input: Input<'_>) -> Output<'_> {
        match input {
            Input::Negotiated { pre_grant, state } => {
                Output::Ok { pre_grant, state, extensions: std::mem::take(&mut self.extensions) }
            }
            _ => Output::Negotiate { bound_client: &self.client, scope: self.scope.clone() },
        }
    }
}
