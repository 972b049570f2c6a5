//! Speaking to a provider: the code, and who it is.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey, CoreJsonWebKeySet,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, EmptyAdditionalClaims, EmptyExtraTokenFields,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdTokenFields, IssuerUrl, OAuth2TokenResponse,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, StandardErrorResponse, StandardTokenResponse, TokenResponse,
    TokenUrl, http,
};
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::id_token::{self, Expected, Invalid, UpstreamIdToken};
use crate::app::App;
use crate::domain::federation::provider::{Protocol, Provider};
use crate::domain::federation::refusal::{UpstreamRefusal, error_code};
use crate::domain::federation::upstream_token::UpstreamTokens;
use crate::foundation::Timestamp;
use crate::outbound::header::{self, HeaderValue};
use crate::outbound::{Method, Outbound, Request, StatusCode};
use crate::runtime::upstream::Metadata;

/// For the code and what follows it, all in all: the person waits.
pub(super) const PATIENCE: Duration = Duration::from_secs(8);
/// For each answer.
const STEP: Duration = Duration::from_secs(4);
/// What a token response and a description of somebody may have.
const LIMIT: usize = 128 * 1024;

pub(super) type Tokens = StandardTokenResponse<
    IdTokenFields<
        EmptyAdditionalClaims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

pub(super) type Upstream = Client<
    EmptyAdditionalClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointNotSet,
>;

/// What a call of the token endpoint can come to.
pub(super) type TokenError = RequestTokenError<CallError, StandardErrorResponse<CoreErrorResponseType>>;

/// What an answer and what was remembered say.
pub(super) struct Answered<'a> {
    /// The code.
    pub(super) code: &'a str,
    /// The `iss` parameter (RFC 9207).
    pub(super) issuer: Option<&'a str>,
    pub(super) nonce: &'a str,
    pub(super) verifier: &'a str,
}

/// Somebody, as the provider describes them.
pub struct Described {
    /// Who says so.
    pub issuer: String,
    /// What is said.
    pub claims: Map<String, Value>,
    /// When they signed in there, where an ID token says so (`auth_time`).
    pub authenticated_at: Option<Timestamp>,
    /// The tokens, which get more from the provider.
    pub(super) given: UpstreamTokens,
}

/// Redeems the code, and finds out who it is. What fails at the provider counts for its circuit.
pub(super) async fn redeem(
    app: &App,
    provider: &Provider,
    answered: Answered<'_>,
) -> Result<Described, UpstreamRefusal> {
    in_turn(app, provider, exchange(app, provider, answered)).await
}

/// Asks a provider when there is a turn, for no longer than a person waits. What fails there counts for its circuit, once; while
/// it counts as down it is not asked.
pub(super) async fn in_turn<T>(
    app: &App,
    provider: &Provider,
    asked: impl Future<Output = Result<T, UpstreamRefusal>>,
) -> Result<T, UpstreamRefusal> {
    is_tried(app, provider)?;
    let upstream = app.upstreams.of(&provider.id);
    let in_turn = async {
        let _turn = upstream.turn().await;
        // It may have turned out meanwhile that it is not to be had.
        is_tried(app, provider)?;
        Ok(asked.await)
    };
    let outcome = timeout(PATIENCE, in_turn).await;
    let outcome = outcome.unwrap_or_else(|_| Ok(Err(UpstreamRefusal::Down("it takes too long".to_owned()))))?;
    note(app, provider, outcome.as_ref().err());
    outcome
}

/// Whether a provider is asked at all. While it counts as down nobody waits for it; nor does it count as down any longer for that.
pub(super) fn is_tried(app: &App, provider: &Provider) -> Result<(), UpstreamRefusal> {
    match app.upstreams.of(&provider.id).is_down(app.clock.now()) {
        true => Err(UpstreamRefusal::Down("it did not answer a moment ago".to_owned())),
        false => Ok(()),
    }
}

/// Notes for the circuit of a provider whether it was to be had: once for each time that it was asked.
pub(super) fn note(app: &App, provider: &Provider, refusal: Option<&UpstreamRefusal>) {
    let upstream = app.upstreams.of(&provider.id);
    match refusal {
        Some(UpstreamRefusal::Down(error)) => {
            if upstream.failed(app.clock.now()) {
                tracing::warn!(
                    provider = provider.id,
                    error,
                    "upstream provider is not to be had: people cannot sign in through it"
                );
            }
        }
        // It was not asked: the answer that a browser brought was another's.
        Some(UpstreamRefusal::Issuer) => {}
        _ => {
            if upstream.answered() {
                tracing::info!(provider = provider.id, "upstream provider is to be had again");
            }
        }
    }
}

/// The client for a provider, with its metadata where it has some.
pub(super) async fn spoken_to(
    app: &App,
    provider: &Provider,
) -> Result<(Upstream, Option<Arc<Metadata>>), UpstreamRefusal> {
    let now = app.clock.now();
    let upstream = app.upstreams.of(&provider.id);
    let (metadata, issuer, authorization, token) = match &provider.protocol {
        Protocol::OpenId { issuer } => {
            let metadata = upstream.metadata(&app.outbound, issuer, now).await;
            let metadata = metadata.map_err(UpstreamRefusal::Down)?;
            let (issuer, authorization, token) =
                (metadata.issuer.clone(), metadata.authorization.clone(), metadata.token.clone());
            (Some(metadata), issuer, authorization, token)
        }
        Protocol::OAuth { authorization, token, .. } => (None, token.clone(), authorization.clone(), token.clone()),
    };
    let unreadable = |_| UpstreamRefusal::Down("its URLs cannot be read".to_owned());
    let redirect = provider.redirect_uri(&app.issuer);
    let secret = provider.proof.secret(&provider.client_id, now);
    let secret = secret.map_err(|error| UpstreamRefusal::Down(format!("our secret for it cannot be made: {error}")))?;
    let basic = metadata.as_ref().is_some_and(|metadata| metadata.takes_basic);
    let client = Client::new(
        ClientId::new(provider.client_id.clone()),
        IssuerUrl::new(issuer).map_err(unreadable)?,
        CoreJsonWebKeySet::default(),
    )
    .set_client_secret(ClientSecret::new(secret.expose().to_owned()))
    .set_auth_type(if basic { AuthType::BasicAuth } else { AuthType::RequestBody })
    .set_auth_uri(AuthUrl::new(authorization).map_err(unreadable)?)
    .set_token_uri(TokenUrl::new(token).map_err(unreadable)?)
    .set_redirect_uri(RedirectUrl::new(redirect).map_err(unreadable)?);
    Ok((client, metadata))
}

async fn exchange(app: &App, provider: &Provider, answered: Answered<'_>) -> Result<Described, UpstreamRefusal> {
    let (client, metadata) = spoken_to(app, provider).await?;
    if let (Some(metadata), Protocol::OpenId { issuer: whose }) = (&metadata, &provider.protocol) {
        match answered.issuer {
            Some(issuer) if issuer != metadata.issuer && !whose.is_of(&metadata.issuer, issuer) => {
                return Err(UpstreamRefusal::Issuer);
            }
            None if metadata.answers_issuer => return Err(UpstreamRefusal::Issuer),
            _ => {}
        }
    }
    let outbound = &app.outbound;
    let http = |request: HttpRequest| call(outbound.clone(), request);
    let tokens = client
        .exchange_code(AuthorizationCode::new(answered.code.to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(answered.verifier.to_owned()))
        .request_async(&http)
        .await
        .map_err(failure)?;
    is_bearer(&tokens)?;
    let given = given(&tokens, app.clock.now());
    match (&provider.protocol, &metadata) {
        (Protocol::OAuth { userinfo, token, .. }, _) => {
            let claims = object(get(app, userinfo, &given.access).await?)?;
            Ok(Described { issuer: token.clone(), claims, authenticated_at: None, given })
        }
        (Protocol::OpenId { .. }, Some(metadata)) => {
            let id_token = tokens.id_token().ok_or_else(|| UpstreamRefusal::IdToken("there is none".to_owned()))?;
            let expected = Expected { provider, issuer: &metadata.issuer, nonce: answered.nonce, now: app.clock.now() };
            let (issuer, mut claims) = verified(app, provider, metadata, id_token, &expected).await?;
            let authenticated_at = claims.get("auth_time").and_then(Value::as_i64).map(Timestamp::from_secs);
            let asks_email = provider.scopes.iter().any(|scope| scope == "email");
            let lacks_email = asks_email && !claims.contains_key(&provider.claims.email);
            if (lacks_email || provider.claims.lacks_groups(&claims))
                && let Some(userinfo) = &metadata.userinfo
            {
                let more = object(get(app, userinfo, &given.access).await?)?;
                if more.get("sub") != claims.get("sub") {
                    return Err(UpstreamRefusal::IdToken("userinfo is of somebody else (Core §5.3.2)".to_owned()));
                }
                for (name, value) in more {
                    claims.entry(name).or_insert(value);
                }
            }
            Ok(Described { issuer, claims, authenticated_at, given })
        }
        (Protocol::OpenId { .. }, None) => Err(UpstreamRefusal::Down("it has no metadata".to_owned())),
    }
}

/// What a token response gives. One that does not say how long it holds may hold for ever (RFC 6749 §5.1 only recommends it).
pub(super) fn given(tokens: &Tokens, now: Timestamp) -> UpstreamTokens {
    let scope = tokens.scopes().map(|scopes| scopes.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(" "));
    UpstreamTokens {
        access: tokens.access_token().secret().clone(),
        refresh: tokens.refresh_token().map(|token| token.secret().clone()),
        scope: scope.filter(|scope| !scope.is_empty()),
        expires_at: tokens.expires_in().map(|life| now.after(life)),
    }
}

/// Refuses tokens of a kind that we cannot use, and could not hand out as what they are (RFC 6749 §7.1).
pub(super) fn is_bearer(tokens: &Tokens) -> Result<(), UpstreamRefusal> {
    match tokens.token_type() {
        CoreTokenType::Bearer => Ok(()),
        _ => Err(UpstreamRefusal::Down("its access tokens are no bearer tokens".to_owned())),
    }
}

/// Why the token endpoint gave nothing.
pub(super) fn failure(error: TokenError) -> UpstreamRefusal {
    match error {
        RequestTokenError::ServerResponse(answer) => {
            UpstreamRefusal::Code { error: error_code(answer.error().as_ref()) }
        }
        RequestTokenError::Request(error) => UpstreamRefusal::Down(error.to_string()),
        RequestTokenError::Parse(_, body) => unreadable(&body),
        RequestTokenError::Other(_) => UpstreamRefusal::Down("its answer is no token response".to_owned()),
    }
}

async fn verified(
    app: &App,
    provider: &Provider,
    metadata: &Metadata,
    token: &UpstreamIdToken,
    expected: &Expected<'_>,
) -> Result<(String, Map<String, Value>), UpstreamRefusal> {
    let upstream = app.upstreams.of(&provider.id);
    for unknown in [false, true] {
        let keys = upstream.keys(&app.outbound, &metadata.jwks, unknown, app.clock.now()).await;
        let keys = keys.map_err(UpstreamRefusal::Down)?;
        match id_token::verify(token, &keys, expected) {
            Ok(verified) => return Ok(verified),
            Err(Invalid::Refused(refusal)) => return Err(refusal),
            Err(Invalid::UnknownKey) => {}
        }
    }
    Err(UpstreamRefusal::IdToken("its key is not known".to_owned()))
}

/// Adds the primary address, where a provider lists addresses in a place of their own (GitHub): verified or not, as it says.
pub(super) async fn add_email(
    app: &App,
    provider: &Provider,
    described: &mut Described,
) -> Result<(), UpstreamRefusal> {
    let Protocol::OAuth { emails: Some(emails), .. } = &provider.protocol else { return Ok(()) };
    let listed = get(app, emails, &described.given.access).await;
    note(app, provider, listed.as_ref().err());
    let listed = listed?;
    let primary = listed.as_array().into_iter().flatten().find(|one| one.get("primary") == Some(&Value::Bool(true)));
    described.claims.remove(&provider.claims.email);
    if let Some(primary) = primary {
        let taken = |name: &str| primary.get(name).cloned().unwrap_or_default();
        described.claims.insert(provider.claims.email.clone(), taken("email"));
        described.claims.insert(provider.claims.email_verified.clone(), taken("verified"));
    }
    Ok(())
}

async fn get(app: &App, url: &str, access_token: &str) -> Result<Value, UpstreamRefusal> {
    let down = |error: String| UpstreamRefusal::Down(error);
    let bearer = HeaderValue::from_str(&format!("Bearer {access_token}"))
        .map_err(|_| down("its access token is not one".to_owned()))?;
    let request = Request::new(Method::GET, url)
        .header(header::AUTHORIZATION, bearer)
        .header(header::ACCEPT, HeaderValue::from_static("application/json"))
        .header(header::USER_AGENT, HeaderValue::from_static("latchkey"))
        .within(STEP)
        .at_most(LIMIT);
    let answer = app.outbound.request(request).await.map_err(|error| down(error.to_string()))?;
    match answer.status {
        StatusCode::OK => serde_json::from_slice(&answer.body).map_err(|_| down(format!("{url} cannot be read"))),
        other => Err(down(format!("{url} answered {}", other.as_u16()))),
    }
}

fn object(value: Value) -> Result<Map<String, Value>, UpstreamRefusal> {
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(UpstreamRefusal::Down("its description of a person is not an object".to_owned())),
    }
}

/// What a body says that should have been a token response. GitHub refuses a code with status 200. An ID token that cannot be read
/// is about one person, and no outage: nobody by whom it is odd takes the provider away from all others.
fn unreadable(body: &[u8]) -> UpstreamRefusal {
    let fields: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    match fields.get("error").and_then(Value::as_str) {
        Some(error) => UpstreamRefusal::Code { error: error_code(error) },
        None if fields.contains_key("id_token") => UpstreamRefusal::IdToken("it cannot be read".to_owned()),
        None => UpstreamRefusal::Down("its answer to the code cannot be read".to_owned()),
    }
}

/// Why a call came to nothing, in a type that has a source.
#[derive(Debug)]
pub(super) struct CallError(String);

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CallError {}

/// A call of the library's, by our client.
pub(super) async fn call(outbound: Outbound, request: HttpRequest) -> Result<HttpResponse, CallError> {
    let failed = |error: String| CallError(error);
    let (parts, body) = request.into_parts();
    let mut ours = Request::new(parts.method, parts.uri.to_string())
        .body("application/x-www-form-urlencoded", body)
        .within(STEP)
        .at_most(LIMIT);
    for (name, value) in parts.headers {
        if let Some(name) = name {
            ours = ours.header(name, value);
        }
    }
    let answer = outbound.request(ours).await.map_err(|error| failed(error.to_string()))?;
    if answer.status.is_server_error() || answer.status.is_redirection() {
        return Err(failed(format!("it answered {}", answer.status.as_u16())));
    }
    let mut response = http::Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    response.body(answer.body.to_vec()).map_err(|error| failed(error.to_string()))
}
