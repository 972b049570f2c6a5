//! ID tokens that come back as `id_token_hint` (OpenID Connect Core §3.1.2.1, RP-Initiated Logout 1.0 §2).

use crate::app::App;
use crate::crypto::{CryptoError, VerifiedJwt};
use crate::domain::oauth::client::ClientId;
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::token::id_token::{self, Hint};
use crate::foundation::Timestamp;
use crate::services::operation::clock_guard;

/// What an id_token_hint says: a token that we had signed for `client`, expired or not (OpenID Connect Core §3.1.2.1).
///
/// # Errors
/// `invalid_request` when we did not.
pub fn read_for(app: &App, token: &str, client: &ClientId) -> Result<Hint, Refusal> {
    let hint = read(app, token)?;
    match hint.aud == client.as_str() {
        true => Ok(hint),
        false => Err(bad_hint().with("issued to", hint.aud)),
    }
}

/// As [`read_for`], for whichever client.
///
/// # Errors
/// `invalid_request` when we did not sign it as an ID token.
pub fn read(app: &App, token: &str) -> Result<Hint, Refusal> {
    let keys = app.keys.current();
    let verified = match VerifiedJwt::decode(token, keys.verifiers()) {
        // A session outlives the publication of the key that its first ID token was signed with.
        Err(CryptoError::UnknownKey) => VerifiedJwt::decode(token, keys.hint_verifiers()),
        decoded => decoded,
    };
    let verified = verified.map_err(|error| bad_hint().with("because", error))?;
    if verified.typ() != Some(id_token::TYPE) {
        return Err(bad_hint().with("typ", verified.typ().unwrap_or("none")));
    }
    let hint: Hint = verified.claims().map_err(|error| bad_hint().with("because", error))?;
    if hint.iss != app.issuer.as_str() {
        return Err(bad_hint().with("iss", hint.iss));
    }
    match clock_guard::is_ahead(app, Timestamp::from_secs(hint.iat)) {
        true => Err(bad_hint().with("iat", hint.iat)),
        false => Ok(hint),
    }
}

fn bad_hint() -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, "The id_token_hint is not an ID token of this server for this client.")
}
