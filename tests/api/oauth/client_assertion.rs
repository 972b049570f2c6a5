//! Clients that prove themselves by what they sign: `private_key_jwt` and `client_secret_jwt` (RFC 7523, OpenID Connect Core §9).

use axum::http::{Request, StatusCode, header};
use latchkey::crypto::foreign::ForeignAlgorithm;
use latchkey::domain::oauth::client::AuthMethod;
use latchkey::domain::oauth::client::changes::{Authentication, Changes};
use latchkey::domain::oauth::client::keys::AssertionAudience;
use latchkey::domain::oauth::client::registration_error::RegistrationError;
use latchkey::services::ServiceError;
use latchkey::services::oauth::client::{rotate_secret, show, update};
use latchkey::services::operation::prune;
use serde_json::{Value, json};

use crate::harness::signer::{ASSERTION_TYPE, Signer, assertion, by_assertion};
use crate::harness::{Client, ISSUER, REDIRECT, TestApp, VERIFIER, body, encode, operator, seconds};

const GRANT: [(&str, &str); 1] = [("grant_type", "client_credentials")];

/// A service with this key.
async fn service(app: &TestApp, key: &Signer) -> Client {
    let with_key = app.client().machine("a").auth(AuthMethod::PrivateKeyJwt);
    with_key.with(|metadata| metadata.keys.jwks = Some(key.jwks().into())).create().await
}

/// A service that signs with its secret.
async fn secretive(app: &TestApp) -> Client {
    app.client().machine("a").auth(AuthMethod::ClientSecretJwt).create().await
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_gets_a_token_by_its_key_of_every_kind() {
    let app = TestApp::start().await;
    for alg in ["ES256", "RS256", "PS256", "EdDSA"] {
        let key = Signer::new(alg);
        let service = service(&app, &key).await;
        assert_eq!(service.secret, "", "it has none");
        key.client_credentials(&service, &assertion(&service)).await.ok();
        let form = [&GRANT[..], &[("client_id", &service.id)]].concat();
        by_assertion(&app, "/token", &key.sign(&assertion(&service)), &form).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_for_the_issuer_the_token_endpoint_or_the_endpoint_that_is_asked() {
    let app = TestApp::start().await;
    let key = Signer::new("ES256");
    let service = service(&app, &key).await;
    let ask = async |aud: Value| key.client_credentials(&service, &with(assertion(&service), "aud", aud)).await;
    ask(json!(ISSUER)).await.ok();
    ask(json!(format!("{ISSUER}/token"))).await.ok();
    ask(json!([format!("{ISSUER}/token")])).await.ok();
    for other in ["https://other.test", "https://id.test/", "https://id.test/introspect"] {
        ask(json!(other)).await.refused("invalid_client");
    }
    let introspecting = with(assertion(&service), "aud", json!(format!("{ISSUER}/introspect")));
    by_assertion(&app, "/introspect", &key.sign(&introspecting), &[("token", "x")]).await.success();
    let revoking = with(assertion(&service), "aud", json!(format!("{ISSUER}/revoke")));
    let revoked = by_assertion(&app, "/revoke", &key.sign(&revoking), &[("token", "x")]).await;
    assert_eq!(revoked.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_may_demand_that_it_is_for_the_issuer_alone() {
    let app = TestApp::start().await;
    let key = Signer::new("ES256");
    let strict = app.client().machine("a").auth(AuthMethod::PrivateKeyJwt).with(|metadata| {
        metadata.keys.jwks = Some(key.jwks().into());
        metadata.keys.client_assertion_audience = AssertionAudience::Issuer;
    });
    let strict = strict.create().await;
    let ask = async |aud: Value| key.client_credentials(&strict, &with(assertion(&strict), "aud", aud)).await;
    ask(json!(ISSUER)).await.ok();
    ask(json!([ISSUER])).await.refused("invalid_client");
    ask(json!(format!("{ISSUER}/token"))).await.refused("invalid_client");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_that_lacks_something_or_has_ended_proves_nothing() {
    let app = TestApp::start().await;
    let key = Signer::new("ES256");
    let service = service(&app, &key).await;
    let now = app.app.clock.now().as_secs();
    for (name, value) in [
        ("iss", json!("another")),
        ("sub", json!("another")),
        ("aud", json!(null)),
        ("exp", json!(null)),
        ("exp", json!(now - 300)),
        ("exp", json!(now + 4_000)),
        ("nbf", json!(now + 70)),
        ("iat", json!(now + 70)),
        ("jti", json!(null)),
    ] {
        let refused = key.client_credentials(&service, &with(assertion(&service), name, value.clone())).await;
        refused.refused("invalid_client");
    }
    let ahead = with(with(assertion(&service), "nbf", json!(now + 8)), "iat", json!(now + 8));
    key.client_credentials(&service, &ahead).await.ok();
    assert_eq!(app.rows().await["used_assertions"], 1, "what does not hold stores nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_used_once_also_of_twenty_at_the_same_time_and_at_another_instance() {
    let app = TestApp::start().await;
    let other = app.another().await;
    let key = Signer::new("ES256");
    let service = service(&app, &key).await;
    let jwt = key.sign(&assertion(&service));
    let mut tasks = Vec::new();
    for number in 0..20 {
        let (app, jwt) = (if number % 2 == 0 { app.clone() } else { other.clone() }, jwt.clone());
        tasks.push(tokio::spawn(async move { by_assertion(&app, "/token", &jwt, &GRANT).await.status }));
    }
    let mut taken = 0;
    for task in tasks {
        taken += usize::from(task.await.unwrap() == StatusCode::OK);
    }
    assert_eq!(taken, 1);
    app.advance(seconds(100));
    by_assertion(&app, "/token", &jwt, &GRANT).await.refused("invalid_client");
    // The same jti of another client is another assertion.
    let second = self::service(&app, &key).await;
    let claims = with(assertion(&second), "jti", json!("shared"));
    key.client_credentials(&second, &claims).await.ok();
    key.client_credentials(&service, &with(assertion(&service), "jti", json!("shared"))).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_of_a_public_key_is_no_secret() {
    let app = TestApp::start().await;
    let key = Signer::new("RS256").named("k");
    let service = service(&app, &key).await;
    for secret in [key.public().to_string(), key.jwks().to_string()] {
        let forged = Signer::hmac("HS256", &secret);
        forged.client_credentials(&service, &assertion(&service)).await.refused("invalid_client");
        let header = json!({"alg": "RS256", "kid": "k"});
        let jwt = forged.sign_with(&header, &assertion(&service));
        by_assertion(&app, "/token", &jwt, &GRANT).await.refused("invalid_client");
    }
    let unsigned = key.sign_with(&json!({"alg": "none"}), &assertion(&service));
    let (unsigned, _) = unsigned.rsplit_once('.').unwrap();
    by_assertion(&app, "/token", &format!("{unsigned}."), &GRANT).await.refused("invalid_client");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_registered_method_and_algorithm_are_taken() {
    let app = TestApp::start().await;
    let key = Signer::new("ES256");
    let service = service(&app, &key).await;
    let secretive = secretive(&app).await;
    let basic = app.client().machine("a").create().await;
    // What another client authenticates by.
    Signer::hmac("HS256", "x".repeat(64))
        .client_credentials(&service, &assertion(&service))
        .await
        .refused("invalid_client");
    key.client_credentials(&secretive, &assertion(&secretive)).await.refused("invalid_client");
    key.client_credentials(&basic, &assertion(&basic)).await.refused("invalid_client");
    let by_secret = Signer::hmac("HS256", &basic.secret);
    by_secret.client_credentials(&basic, &assertion(&basic)).await.refused("invalid_client");
    // Neither sends its secret, nor nothing.
    for client in [&service, &secretive] {
        app.post("/token", &[GRANT[0], ("client_id", &client.id)]).await.refused("invalid_client");
        let sent = [GRANT[0], ("client_id", &client.id), ("client_secret", "x")];
        app.post("/token", &sent).await.refused("invalid_client");
        let request = Request::post("/token").header(header::AUTHORIZATION, client.basic());
        app.call(body(request, encode(&GRANT))).await.refused("invalid_client");
    }
    let alg = Some(Some(ForeignAlgorithm::parse("PS256").unwrap()));
    let rsa = Signer::new("RS256");
    let changes =
        Changes { jwks: Some(Some(rsa.jwks().into())), token_endpoint_auth_signing_alg: alg, ..Changes::default() };
    update(&app.app, &operator(), &service.client_id(), changes).await.unwrap();
    rsa.client_credentials(&service, &assertion(&service)).await.refused("invalid_client");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_the_only_way_in_which_a_request_authenticates() {
    let app = TestApp::start().await;
    let key = Signer::new("ES256");
    let service = service(&app, &key).await;
    let jwt = key.sign(&assertion(&service));
    let form = [GRANT[0], ("client_secret", "x"), ("client_id", &service.id)];
    by_assertion(&app, "/token", &jwt, &form).await.refused("invalid_request");
    let form = [GRANT[0], ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", &jwt)];
    let request = Request::post("/token").header(header::AUTHORIZATION, service.basic());
    app.call(body(request, encode(&form))).await.refused("invalid_request");
    by_assertion(&app, "/token", &jwt, &[GRANT[0], ("client_id", "another")]).await.refused("invalid_client");
    let twice = [GRANT[0], ("client_assertion", jwt.as_str())];
    by_assertion(&app, "/token", &jwt, &twice).await.refused("invalid_request");
    by_assertion(&app, "/token", &jwt, &GRANT).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_request_is_no_proof_of_who_sends_it() {
    let app = TestApp::start().await;
    let key = Signer::new("ES256");
    let service = service(&app, &key).await;
    let jwt = key.sign_as("oauth-authz-req+jwt", &assertion(&service));
    by_assertion(&app, "/token", &jwt, &GRANT).await.refused("invalid_client");
    let jwt = key.sign_as("client-authentication+jwt", &assertion(&service));
    by_assertion(&app, "/token", &jwt, &GRANT).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_to_an_application_that_has_a_key() {
    let app = TestApp::start().await;
    let key = Signer::new("PS256");
    let with_key = app.client().auth(AuthMethod::PrivateKeyJwt);
    let client = with_key.with(|metadata| metadata.keys.jwks = Some(key.jwks().into())).create().await;
    let code = client.code("alice").await;
    let redeem = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let tokens = by_assertion(&app, "/token", &key.sign(&assertion(&client)), &redeem).await.ok();
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh_token.as_str())];
    by_assertion(&app, "/token", &key.sign(&assertion(&client)), &refresh).await.ok();
    app.post("/token", &[refresh[0], refresh[1], ("client_id", &client.id)]).await.refused("invalid_client");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_signs_with_its_secret_and_its_rotation_ends_the_old_one() {
    let app = TestApp::start().await;
    let client = secretive(&app).await;
    assert_eq!(client.secret.len(), 64, "RFC 7518 section 3.2: as long as the hash of HS512");
    for alg in ["HS256", "HS512"] {
        Signer::hmac(alg, &client.secret).client_credentials(&client, &assertion(&client)).await.ok();
    }
    let claims = assertion(&client);
    let old = Signer::hmac("HS256", &client.secret);
    old.client_credentials(&client, &claims).await.ok();
    old.client_credentials(&client, &claims).await.refused("invalid_client");
    let secret = rotate_secret(&app.app, &operator(), &client.client_id(), None).await.unwrap();
    old.client_credentials(&client, &assertion(&client)).await.refused("invalid_client");
    let new = Signer::hmac("HS256", secret.expose());
    new.client_credentials(&client, &assertion(&client)).await.ok();
    let restarted = app.another().await;
    new.client_credentials(&client.at(&restarted), &assertion(&client)).await.ok();
    let stored = show(&app.app, &client.client_id()).await.unwrap().sealed_secret.unwrap();
    let text = secret.expose().as_bytes();
    assert!(!stored.windows(16).any(|part| text.windows(16).any(|secret| secret == part)), "it is sealed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_begins_to_sign_with_its_secret_gets_a_new_one() {
    let app = TestApp::start().await;
    let client = app.client().machine("a").create().await;
    let to = async |method| {
        let changes = Changes { authentication: Some(Authentication::Only(method)), ..Changes::default() };
        update(&app.app, &operator(), &client.client_id(), changes).await.map(|updated| updated.secret)
    };
    let secret = to(AuthMethod::ClientSecretJwt).await.unwrap().expect("a new secret");
    Signer::hmac("HS256", &client.secret)
        .client_credentials(&client, &assertion(&client))
        .await
        .refused("invalid_client");
    Signer::hmac("HS256", secret.expose()).client_credentials(&client, &assertion(&client)).await.ok();
    // Back again: the secret goes on, and what was sealed of it is gone.
    assert!(to(AuthMethod::ClientSecretBasic).await.unwrap().is_none());
    let back = Client { secret: secret.expose().to_owned(), ..client.clone() };
    back.client_credentials().await.ok();
    assert_eq!(show(&app.app, &client.client_id()).await.unwrap().sealed_secret, None);
    // A key instead: it has to be there.
    let missing = to(AuthMethod::PrivateKeyJwt).await.err().unwrap();
    assert!(matches!(missing, ServiceError::Registration(RegistrationError::Keys(_))), "{missing}");
    let key = Signer::new("ES256");
    let changes = Changes {
        authentication: Some(Authentication::Only(AuthMethod::PrivateKeyJwt)),
        jwks: Some(Some(key.jwks().into())),
        ..Changes::default()
    };
    let updated = update(&app.app, &operator(), &client.client_id(), changes).await.unwrap();
    assert!(updated.secret.is_none() && updated.client.secret_hash.is_none());
    key.client_credentials(&client, &assertion(&client)).await.ok();
    let none = rotate_secret(&app.app, &operator(), &client.client_id(), None).await.err().unwrap();
    assert!(matches!(none, ServiceError::Registration(RegistrationError::NoSecret { .. })), "{none}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_assertions_are_braked_as_wrong_secrets_are_and_a_right_one_is_taken_all_the_same() {
    let app = TestApp::start().await;
    let (key, other) = (Signer::new("ES256"), Signer::new("ES256"));
    let service = service(&app, &key).await;
    let mut last = other.client_credentials(&service, &assertion(&service)).await;
    for _ in 0..100 {
        if last.status == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
        last = other.client_credentials(&service, &assertion(&service)).await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    key.client_credentials(&service, &assertion(&service)).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_fill_no_more_than_their_room_with_assertions() {
    let app = TestApp::registering().await;
    let key = Signer::new("ES256");
    let registered = async || {
        let document = json!({"redirect_uris": [REDIRECT], "token_endpoint_auth_method": "private_key_jwt",
            "jwks": key.jwks()});
        app.registered(&app.register(None, &document).await).client()
    };
    let client = registered().await;
    let revoke =
        async |client: &Client| by_assertion(&app, "/revoke", &key.sign(&assertion(client)), &[("token", "x")]).await;
    for n in 0..300 {
        assert_eq!(revoke(&client).await.status, StatusCode::OK, "{n}");
    }
    let full = revoke(&client).await;
    full.refused_with(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable");
    assert_eq!(full.header("retry-after"), "300");
    assert_eq!(app.rows().await["used_assertions"], 300);
    // Another one has room of its own, and one that somebody knows is not counted.
    assert_eq!(revoke(&registered().await).await.status, StatusCode::OK);
    let known = service(&app, &key).await;
    assert_eq!(revoke(&known).await.status, StatusCode::OK);
    app.advance(seconds(300));
    assert_eq!(revoke(&client).await.status, StatusCode::OK);
    // It says so for minutes, not for an hour.
    let long = app.app.clock.now().as_secs() + 400;
    let jwt = key.sign(&with(assertion(&client), "exp", json!(long)));
    by_assertion(&app, "/revoke", &jwt, &[("token", "x")]).await.refused("invalid_client");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_used_is_forgotten_when_it_is_long_over() {
    let app = TestApp::start().await;
    let key = Signer::new("ES256");
    let service = service(&app, &key).await;
    key.client_credentials(&service, &assertion(&service)).await.ok();
    app.advance(seconds(3_600 + 121));
    let parts = app.app.clone();
    tokio::spawn(async move { prune::all(&parts, &operator()).await }).await.unwrap().unwrap();
    assert_eq!(app.rows().await["used_assertions"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_client_proves_nothing() {
    let app = TestApp::start().await;
    let key = Signer::new("ES256");
    let service = service(&app, &key).await;
    app.disable_client(&service.id).await;
    key.client_credentials(&service, &assertion(&service)).await.refused("invalid_client");
    let unknown = Client { id: "nobody".to_owned(), ..service };
    key.client_credentials(&unknown, &assertion(&unknown)).await.refused("invalid_client");
}
