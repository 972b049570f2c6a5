//! A client's own key, what it signs with it, and a server that publishes its keys or whatever else a test wants.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwk::Jwk;
use josekit::jwk::alg::{ec::EcCurve, ed::EdCurve};
use josekit::jws::{self, JwsSigner};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Answer, Client, ISSUER, TestApp};

/// The only type of assertions.
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A key pair, or a secret, and the algorithm that it is used with.
#[derive(Clone)]
pub struct Signer {
    alg: &'static str,
    kid: Option<String>,
    key: Jwk,
    signer: Arc<dyn JwsSigner>,
}

impl Signer {
    /// A new key pair for this algorithm: one of ES256, ES512, RS256, PS256, EdDSA.
    pub fn new(alg: &'static str) -> Self {
        let key = match alg {
            "ES256" => Jwk::generate_ec_key(EcCurve::P256),
            "ES512" => Jwk::generate_ec_key(EcCurve::P521),
            "EdDSA" => Jwk::generate_ed_key(EdCurve::Ed25519),
            _ => Jwk::generate_rsa_key(2048),
        };
        let key = key.expect("a key");
        let signer: Arc<dyn JwsSigner> = match alg {
            "ES256" => Arc::new(jws::ES256.signer_from_jwk(&key).expect("a signer")),
            "ES512" => Arc::new(jws::ES512.signer_from_jwk(&key).expect("a signer")),
            "EdDSA" => Arc::new(jws::EdDSA.signer_from_jwk(&key).expect("a signer")),
            "RS256" => Arc::new(jws::RS256.signer_from_jwk(&key).expect("a signer")),
            "PS256" => Arc::new(jws::PS256.signer_from_jwk(&key).expect("a signer")),
            other => panic!("{other} is not among them"),
        };
        Self { alg, kid: None, key, signer }
    }

    /// An HMAC with this secret.
    pub fn hmac(alg: &'static str, secret: impl AsRef<[u8]>) -> Self {
        let signer: Arc<dyn JwsSigner> = match alg {
            "HS512" => Arc::new(jws::HS512.signer_from_bytes(secret).expect("a signer")),
            "HS256" => Arc::new(jws::HS256.signer_from_bytes(secret).expect("a signer")),
            other => panic!("{other} is not among them"),
        };
        Self { alg, kid: None, key: Jwk::new("oct"), signer }
    }

    /// The key has a name, which it signs with too.
    pub fn named(self, kid: &str) -> Self {
        Self { kid: Some(kid.to_owned()), ..self }
    }

    /// The public half.
    pub fn public(&self) -> Value {
        let mut public = serde_json::to_value(self.key.to_public_key().expect("a public key")).expect("JSON");
        let object = public.as_object_mut().expect("an object");
        object.remove("kid");
        if let Some(kid) = &self.kid {
            object.insert("kid".to_owned(), json!(kid));
        }
        public
    }

    /// The set that has this key alone.
    pub fn jwks(&self) -> Value {
        json!({ "keys": [self.public()] })
    }

    /// A JWT.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_as("JWT", claims)
    }

    /// A JWT of this type.
    pub fn sign_as(&self, typ: &str, claims: &Value) -> String {
        let mut header = json!({"alg": self.alg, "typ": typ});
        if let Some(kid) = &self.kid {
            header["kid"] = json!(kid);
        }
        self.sign_with(&header, claims)
    }

    /// A JWT with any header.
    pub fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let input = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
        let signature = self.signer.sign(input.as_bytes()).expect("a signature");
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A token for the client itself, by this assertion.
    pub async fn client_credentials(&self, client: &Client, claims: &Value) -> Answer {
        by_assertion(&client.app, "/token", &self.sign(claims), &[("grant_type", "client_credentials")]).await
    }
}

/// What a client says to prove itself, made anew each time.
pub fn assertion(client: &Client) -> Value {
    let now = client.app.app.clock.now().as_secs();
    let jti = client.app.app.random.readable(20);
    json!({"iss": client.id, "sub": client.id, "aud": ISSUER, "jti": jti, "iat": now, "exp": now + 60})
}

/// A request that an assertion goes with.
pub async fn by_assertion(app: &TestApp, path: &str, assertion: &str, form: &[(&str, &str)]) -> Answer {
    let proof = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)];
    app.post(path, &[form, &proof].concat()).await
}

/// A server of a client's, which answers `/` with what it was last told, and counts how often it is asked.
#[derive(Clone)]
pub struct Publisher {
    /// Where it is.
    pub url: String,
    state: Arc<Mutex<(StatusCode, String, usize)>>,
}

impl Publisher {
    /// Starts it, with this answer.
    pub async fn start(body: impl ToString) -> Self {
        let state = Arc::new(Mutex::new((StatusCode::OK, body.to_string(), 0)));
        let answer = async |State(state): State<Arc<Mutex<(StatusCode, String, usize)>>>| {
            let mut state = state.lock().expect("a lock");
            state.2 += 1;
            (state.0, state.1.clone())
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let router = Router::new().route("/", get(answer)).with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, state }
    }

    /// The settings of a server that may call it.
    pub fn toml(&self) -> String {
        let host = self.url.trim_start_matches("http://").trim_end_matches('/');
        format!("[outbound]\nallow = [\"{host}\"]\n")
    }

    /// It answers like this from now on.
    pub fn answers(&self, status: u16, body: impl ToString) {
        let mut state = self.state.lock().expect("a lock");
        (state.0, state.1) = (StatusCode::from_u16(status).expect("a status"), body.to_string());
    }

    /// How often it was asked so far.
    pub fn asked(&self) -> usize {
        self.state.lock().expect("a lock").2
    }
}
