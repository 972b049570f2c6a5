//! Request objects that are encrypted to us: by value, by reference, pushed (RFC 9101 §6.1, OpenID Connect Core §6.1), and the keys
//! for that.

use std::time::Duration;

use axum::http::StatusCode;
use josekit::jwe::{
    ECDH_ES, ECDH_ES_A128KW, ECDH_ES_A256KW, JweEncrypter, JweHeader, RSA_OAEP, RSA_OAEP_256, serialize_compact,
};
use josekit::jwk::Jwk;
use latchkey::crypto::jwe::{ContentEncryption, KeyManagement};
use latchkey::domain::oauth::client::AuthMethod;
use latchkey::domain::oauth::client::changes::Changes;
use latchkey::domain::oauth::client::registration_error::RegistrationError;
use latchkey::domain::oauth::client::request_object_registration::RequestObjectRefused;
use latchkey::domain::operation::encryption_key::{KEPT, KNOWN_AHEAD};
use latchkey::services::ServiceError;
use latchkey::services::oauth::client::update;
use latchkey::services::operation::encryption_keys::{list, revoke};
use latchkey::services::operation::key_rotation::{rotate, rotate_due};
use latchkey::services::operation::keys::reload;
use serde_json::{Map, Value, json};

use crate::harness::signer::{Publisher, Signer, assertion, by_assertion};
use crate::harness::{Client, ISSUER, REDIRECT, TestApp, encode, operator, seconds};

const ALL: &str =
    "[keys]\nencryption = [\"RSA-OAEP\", \"RSA-OAEP-256\", \"ECDH-ES\", \"ECDH-ES+A128KW\", \"ECDH-ES+A256KW\"]\n";
const ONE: &str = "[keys]\nencryption = [\"ECDH-ES+A256KW\"]\n";
const BESIDE: [(&str, &str); 3] = [("response_type", "code"), ("scope", "openid"), ("redirect_uri", REDIRECT)];
const DAY: u64 = 86_400;

/// What a client asks for, as claims of its own for us.
fn claims(client: &Client) -> Value {
    let form = client.request().form().into_iter();
    let mut claims: Map<_, _> = form.map(|(name, value)| (name, Value::String(value))).collect();
    claims.insert("iss".to_owned(), json!(client.id));
    claims.insert("aud".to_owned(), json!(ISSUER));
    Value::Object(claims)
}

/// The key to encrypt to with this algorithm, as an application finds it.
async fn published(app: &TestApp, alg: &str) -> Value {
    let jwks = app.get("/jwks").await.success();
    let fitting = |key: &&Value| key["use"] == "enc" && key["alg"] == alg;
    jwks["keys"].as_array().unwrap().iter().find(fitting).unwrap_or_else(|| panic!("{alg}: {jwks}")).clone()
}

/// Encrypts as another library does.
fn sealed(key: &Value, enc: &str, inside: &str) -> String {
    let jwk = Jwk::from_map(key.as_object().unwrap().clone()).unwrap();
    let encrypter: Box<dyn JweEncrypter> = match key["alg"].as_str().unwrap() {
        "RSA-OAEP" => Box::new(RSA_OAEP.encrypter_from_jwk(&jwk).unwrap()),
        "RSA-OAEP-256" => Box::new(RSA_OAEP_256.encrypter_from_jwk(&jwk).unwrap()),
        "ECDH-ES" => Box::new(ECDH_ES.encrypter_from_jwk(&jwk).unwrap()),
        "ECDH-ES+A128KW" => Box::new(ECDH_ES_A128KW.encrypter_from_jwk(&jwk).unwrap()),
        _ => Box::new(ECDH_ES_A256KW.encrypter_from_jwk(&jwk).unwrap()),
    };
    let mut header = JweHeader::new();
    header.set_content_encryption(enc);
    header.set_content_type("oauth-authz-req+jwt");
    serialize_compact(inside.as_bytes(), &header, &*encrypter).unwrap()
}

fn link(client: &Client, object: &str) -> String {
    let least = [("client_id", client.id.as_str()), ("request", object)];
    format!("/authorize?{}", encode(&[&least[..], &BESIDE].concat()))
}

/// Whether an object that asks for a silent sign-in is opened.
async fn is_opened(app: &TestApp, client: &Client, object: &str) -> bool {
    let mut browser = app.browser();
    let page = browser.open(&link(client, object)).await;
    match page.response()["error"].as_str() {
        "login_required" => true,
        "invalid_request_object" => false,
        other => panic!("{other}"),
    }
}

/// An unsigned object that asks for nothing that somebody has to see.
fn silent(client: &Client) -> String {
    let mut claims = claims(client);
    claims["prompt"] = json!("none");
    claims.to_string()
}

async fn with_key(app: &TestApp, key: &Signer) -> Client {
    let client = app.client().first_party();
    client.with(|metadata| metadata.keys.jwks = Some(key.jwks().into())).create().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_signed_and_then_encrypted_says_what_the_request_is() {
    let app = TestApp::configured().toml(ALL).start().await;
    let discovered = app.get("/.well-known/openid-configuration").await.success();
    assert_eq!(
        discovered["request_object_encryption_alg_values_supported"],
        json!(KeyManagement::ALL.map(KeyManagement::name))
    );
    let encs = ContentEncryption::ALL.map(ContentEncryption::name);
    assert_eq!(discovered["request_object_encryption_enc_values_supported"], json!(encs));
    let signer = Signer::new("ES256");
    let client = with_key(&app, &signer).await;
    for (alg, enc) in KeyManagement::ALL.into_iter().zip(encs.into_iter().cycle()) {
        let object = sealed(&published(&app, alg.name()).await, enc, &signer.sign(&claims(&client)));
        let mut browser = app.browser();
        let page = browser.open(&link(&client, &object)).await;
        let page = browser.through(page, "alice").await;
        assert_eq!(page.response()["state"], "st~ate-._1", "{alg} {enc}");
        client.redeem(&page.code()).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn encryption_proves_nothing_where_a_signature_is_demanded() {
    let app = TestApp::configured().toml(ONE).start().await;
    let key = published(&app, "ECDH-ES+A256KW").await;
    let plain = app.client().first_party().create().await;
    assert!(is_opened(&app, &plain, &sealed(&key, "A128GCM", &silent(&plain))).await, "claims that nobody signed");
    let signer = Signer::new("ES256");
    let strict = app.client().first_party().with(|metadata| {
        metadata.keys.jwks = Some(signer.jwks().into());
        metadata.request_objects.require_signed_request_object = true;
    });
    let strict = strict.create().await;
    let mut browser = app.browser();
    for inside in [silent(&strict), Signer::new("ES256").sign(&claims(&strict))] {
        browser.open(&link(&strict, &sealed(&key, "A128GCM", &inside))).await.client_refused("invalid_request_object");
    }
    assert!(
        is_opened(
            &app,
            &strict,
            &sealed(&key, "A128GCM", &signer.sign(&serde_json::from_str(&silent(&strict)).unwrap()))
        )
        .await
    );
}

/// RFC 7516 §11.5: somebody who has seen an object pass learns nothing about it by sending it changed.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_with_what_was_encrypted_the_answer_is_the_same() {
    let app = TestApp::configured().toml(ALL).start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    for (alg, enc) in [("RSA-OAEP", "A128CBC-HS256"), ("RSA-OAEP-256", "A256GCM"), ("ECDH-ES+A128KW", "A256CBC-HS512")]
    {
        let object = sealed(&published(&app, alg).await, enc, &silent(&client));
        let mut answers = Vec::new();
        for part in 1..5 {
            let mut parts: Vec<_> = object.split('.').map(str::to_owned).collect();
            let changed = if parts[part].starts_with('A') { "B" } else { "A" };
            parts[part].replace_range(..1, changed);
            let page = browser.open(&link(&client, &parts.join("."))).await;
            page.client_refused("invalid_request_object");
            let told = page.response()["error_description"].clone();
            // Each has the id of its request.
            answers.push(told.split(" (").next().unwrap().to_owned());
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_object_for_this_server_is_refused() {
    let app = TestApp::configured().toml(ONE).start().await;
    let client = app.client().first_party().create().await;
    let key = published(&app, "ECDH-ES+A256KW").await;
    let twice = sealed(&key, "A128GCM", &sealed(&key, "A128GCM", &silent(&client)));
    let mut unknown = key.clone();
    unknown["kid"] = json!("another");
    let mut other = key;
    other["alg"] = json!("ECDH-ES");
    let mut browser = app.browser();
    let huge = format!("{}.a.b.c.d", "A".repeat(17_000));
    for object in [
        twice,
        sealed(&unknown, "A128GCM", &silent(&client)),
        sealed(&other, "A128GCM", &silent(&client)),
        "....".to_owned(),
        "a.b.c.d.e".to_owned(),
        huge,
    ] {
        assert!(!is_opened(&app, &client, &object).await);
        browser.open(&link(&client, &object).replace("app.test", "evil.test")).await.is_error_page(400);
    }
    let without = TestApp::start().await;
    let discovered = without.get("/.well-known/openid-configuration").await.success();
    assert!(discovered.get("request_object_encryption_alg_values_supported").is_none(), "nothing is promised");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_object_is_pushed_and_fetched_like_any_other() {
    let publisher = Publisher::start("").await;
    let app = TestApp::configured().toml(&format!("{ONE}{}", publisher.toml())).start().await;
    let key = published(&app, "ECDH-ES+A256KW").await;
    let signer = Signer::new("ES256");
    let client = app.client().first_party().auth(AuthMethod::PrivateKeyJwt).with(|metadata| {
        metadata.keys.jwks = Some(signer.jwks().into());
        metadata.request_objects.require_signed_request_object = true;
        metadata.request_objects.request_uris = vec![publisher.url.clone()];
    });
    let client = client.create().await;
    let object = sealed(&key, "A256GCM", &signer.sign(&claims(&client)));
    let proof = || signer.sign(&assertion(&client));
    let answer = by_assertion(&app, "/par", &proof(), &[("request", &object)]).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    by_assertion(&app, "/par", &proof(), &[("request", &object[..object.len() - 4])])
        .await
        .refused("invalid_request_object");

    publisher.answers(200, &object);
    let pushed = answer.json()["request_uri"].as_str().unwrap().to_owned();
    let mut browser = app.browser();
    for uri in [&pushed, &publisher.url] {
        let url = format!("/authorize?{}", encode(&[("client_id", client.id.as_str()), ("request_uri", uri)]));
        let page = browser.open(&url).await;
        let page = browser.through(page, "alice").await;
        assert_eq!(page.response()["state"], "st~ate-._1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_registers_how_it_may_encrypt_and_is_bound_to_nothing() {
    let app = TestApp::configured().toml(ONE).start().await;
    let client = app.client().first_party().create().await;
    let wants = |alg, enc| Changes {
        request_object_encryption_alg: Some(alg),
        request_object_encryption_enc: Some(enc),
        ..Changes::default()
    };
    let change = async |changes| update(&app.app, &operator(), &client.client_id(), changes).await;
    let enc = Some(ContentEncryption::A128Gcm);
    change(wants(Some(KeyManagement::EcdhEsA256Kw), enc)).await.unwrap();
    // OpenID Connect Registration section 2: it may send objects that are not encrypted, or otherwise.
    let mut browser = app.browser();
    browser.open(&client.request().with("prompt", "none").url()).await.client_refused("login_required");
    let key = published(&app, "ECDH-ES+A256KW").await;
    assert!(is_opened(&app, &client, &sealed(&key, "A256CBC-HS512", &silent(&client))).await);
    for (changes, why) in [
        (wants(None, enc), RequestObjectRefused::WithoutAlgorithm),
        (
            wants(Some(KeyManagement::RsaOaep), None),
            RequestObjectRefused::NotDecrypted { alg: KeyManagement::RsaOaep, available: vec!["ECDH-ES+A256KW"] },
        ),
    ] {
        let Err(ServiceError::Registration(refusal)) = change(changes).await else { panic!("it was registered") };
        assert_eq!(refusal, RegistrationError::RequestObjects(why));
    }
}

/// The states of the keys, oldest first.
async fn states(app: &TestApp) -> Vec<&'static str> {
    list(&app.app).await.unwrap().iter().map(|listed| listed.state).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_has_grown_old_is_replaced_without_anybody_noticing() {
    let app = TestApp::configured().toml(ONE).start().await;
    let client = app.client().first_party().create().await;
    let first = published(&app, "ECDH-ES+A256KW").await;
    let object = sealed(&first, "A128GCM", &silent(&client));
    app.advance(seconds(90 * DAY - 1));
    rotate_due(&app.app, &operator()).await.unwrap();
    assert_eq!(states(&app).await, ["active"], "not yet");
    app.advance(seconds(1));
    rotate_due(&app.app, &operator()).await.unwrap();
    assert_eq!(states(&app).await, ["active", "next"]);
    assert_eq!(published(&app, "ECDH-ES+A256KW").await, first, "not every instance knows the new one");

    app.advance(KNOWN_AHEAD);
    reload(&app.app).await.unwrap();
    let second = published(&app, "ECDH-ES+A256KW").await;
    assert_ne!(second, first);
    assert!(is_opened(&app, &client, &object).await, "it was encrypted before");
    assert!(is_opened(&app, &client, &sealed(&second, "A128GCM", &silent(&client))).await);
    let mut unnamed = first.clone();
    unnamed.as_object_mut().unwrap().remove("kid");
    assert!(is_opened(&app, &client, &sealed(&unnamed, "A128GCM", &silent(&client))).await, "names no key");

    app.advance(KEPT - Duration::from_micros(1));
    rotate_due(&app.app, &operator()).await.unwrap();
    assert_eq!(states(&app).await, ["retired", "active"]);
    app.advance(Duration::from_micros(1));
    rotate_due(&app.app, &operator()).await.unwrap();
    assert_eq!(states(&app).await, ["active"]);
    assert!(!is_opened(&app, &client, &object).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_instance_decrypts_before_anybody_publishes_the_key() {
    let app = TestApp::configured().toml(ONE).start().await;
    let beside = app.another().await;
    let client = app.client().first_party().create().await;
    assert_eq!(app.get("/jwks").await.body, beside.get("/jwks").await.body, "they agree on one key");
    app.advance(seconds(DAY));
    rotate(&app.app, &operator(), None, false).await.unwrap();
    rotate(&beside.app, &operator(), None, true).await.unwrap();
    assert_eq!(states(&app).await, ["active", "next"], "a second rotation makes no third key");
    reload(&beside.app).await.unwrap();
    app.advance(KNOWN_AHEAD);
    reload(&app.app).await.unwrap();
    let key = published(&app, "ECDH-ES+A256KW").await;
    assert_ne!(published(&beside, "ECDH-ES+A256KW").await, key, "it has not looked since");
    let client = client.at(&beside);
    assert!(is_opened(&beside, &client, &sealed(&key, "A128GCM", &silent(&client))).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_opens_nothing_and_another_takes_its_place_at_once() {
    let app = TestApp::configured().toml(ONE).start().await;
    let client = app.client().first_party().create().await;
    let leaked = published(&app, "ECDH-ES+A256KW").await;
    let object = sealed(&leaked, "A128GCM", &silent(&client));
    assert_eq!(revoke(&app.app, &operator(), leaked["kid"].as_str().unwrap()).await.unwrap().state, "active");
    assert!(!is_opened(&app, &client, &object).await);
    let key = published(&app, "ECDH-ES+A256KW").await;
    assert!(is_opened(&app, &client, &sealed(&key, "A128GCM", &silent(&client))).await);
    assert!(revoke(&app.app, &operator(), "unknown").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_algorithm_that_is_taken_out_decrypts_no_more() {
    let without = TestApp::start().await;
    let before = without.another_with_toml(ALL).await;
    let client = before.client().first_party().create().await;
    let object = sealed(&published(&before, "ECDH-ES").await, "A128GCM", &silent(&client));
    let app = without.another_with_toml(ONE).await;
    assert!(!is_opened(&app, &client.at(&app), &object).await);
    rotate_due(&app.app, &operator()).await.unwrap();
    assert_eq!(states(&app).await, ["active"]);
    rotate_due(&without.app, &operator()).await.unwrap();
    assert_eq!(states(&without).await.len(), 0);
}
