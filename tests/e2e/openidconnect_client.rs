//! The openidconnect crate, which none of us wrote, against the real server.

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreGenderClaim, CoreIdToken, CoreProviderMetadata, CoreResponseType,
    CoreRevocableToken, CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IntrospectionUrl, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    RedirectUrl, RevocationUrl, Scope, TokenIntrospectionResponse, TokenResponse, UserInfoClaims, http,
};
use serde_json::Value;

use crate::LATCHKEY;
use crate::support::Installation;
use crate::support::installation::{Client, NewClient};
use crate::support::user_agent::{UserAgent, parameter};

const CALLBACK: &str = "https://app.example/callback";
const PASSWORD: &str = "correct horse battery staple";

/// A client of the crate, after discovery.
type RelyingParty =
    CoreClient<EndpointSet, EndpointNotSet, EndpointSet, EndpointSet, EndpointMaybeSet, EndpointMaybeSet>;

#[tokio::test]
async fn a_confidential_client_signs_a_person_in_and_keeps_her_signed_in() {
    let server = Installation::start(LATCHKEY).await;
    server.create_user("alice", PASSWORD);
    let client = server.create_client(&web_app("client_secret_basic"));
    let party = discover(&server, &client).await.set_auth_type(AuthType::BasicAuth);

    let first = sign_in(&party, &UserAgent::new()).await;
    let subject = subject_of(&party, &first).await;

    let refresh = first.refresh_token().expect("a refresh token");
    let request = party.exchange_refresh_token(refresh).expect("a token endpoint");
    let second = request.request_async(&ask).await.expect("a refresh succeeds");
    assert_ne!(first.access_token().secret(), second.access_token().secret());
    assert_eq!(subject_of(&party, &second).await, subject);

    let newest = second.refresh_token().expect("a refresh token");
    let revocation = party.revoke_token(CoreRevocableToken::from(newest)).expect("a revocation endpoint");
    revocation.request_async(&ask).await.expect("a revocation succeeds");
    let request = party.exchange_refresh_token(newest).expect("a token endpoint");
    let refusal = request.request_async(&ask).await.expect_err("a revoked token is refused");
    assert!(format!("{refusal:?}").contains("invalid_grant"), "{refusal:?}");
}

#[tokio::test]
async fn a_public_client_signs_a_person_in() {
    let server = Installation::start(LATCHKEY).await;
    server.create_user("alice", PASSWORD);
    let client = server.create_client(&web_app("none"));
    assert!(client.secret.is_none(), "a public client has no secret");
    let party = discover(&server, &client).await.set_auth_type(AuthType::RequestBody);

    let tokens = sign_in(&party, &UserAgent::new()).await;
    subject_of(&party, &tokens).await;
}

#[tokio::test]
async fn a_machine_gets_a_token_that_introspection_knows_until_it_is_revoked() {
    let server = Installation::start(LATCHKEY).await;
    let client = server.create_client(&NewClient {
        name: "Nightly report",
        redirect_uris: &[],
        post_logout_redirect_uris: &[],
        grants: &["client_credentials"],
        auth: "client_secret_post",
        scope: "reports:read reports:write",
        id_token_alg: None,
        first_party: false,
    });
    let party = discover(&server, &client).await.set_auth_type(AuthType::RequestBody);

    let request = party.exchange_client_credentials().expect("a token endpoint");
    let request = request.add_scope(Scope::new("reports:read".into()));
    let tokens = request.request_async(&ask).await.expect("a machine gets a token");
    assert!(tokens.refresh_token().is_none() && tokens.id_token().is_none());

    let introspect = async || {
        let request = party.introspect(tokens.access_token());
        request.request_async(&ask).await.expect("an introspection succeeds")
    };
    let known = introspect().await;
    assert!(known.active());
    assert_eq!(known.client_id().map(|id| id.as_str()), Some(client.id.as_str()));
    assert_eq!(known.scopes().map(|scopes| scopes.len()), Some(1));

    let token = CoreRevocableToken::from(tokens.access_token());
    let revocation = party.revoke_token(token).expect("a revocation endpoint");
    revocation.request_async(&ask).await.expect("a revocation succeeds");
    assert!(!introspect().await.active());
}

fn web_app(auth: &'static str) -> NewClient<'static> {
    NewClient {
        name: "Web app",
        redirect_uris: &[CALLBACK],
        post_logout_redirect_uris: &[],
        grants: &["authorization_code", "refresh_token"],
        auth,
        scope: "openid profile email offline_access",
        id_token_alg: None,
        first_party: false,
    }
}

/// Everything but the client's own data comes from discovery, revocation and introspection from where RFC 8414 puts them.
async fn discover(server: &Installation, client: &Client) -> RelyingParty {
    let issuer = IssuerUrl::new(server.issuer.clone()).unwrap();
    let metadata = CoreProviderMetadata::discover_async(issuer, &ask).await.expect("discovery succeeds");
    let document = format!("{}/.well-known/oauth-authorization-server", server.issuer);
    let document = reqwest::get(document).await.unwrap().text().await.unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    let endpoint = |name: &str| document[name].as_str().expect("the endpoint is published").to_owned();

    // The crate sends a token to be revoked over TLS only. `ask` plays the proxy that ends it.
    let revocation = endpoint("revocation_endpoint").replace("http://", "https://");
    let secret = client.secret.clone().map(ClientSecret::new);
    CoreClient::from_provider_metadata(metadata, ClientId::new(client.id.clone()), secret)
        .set_redirect_uri(RedirectUrl::new(CALLBACK.into()).unwrap())
        .set_introspection_url(IntrospectionUrl::new(endpoint("introspection_endpoint")).unwrap())
        .set_revocation_url(RevocationUrl::new(revocation).unwrap())
}

/// Code flow with PKCE and nonce, and every check of the ID token that the crate has.
async fn sign_in(party: &RelyingParty, person: &UserAgent) -> CoreTokenResponse {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let (url, state, nonce) = party
        .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(["profile", "email", "offline_access"].map(|scope| Scope::new(scope.into())))
        .add_extra_param("prompt", "consent")
        .set_pkce_challenge(challenge)
        .url();
    assert_eq!(parameter(&url, "response_type").as_deref(), Some(CoreResponseType::Code.as_ref()));

    let answer = person.authorize(url.as_str(), CALLBACK, "alice", PASSWORD).await;
    assert_eq!(parameter(&answer, "state").as_ref(), Some(state.secret()));
    let code = parameter(&answer, "code").unwrap_or_else(|| panic!("no code: {answer}"));
    let request = party.exchange_code(AuthorizationCode::new(code)).expect("a token endpoint");
    let tokens = request.set_pkce_verifier(verifier).request_async(&ask).await.expect("the code is redeemed");

    let id_token: &CoreIdToken = tokens.id_token().expect("an ID token");
    let checks = party.id_token_verifier();
    let claims = id_token.claims(&checks, &nonce).expect("the ID token is valid");
    let hash = claims.access_token_hash().expect("at_hash");
    let algorithm = id_token.signing_alg().unwrap();
    let key = id_token.signing_key(&checks).unwrap();
    assert_eq!(*hash, AccessTokenHash::from_token(tokens.access_token(), algorithm, key).unwrap());
    tokens
}

/// Whom the access token speaks for, as `/userinfo` says it.
async fn subject_of(party: &RelyingParty, tokens: &CoreTokenResponse) -> String {
    let request = party.user_info(tokens.access_token().clone(), None).expect("a userinfo endpoint");
    let claims: CoreUserInfoClaims = request.request_async(&ask).await.expect("userinfo answers");
    let claims: UserInfoClaims<_, CoreGenderClaim> = claims;
    assert_eq!(claims.preferred_username().map(|name| name.as_str()), Some("alice"));
    assert_eq!(claims.email().map(|email| email.as_str()), Some("alice@example.com"));
    assert_eq!(claims.email_verified(), Some(true));
    claims.subject().to_string()
}

/// How the crate sends its requests: never following a redirect.
async fn ask(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let mut request: reqwest::Request = request.try_into()?;
    request.url_mut().set_scheme("http").expect("from https to http");
    let answer = http.execute(request).await?;
    let mut copy = http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        copy = copy.header(name, value);
    }
    Ok(copy.body(answer.bytes().await?.to_vec()).expect("a copy of a valid answer is valid"))
}
