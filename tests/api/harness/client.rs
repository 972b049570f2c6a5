//! Applications and services.

use std::collections::BTreeSet;

use axum::http::{Request, header};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use latchkey::domain::oauth::client::{AuthMethod, ClientId, GrantType, Metadata, TokenFormat};
use latchkey::domain::oauth::token::scope::Scope;
use latchkey::services::oauth::client::{Registration, register};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Answer, Browser, Page, TestApp, body, encode, operator};

/// Where clients receive codes, unless a test says otherwise.
pub const REDIRECT: &str = "https://app.test/callback";
/// The verifier of every request of ours.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A client to be registered: confidential, with codes and refresh tokens, and every standard scope.
#[derive(Clone)]
pub struct ClientBuilder {
    id: Option<ClientId>,
    app: TestApp,
    name: String,
    metadata: Metadata,
}

/// A registered client, with what it does.
#[derive(Clone)]
pub struct Client {
    pub app: TestApp,
    pub id: String,
    pub secret: String,
    pub method: AuthMethod,
    pub redirect_uri: String,
}

/// An authorization request, before it is sent.
#[derive(Clone)]
pub struct AuthorizationRequest(Vec<(String, String)>);

/// What the token endpoint gives; empty where it gives nothing.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    pub access_token: String,
    pub token_type: String,
    pub expires_in: u64,
    #[serde(default)]
    pub refresh_token: String,
    #[serde(default)]
    pub id_token: String,
    #[serde(default)]
    pub scope: String,
}

impl ClientBuilder {
    pub fn new(app: TestApp, metadata: Metadata) -> Self {
        let metadata = Metadata {
            redirect_uris: vec![REDIRECT.to_owned()],
            grant_types: [GrantType::AuthorizationCode, GrantType::RefreshToken].into(),
            ..metadata
        };
        Self { app, id: None, name: "Test App".to_owned(), metadata }
    }

    /// It has this id.
    pub fn with_id(self, id: &str) -> Self {
        Self { id: Some(ClientId::new(id)), ..self }
    }

    /// It has a secret, in the Authorization header.
    pub fn confidential(self) -> Self {
        self.auth(AuthMethod::ClientSecretBasic)
    }

    /// It has no secret.
    pub fn public(self) -> Self {
        self.auth(AuthMethod::None)
    }

    pub fn auth(mut self, method: AuthMethod) -> Self {
        self.metadata.token_endpoint_auth_method = method;
        self
    }

    /// Its users are not asked for consent.
    pub fn first_party(mut self) -> Self {
        self.metadata.first_party = true;
        self
    }

    /// A service: it gets tokens for itself.
    pub fn machine(mut self, scope: &str) -> Self {
        self.metadata.redirect_uris.clear();
        self.metadata.grant_types = [GrantType::ClientCredentials].into();
        self.scope(scope)
    }

    pub fn grants(mut self, grants: &[GrantType]) -> Self {
        self.metadata.grant_types = grants.iter().copied().collect::<BTreeSet<_>>();
        self
    }

    pub fn scope(mut self, scope: &str) -> Self {
        self.metadata.scope = Scope::parse(scope).expect("a scope");
        self
    }

    pub fn redirect(mut self, uris: &[&str]) -> Self {
        self.metadata.redirect_uris = uris.iter().map(ToString::to_string).collect();
        self
    }

    /// Its access tokens mean something only to us.
    pub fn opaque(mut self) -> Self {
        self.metadata.access_token_format = TokenFormat::Opaque;
        self
    }

    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Anything else.
    pub fn with(mut self, change: impl FnOnce(&mut Metadata)) -> Self {
        change(&mut self.metadata);
        self
    }

    pub async fn create(self) -> Client {
        let redirect_uri = self.metadata.redirect_uris.first().cloned().unwrap_or_default();
        let method = self.metadata.token_endpoint_auth_method;
        let registration = Registration { id: self.id, secret: None, name: self.name, metadata: self.metadata };
        let registered =
            register(&self.app.app, &operator(), registration).await.expect("a client that can be registered");
        let secret = registered.secret.map(|secret| secret.expose().to_owned()).unwrap_or_default();
        Client { app: self.app, id: registered.client.id.as_str().to_owned(), secret, method, redirect_uri }
    }
}

impl Client {
    /// The same client, talking to another instance.
    pub fn at(&self, app: &TestApp) -> Self {
        Self { app: app.clone(), ..self.clone() }
    }

    pub fn client_id(&self) -> ClientId {
        ClientId::new(self.id.as_str())
    }

    /// A usual request for a user's sign-in, with PKCE.
    pub fn request(&self) -> AuthorizationRequest {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let pairs = [
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", "openid profile email offline_access"),
            ("state", "st~ate-._1"),
            ("nonce", "n-1"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        AuthorizationRequest(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec())
    }

    /// Has `name` sign in, in a new browser, and redeems the code.
    pub async fn sign_in(&self, name: &str) -> Tokens {
        self.sign_in_with(&mut self.app.browser(), name, self.request()).await
    }

    /// The same for a scope.
    pub async fn sign_in_for(&self, name: &str, scope: &str) -> Tokens {
        self.sign_in_with(&mut self.app.browser(), name, self.request().with("scope", scope)).await
    }

    /// The same in this browser, with this request.
    pub async fn sign_in_with(&self, browser: &mut Browser, name: &str, request: AuthorizationRequest) -> Tokens {
        let code = self.authorize(browser, name, request).await.code();
        self.redeem(&code).await.ok()
    }

    /// Goes through the pages as `name`, until the browser is back.
    pub async fn authorize(&self, browser: &mut Browser, name: &str, request: AuthorizationRequest) -> Page {
        let page = browser.open(&request.url()).await;
        browser.through(page, name).await
    }

    /// A code for `name`, from a new browser.
    pub async fn code(&self, name: &str) -> String {
        self.authorize(&mut self.app.browser(), name, self.request()).await.code()
    }

    pub async fn redeem(&self, code: &str) -> Answer {
        self.token(&self.redemption(code)).await
    }

    /// The form that redeems `code`.
    pub fn redemption<'a>(&'a self, code: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", VERIFIER),
        ]
    }

    pub async fn refresh(&self, token: &str) -> Answer {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    pub async fn refresh_for(&self, token: &str, scope: &str) -> Answer {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)]).await
    }

    /// A token for itself.
    pub async fn client_credentials(&self) -> Answer {
        self.token(&[("grant_type", "client_credentials")]).await
    }

    pub async fn token(&self, form: &[(&str, &str)]) -> Answer {
        self.post("/token", form).await
    }

    pub async fn introspect(&self, token: &str) -> Value {
        self.post("/introspect", &[("token", token)]).await.success()
    }

    /// Whether introspection says that `token` holds; when it does not, it says nothing else.
    pub async fn finds_active(&self, token: &str) -> bool {
        let answer = self.introspect(token).await;
        let active = answer["active"].as_bool().expect("active");
        assert!(active || answer.as_object().expect("an object").len() == 1, "{answer}");
        active
    }

    /// Introspection does not even know who asks.
    pub async fn introspect_refused(&self, token: &str) {
        self.post("/introspect", &[("token", token)]).await.refused("invalid_client");
    }

    pub async fn revoke(&self, token: &str) -> Answer {
        self.post("/revoke", &[("token", token)]).await
    }

    pub async fn userinfo(&self, token: &str) -> Answer {
        self.app.send(Request::get("/userinfo").header(header::AUTHORIZATION, format!("Bearer {token}"))).await
    }

    /// Posts a form as this client, authenticated as it is registered.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.app.call(self.authenticated(path, form)).await
    }

    /// The request of [`Client::post`].
    pub fn authenticated(&self, path: &str, form: &[(&str, &str)]) -> Request<axum::body::Body> {
        let mut form: Vec<(&str, &str)> = form.to_vec();
        let mut request = Request::post(path);
        match self.method {
            AuthMethod::ClientSecretBasic => request = request.header(header::AUTHORIZATION, self.basic()),
            AuthMethod::ClientSecretPost => form.extend([("client_id", &*self.id), ("client_secret", &*self.secret)]),
            AuthMethod::None => form.push(("client_id", &self.id)),
            AuthMethod::ClientSecretJwt | AuthMethod::PrivateKeyJwt => panic!("it has to sign: harness/signer.rs"),
        }
        body(request, encode(&form))
    }

    /// Its Authorization header.
    pub fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.id, self.secret)))
    }
}

impl AuthorizationRequest {
    /// With another value.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some(pair) => value.clone_into(&mut pair.1),
            None => self.0.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// With one more of these, even if there is one.
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    pub fn without_pkce(self) -> Self {
        self.without("code_challenge").without("code_challenge_method")
    }

    pub fn form(&self) -> Vec<(String, String)> {
        self.0.clone()
    }

    pub fn url(&self) -> String {
        format!("/authorize?{}", encode(&self.0))
    }
}
