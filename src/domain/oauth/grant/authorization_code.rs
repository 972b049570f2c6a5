//! Authorization codes: one use, one minute, one client.

use super::refresh_token::GRACE;
use crate::domain::oauth::authorize::pkce::{CodeChallenge, check_verifier, why_no_match};
use crate::domain::oauth::client::authentication::{Authenticated, failed};
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal, first_difference};
use crate::domain::oauth::params::Params;
use crate::domain::oauth::state_machine::Moment;
use crate::domain::oauth::state_machine::access_token::{self, Machine, OxideAuth, Refused};
use crate::foundation::{SecretHash, Timestamp, clock::SKEW, id::GrantId};

/// A code, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationCode {
    /// Of the code's text.
    pub hash: SecretHash,
    /// The grant that it stands for.
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

/// Decides whether `client` may redeem `code` with this request (RFC 6749 §4.1.3, RFC 7636 §4.6). Everything is checked
/// before the code counts as used, so an invalid attempt changes nothing and a stranger can burn no code. oxide-auth
/// decides whether the code is this client's and was sent to this redirect URI, whether it has ended and whether the
/// verifier fits.
///
/// # Errors
/// `invalid_grant` or `invalid_request`, without any consequence for the code.
pub fn redeem(
    params: &Params,
    client: &Authenticated,
    code: Option<&AuthorizationCode>,
    now: Moment,
) -> Result<Redemption, Refusal> {
    redeem_by::<OxideAuth>(params, client, code, now)
}

fn redeem_by<M: Machine>(
    params: &Params,
    client: &Authenticated,
    code: Option<&AuthorizationCode>,
    now: Moment,
) -> Result<Redemption, Refusal> {
    let verifier = params.get("code_verifier");
    let request = access_token::Request {
        grant_type: params.get("grant_type"),
        client,
        code: params.get("code"),
        redirect_uri: params.get("redirect_uri").or(unsaid_redirect_uri(code)),
        verifier,
    };
    let stands_for = code.map(|code| access_token::Code {
        client: code.client.as_str(),
        redirect_uri: &code.redirect_uri,
        challenge: code.challenge.as_ref().map(CodeChallenge::as_str),
        // A used code has no end here, so that a late replay is recognised as one.
        end: code.used_at.is_none().then_some(code.expires_at),
    });
    access_token::run::<M>(&request, stands_for.as_ref(), now)
        .map_err(|refused| explain(refused, params, client, code, now.ours))?;
    check_verifier(code.and_then(|code| code.challenge.as_ref()), verifier)?;
    Ok(match code.and_then(|code| code.used_at) {
        None => Redemption::First,
        // `now` may be two minutes before a use by another process: its clock may be one ahead of ours, and we take one
        // off ours. If a clock was set back further, no use counts as recent.
        Some(at) if (at.before(2 * SKEW)..at.after(GRACE)).contains(&now.ours) => Redemption::Repeat,
        Some(_) => Redemption::Replay,
    })
}

/// The redirect URI of a request that names none. oxide-auth always wants the parameter; OAuth 2.1 drops it, because
/// PKCE binds the code better (RFC 9700 §2.1.1). Without a code, nothing is compared with it.
fn unsaid_redirect_uri(code: Option<&AuthorizationCode>) -> Option<&str> {
    match code {
        Some(code) => code.challenge.as_ref().map(|_| code.redirect_uri.as_str()),
        None => Some(""),
    }
}

/// Says why oxide-auth refused, in the words of the standards and with what was compared.
fn explain(
    refused: Refused,
    params: &Params,
    client: &Client,
    code: Option<&AuthorizationCode>,
    now: Timestamp,
) -> Refusal {
    let refuse = |description| Refusal::new(ErrorCode::InvalidGrant, description).with("client", &client.id);
    let code = match (refused, code) {
        (Refused::Client, _) => return failed(&client.id),
        // oxide-auth calls an unknown code an invalid request; RFC 6749 §5.2 does not.
        (_, None) => return refuse("The code is unknown or has expired.").of(Kind::CodeExpired),
        (_, Some(code)) => code,
    };
    match refused {
        Refused::Incomplete if params.get("redirect_uri").is_none() => {
            Refusal::new(ErrorCode::InvalidRequest, "The redirect_uri is missing.")
                .with("code was sent to", &code.redirect_uri)
        }
        Refused::Client => failed(&client.id),
        Refused::Incomplete => Refusal::new(ErrorCode::InvalidRequest, "The request is malformed."),
        Refused::Verifier => why_no_match(code.challenge.as_ref(), params.get("code_verifier")),
        Refused::Unknown | Refused::NotGood if code.client != client.id => {
            refuse("The code was issued to another client.").with("issued to", &code.client)
        }
        Refused::Unknown | Refused::NotGood if now >= code.expires_at && code.used_at.is_none() => {
            refuse("The code has expired.").of(Kind::CodeExpired).with("expired at", code.expires_at).with("now", now)
        }
        Refused::Unknown | Refused::NotGood => {
            let sent = params.get("redirect_uri").unwrap_or_default();
            refuse("The redirect_uri is not the one that the code was sent to.")
                .with("sent", sent)
                .with("code was sent to", &code.redirect_uri)
                .with("first difference", first_difference(sent, &code.redirect_uri))
        }
    }
}

#[cfg(test)]
#[path = "authorization_code_tests.rs"]
mod tests;
