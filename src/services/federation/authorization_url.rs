//! Where somebody is sent: the authorization request to a provider.

use std::time::Duration;

use openidconnect::core::{CoreAuthPrompt, CoreResponseType};
use openidconnect::{
    AuthenticationContextClass, AuthenticationFlow, CsrfToken, LoginHint, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    Scope,
};
use tokio::time::timeout;

use super::exchange::{PATIENCE, is_tried, note, spoken_to};
use crate::app::App;
use crate::domain::federation::provider::{Protocol, Provider};
use crate::domain::federation::refusal::UpstreamRefusal;

/// What is wished of a sign-in at a provider.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes<'a> {
    /// Whom the application expects.
    pub login_hint: Option<&'a str>,
    /// How many seconds ago they may have signed in there; 0: they sign in anew.
    pub max_age: Option<u64>,
    /// Whether a second factor is due, so that it may as well be given there.
    pub strong: bool,
    /// Whether they choose one of their accounts there.
    pub chooses: bool,
}

/// What belongs into one request.
pub(super) struct Asked<'a> {
    pub(super) state: &'a str,
    pub(super) nonce: &'a str,
    pub(super) verifier: &'a str,
    pub(super) wishes: Wishes<'a>,
}

/// The URL of the authorization request: with state, nonce and PKCE, always.
pub(super) async fn authorization_url(
    app: &App,
    provider: &Provider,
    asked: Asked<'_>,
) -> Result<String, UpstreamRefusal> {
    is_tried(app, provider)?;
    // Whoever waits for another who asks for the metadata waits no longer than for a code.
    let spoken_to = timeout(PATIENCE, spoken_to(app, provider)).await;
    let spoken_to = spoken_to.unwrap_or_else(|_| Err(UpstreamRefusal::Down("it takes too long".to_owned())));
    if let Err(refusal) = &spoken_to {
        note(app, provider, Some(refusal));
    }
    let (client, metadata) = spoken_to?;
    let own = |text: &str| text.to_owned();
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(own(asked.verifier)));
    let (state, nonce) = (own(asked.state), own(asked.nonce));
    let client = client.disable_openid_scope();
    let mut request = client
        .authorize_url(
            AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
            move || CsrfToken::new(state),
            move || Nonce::new(nonce),
        )
        .set_pkce_challenge(challenge)
        .add_scopes(provider.scopes.iter().cloned().map(Scope::new));
    let Wishes { login_hint, max_age, strong, chooses } = asked.wishes;
    if let Some(hint) = login_hint {
        request = request.set_login_hint(LoginHint::new(own(hint)));
    }
    if max_age == Some(0) {
        request = request.add_prompt(CoreAuthPrompt::Login);
    }
    // What is unknown to a provider may be an error to it (OpenID Connect Core §3.1.2.6).
    if chooses && (provider.lets_choose || metadata.as_ref().is_some_and(|known| known.lets_choose)) {
        request = request.add_prompt(CoreAuthPrompt::SelectAccount);
    }
    // One with OAuth alone says nothing of when and how.
    if let Protocol::OpenId { .. } = &provider.protocol {
        if let Some(max_age) = max_age {
            request = request.set_max_age(Duration::from_secs(max_age));
        }
        let classes = provider.policy.second_factor_acr.iter().filter(|_| strong);
        for class in classes {
            request = request.add_auth_context_value(AuthenticationContextClass::new(own(class)));
        }
    }
    if let Some((name, value)) = provider.offline_parameter {
        request = request.add_extra_param(name, value);
    }
    if provider.posts_answer {
        request = request.add_extra_param("response_mode", "form_post");
    }
    Ok(request.url().0.to_string())
}
