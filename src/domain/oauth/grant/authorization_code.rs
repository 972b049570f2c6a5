//! Authorization codes: one use, one minute, one client.

use std::borrow::Cow;

use oxide_auth::code_grant::accesstoken::{AccessToken, Authorization, Input, Output, Request};
use oxide_auth::primitives::grant::{Extensions, Grant as ShownGrant};

use super::refresh_token::GRACE;
use crate::domain::oauth::authorize::pkce::{CodeChallenge, check_verifier};
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::oauth::error::{ErrorCode, Refusal, first_difference};
use crate::domain::oauth::params::Params;
use crate::domain::oauth::state_machine;
use crate::domain::oauth::token::scope::Scope;
use crate::foundation::{SecretHash, Timestamp, clock::SKEW, id::GrantId};

/// A code, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationCode {
    /// Of the code's text.
    pub hash: SecretHash,
    /// What it stands for.
    pub grant: GrantId,
    /// Who may redeem it.
    pub client: ClientId,
    /// Where it was sent.
    pub redirect_uri: String,
    /// What the verifier must match.
    pub challenge: Option<CodeChallenge>,
    /// For the ID token.
    pub nonce: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it can no longer be redeemed.
    pub expires_at: Timestamp,
    /// When it was redeemed.
    pub used_at: Option<Timestamp>,
    /// The process whose clock `expires_at` is by.
    pub made_by: Option<i64>,
    /// The process whose clock `used_at` is by.
    pub used_by: Option<i64>,
}

/// What a valid request to redeem a code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redemption {
    /// The first: the code is to be marked as used, and tokens issued.
    First,
    /// Another one within [`GRACE`]: from a client whose answer was lost, or that sent its request twice. It is refused,
    /// and ends what the code had issued only if some of that has been used.
    Repeat,
    /// A later one: whatever the code had issued ends (RFC 6749 §4.1.2, RFC 9700 §2.1.1).
    Replay,
}

/// The code that a token request presents, to look it up with.
///
/// # Errors
/// `invalid_request` when there is none.
pub fn presented(params: &Params) -> Result<SecretHash, Refusal> {
    params.require("code", "The code is missing.").map(SecretHash::of)
}

/// Decides whether `client` may redeem `code` with this request (RFC 6749 §4.1.3, RFC 7636 §4.6). Everything is
/// checked before the use counts, so that an invalid attempt changes nothing and a stranger can burn no code.
///
/// # Errors
/// `invalid_grant` or `invalid_request`, without any consequence for the code.
pub fn redeem(
    params: &Params,
    client: &Client,
    code: Option<&AuthorizationCode>,
    now: Timestamp,
) -> Result<Redemption, Refusal> {
    let shown = Shown { params, client: client.id.as_str() };
    let mut machine = AccessToken::new(&shown);
    let mut input = Input::None;
    loop {
        input = match machine.advance(input) {
            Output::Authenticate { .. } => Input::Authenticated,
            Output::Recover { .. } => Input::Recovered(Some(Box::new(recover(params, client, code, now)?))),
            Output::Extend { .. } => {
                check_verifier(code.and_then(|code| code.challenge.as_ref()), params.get("code_verifier"))?;
                Input::Extended { access_extensions: Extensions::new() }
            }
            Output::Issue { .. } => {
                return Ok(match code.and_then(|code| code.used_at) {
                    None => Redemption::First,
                    // A use by another process may lie two minutes ahead: its clock is up to one ahead of ours, and one is
                    // taken off ours. A clock that was set back further makes no use recent.
                    Some(at) if (at.before(2 * SKEW)..at.after(GRACE)).contains(&now) => Redemption::Repeat,
                    Some(_) => Redemption::Replay,
                });
            }
            Output::Ok(_) | Output::Err(_) => {
                return Err(Refusal::new(ErrorCode::InvalidRequest, "The request is malformed."));
            }
        };
    }
}

/// The code's own conditions, then the grant in the machine's terms.
fn recover(
    params: &Params,
    client: &Client,
    code: Option<&AuthorizationCode>,
    now: Timestamp,
) -> Result<ShownGrant, Refusal> {
    let refuse = |description| Refusal::new(ErrorCode::InvalidGrant, description).with("client", &client.id);
    let Some(code) = code else {
        return Err(refuse("The code is unknown or has expired."));
    };
    if code.client != client.id {
        return Err(refuse("The code was issued to another client.").with("issued to", &code.client));
    }
    // A used code is remembered longer than it lives: only then is a late replay seen for what it is.
    if now >= code.expires_at && code.used_at.is_none() {
        return Err(refuse("The code has expired.").with("expired at", code.expires_at).with("now", now));
    }
    match params.get("redirect_uri") {
        Some(sent) if sent == code.redirect_uri => {}
        Some(sent) => {
            return Err(refuse("The redirect_uri is not the one that the code was sent to.")
                .with("sent", sent)
                .with("code was sent to", &code.redirect_uri)
                .with("first difference", first_difference(sent, &code.redirect_uri)));
        }
        // OAuth 2.1 drops the parameter, because PKCE binds the code better (RFC 9700 §2.1.1).
        None if code.challenge.is_some() => {}
        None => {
            return Err(Refusal::new(ErrorCode::InvalidRequest, "The redirect_uri is missing.")
                .with("code was sent to", &code.redirect_uri));
        }
    }
    Ok(ShownGrant {
        owner_id: String::new(),
        client_id: code.client.as_str().to_owned(),
        scope: Scope::empty().as_set().clone(),
        redirect_uri: state_machine::placeholder().to_url(),
        until: state_machine::never(),
        extensions: Extensions::new(),
    })
}

/// What the machine is shown: the client has already authenticated.
struct Shown<'a> {
    params: &'a Params,
    client: &'a str,
}

impl Request for Shown<'_> {
    fn valid(&self) -> bool {
        true
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        self.params.get("code").map(Cow::Borrowed)
    }

    fn authorization(&self) -> Authorization<'_> {
        Authorization::Username(Cow::Borrowed(self.client))
    }

    fn client_id(&self) -> Option<Cow<'_, str>> {
        None
    }

    fn redirect_uri(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(state_machine::PLACEHOLDER))
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        self.params.get("grant_type").map(Cow::Borrowed)
    }

    fn extension(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }
}

#[cfg(test)]
#[path = "authorization_code_tests.rs"]
mod tests;
