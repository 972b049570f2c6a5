//! What Latchkey is compared with: a bare axum server that does only the work that cannot be avoided. It is this same
//! binary, started again as a process of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use latchkey::crypto::foreign::{ForeignJwkSet, ForeignJws, KeyAlgorithm};
use latchkey::crypto::{Algorithm, GeneratedKey, SigningKey, VerifiedJwt, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::assertions::Key;
use crate::cores;
use crate::generator::Target;

/// The argument that makes this binary the baseline.
pub const COMMAND: &str = "baseline";

/// The file with the keys of the client.
const KEYS: &str = "keys";

/// The running baseline; it ends with this value.
pub struct Baseline {
    process: Child,
    pub address: SocketAddr,
    /// Whose assertions it verifies.
    pub key: Arc<Key>,
}

impl Baseline {
    /// Starts it on these cores. `documents` is a folder with `jwks` and `discovery`, which it answers from memory.
    pub fn start(documents: &Path, cores: Option<&str>) -> Self {
        let key = Arc::new(Key::generate());
        std::fs::write(documents.join(KEYS), key.jwks.to_string()).expect("the keys can be written");
        let process = cores::this_program_on(cores).arg(COMMAND).arg(documents).stdout(Stdio::piped()).spawn();
        let mut process = process.expect("the baseline starts");
        let mut line = String::new();
        let output = process.stdout.take().expect("it has an output");
        BufReader::new(output).read_line(&mut line).expect("it says where it listens");
        Self { process, address: line.trim().parse().expect("an address"), key }
    }

    pub fn target(&self) -> Target {
        Target { address: self.address, pid: self.process.id() }
    }
}

impl Drop for Baseline {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Served {
    jwks: axum::body::Bytes,
    discovery: axum::body::Bytes,
    signing: SigningKey,
    verifying: [VerifyingKey; 1],
    /// Of a client.
    foreign: ForeignJwkSet,
}

/// As many claims as an access token of ours has.
#[derive(Deserialize, Serialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
    iat: i64,
    jti: String,
    client_id: String,
    scope: String,
}

/// Serves until it is killed.
pub async fn serve(documents: &Path) {
    let read = |name: &str| std::fs::read(documents.join(name)).expect("the document can be read").into();
    let key = GeneratedKey::generate(Algorithm::Es256).expect("a key can be made");
    let signing = SigningKey::from_der(Algorithm::Es256, key.jwk.kid(), &key.private_der).expect("the key can sign");
    let verifying = [VerifyingKey::from_jwk(&key.jwk).expect("the key can verify")];
    let foreign = std::fs::read(documents.join(KEYS)).expect("the keys can be read");
    let foreign = ForeignJwkSet::parse(&foreign).expect("a set of keys");
    let served = Served { jwks: read("jwks"), discovery: read("discovery"), signing, verifying, foreign };
    let served = Arc::new(served);
    let app = Router::new()
        .route("/json", get(async || json("{\"ok\":true}")))
        .route("/jwks", get(async |State(served): State<Arc<Served>>| json(served.jwks.clone())))
        .route("/discovery", get(async |State(served): State<Arc<Served>>| json(served.discovery.clone())))
        .route("/sign", post(sign))
        .route("/verify", get(verify))
        .route("/assert", post(assert))
        .with_state(served);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
    println!("{}", listener.local_addr().expect("it has an address"));
    axum::serve(listener, app).await.expect("it serves");
}

async fn sign(State(served): State<Arc<Served>>) -> Response {
    let claims = Claims {
        iss: "http://127.0.0.1:8080".to_owned(),
        sub: "0198a2f0-0000-7000-8000-000000000000".to_owned(),
        aud: "http://127.0.0.1:8080".to_owned(),
        exp: 1_800_000_600,
        iat: 1_800_000_000,
        jti: "0198a2f0-0000-7000-8000-000000000001".to_owned(),
        client_id: "0198a2f0-0000-7000-8000-000000000000".to_owned(),
        scope: "reports:read".to_owned(),
    };
    let token = served.signing.sign("at+jwt", &claims).expect("it signs");
    json(format!("{{\"access_token\":\"{token}\",\"token_type\":\"Bearer\",\"expires_in\":600}}"))
}

/// Verifies an assertion and signs a token.
async fn assert(State(served): State<Arc<Served>>, body: axum::body::Bytes) -> Response {
    let sent = form_urlencoded::parse(&body).find(|(name, _)| name == "client_assertion");
    let read = sent.and_then(|(_, assertion)| ForeignJws::read(&assertion).ok());
    match read.is_some_and(|assertion| assertion.verify(KeyAlgorithm::Es256, &served.foreign).is_ok()) {
        true => sign(State(served)).await,
        false => StatusCode::UNAUTHORIZED.into_response(),
    }
}

async fn verify(State(served): State<Arc<Served>>, headers: HeaderMap) -> Response {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    match token.map(|token| VerifiedJwt::decode(token, &served.verifying)).and_then(Result::ok) {
        Some(jwt) => json(format!("{{\"sub\":\"{}\"}}", jwt.claims::<Claims>().expect("our own claims").sub)),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

fn json(body: impl Into<axum::body::Body>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body.into()).into_response()
}
