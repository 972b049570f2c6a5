//! Logout at the client's request (OpenID Connect RP-Initiated Logout 1.0).

use super::client::Client;
use super::error::{ErrorCode, Refusal, first_difference};
use super::id_token::Hint;
use super::params::Params;
use super::redirect::VerifiedRedirect;
use super::response::{append_query, encode};
use crate::domain::session::Session;

/// What a logout request leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logout {
    /// Whether the user must confirm: the request does not prove that it comes from an application of theirs (§2, so
    /// that nobody can be signed out by a link).
    pub confirm: bool,
    /// Where the browser goes afterwards; `None`: our own page says that it is done.
    pub then: Option<String>,
}

/// Decides what a logout request leads to. `hint` was verified; `client` is the one that the hint or client_id names.
///
/// # Errors
/// For a page: nothing is redirected to a URI that is not proven (§3).
pub fn decide(
    params: &Params,
    client: Option<&Client>,
    hint: Option<&Hint>,
    session: Option<&Session>,
) -> Result<Logout, Refusal> {
    params.once()?;
    if let (Some(hint), Some(id)) = (hint, params.get("client_id"))
        && hint.aud != id
    {
        return Err(Refusal::new(ErrorCode::InvalidRequest, "The id_token_hint was issued to another client.")
            .with("client_id", id)
            .with("issued to", &hint.aud));
    }
    let state = params.get("state");
    let then = match params.get("post_logout_redirect_uri") {
        None => None,
        Some(uri) => Some(target(uri, state, client)?),
    };
    Ok(Logout { confirm: session.is_some_and(|session| !is_about(hint, session)), then })
}

/// Whether the hint proves that the request comes from an application in which this session's user is signed in.
fn is_about(hint: Option<&Hint>, session: &Session) -> bool {
    hint.is_some_and(|hint| match &hint.sid {
        Some(sid) => *sid == session.id.to_string(),
        None => hint.sub == session.user.to_string(),
    })
}

fn target(uri: &str, state: Option<&str>, client: Option<&Client>) -> Result<String, Refusal> {
    let Some(client) = client.filter(|client| client.enabled) else {
        let description = "post_logout_redirect_uri needs an id_token_hint or a client_id that says whose it is.";
        return Err(Refusal::new(ErrorCode::InvalidRequest, description).with("post_logout_redirect_uri", uri));
    };
    let Some(proven) = VerifiedRedirect::prove_after_logout(client, uri) else {
        let registered = &client.metadata.post_logout_redirect_uris;
        let description = "The post_logout_redirect_uri is not registered for this client.";
        let closest = registered.first().map(|closest| first_difference(uri, closest));
        return Err(Refusal::new(ErrorCode::InvalidRequest, description)
            .with("client", &client.id)
            .with("sent", uri)
            .with("registered", registered.join(" "))
            .with("first difference", closest.unwrap_or_else(|| "none is registered".to_owned())));
    };
    Ok(match state {
        Some(state) => append_query(proven.as_str(), &encode(&[("state", state.to_owned())])),
        None => proven.as_str().to_owned(),
    })
}
