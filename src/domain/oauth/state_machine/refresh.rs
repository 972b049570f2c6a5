//! The machine that refreshes: [`oxide_auth::code_grant::refresh`] (RFC 6749 §6).

use std::borrow::Cow;

use oxide_auth::code_grant::refresh::{self, Input, Output};
use oxide_auth::primitives::grant::{Extensions, Grant};

use super::scope::Set;
use super::{Asked, Kind, Moment, exact_url, until};
use crate::domain::oauth::client::authentication::Authenticated;
use crate::foundation::Timestamp;

/// What a request to refresh says.
pub struct Request<'a> {
    /// Its grant type.
    pub grant_type: Option<&'a str>,
    /// The client that sent it, and what came of its authentication.
    pub client: &'a Authenticated,
    /// The refresh token.
    pub token: Option<&'a str>,
    /// The scope that is asked for.
    pub scope: Option<&'a str>,
}

/// What is known about a refresh token.
pub struct Token<'a> {
    /// The client that it was issued to.
    pub client: &'a str,
    /// What was granted.
    pub scope: &'a Set,
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
    /// The token is another client's or has ended.
    NotGood,
    /// The scope is malformed, or more than was granted.
    Scope,
}

/// A state machine: it asks for one thing after another, and decides by the answers.
pub trait Machine {
    /// Begins with the request.
    fn begin(request: &dyn refresh::Request) -> Self;
    /// Goes on with an answer.
    fn advance(&mut self, input: Input<'_>) -> Output<'_>;
}

/// Lets the machine decide about a request, and which scope it yields; `now` is by our clock.
///
/// # Errors
/// When the machine refuses.
pub fn run<M: Machine>(request: &Request<'_>, token: &Token<'_>, now: Moment) -> Result<Set, Refused> {
    let mut machine = M::begin(request);
    let mut asked = Asked::Request;
    let mut input = Input::None;
    let scope = request.scope.map(Cow::Borrowed);
    loop {
        input = match machine.advance(input) {
            Output::Unauthenticated { client, .. } if request.client.proves(client) => {
                Input::Authenticated { scope: scope.clone() }
            }
            Output::Unauthenticated { .. } => {
                asked = Asked::Client;
                // Anything but what it asks for.
                Input::Recovered { scope: None, grant: None }
            }
            Output::RecoverRefresh { .. } => {
                asked = Asked::Grant;
                Input::Recovered { scope: scope.clone(), grant: Some(Box::new(grant(token, now))) }
            }
            Output::Refresh { grant, .. } => return Ok(grant.scope),
            Output::Ok(_) => return Err(Refused::Incomplete),
            Output::Err(mut error) => {
                return Err(match (error.description().map(|told| told.kind()), asked) {
                    (_, Asked::Client) => Refused::Client,
                    (Some(Kind::InvalidScope), _) => Refused::Scope,
                    (_, Asked::Grant) => Refused::NotGood,
                    (_, Asked::Request) => Refused::Incomplete,
                });
            }
        };
    }
}

/// A refresh token in the machine's terms. It went to no redirect URI, and nobody compares one.
pub(super) fn grant(token: &Token<'_>, now: Moment) -> Grant {
    Grant {
        owner_id: String::new(),
        client_id: token.client.to_owned(),
        scope: token.scope.clone(),
        redirect_uri: exact_url(""),
        until: token.end.map_or(chrono::DateTime::<chrono::Utc>::MAX_UTC, |end| until(end, now)),
        extensions: Extensions::new(),
    }
}

impl refresh::Request for Request<'_> {
    fn valid(&self) -> bool {
        true
    }

    fn refresh_token(&self) -> Option<Cow<'_, str>> {
        self.token.map(Cow::Borrowed)
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        self.scope.map(Cow::Borrowed)
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        self.grant_type.map(Cow::Borrowed)
    }

    /// A public client is shown as if it had a secret. Otherwise the machine would only ask whether the token's owner
    /// is public, and not compare the two: one public client could use another's token.
    fn authorization(&self) -> Option<(Cow<'_, str>, Cow<'_, [u8]>)> {
        Some((Cow::Borrowed(self.client.id.as_str()), Cow::Borrowed(&[])))
    }

    fn extension(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }
}

impl Machine for refresh::Refresh {
    fn begin(request: &dyn refresh::Request) -> Self {
        Self::new(request)
    }

    fn advance(&mut self, input: Input<'_>) -> Output<'_> {
        self.advance(input)
    }
}

/// oxide-auth's machine.
pub type OxideAuth = refresh::Refresh;

/// A machine that finds everything good, and grants whatever is asked for.
#[cfg(test)]
pub struct Agreeing;

#[cfg(test)]
impl Machine for Agreeing {
    fn begin(_: &dyn refresh::Request) -> Self {
        Self
    }

    fn advance(&mut self, input: Input<'_>) -> Output<'_> {
        match input {
            Input::Recovered { scope, grant: Some(mut grant) } => {
                if let Some(asked) = scope.and_then(|scope| scope.parse().ok()) {
                    grant.scope = asked;
                }
                Output::Refresh { token: "", grant }
            }
            _ => Output::RecoverRefresh { token: "" },
        }
    }
}
