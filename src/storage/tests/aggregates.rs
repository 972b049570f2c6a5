//! The functions for each kind of row.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use super::super::*;
use super::{NOW, store};
use crate::crypto::jwt::Algorithm;
use crate::crypto::key::GeneratedKey;
use crate::domain::account::identifier::LoginIdentifier;
use crate::domain::account::profile::Profile;
use crate::domain::account::user::{Status, User};
use crate::domain::oauth::access_token::{Audience, Claims};
use crate::domain::oauth::authorize::AuthorizationRequest;
use crate::domain::oauth::claims::ClaimsRequest;
use crate::domain::oauth::client::{Client, ClientId, Metadata};
use crate::domain::oauth::code::AuthorizationCode;
use crate::domain::oauth::grant::Grant;
use crate::domain::oauth::pending::Pending;
use crate::domain::oauth::pkce::CodeChallenge;
use crate::domain::oauth::refresh_token::RefreshToken;
use crate::domain::oauth::response::ResponseMode;
use crate::domain::oauth::scope::Scope;
use crate::domain::session::Session;
use crate::domain::signing_key::{KeyState, SigningKeyRecord};
use crate::foundation::id::{GrantId, SessionId, UserId};
use crate::foundation::{Random, SecretHash, Timestamp};

const HOUR: Duration = Duration::from_secs(3600);

fn later() -> Timestamp {
    NOW.after(HOUR)
}

fn alice() -> User {
    User {
        id: UserId::generate(&Random::seeded(1), NOW),
        status: Status::Active,
        username: Some("Alice".into()),
        email: Some("alice@example.com".into()),
        email_verified: true,
        administrator: false,
        profile: Profile::parse(json!({"name": "Alice", "locale": "de"})).unwrap(),
        password_hash: None,
        created_at: NOW,
        updated_at: NOW,
    }
}

fn name(text: &str) -> LoginIdentifier {
    LoginIdentifier::typed(text).unwrap()
}

fn app() -> Client {
    Client {
        id: ClientId::new("app"),
        name: "App".into(),
        enabled: true,
        secret_hash: Some(SecretHash::of("secret")),
        metadata: Metadata { redirect_uris: vec!["https://app.example/cb".into()], ..Metadata::default() },
        created_at: NOW,
        updated_at: NOW,
    }
}

fn session() -> Session {
    Session {
        id: SessionId::generate(&Random::seeded(2), NOW),
        user: alice().id,
        authenticated_at: NOW,
        methods: vec!["pwd".into(), "otp".into()],
        created_at: NOW,
        seen_at: NOW,
        expires_at: later(),
        ended_at: None,
    }
}

fn grant(seed: u64, offline: bool) -> Grant {
    Grant {
        id: GrantId::generate(&Random::seeded(seed), NOW),
        client: app().id,
        user: alice().id,
        session: Some(session().id),
        offline,
        scope: "openid email".parse().unwrap(),
        claims: ClaimsRequest::parse(r#"{"userinfo": {"name": null}}"#).unwrap(),
        authenticated_at: NOW,
        methods: vec!["pwd".into()],
        acr: None,
        created_at: NOW,
        expires_at: later(),
        revoked_at: None,
    }
}

fn code(text: &str) -> AuthorizationCode {
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
    }
}

fn refresh_token(text: &str, generation: i64) -> RefreshToken {
    RefreshToken {
        hash: SecretHash::of(text),
        grant: grant(3, false).id,
        generation,
        created_at: NOW,
        expires_at: later(),
        used_at: None,
    }
}

fn pending() -> Pending {
    Pending {
        request: AuthorizationRequest {
            client: app().id,
            redirect_uri: "https://app.example/cb".into(),
            response_mode: ResponseMode::default(),
            state: Some("\"é\u{1f600}".into()),
            scope: "openid".parse().unwrap(),
            nonce: None,
            challenge: None,
            prompt: BTreeSet::new(),
            max_age: Some(0),
            login_hint: None,
            subject: None,
            claims: ClaimsRequest::default(),
        },
        browser: SecretHash::of("browser"),
        chosen: None,
        created_at: NOW,
        expires_at: later(),
    }
}

/// Alice, the app, her session and a grant.
async fn populate(tx: &mut Conn) -> Result<(), StoreError> {
    user::insert(tx, &alice(), &[name("alice"), name("alice@example.com")]).await?;
    client::insert(tx, &app()).await?;
    session::insert(tx, &session()).await?;
    grant::insert(tx, &grant(3, false)).await
}

async fn populated() -> (Store, super::TestDatabase) {
    let (store, database) = store().await;
    store.transaction(async |tx: &mut Conn| populate(tx).await).await.unwrap();
    (store, database)
}

/// How many of twenty tasks that run `attempt` at once are told `true`.
async fn winners<F>(store: &Store, attempt: impl Fn(Store) -> F) -> usize
where
    F: Future<Output = Result<bool, StoreError>> + Send + 'static,
{
    let tasks = (0..20).map(|_| tokio::spawn(attempt(store.clone())));
    join_all(tasks).await.into_iter().filter(|result| result.as_ref().unwrap().as_ref().is_ok_and(|won| *won)).count()
}

#[tokio::test]
async fn a_user_is_found_by_id_and_by_each_name() {
    let (store, _database) = populated().await;
    store
        .transaction(async |tx: &mut Conn| {
            assert!(user::set_password(tx, alice().id, "$argon2id$x", later()).await?);
            let found = user::find_by_identifier(tx, &name("ALICE@example.com")).await?.unwrap();
            assert_eq!((found.password_hash.as_deref(), found.updated_at), (Some("$argon2id$x"), later()));
            assert_eq!(found.profile, alice().profile);
            assert_eq!(user::find_by_identifier(tx, &name("alice")).await?.unwrap().id, alice().id);
            assert_eq!(user::find(tx, alice().id).await?.unwrap().username.as_deref(), Some("Alice"));
            assert!(user::find_by_identifier(tx, &name("bob")).await?.is_none());
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_name_belongs_to_one_user() {
    let (store, _database) = populated().await;
    let second = User { id: UserId::generate(&Random::seeded(9), NOW), ..alice() };
    let result = store.transaction(async |tx: &mut Conn| user::insert(tx, &second, &[name("alice")]).await).await;
    assert_eq!(result, Err(StoreError::Conflict));
    let found = store.read(async |conn: &mut Conn| user::find(conn, second.id).await).await.unwrap();
    assert!(found.is_none());
}

#[tokio::test]
async fn a_client_is_replaced_but_for_its_registration_time() {
    let (store, _database) = populated().await;
    let changed = Client { name: "New".into(), secret_hash: None, created_at: later(), updated_at: later(), ..app() };
    store
        .transaction(async |tx: &mut Conn| {
            client::upsert(tx, &changed).await?;
            client::upsert(tx, &Client { id: ClientId::new("other"), ..changed.clone() }).await?;
            let [first, second] = <[Client; 2]>::try_from(client::list(tx).await?).unwrap();
            assert_eq!((first.name.as_str(), first.secret_hash, first.created_at), ("New", None, NOW));
            assert_eq!((second.id.as_str(), second.metadata), ("other", app().metadata));
            assert!(client::set_secret(tx, &app().id, &SecretHash::of("next"), later()).await?);
            assert!(!client::set_secret(tx, &ClientId::new("nobody"), &SecretHash::of("next"), later()).await?);
            assert_eq!(client::find(tx, &app().id).await?.unwrap().secret_hash, Some(SecretHash::of("next")));
            assert!(client::find(tx, &ClientId::new("app\0")).await?.is_none());
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn an_algorithm_has_one_active_key() {
    let (store, _database) = store().await;
    let key = || {
        let public_jwk = GeneratedKey::generate(Algorithm::Es256).unwrap().jwk;
        SigningKeyRecord {
            id: public_jwk.kid().to_owned(),
            algorithm: Algorithm::Es256,
            state: KeyState::Active { since: NOW },
            sealed_private_key: vec![1, 2, 3],
            public_jwk,
            created_at: NOW,
        }
    };
    let first = key();
    store.transaction(async |tx: &mut Conn| signing_key::insert(tx, &first).await).await.unwrap();
    let second = key();
    let result = store.transaction(async |tx: &mut Conn| signing_key::insert(tx, &second).await).await;
    assert_eq!(result, Err(StoreError::Conflict));

    let next = SigningKeyRecord { state: KeyState::Next, created_at: later(), ..second };
    store
        .transaction(async |tx: &mut Conn| {
            signing_key::insert(tx, &next).await?;
            signing_key::set_state(tx, &first.id, &KeyState::Retired { at: later() }).await?;
            signing_key::set_state(tx, &next.id, &KeyState::Active { since: later() }).await?;
            let states: Vec<_> = signing_key::all(tx).await?.into_iter().map(|key| key.state).collect();
            assert_eq!(states, [KeyState::Retired { at: later() }, KeyState::Active { since: later() }]);
            assert!(signing_key::delete(tx, &first.id).await?);
            assert_eq!(signing_key::all(tx).await?[0].public_jwk, next.public_jwk);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_browser_session_lives_until_it_expires() {
    let (store, _database) = store().await;
    let cookie = SecretHash::of("cookie");
    store
        .transaction(async |tx: &mut Conn| {
            assert!(browser_session::insert(tx, &cookie, "{}", NOW, later()).await?);
            assert!(!browser_session::insert(tx, &cookie, "[]", NOW, later()).await?);
            assert_eq!(browser_session::load(tx, &cookie, NOW).await?.as_deref(), Some("{}"));
            browser_session::save(tx, &cookie, "[1]", NOW, later().after(HOUR)).await?;
            assert_eq!(browser_session::load(tx, &cookie, later()).await?.as_deref(), Some("[1]"));
            assert_eq!(browser_session::load(tx, &cookie, later().after(HOUR)).await?, None);
            browser_session::delete(tx, &cookie).await?;
            assert_eq!(browser_session::load(tx, &cookie, NOW).await?, None);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_session_that_ended_stays_ended() {
    let (store, _database) = populated().await;
    store
        .transaction(async |tx: &mut Conn| {
            assert_eq!(session::find(tx, session().id).await?, Some(session()));
            session::touch(tx, session().id, later()).await?;
            session::touch(tx, session().id, NOW).await?;
            let (found, owner) = session::find_with_user(tx, session().id).await?.unwrap();
            assert_eq!((found.seen_at, owner.id), (later(), alice().id));
            assert!(session::reauthenticate(tx, session().id, &["hwk".into()], later(), later().after(HOUR)).await?);
            assert!(session::end(tx, session().id, later()).await?);
            assert!(!session::end(tx, session().id, later().after(HOUR)).await?);
            assert!(!session::reauthenticate(tx, session().id, &["pwd".into()], NOW, later()).await?);
            let found = session::find(tx, session().id).await?.unwrap();
            assert_eq!((found.methods, found.ended_at), (vec!["hwk".to_owned()], Some(later())));
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_waits_is_answered_once() {
    let (store, _database) = populated().await;
    let id = SecretHash::of("request");
    store
        .transaction(async |tx: &mut Conn| {
            authorization_request::insert(tx, &id, &pending()).await?;
            assert!(authorization_request::choose_session(tx, &id, session().id).await?);
            let found = authorization_request::find(tx, &id).await?;
            assert_eq!(found, Some(Pending { chosen: Some(session().id), ..pending() }));
            Ok(())
        })
        .await
        .unwrap();
    let answered = winners(&store, |store| async move {
        store
            .transaction(async |tx: &mut Conn| authorization_request::delete(tx, &SecretHash::of("request")).await)
            .await
    });
    assert_eq!(answered.await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn consents_given_at_the_same_time_all_count() {
    let (store, _database) = populated().await;
    let tasks = (0..20).map(|n| {
        let store = store.clone();
        tokio::spawn(async move {
            let scope: Scope = format!("openid s{n}").parse().unwrap();
            let claims = BTreeSet::from([format!("c{n}")]);
            store
                .transaction(async |tx: &mut Conn| {
                    consent::allow(tx, alice().id, &app().id, &scope, &claims, later()).await
                })
                .await
                .unwrap();
        })
    });
    join_all(tasks).await.into_iter().for_each(Result::unwrap);
    let found = store.read(async |conn: &mut Conn| consent::find(conn, alice().id, &app().id).await).await.unwrap();
    let found = found.unwrap();
    assert_eq!((found.scope.tokens().len(), found.claims.len(), found.updated_at), (21, 20, later()));
    store.transaction(async |tx: &mut Conn| consent::forget(tx, alice().id, &app().id).await).await.unwrap();
    let gone = store.read(async |conn: &mut Conn| consent::find(conn, alice().id, &app().id).await).await.unwrap();
    assert_eq!(gone, None);
}

#[tokio::test]
async fn a_grant_comes_with_its_user_its_session_and_its_token() {
    let (store, _database) = populated().await;
    let (kept, lost) = (grant(4, true), Grant { session: None, claims: ClaimsRequest::default(), ..grant(5, false) });
    store
        .transaction(async |tx: &mut Conn| {
            grant::insert(tx, &kept).await?;
            grant::insert(tx, &lost).await?;
            let found = grant::state(tx, grant(3, false).id).await?.unwrap();
            assert_eq!((found.grant, found.session), (grant(3, false), Some(session())));
            let found = grant::state(tx, lost.id).await?.unwrap();
            assert_eq!((&found.grant, found.session, found.user.id), (&lost, None, alice().id));

            revoked_token::insert(tx, "jti", NOW, later()).await?;
            assert!(grant::state_of_token(tx, kept.id, "jti").await?.unwrap().1);
            assert!(!grant::state_of_token(tx, kept.id, "other").await?.unwrap().1);

            assert_eq!(grant::revoke_of_session(tx, session().id, later()).await?, 1);
            assert_eq!(grant::state(tx, grant(3, false).id).await?.unwrap().grant.revoked_at, Some(later()));
            assert!(!grant::revoke(tx, grant(3, false).id, NOW).await?);
            assert!(grant::revoke(tx, kept.id, NOW).await?);
            assert!(grant::state(tx, GrantId::generate(&Random::seeded(99), NOW)).await?.is_none());
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_taken_once_and_not_after_it_expired() {
    let (store, _database) = populated().await;
    store
        .transaction(async |tx: &mut Conn| {
            authorization_code::insert(tx, &code("code")).await?;
            assert_eq!(authorization_code::find(tx, &SecretHash::of("code")).await?, Some(code("code")));
            assert!(!authorization_code::take(tx, &SecretHash::of("code"), code("code").expires_at).await?);
            Ok(())
        })
        .await
        .unwrap();
    let taken = winners(&store, |store| async move {
        store.transaction(async |tx: &mut Conn| authorization_code::take(tx, &SecretHash::of("code"), NOW).await).await
    });
    assert_eq!(taken.await, 1);
    let used = store.read(async |conn: &mut Conn| authorization_code::find(conn, &SecretHash::of("code")).await).await;
    assert_eq!(used.unwrap().unwrap().used_at, Some(NOW));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_taken_once_and_has_one_successor() {
    let (store, _database) = populated().await;
    store
        .transaction(async |tx: &mut Conn| {
            refresh_token::insert(tx, &refresh_token("first", 0)).await?;
            assert!(!refresh_token::take(tx, &SecretHash::of("first"), later()).await?);
            Ok(())
        })
        .await
        .unwrap();
    let taken = winners(&store, |store| async move {
        store
            .transaction(async |tx: &mut Conn| {
                let won = refresh_token::take(tx, &SecretHash::of("first"), NOW).await?;
                if won {
                    refresh_token::insert(tx, &refresh_token("second", 1)).await?;
                }
                Ok(won)
            })
            .await
    });
    assert_eq!(taken.await, 1);
    let twin = refresh_token("twin", 1);
    let result = store.transaction(async |tx: &mut Conn| refresh_token::insert(tx, &twin).await).await;
    assert_eq!(result, Err(StoreError::Conflict));
    let family = grant(3, false).id;
    let found = store.read(async |conn: &mut Conn| refresh_token::generation(conn, family, 1).await).await.unwrap();
    assert_eq!(found, Some(refresh_token("second", 1)));
    let used = store.read(async |conn: &mut Conn| refresh_token::find(conn, &SecretHash::of("first")).await).await;
    assert_eq!(used.unwrap().unwrap().used_at, Some(NOW));
}

fn claims() -> Claims {
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

#[tokio::test]
async fn opaque_tokens_and_revocations_are_remembered() {
    let (store, _database) = populated().await;
    let token = SecretHash::of("opaque");
    store
        .transaction(async |tx: &mut Conn| {
            access_token::insert(tx, &token, &claims(), NOW, later()).await?;
            assert_eq!(access_token::find(tx, &token).await?, Some(claims()));
            assert!(access_token::delete(tx, &token).await?);
            assert!(!access_token::delete(tx, &token).await?);

            assert!(!revoked_token::contains(tx, "jti").await?);
            revoked_token::insert(tx, "jti", NOW, later()).await?;
            revoked_token::insert(tx, "jti", NOW, later()).await?;
            assert!(revoked_token::contains(tx, "jti").await?);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_counter_starts_again_after_its_window() {
    let (store, _database) = store().await;
    store
        .transaction(async |tx: &mut Conn| {
            assert_eq!(counter::hit(tx, "a", HOUR, NOW).await?, (1, later()));
            assert_eq!(counter::hit(tx, "a", HOUR, NOW.after(HOUR / 2)).await?, (2, later()));
            assert_eq!(counter::peek(tx, "a", NOW).await?.map_or(0, |(count, _)| count), 2);
            assert_eq!(counter::peek(tx, "a", later()).await?.map_or(0, |(count, _)| count), 0);
            assert_eq!(counter::hit(tx, "a", HOUR, later()).await?, (1, later().after(HOUR)));
            counter::forgive(tx, "a").await?;
            counter::forgive(tx, "a").await?;
            assert_eq!(counter::peek(tx, "a", later()).await?.map_or(0, |(count, _)| count), 0);
            counter::hit(tx, "a", HOUR, later()).await?;
            counter::forget(tx, "a").await?;
            assert_eq!(counter::hit(tx, "a", HOUR, later()).await?, (1, later().after(HOUR)));
            assert_eq!(counter::peek(tx, "b", NOW).await?.map_or(0, |(count, _)| count), 0);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn pruning_is_bounded_and_keeps_what_a_replay_would_need() {
    let (store, _database) = populated().await;
    let day = Duration::from_secs(24 * 3600);
    store
        .transaction(async |tx: &mut Conn| {
            authorization_code::insert(tx, &code("code")).await?;
            refresh_token::insert(tx, &RefreshToken { expires_at: later().after(day), ..refresh_token("r", 0) })
                .await?;
            authorization_request::insert(tx, &SecretHash::of("q"), &pending()).await?;
            access_token::insert(tx, &SecretHash::of("o"), &claims(), NOW, later()).await?;
            for n in 0..5 {
                revoked_token::insert(tx, &n.to_string(), NOW, later()).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let prune = async |now: Timestamp, limit: i64| {
        store.transaction(async |tx: &mut Conn| prune::expired(tx, now, limit).await).await.unwrap()
    };
    assert_eq!(prune(NOW, 500).await, 0);
    // The opaque token and two revocations; then the rest of these.
    assert_eq!(prune(later(), 2).await, 3);
    assert_eq!(prune(later(), 500).await, 3);
    // The code and the session; the grant still has a refresh token.
    assert_eq!(prune(later().after(day), 500).await, 2);
    let held = store.read(async |conn: &mut Conn| grant::state(conn, grant(3, false).id).await).await.unwrap();
    assert!(held.is_some());
    // The refresh token and the grant.
    assert_eq!(prune(later().after(day * 2), 500).await, 2);
    assert_eq!(prune(later().after(day * 7), 500).await, 1);
    assert_eq!(prune(later().after(day * 700), 500).await, 0);
    let kept = store.read(async |conn: &mut Conn| user::find(conn, alice().id).await).await.unwrap();
    assert!(kept.is_some());
}
