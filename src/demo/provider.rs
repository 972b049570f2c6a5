//! The provider, as the openidconnect crate sees it.

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod,
    CoreErrorResponseType, CoreGrantType, CoreJsonWebKey, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType, CoreTokenResponse,
    CoreUserInfoClaims,
};
use openidconnect::{
    AccessToken, AdditionalProviderMetadata, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    ProviderMetadata, RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardErrorResponse, SubjectIdentifier,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

use super::recorder::{HttpError, Recorder};
use super::session::Pending;
use super::settings::{Credentials, DemoSettings};
use crate::foundation::Secret;

/// What the demo app asks for.
const SCOPES: [&str; 5] = ["profile", "email", "phone", "address", "offline_access"];

/// A client of the openidconnect crate, made from discovery.
pub type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

type Metadata = ProviderMetadata<
    MoreEndpoints,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// Endpoints that OpenID Connect Discovery itself does not define.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct MoreEndpoints {
    introspection_endpoint: Option<Url>,
    revocation_endpoint: Option<Url>,
    end_session_endpoint: Option<Url>,
}

impl AdditionalProviderMetadata for MoreEndpoints {}

/// Why a step did not work, in a sentence.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct Failure(pub String);

impl Failure {
    /// The failure with this text.
    pub fn new(error: impl ToString) -> Self {
        Self(error.to_string())
    }
}

/// The provider with everything that discovery told.
pub struct Provider<'s> {
    settings: &'s DemoSettings,
    metadata: Metadata,
}

impl<'s> Provider<'s> {
    /// Asks the provider for its endpoints and keys: each time anew, so that a rotated key is known.
    ///
    /// # Errors
    /// When it does not answer, or calls itself by another name.
    pub async fn discover(settings: &'s DemoSettings, recorder: &Recorder<'_>) -> Result<Self, Failure> {
        let issuer = IssuerUrl::new(settings.issuer.as_str().to_owned()).map_err(Failure::new)?;
        let metadata = Metadata::discover_async(issuer, recorder).await.map_err(|error| Failure(chain(&error)))?;
        Ok(Self { settings, metadata })
    }

    /// The client that people sign in with.
    pub fn app(&self) -> Client {
        self.client(&self.settings.app)
    }

    /// The keys that tokens are verified with.
    pub fn keys(&self) -> &CoreJsonWebKeySet {
        self.metadata.jwks()
    }

    /// Prepares a sign-in: where to send the browser, and what to expect back.
    ///
    /// # Errors
    /// When our own redirect URI is no URL.
    pub fn begin(&self) -> Result<Pending, Failure> {
        let random = || Secret::generate(&self.settings.random).reveal();
        let (state, nonce, verifier) = (random(), random(), random());
        let (sent_state, sent_nonce) = (CsrfToken::new(state.clone()), Nonce::new(nonce.clone()));
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.clone()));
        let client = self.app().set_redirect_uri(self.redirect_uri()?);
        let (url, _, _) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || sent_state, move || sent_nonce)
            .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(challenge)
            .url();
        Ok(Pending { state, nonce, verifier, url, discovery: Vec::new() })
    }

    /// Exchanges a code for tokens.
    ///
    /// # Errors
    /// When the provider refuses.
    pub async fn redeem(
        &self,
        code: String,
        verifier: String,
        recorder: &Recorder<'_>,
    ) -> Result<CoreTokenResponse, Failure> {
        let client = self.app().set_redirect_uri(self.redirect_uri()?);
        let request = client.exchange_code(AuthorizationCode::new(code)).map_err(Failure::new)?;
        request.set_pkce_verifier(PkceCodeVerifier::new(verifier)).request_async(recorder).await.map_err(refusal)
    }

    /// Exchanges a refresh token for new tokens.
    ///
    /// # Errors
    /// When the provider refuses.
    pub async fn refresh(&self, token: &str, recorder: &Recorder<'_>) -> Result<CoreTokenResponse, Failure> {
        let (client, token) = (self.app(), RefreshToken::new(token.to_owned()));
        client.exchange_refresh_token(&token).map_err(Failure::new)?.request_async(recorder).await.map_err(refusal)
    }

    /// Gets a token for the machine client itself.
    ///
    /// # Errors
    /// When the provider refuses.
    pub async fn machine_token(&self, recorder: &Recorder<'_>) -> Result<CoreTokenResponse, Failure> {
        let client = self.client(&self.settings.machine);
        client.exchange_client_credentials().map_err(Failure::new)?.request_async(recorder).await.map_err(refusal)
    }

    /// Asks for the claims about `subject`; an answer about anyone else is an error (OpenID Connect Core §5.3.2).
    ///
    /// # Errors
    /// When the provider refuses, or answers about someone else.
    pub async fn userinfo(
        &self,
        token: &str,
        subject: &str,
        recorder: &Recorder<'_>,
    ) -> Result<CoreUserInfoClaims, Failure> {
        let (client, subject) = (self.app(), SubjectIdentifier::new(subject.to_owned()));
        let request = client.user_info(AccessToken::new(token.to_owned()), Some(subject)).map_err(Failure::new)?;
        request.request_async(recorder).await.map_err(|error| Failure(chain(&error)))
    }

    /// Asks whether a token is valid (RFC 7662). openidconnect wants https for this and the next, also on loopback,
    /// so these two are plain form posts.
    ///
    /// # Errors
    /// When there is no such endpoint, or no answer.
    pub async fn introspect(
        &self,
        token: &str,
        by: &Credentials,
        recorder: &Recorder<'_>,
    ) -> Result<HttpResponse, Failure> {
        let endpoint = self.metadata.additional_metadata().introspection_endpoint.as_ref();
        self.post(endpoint, &[("token", token)], by, recorder).await
    }

    /// Revokes a token (RFC 7009).
    ///
    /// # Errors
    /// When there is no such endpoint, or no answer.
    pub async fn revoke(&self, token: &str, hint: &str, recorder: &Recorder<'_>) -> Result<HttpResponse, Failure> {
        let endpoint = self.metadata.additional_metadata().revocation_endpoint.as_ref();
        self.post(endpoint, &[("token", token), ("token_type_hint", hint)], &self.settings.app, recorder).await
    }

    /// Where to send the browser to sign out (OpenID Connect RP-Initiated Logout §2).
    pub fn logout_url(&self, id_token: &str, state: &str) -> Option<Url> {
        let mut url = self.metadata.additional_metadata().end_session_endpoint.clone()?;
        url.query_pairs_mut()
            .append_pair("id_token_hint", id_token)
            .append_pair("client_id", &self.settings.app.client_id)
            .append_pair("post_logout_redirect_uri", &self.settings.issuer.join("/demo/signed-out"))
            .append_pair("state", state);
        Some(url)
    }

    fn client(&self, credentials: &Credentials) -> Client {
        let secret = ClientSecret::new(credentials.client_secret.expose().to_owned());
        CoreClient::from_provider_metadata(
            self.metadata.clone(),
            ClientId::new(credentials.client_id.clone()),
            Some(secret),
        )
    }

    fn redirect_uri(&self) -> Result<RedirectUrl, Failure> {
        RedirectUrl::new(self.settings.issuer.join("/demo/callback")).map_err(Failure::new)
    }

    async fn post(
        &self,
        endpoint: Option<&Url>,
        parameters: &[(&str, &str)],
        by: &Credentials,
        recorder: &Recorder<'_>,
    ) -> Result<HttpResponse, Failure> {
        let endpoint = endpoint.ok_or_else(|| Failure::new("discovery names no such endpoint"))?;
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        let request = axum::http::Request::post(endpoint.as_str())
            .header("authorization", basic(by))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .body(body.into_bytes());
        let request: HttpRequest = request.map_err(Failure::new)?;
        recorder.send(request).await.map_err(|error| Failure(chain(&error)))
    }
}

/// HTTP Basic credentials, form-encoded first (RFC 6749 §2.3.1).
fn basic(credentials: &Credentials) -> String {
    use base64::Engine;
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(&credentials.client_id), encode(credentials.client_secret.expose()));
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

type TokenError = RequestTokenError<HttpError, StandardErrorResponse<CoreErrorResponseType>>;

fn refusal(error: TokenError) -> Failure {
    match error {
        RequestTokenError::ServerResponse(answer) => {
            let description = answer.error_description().map(|text| format!(": {text}")).unwrap_or_default();
            Failure(format!("{}{description}", answer.error().as_ref()))
        }
        other => Failure(chain(&other)),
    }
}

/// An error with all its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
