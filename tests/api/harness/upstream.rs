//! An upstream provider on a port of its own, OpenID- and GitHub-shaped at once, that does whatever a test wants.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::EcCurve;
use josekit::jws::{self, ES256, HS256, JwsHeader};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use url::Url;

use super::TestApp;

/// Who we are there, and how we prove it.
pub const CLIENT_ID: &str = "latchkey-at-upstream";
pub const CLIENT_SECRET: &str = "a secret of thirty-two bytes or more, of course";

/// What it does wrong.
#[derive(Clone, Debug, Default)]
pub struct Behaviour {
    /// Claims of the ID token that differ; `null` leaves one out.
    pub claims: Vec<(&'static str, Value)>,
    /// How the token is signed: `ES256`, `none`, `HS256` (with the client's secret), `other key`, `unknown kid`.
    pub signs: &'static str,
    /// The status of the token endpoint, where it is not 200.
    pub token_status: Option<u16>,
    /// What the token endpoint answers instead.
    pub token_body: Option<String>,
    /// What it calls its access tokens, where that is not `Bearer`.
    pub token_type: Option<&'static str>,
    /// Whether the token endpoint never answers.
    pub hangs: bool,
    /// Where the token endpoint redirects to.
    pub redirects_to: Option<String>,
    /// The status of the keys, where it is not 200.
    pub jwks_status: Option<u16>,
    /// What its metadata say differently.
    pub metadata: Vec<(&'static str, Value)>,
    /// Whether it gives a refresh token, and access tokens that last an hour.
    pub offline: bool,
    /// Whether it takes no refresh token.
    pub takes_back: bool,
    /// The user of the GitHub-shaped API, and the addresses.
    pub user: Value,
    pub emails: Value,
}

/// The provider.
#[derive(Clone)]
pub struct Upstream {
    /// Its issuer.
    pub issuer: String,
    state: Arc<Mutex<Inner>>,
}

struct Inner {
    behaviour: Behaviour,
    keys: Vec<Jwk>,
    /// Nonce and challenge of each request, by the code that was given for it.
    waiting: BTreeMap<String, (String, String)>,
    codes: usize,
    /// How many pairs of tokens it has given, and the refresh token of the last.
    pairs: usize,
    refresh_token: String,
    now: i64,
    asked: Vec<String>,
    issuer: String,
}

type Shared = State<Arc<Mutex<Inner>>>;

impl Upstream {
    /// One that behaves.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let issuer = format!("http://{}", listener.local_addr().expect("its address"));
        let key = |kid: &str| {
            let mut key = Jwk::generate_ec_key(EcCurve::P256).expect("a key");
            key.set_key_id(kid);
            key
        };
        let inner = Inner {
            behaviour: Behaviour { signs: "ES256", user: json!({}), emails: json!([]), ..Behaviour::default() },
            keys: vec![key("one"), key("one")],
            waiting: BTreeMap::new(),
            codes: 0,
            pairs: 0,
            refresh_token: String::new(),
            now: 0,
            asked: Vec::new(),
            issuer: issuer.clone(),
        };
        let state = Arc::new(Mutex::new(inner));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .route("/user", get(user))
            .route("/user/emails", get(emails))
            .with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { issuer, state }
    }

    /// The settings of a server that knows it as `fake`, with `more` of them.
    pub fn toml(&self, more: &str) -> String {
        let host = self.issuer.trim_start_matches("http://");
        format!(
            "[outbound]\nallow = [\"{host}\"]\n[providers.fake]\ntype = \"oidc\"\nname = \"Fake\"\nissuer = \"{}\"\n\
             client_id = \"{CLIENT_ID}\"\nclient_secret = \"{CLIENT_SECRET}\"\n{more}\n",
            self.issuer
        )
    }

    /// The same as a provider with OAuth alone, whose API is like GitHub's.
    pub fn github_toml(&self) -> String {
        let host = self.issuer.trim_start_matches("http://");
        format!(
            "[outbound]\nallow = [\"{host}\"]\n[providers.fake]\ntype = \"oauth2\"\nname = \"Fake\"\n\
             authorization_url = \"{0}/authorize\"\ntoken_url = \"{0}/token\"\nuserinfo_url = \"{0}/user\"\n\
             client_id = \"{CLIENT_ID}\"\nclient_secret = \"{CLIENT_SECRET}\"\nscopes = [\"read:user\"]\n\
             [providers.fake.claims]\nsubject = \"id\"\nusername = \"login\"\npicture = \"avatar_url\"\n",
            self.issuer
        )
    }

    /// It does something else from now on.
    pub fn does(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.state.lock().expect("a lock").behaviour);
    }

    /// It signs with another key from now on, which has another name.
    pub fn rotates(&self) {
        let mut key = Jwk::generate_ec_key(EcCurve::P256).expect("a key");
        key.set_key_id("two");
        self.state.lock().expect("a lock").keys.insert(0, key);
    }

    /// The paths that were asked for so far, in this order; forgets them.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().expect("a lock").asked)
    }

    /// A token of these claims and of this type, signed as everything is.
    pub fn signs(&self, claims: &Value, typ: &str) -> String {
        signed(&self.state.lock().expect("a lock"), claims, typ)
    }

    /// Somebody signs in there, who was sent by this URL: the link that leads back.
    pub fn signs_in(&self, app: &TestApp, url: &str) -> String {
        let sent = Url::parse(url).expect("a URL");
        let of = |name: &str| sent.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
        assert_eq!(of("response_type").as_deref(), Some("code"));
        assert_eq!(of("client_id").as_deref(), Some(CLIENT_ID));
        assert_eq!(of("code_challenge_method").as_deref(), Some("S256"));
        let back = Url::parse(&of("redirect_uri").expect("a redirect URI")).expect("a URL").path().to_owned();
        let mut inner = self.state.lock().expect("a lock");
        inner.codes += 1;
        inner.now = app.app.clock.now().as_secs();
        let code = format!("code-{}", inner.codes);
        let waits = (of("nonce").expect("a nonce"), of("code_challenge").expect("a challenge"));
        inner.waiting.insert(code.clone(), waits);
        format!("{back}?code={code}&state={}", of("state").expect("a state"))
    }
}

async fn metadata(State(state): Shared) -> Json<Value> {
    let mut inner = state.lock().expect("a lock");
    inner.asked.push("metadata".to_owned());
    let issuer = inner.issuer.clone();
    let mut metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    });
    for (name, value) in &inner.behaviour.metadata {
        metadata[*name] = value.clone();
    }
    Json(metadata)
}

async fn jwks(State(state): Shared) -> Response {
    let mut inner = state.lock().expect("a lock");
    inner.asked.push("jwks".to_owned());
    if let Some(status) = inner.behaviour.jwks_status {
        return StatusCode::from_u16(status).expect("a status").into_response();
    }
    // The last key is nobody's: it signs what is forged.
    let known = inner.keys.len() - 1;
    let keys: Vec<Value> = inner.keys[..known]
        .iter()
        .map(|key| {
            let mut public = serde_json::to_value(key.to_public_key().expect("a public key")).expect("JSON");
            public["kid"] = json!(key.key_id());
            public["use"] = json!("sig");
            public
        })
        .collect();
    Json(json!({ "keys": keys })).into_response()
}

async fn token(State(state): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let form: BTreeMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    let hangs = {
        let mut inner = state.lock().expect("a lock");
        inner.asked.push(if form["grant_type"] == "refresh_token" { "refresh" } else { "token" }.to_owned());
        inner.behaviour.hangs
    };
    if hangs {
        std::future::pending::<()>().await;
    }
    let mut inner = state.lock().expect("a lock");
    let behaviour = inner.behaviour.clone();
    if let Some(to) = behaviour.redirects_to {
        return (StatusCode::FOUND, [("location", to)]).into_response();
    }
    if behaviour.token_status.is_some() || behaviour.token_body.is_some() {
        let status = StatusCode::from_u16(behaviour.token_status.unwrap_or(200)).expect("a status");
        let body = behaviour.token_body.unwrap_or_default();
        return (status, [("content-type", "application/json")], body).into_response();
    }
    assert!(headers.contains_key("authorization") || form["client_secret"] == CLIENT_SECRET, "we prove who we are");
    let refused = |why: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": why }))).into_response();
    if form["grant_type"] == "refresh_token" {
        if behaviour.takes_back || form["refresh_token"] != inner.refresh_token {
            return refused("invalid_grant");
        }
        return Json(pair(&mut inner)).into_response();
    }
    let Some((nonce, challenge)) = inner.waiting.remove(&form["code"]) else { return refused("invalid_grant") };
    if URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"])) != challenge {
        return refused("invalid_grant");
    }
    let id_token = id_token(&inner, &nonce);
    let mut given = json!({"access_token": "at", "token_type": "Bearer", "expires_in": 60});
    if behaviour.offline {
        given = pair(&mut inner);
    }
    given["id_token"] = json!(id_token);
    if let Some(token_type) = behaviour.token_type {
        given["token_type"] = json!(token_type);
    }
    Json(given).into_response()
}

/// An access token, and the refresh token that comes with it: the one before is void.
fn pair(inner: &mut Inner) -> Value {
    inner.pairs += 1;
    inner.refresh_token = format!("rt-{}", inner.pairs);
    let access_token = format!("at-{}", inner.pairs);
    json!({
        "access_token": access_token, "token_type": "bearer", "expires_in": 3600, "scope": "files.read",
        "refresh_token": inner.refresh_token,
    })
}

fn id_token(inner: &Inner, nonce: &str) -> String {
    let mut claims = json!({
        "iss": inner.issuer, "aud": CLIENT_ID, "sub": "carl", "nonce": nonce, "iat": inner.now, "exp": inner.now + 300,
        "email": "carl@upstream.test", "email_verified": true, "name": "Carl Upstream", "preferred_username": "carl",
    });
    for (name, value) in &inner.behaviour.claims {
        match value {
            Value::Null => drop(claims.as_object_mut().expect("an object").remove(*name)),
            value => claims[*name] = value.clone(),
        }
    }
    signed(inner, &claims, "JWT")
}

fn signed(inner: &Inner, claims: &Value, typ: &str) -> String {
    let payload = claims.to_string();
    let mut header = JwsHeader::new();
    header.set_token_type(typ);
    let key = match inner.behaviour.signs {
        "other key" => inner.keys.last(),
        _ => inner.keys.first(),
    };
    let key = key.expect("a key");
    header.set_key_id(if inner.behaviour.signs == "unknown kid" { "nobody's" } else { key.key_id().expect("a name") });
    match inner.behaviour.signs {
        "none" => {
            let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
            format!("{}.{}.", encode("{\"alg\":\"none\"}"), encode(&payload))
        }
        "HS256" => {
            let signer = HS256.signer_from_bytes(CLIENT_SECRET).expect("a signer");
            jws::serialize_compact(payload.as_bytes(), &header, &signer).expect("a token")
        }
        _ => {
            let mut signer = ES256.signer_from_jwk(key).expect("a signer");
            // It would put its own name into the header.
            signer.remove_key_id();
            jws::serialize_compact(payload.as_bytes(), &header, &signer).expect("a token")
        }
    }
}

async fn userinfo(State(state): Shared) -> Json<Value> {
    let mut inner = state.lock().expect("a lock");
    inner.asked.push("userinfo".to_owned());
    Json(inner.behaviour.user.clone())
}

async fn user(State(state): Shared) -> Json<Value> {
    let mut inner = state.lock().expect("a lock");
    inner.asked.push("user".to_owned());
    Json(inner.behaviour.user.clone())
}

async fn emails(State(state): Shared) -> Json<Value> {
    let mut inner = state.lock().expect("a lock");
    inner.asked.push("emails".to_owned());
    Json(inner.behaviour.emails.clone())
}
