//! Authorization requests, and what of them travels through the pages of a sign-in.

use std::time::Duration;

use latchkey::domain::oauth::authorize::pushed;
use latchkey::domain::oauth::authorize::request::{self, AuthorizationRequest, Prompt};
use latchkey::domain::oauth::client::Client;
use latchkey::domain::oauth::client::redirect::VerifiedRedirect;
use latchkey::domain::oauth::params::Params;
use latchkey::domain::oauth::profile::{Legacy, Rules};
use latchkey::domain::sign_in::authorization_request::{Standing, Waiting};
use latchkey::domain::sign_in::destination::Destination;
use latchkey::foundation::SecretHash;

use super::given::{self, ISSUER, NOW, REDIRECT, RESOURCE, is_sendable, lines, rules, targets};

const LIVES: Duration = Duration::from_secs(3600);

/// Lines: letters (`c` where the server answers with codes alone, `s` where it serves no old applications), the query.
pub fn request(data: &[u8]) {
    let Some([kind, query]) = lines(data) else { return };
    let Ok(params) = Params::parse(query.as_bytes()) else { return };
    if let Ok(kept) = pushed::kept(&params) {
        let kept = Params::parse(kept.as_bytes()).expect("what is kept can be read");
        assert!(kept.get("client_secret").is_none() && kept.get("client_assertion").is_none());
    }
    let params = params.or("redirect_uri", REDIRECT).or("client_id", "web");
    let Ok(id) = request::client_id(&params) else { return };
    let client = given::client(id.as_str());
    let rules = rules(kind);
    let redirect = match request::prove(client.as_deref(), &id, &params, rules) {
        Ok(redirect) => redirect,
        Err(refusal) => return assert!(is_sendable(refusal.description)),
    };
    let client = client.expect("what is proven is of a client");
    assert!(client.metadata.redirect_uris.iter().any(|uri| uri == redirect.as_str()));
    match request::check(&params, targets(&client), &redirect, None, rules) {
        Ok(request) => holds(&request, &params, &client, &redirect, rules),
        Err(refusal) => assert!(is_sendable(refusal.description), "{refusal}"),
    }
}

fn holds(request: &AuthorizationRequest, params: &Params, client: &Client, redirect: &VerifiedRedirect, rules: Rules) {
    assert!(params.once().is_ok());
    let asked = given::scope(params.get("scope").expect("a scope"));
    assert!(request.scope.is_within(&client.metadata.scope) && request.scope.is_within(&asked));
    assert!(!request.scope.is_empty());
    let (response_type, mode) = (request.response_type, request.response_mode);
    assert!(client.metadata.requests.response_types.contains(&response_type));
    assert!(rules.have(Legacy::TokensInAnswers) || !response_type.has_tokens());
    assert!(!response_type.has_tokens() || mode.place().as_str() != "query", "tokens in the query");
    assert!(!response_type.id_token() || (request.nonce.is_some() && request.scope.contains("openid")));
    let needs_pkce = response_type.code() && (client.is_public() || !rules.have(Legacy::NoPkce));
    assert!(!needs_pkce || request.challenge.is_some(), "a code without PKCE");
    let challenge = request.challenge.as_ref().map(|challenge| challenge.as_str());
    assert_eq!(challenge, params.get("code_challenge"));
    assert!(challenge.is_none() || params.get("code_challenge_method") == Some("S256"));
    assert_eq!(request.state.as_deref(), params.get("state"), "byte for byte");
    assert_eq!(request.nonce.as_deref(), params.get("nonce"), "byte for byte");
    assert_eq!(request.redirect_uri, redirect.as_str());
    assert!(request.resources.iter().all(|one| one == RESOURCE || one == ISSUER), "{:?}", request.resources);
    assert!(request.prompt.len() < 2 || !request.prompt.contains(&Prompt::None));
    assert!(request.login_hint.as_ref().is_none_or(|hint| hint.len() <= 254));
    assert_eq!(request::check_again(request.clone(), targets(client), rules).as_ref(), Ok(request));

    let waiting = Waiting {
        request: Destination::from(request.clone()),
        browser: SecretHash::of("b"),
        asked_at: NOW,
        expires_at: NOW.after(LIVES),
    };
    let bytes = waiting.to_bytes().expect("bytes");
    assert_eq!(Waiting::from_bytes(&bytes, LIVES), Some(waiting));
    let stored = serde_json::to_string(request).expect("JSON");
    assert_eq!(&serde_json::from_str::<AuthorizationRequest>(&stored).expect("a request"), request);
}

/// What a sealed page carries, as if somebody had our key.
pub fn waiting(data: &[u8]) {
    let Some(waiting) = Waiting::from_bytes(data, LIVES) else { return };
    let again = waiting.to_bytes().expect("bytes");
    assert_eq!(Waiting::from_bytes(&again, LIVES).as_ref(), Some(&waiting));
    let stranger = SecretHash::of("somebody else");
    assert_ne!(waiting.standing(Some(&stranger), NOW), Standing::Here);
    assert_ne!(waiting.standing(None, NOW), Standing::Here);
}
