//! The machine by which a client gets something for itself: [`oxide_auth::code_grant::client_credentials`] (RFC 6749 §4.4).

use std::borrow::Cow;
use std::sync::LazyLock;

use oxide_auth::code_grant::client_credentials::{self, ClientCredentials, Input, Output};
use oxide_auth::primitives::grant::Extensions;
use oxide_auth::primitives::registrar::{BoundClient, PreGrant, RegisteredUrl};

use super::scope::Set;
use super::{Asked, registered};
use crate::domain::oauth::client::authentication::Authenticated;

/// What a client's request for itself says.
pub struct Request<'a> {
    /// Its grant type.
    pub grant_type: Option<&'a str>,
    /// The client that sent it, and what came of its authentication.
    pub client: &'a Authenticated,
    /// The scope that is asked for.
    pub scope: Option<&'a str>,
}

/// Why the machine refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The client is not proven.
    Client,
    /// The client has no secret, or something is missing or malformed.
    Request,
}

/// A state machine: it asks for one thing after another, and decides by the answers.
pub trait Machine {
    /// Begins with the request.
    fn begin(request: &dyn client_credentials::Request) -> Self;
    /// Goes on with an answer.
    fn advance(&mut self, input: Input) -> Output<'_>;
}

/// Nothing is sent to a redirect URI here, but the machine wants one.
static NOWHERE: LazyLock<RegisteredUrl> = LazyLock::new(|| registered(""));

/// Lets the machine decide about a request, and `negotiate`, which knows the client, about the scope.
///
/// # Errors
/// When the machine refuses. The inner error is that of the negotiation.
pub fn run<M: Machine, E>(
    request: &Request<'_>,
    mut negotiate: impl FnMut(Option<Set>) -> Result<Set, E>,
) -> Result<Result<Set, E>, Refused> {
    let mut machine = M::begin(request);
    let (mut input, mut asked) = (Input::None, Asked::Request);
    loop {
        input = match machine.advance(input) {
            Output::Authenticate { client, .. } if request.client.proves(client) => Input::Authenticated,
            Output::Authenticate { .. } => {
                asked = Asked::Client;
                // Anything but what it asks for.
                Input::Extended { extensions: Extensions::new() }
            }
            Output::Binding { client_id } => Input::Bound {
                bound_client: BoundClient {
                    client_id: Cow::Owned(client_id.to_owned()),
                    redirect_uri: Cow::Borrowed(&*NOWHERE),
                },
            },
            Output::Extend => Input::Extended { extensions: Extensions::new() },
            Output::Negotiate { bound_client, scope } => {
                let client_id = bound_client.client_id.clone().into_owned();
                match negotiate(scope) {
                    Ok(scope) => {
                        Input::Negotiated { pre_grant: PreGrant { client_id, redirect_uri: NOWHERE.clone(), scope } }
                    }
                    Err(refusal) => return Ok(Err(refusal)),
                }
            }
            Output::Ok { pre_grant, .. } => return Ok(Ok(pre_grant.scope.clone())),
            Output::Err(_) if asked == Asked::Client => return Err(Refused::Client),
            Output::Err(_) => return Err(Refused::Request),
        };
    }
}

impl client_credentials::Request for Request<'_> {
    fn valid(&self) -> bool {
        true
    }

    /// The secret was compared before, as a hash. The machine is not shown it; it asks whether it was right.
    fn authorization(&self) -> Option<(Cow<'_, str>, Cow<'_, [u8]>)> {
        self.client.by_proof().then_some((Cow::Borrowed(self.client.id.as_str()), Cow::Borrowed(&[])))
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        self.scope.map(Cow::Borrowed)
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        self.grant_type.map(Cow::Borrowed)
    }

    fn extension(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }
}

impl Machine for ClientCredentials {
    fn begin(request: &dyn client_credentials::Request) -> Self {
        Self::new(request)
    }

    fn advance(&mut self, input: Input) -> Output<'_> {
        self.advance(input)
    }
}

/// oxide-auth's machine.
pub type OxideAuth = ClientCredentials;

/// A machine that accepts everything. A scope that it cannot read counts as none.
#[cfg(test)]
pub struct Agreeing {
    client: BoundClient<'static>,
    scope: Option<Set>,
    granted: Option<PreGrant>,
    extensions: Extensions,
}

#[cfg(test)]
impl Machine for Agreeing {
    fn begin(request: &dyn client_credentials::Request) -> Self {
        let client = BoundClient { client_id: Cow::Borrowed(""), redirect_uri: Cow::Borrowed(&*NOWHERE) };
        let scope = request.scope().and_then(|scope| scope.parse().ok());
        Self { client, scope, granted: None, extensions: Extensions::new() }
    }

    fn advance(&mut self, input: Input) -> Output<'_> {
        if let Input::Negotiated { pre_grant } = input {
            let pre_grant = self.granted.insert(pre_grant);
            return Output::Ok { pre_grant, extensions: &self.extensions };
        }
        Output::Negotiate { bound_client: &self.client, scope: self.scope.clone() }
    }
}
