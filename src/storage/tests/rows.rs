//! One of each kind of row.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use super::super::{Conn, Store, StoreError};
use super::{NOW, store};
use crate::domain::account::identifier::LoginIdentifier;
use crate::domain::account::one_time_link::{OneTimeLink, Purpose};
use crate::domain::account::profile::Profile;
use crate::domain::account::renaming::Renaming;
use crate::domain::account::user::{Status, User};
use crate::domain::factor::proof::{Proof, Proofs};
use crate::domain::factor::second_factor::{Kind, SecondFactor};
use crate::domain::federation::identity::Identity;
use crate::domain::federation::upstream_token::KeptTokens;
use crate::domain::oauth::authorize::pkce::CodeChallenge;
use crate::domain::oauth::authorize::request::AuthorizationRequest;
use crate::domain::oauth::authorize::response_mode::ResponseMode;
use crate::domain::oauth::authorize::response_type::ResponseType;
use crate::domain::oauth::client::{Client, ClientId, Metadata};
use crate::domain::oauth::grant::Grant;
use crate::domain::oauth::grant::authorization_code::AuthorizationCode;
use crate::domain::oauth::grant::refresh_token::RefreshToken;
use crate::domain::oauth::token::access_token::{Audience, Claims};
use crate::domain::oauth::token::claims::ClaimsRequest;
use crate::domain::oauth::token::pairwise_sub::PairwiseSub;
use crate::domain::sign_in::authorization_request::WaitingRequest;
use crate::domain::sign_in::pending_sign_in::PendingSignIn;
use crate::domain::sign_in::remembered_device::RememberedDevice;
use crate::domain::sign_in::session::Session;
use crate::foundation::id::{CredentialId, GrantId, SessionId, UserId};
use crate::foundation::{Random, SecretHash, Timestamp};
use crate::storage::account::user;
use crate::storage::federation::upstream_flow::UpstreamFlow;
use crate::storage::oauth::client_registration::ClientRegistration;
use crate::storage::oauth::{client, grant};
use crate::storage::sign_in::session;

pub const HOUR: Duration = Duration::from_secs(3600);

pub fn later() -> Timestamp {
    NOW.after(HOUR)
}

pub fn alice() -> User {
    User {
        id: UserId::generate(&Random::seeded(1), NOW),
        status: Status::Active,
        username: Some("Alice".into()),
        email: Some("alice@example.com".into()),
        email_verified: true,
        administrator: false,
        profile: Profile::parse(json!({"name": "Alice", "locale": "de"})).unwrap(),
        password_hash: None,
        second_factor: false,
        delete_at: None,
        second_factor_from: None,
        created_at: NOW,
        updated_at: NOW,
    }
}

/// An authenticator app of alice's.
pub fn factor() -> SecondFactor {
    SecondFactor {
        id: CredentialId::generate(&Random::seeded(7), NOW),
        kind: Kind::Totp,
        name: None,
        sealed: Some(vec![1, 2, 3]),
        last_step: None,
        credential: None,
        suspected_at: None,
        created_at: NOW,
        confirmed_at: None,
        last_used_at: None,
    }
}

/// A passkey of alice's.
pub fn passkey() -> SecondFactor {
    SecondFactor {
        id: CredentialId::generate(&Random::seeded(17), NOW),
        kind: Kind::Passkey,
        name: None,
        sealed: None,
        credential: Some("{}".into()),
        confirmed_at: Some(NOW),
        last_used_at: Some(NOW),
        ..factor()
    }
}

/// Half a sign-in of alice's.
pub fn pending() -> PendingSignIn {
    PendingSignIn {
        user: alice().id,
        user_seen_at: NOW,
        proofs: Proofs::of(Proof::by_password(NOW)),
        flow: SecretHash::of("flow"),
        browser: SecretHash::of("browser"),
        stays: true,
        created_at: NOW,
        expires_at: later(),
    }
}

/// A link of alice's to choose another password.
pub fn link(secret: &str) -> OneTimeLink {
    OneTimeLink {
        hash: Purpose::Reset.hash(secret),
        purpose: Purpose::Reset,
        subject: SecretHash::of("alice"),
        user: Some((alice().id, NOW)),
        sealed: Some(vec![1, 2, 3]),
        browser: Some(SecretHash::of("browser")),
        code: Some(SecretHash::of("code")),
        tries: 0,
        created_at: NOW,
        expires_at: later(),
        used_at: None,
    }
}

/// These names and no others.
pub fn named(texts: &[&str]) -> Renaming {
    Renaming::to(&texts.iter().map(|text| name(text)).collect::<Vec<_>>())
}

pub fn name(text: &str) -> LoginIdentifier {
    LoginIdentifier::typed(text).unwrap()
}

pub fn app() -> Client {
    Client {
        id: ClientId::new("app"),
        name: "App".into(),
        enabled: true,
        secret_hash: Some(SecretHash::of("secret")),
        sealed_secret: None,
        metadata: Metadata { redirect_uris: vec!["https://app.example/cb".into()], ..Metadata::default() },
        registered_itself: false,
        created_at: NOW,
        updated_at: NOW,
    }
}

pub fn session() -> Session {
    Session {
        id: SessionId::generate(&Random::seeded(2), NOW),
        user: alice().id,
        authenticated_at: NOW,
        proofs: Proofs::of(Proof {
            credential: Some(CredentialId::generate(&Random::seeded(6), NOW)),
            ..Proof::by_password(NOW)
        }),
        created_at: NOW,
        seen_at: NOW,
        expires_at: later(),
        ended_at: None,
        proved_in: None,
        chosen_in: None,
    }
}

pub fn grant(seed: u64, offline: bool) -> Grant {
    Grant {
        id: GrantId::generate(&Random::seeded(seed), NOW),
        client: app().id,
        user: alice().id,
        pairwise_sub: offline.then(|| PairwiseSub::of_digest(&[1; 32])),
        session: Some(session().id),
        offline,
        scope: "openid email".parse().unwrap(),
        resources: vec!["https://api.example/orders".into(), "urn:example:bills".into()],
        claims: ClaimsRequest::parse(r#"{"userinfo": {"name": null}}"#).unwrap(),
        authenticated_at: NOW,
        methods: vec!["pwd".into()],
        acr: None,
        created_at: NOW,
        expires_at: later(),
        revoked_at: None,
    }
}

pub fn code(text: &str) -> AuthorizationCode {
    AuthorizationCode {
        hash: SecretHash::of(text),
        grant: grant(3, false).id,
        client: app().id,
        redirect_uri: "https://app.example/cb".into(),
        challenge: Some(CodeChallenge::from_stored("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".into())),
        nonce: None,
        created_at: NOW,
        expires_at: NOW.after(Duration::from_secs(60)),
        used_at: None,
        made_by: Some(7),
        used_by: None,
    }
}

pub fn refresh_token(text: &str, generation: i64) -> RefreshToken {
    RefreshToken {
        hash: SecretHash::of(text),
        grant: grant(3, false).id,
        generation,
        created_at: NOW,
        expires_at: later(),
        used_at: None,
        used_by: None,
    }
}

pub fn waiting_request() -> WaitingRequest {
    WaitingRequest {
        request: AuthorizationRequest {
            client: app().id,
            redirect_uri: "https://app.example/cb".into(),
            response_type: ResponseType::default(),
            response_mode: ResponseMode::default(),
            state: Some("\"é\u{1f600}".into()),
            scope: "openid".parse().unwrap(),
            resources: Vec::new(),
            nonce: None,
            challenge: None,
            prompt: BTreeSet::new(),
            max_age: Some(0),
            login_hint: None,
            idp_hint: None,
            ui_locales: None,
            subject: None,
            claims: ClaimsRequest::default(),
            pushed: None,
        },
        browser: SecretHash::of("browser"),
        asked_at: NOW,
        expires_at: later(),
    }
}

/// Alice, the app, her session and a grant.
pub async fn populate(tx: &mut Conn) -> Result<(), StoreError> {
    user::insert(tx, &alice(), &[name("alice"), name("alice@example.com")]).await?.unwrap();
    assert!(client::insert(tx, &app()).await?);
    session::insert(tx, &session()).await?;
    grant::insert(tx, &grant(3, false)).await
}

pub async fn populated() -> (Store, super::TestDatabase) {
    let (store, database) = store().await;
    store.transaction("test", async |tx: &mut Conn| populate(tx).await).await.unwrap();
    (store, database)
}

/// How many of twenty tasks that run `attempt` at once are told `true`.
pub async fn winners<F>(store: &Store, attempt: impl Fn(Store) -> F) -> usize
where
    F: Future<Output = Result<bool, StoreError>> + Send + 'static,
{
    let tasks = (0..20).map(|_| tokio::spawn(attempt(store.clone())));
    join_all(tasks).await.into_iter().filter(|result| result.as_ref().unwrap().as_ref().is_ok_and(|won| *won)).count()
}

pub fn claims() -> Claims {
    Claims {
        iss: "https://id.example".into(),
        sub: alice().id.to_string(),
        aud: Audience::One("https://api.example".into()),
        exp: later().as_secs(),
        iat: NOW.as_secs(),
        jti: "jti".into(),
        client_id: app().id,
        scope: "openid".parse().unwrap(),
        auth_time: None,
        acr: None,
        amr: Vec::new(),
    }
}

/// A browser in which alice is not asked for a second factor, for an hour.
pub fn remembered(seed: u64) -> RememberedDevice {
    RememberedDevice {
        id: CredentialId::generate(&Random::seeded(seed), NOW),
        hash: SecretHash::of(&seed.to_string()),
        user: alice().id,
        user_agent: Some("a browser".into()),
        address: None,
        created_at: NOW.after(Duration::from_secs(seed)),
        last_used_at: None,
        expires_at: later(),
    }
}

/// The tokens that are kept of alice's identity there.
pub fn kept_tokens() -> KeptTokens {
    KeptTokens {
        identity: known_elsewhere().id,
        provider: "google".into(),
        sealed: vec![1, 2, 3],
        renew_at: Some(NOW),
        failures: 0,
        version: 1,
        used_at: NOW,
    }
}

/// alice, at another provider.
pub fn known_elsewhere() -> Identity {
    Identity {
        id: CredentialId::generate(&Random::seeded(77), NOW),
        user: alice().id,
        provider: "google".into(),
        issuer: "https://accounts.example".into(),
        subject: "1".into(),
        label: None,
        created_at: NOW,
        last_used_at: None,
    }
}

/// How [`app`] registered itself, waited for until [`later`].
pub fn registered() -> ClientRegistration {
    ClientRegistration {
        client_id: app().id,
        token_hash: SecretHash::of("registration"),
        place: Some(SecretHash::of("place")),
        wide_place: Some(SecretHash::of("wide place")),
        created_at: NOW,
        unused_until: Some(later()),
    }
}

/// Somebody who is there.
pub fn away(state: &str) -> UpstreamFlow {
    UpstreamFlow {
        hash: SecretHash::of(state),
        provider: "google".into(),
        browser_hash: SecretHash::of("browser"),
        sealed: vec![1],
        created_at: NOW,
        expires_at: later(),
    }
}
