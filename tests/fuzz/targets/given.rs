//! What is given: clients, keys, the time; and how inputs are taken apart.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use latchkey::domain::oauth::authorize::response_type::ResponseType;
use latchkey::domain::oauth::client::{AuthMethod, Client, ClientId, GrantType, Metadata};
use latchkey::domain::oauth::profile::{Profile, Rules};
use latchkey::domain::oauth::token::claim_catalogue::ClaimCatalogue;
use latchkey::domain::oauth::token::resource::{Resource, Resources};
use latchkey::domain::oauth::token::scope::Scope;
use latchkey::domain::oauth::token::target::Targets;
use latchkey::foundation::url::Issuer;
use latchkey::foundation::{SecretHash, Timestamp};
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};
use sha2::Sha256;

/// When everything takes place.
pub const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
pub const ISSUER: &str = "https://id.example";
pub const REDIRECT: &str = "https://app.example/cb";
/// An API, and the scope that it has.
pub const RESOURCE: &str = "https://api.example";
pub const SECRET: &str = "a-client-secret-of-more-than-thirty-two-bytes";

/// The public halves of keys whose private halves are nowhere, but for that of [`sign`]: RSA, P-256, P-384, P-521, Ed25519.
pub static JWKS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../jwks.json")).expect("a set of keys"));

pub static RESOURCES: LazyLock<Resources> = LazyLock::new(|| {
    let api = Resource {
        identifier: RESOURCE.into(),
        name: "Reports".into(),
        scopes: scope("reports:read"),
        access_token_format: None,
        access_token_lifetime: None,
    };
    Resources::new(ISSUER, vec![api], &ClaimCatalogue::default()).expect("a resource")
});

pub static OWN: LazyLock<Issuer> = LazyLock::new(|| Issuer::parse(ISSUER).expect("an issuer"));

static KEY: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key pair"));

/// The input as text, in so many parts with a line break between each and the next; the last may have more of them.
pub fn lines<const N: usize>(data: &[u8]) -> Option<[&str; N]> {
    let parts: Vec<&str> = std::str::from_utf8(data).ok()?.splitn(N, '\n').collect();
    parts.try_into().ok()
}

pub fn encode(part: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(part)
}

/// A JWT with this header and payload, signed with the Ed25519 key of [`JWKS`].
pub fn sign(header: &str, payload: &str) -> String {
    let input = format!("{}.{}", encode(header), encode(payload));
    let signature = encode(KEY.sign(input.as_bytes()).as_ref());
    format!("{input}.{signature}")
}

/// A JWT with this header and payload, and an HMAC with [`SECRET`].
pub fn sign_with_secret(header: &str, payload: &str) -> String {
    let input = format!("{}.{}", encode(header), encode(payload));
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key").chain_update(&input);
    let mac = encode(mac.finalize().into_bytes());
    format!("{input}.{mac}")
}

/// An application with a secret.
pub fn web() -> Client {
    Client {
        id: ClientId::new("web"),
        name: "Web".into(),
        enabled: true,
        secret_hash: Some(SecretHash::of(SECRET)),
        sealed_secret: None,
        metadata: Metadata {
            redirect_uris: vec![REDIRECT.into()],
            post_logout_redirect_uris: vec!["https://app.example/bye".into()],
            grant_types: BTreeSet::from([GrantType::AuthorizationCode, GrantType::RefreshToken]),
            scope: scope("openid profile email offline_access reports:read"),
            ..Metadata::default()
        },
        registered_itself: false,
        created_at: NOW,
        updated_at: NOW,
    }
}

/// One without.
pub fn native() -> Client {
    let mut client = web();
    client.id = ClientId::new("native");
    client.secret_hash = None;
    client.metadata.token_endpoint_auth_method = AuthMethod::None;
    client
}

/// One that may ask for tokens in the answer itself, and for its people's account.
pub fn hybrid() -> Client {
    let mut client = web();
    client.id = ClientId::new("hybrid");
    client.metadata.grant_types.insert(GrantType::Implicit);
    client.metadata.requests.response_types = BTreeSet::from(ResponseType::ALL);
    client.metadata.first_party = true;
    client.metadata.scope = scope("openid profile account account:write");
    client
}

/// One with keys of its own.
pub fn service() -> Client {
    let mut client = web();
    client.id = ClientId::new("service");
    client.metadata.token_endpoint_auth_method = AuthMethod::PrivateKeyJwt;
    client.metadata.keys.jwks = Some(JWKS.clone().into());
    client
}

/// The client of this id.
pub fn client(id: &str) -> Option<Arc<Client>> {
    static ALL: LazyLock<[Arc<Client>; 4]> = LazyLock::new(|| [web(), native(), hybrid(), service()].map(Arc::new));
    ALL.iter().find(|client| client.id.as_str() == id).cloned()
}

pub fn scope(text: &str) -> Scope {
    Scope::parse(text).expect("a scope")
}

/// What the server takes away: `c` for all answers but codes, `s` for all that only old applications need.
pub fn rules(kind: &str) -> Rules {
    let profile = if kind.contains('s') { Profile::OAuth21 } else { Profile::Compatible };
    Rules { profile, only_code: kind.contains('c') }
}

/// What this client may ask for.
pub fn targets(client: &Client) -> Targets<'_> {
    Targets { resources: &RESOURCES, issuer: &OWN, client }
}

/// Whether a text may stand in `error_description` (RFC 6749 §5.2).
pub fn is_sendable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

/// Whether a value of a JSON object is this text.
pub fn says(claims: &Value, name: &str, text: &str) -> bool {
    claims.get(name) == Some(&json!(text))
}
