//! What tokens are signed with: what the client asked for, as long as there is a key.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use latchkey::crypto::{Algorithm, Algorithms};
use latchkey::domain::access::actor::Actor;
use latchkey::domain::oauth::client::changes::Changes;
use latchkey::domain::oauth::client::registration_error::RegistrationError;
use latchkey::domain::operation::signing_key::KeyRefusal;
use latchkey::services::ServiceError;
use latchkey::services::oauth::client::update;
use latchkey::services::operation::key_rotation::{PUBLISHED_AHEAD, Rotation, rotate, rotate_due};
use latchkey::services::operation::keys::list;
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::harness::{Client, TestApp, jwt, operator, seconds};

const ONLY_TWO: &str = "[keys]\nalgorithms = [\"RS256\", \"ES256\"]\n";

/// OpenID Connect Core §3.1.3.6: the left half of the hash that `alg` is defined with.
fn half_hash(alg: &str, token: &str) -> String {
    let digest = match alg {
        "RS256" | "PS256" | "ES256" => Sha256::digest(token).to_vec(),
        "RS384" | "PS384" | "ES384" => Sha384::digest(token).to_vec(),
        _ => Sha512::digest(token).to_vec(),
    };
    URL_SAFE_NO_PAD.encode(&digest[..digest.len() / 2])
}

async fn client_of(app: &TestApp, algorithm: Algorithm) -> Client {
    let signed = |m: &mut latchkey::domain::oauth::client::Metadata| {
        m.id_token_signed_response_alg = algorithm;
        m.access_token_signed_response_alg = algorithm;
    };
    app.client().first_party().with(signed).create().await
}

async fn shows_its_algorithm(app: &TestApp, algorithm: Algorithm) {
    let client = client_of(app, algorithm).await;
    let tokens = client.sign_in("alice").await;
    let id_token = jwt::verify(app, &tokens.id_token).await;
    assert_eq!(id_token.header["alg"], algorithm.name());
    assert_eq!(id_token.claims["at_hash"], half_hash(algorithm.name(), &tokens.access_token), "{algorithm}");
    assert_eq!(jwt::verify(app, &tokens.access_token).await.header["alg"], algorithm.name());
    client.userinfo(&tokens.access_token).await.success();
    assert!(client.finds_active(&tokens.access_token).await);
    let renewed = client.refresh(&tokens.refresh_token).await.ok();
    assert_eq!(jwt::verify(app, &renewed.id_token).await.header["alg"], algorithm.name());
}

async fn listed(app: &TestApp) -> Value {
    app.get("/.well-known/openid-configuration").await.success()["id_token_signing_alg_values_supported"].clone()
}

/// standards.md 2.1 and 2.2: each key has kid, alg and use, RS256 unless another was asked for, and the hashes follow.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_gets_the_signature_that_it_registered_with_the_hash_of_that_algorithm() {
    let app = TestApp::start().await;
    assert_eq!(listed(&app).await, json!(["RS256", "PS256", "ES256", "EdDSA"]));
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa] {
        shows_its_algorithm(&app, algorithm).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_algorithm_can_be_added_and_has_keys_of_its_own() {
    let app = TestApp::start().await;
    let all = Algorithm::ALL.map(|algorithm| format!("{:?}", algorithm.name())).join(", ");
    let app = app.another_with_toml(&format!("[keys]\nalgorithms = [{all}]\n")).await;
    assert_eq!(listed(&app).await, json!(Algorithm::ALL.map(Algorithm::name)));
    let jwks = app.get("/jwks").await.success();
    let keys = jwks["keys"].as_array().unwrap();
    let kids: BTreeSet<_> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert_eq!((keys.len(), kids.len()), (18, 18));
    for algorithm in Algorithm::ALL {
        let of_it = keys.iter().filter(|key| key["alg"] == algorithm.name() && key["use"] == "sig");
        assert_eq!(of_it.count(), 2, "{algorithm}: active and next");
        shows_its_algorithm(&app, algorithm).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_registers_for_an_algorithm_without_a_key() {
    let app = TestApp::configured().toml(ONLY_TWO).start().await;
    assert_eq!(listed(&app).await, json!(["RS256", "ES256"]));
    let client = app.client().create().await;
    let changes = Changes { id_token_signed_response_alg: Some(Algorithm::Ps256), ..Changes::default() };
    let Err(ServiceError::Registration(refusal)) = update(&app.app, &operator(), &client.client_id(), changes).await
    else {
        panic!("it was registered")
    };
    let field = "id_token_signed_response_alg";
    let wanted = RegistrationError::Algorithm { field, algorithm: Algorithm::Ps256, available: Algorithms::ALWAYS };
    assert_eq!(refusal, wanted);
    client.sign_in("alice").await;
}

/// Which states the keys of an algorithm are in.
async fn states(app: &TestApp, algorithm: Algorithm) -> Vec<&'static str> {
    let keys = list(&app.app).await.unwrap();
    let of_it = keys.iter().filter(|listed| listed.key.algorithm == algorithm);
    let mut states: Vec<_> = of_it.map(|listed| listed.state).collect();
    states.sort_unstable();
    states
}

#[tokio::test(flavor = "multi_thread")]
async fn an_algorithm_that_is_taken_out_signs_no_more_and_what_it_signed_stays_good() {
    let before = TestApp::start().await;
    let client = client_of(&before, Algorithm::EdDsa).await;
    let tokens = client.sign_in("alice").await;
    let code = client.code("bob").await;

    let app = before.another_with_toml(ONLY_TWO).await;
    assert_eq!(listed(&app).await, json!(["RS256", "ES256"]), "at once");
    let client = client.at(&app);
    let refused = client.redeem(&code).await;
    refused.refused_with(StatusCode::BAD_REQUEST, "unauthorized_client");
    client.refresh(&tokens.refresh_token).await.refused("unauthorized_client");
    app.browser().open(&client.request().url()).await.client_refused("unauthorized_client");

    rotate_due(&app.app, &Actor::system("rotate keys")).await.unwrap();
    assert_eq!(states(&app, Algorithm::EdDsa).await, ["retired"], "the next key has signed nothing");
    jwt::verify(&app, &tokens.id_token).await;
    client.userinfo(&tokens.access_token).await.success();
    assert_eq!(states(&app, Algorithm::Es256).await, ["active", "next"]);
    assert_eq!(states(&app, Algorithm::Ps256).await, ["retired"]);

    // Nothing was used up: with another algorithm the client goes on where it was.
    let changes = Changes {
        id_token_signed_response_alg: Some(Algorithm::Rs256),
        access_token_signed_response_alg: Some(Algorithm::Es256),
        ..Changes::default()
    };
    update(&app.app, &operator(), &client.client_id(), changes).await.unwrap();
    let now = client.redeem(&code).await.ok();
    assert_eq!(jwt::verify(&app, &now.id_token).await.header["alg"], "RS256");
    client.refresh(&tokens.refresh_token).await.ok();

    app.advance(seconds(3 * 86_400));
    rotate_due(&app.app, &Actor::system("rotate keys")).await.unwrap();
    assert_eq!(states(&app, Algorithm::EdDsa).await, ["hints"]);
    let jwks = app.get("/jwks").await.success();
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 4);

    // And it can come back, with new keys.
    let again = before.another().await;
    assert_eq!(states(&again, Algorithm::EdDsa).await, ["active", "hints", "next"]);
    shows_its_algorithm(&again, Algorithm::EdDsa).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_of_one_algorithm_are_rotated_alone() {
    let app = TestApp::start().await;
    let active = async |algorithm: Algorithm| {
        let keys = list(&app.app).await.unwrap();
        keys.into_iter().find(|key| key.key.algorithm == algorithm && key.state == "active").unwrap().key.id
    };
    let before = (active(Algorithm::Es256).await, active(Algorithm::Rs256).await);
    let done = rotate(&app.app, &operator(), Some(Algorithm::Es256), false).await.unwrap();
    assert!(matches!(done, Rotation::Done(_)));
    let after = (active(Algorithm::Es256).await, active(Algorithm::Rs256).await);
    assert!(after.0 != before.0 && after.1 == before.1);

    // The others do not wait for the next key of this one.
    let done = rotate(&app.app, &operator(), Some(Algorithm::Es256), false).await.unwrap();
    assert!(matches!(done, Rotation::Unripe(wait) if wait == PUBLISHED_AHEAD));
    let Err(ServiceError::Key(refusal)) = rotate(&app.app, &operator(), Some(Algorithm::Ps512), true).await else {
        panic!("there are no such keys")
    };
    let available = app.app.settings.algorithms;
    assert_eq!(refusal, KeyRefusal::Algorithm { algorithm: Algorithm::Ps512, available });
}

/// standards.md 2.6, rotate-keys: the new key was published before its first use, and the old one is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_in_the_middle_of_a_flow_does_not_notice_a_rotation() {
    let app = TestApp::start().await;
    let kids = async || -> BTreeSet<String> {
        let jwks = app.get("/jwks").await.success();
        jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    };
    let kid = |token: &str| jwt::header(token)["kid"].as_str().unwrap().to_owned();
    for algorithm in [Algorithm::Rs256, Algorithm::EdDsa] {
        app.advance(PUBLISHED_AHEAD);
        let client = client_of(&app, algorithm).await;
        let tokens = client.sign_in("alice").await;
        let (known, code) = (kids().await, client.code("bob").await);
        assert!(matches!(rotate(&app.app, &operator(), Some(algorithm), false).await.unwrap(), Rotation::Done(_)));
        let redeemed = client.redeem(&code).await.ok();
        assert_ne!(kid(&redeemed.id_token), kid(&tokens.id_token));
        assert!(known.contains(&kid(&redeemed.id_token)), "a copy of /jwks from before has the key");
        let now = kids().await;
        assert!(now.contains(&kid(&tokens.id_token)) && now.len() == known.len() + 1);
        client.userinfo(&tokens.access_token).await.success();
        client.refresh(&tokens.refresh_token).await.ok();
    }
}
