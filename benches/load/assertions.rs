//! A service that proves itself by what it signs with a key of its own, anew for each token.

use std::sync::Arc;

use latchkey::crypto::{Algorithm, GeneratedKey, SigningKey};
use latchkey::foundation::{Clock, Random};
use serde_json::{Value, json};

use crate::generator::{Answer, Script};
use crate::requests::post;
use crate::stage::Stage;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client's key pair.
#[derive(Clone)]
pub struct Key {
    signing: SigningKey,
    /// The set that has its public half.
    pub jwks: Value,
}

impl Key {
    pub fn generate() -> Self {
        let key = GeneratedKey::generate(Algorithm::Es256).expect("a key can be made");
        let signing = SigningKey::from_der(Algorithm::Es256, key.jwk.kid(), &key.private_der).expect("it can sign");
        Self { signing, jwks: json!({ "keys": [key.jwk] }) }
    }

    /// Registers a client that has it, and returns its id.
    pub fn register(&self, stage: &Stage) -> String {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = folder.path().join("jwks.json");
        std::fs::write(&file, self.jwks.to_string()).expect("the keys can be written");
        let file = file.to_str().expect("a path in UTF-8");
        let arguments =
            ["clients", "create", "--name", "Signer", "--auth", "private_key_jwt", "--jwks", file, "--scope", "a"];
        let created = stage.server.run(&arguments, "");
        created.get("client_id").and_then(Value::as_str).expect("a client id").to_owned()
    }
}

/// Asks for a token with a new assertion each time. Signing it is the work of the load, for both who are compared.
pub struct Asserting {
    key: Arc<Key>,
    path: &'static str,
    client: String,
    audience: String,
    /// Tells its assertions from those of all others.
    name: String,
    count: u64,
    request: Vec<u8>,
}

impl Asserting {
    pub fn new(key: &Arc<Key>, path: &'static str, client: &str, audience: &str) -> Self {
        let name = Random::System.readable(20);
        let (client, audience) = (client.to_owned(), audience.to_owned());
        Self { key: Arc::clone(key), path, client, audience, name, count: 0, request: Vec::new() }
    }
}

impl Script for Asserting {
    fn request(&mut self) -> &[u8] {
        self.count += 1;
        let now = Clock::System.now().as_secs();
        let claims = json!({
            "iss": self.client, "sub": self.client, "aud": self.audience, "jti": format!("{}{}", self.name, self.count),
            "iat": now, "exp": now + 60,
        });
        let assertion = self.key.signing.sign("JWT", &claims).expect("it signs");
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", TYPE),
            ("client_assertion", assertion.as_str()),
        ];
        self.request = post(self.path, &[], &fields);
        &self.request
    }

    fn answer(&mut self, answer: &Answer<'_>) -> Result<bool, String> {
        match answer.status == 200 {
            true => Ok(true),
            false => Err(answer.unexpected()),
        }
    }
}
