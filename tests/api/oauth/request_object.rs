//! Authorization requests as JWTs: by value, by reference, signed and not (RFC 9101, OpenID Connect Core §6).

use axum::http::StatusCode;
use latchkey::domain::oauth::client::AuthMethod;
use latchkey::domain::oauth::client::request_object::RequestObjectAlgorithm;
use serde_json::{Map, Value, json};

use crate::harness::signer::{Publisher, Signer, assertion, by_assertion};
use crate::harness::{AuthorizationRequest, Client, ISSUER, REDIRECT, Shows, TestApp, encode, jwt};

/// What a request asks for, as claims.
fn claims(request: &AuthorizationRequest) -> Value {
    let members: Map<_, _> = request.form().into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    Value::Object(members)
}

/// The same, of this client for us.
fn signed_claims(client: &Client, request: &AuthorizationRequest) -> Value {
    let mut claims = claims(request);
    let now = client.app.app.clock.now().as_secs();
    for (name, value) in
        [("iss", json!(client.id)), ("aud", json!(ISSUER)), ("nbf", json!(now)), ("exp", json!(now + 60))]
    {
        claims[name] = value;
    }
    claims
}

fn unsigned(claims: &Value) -> String {
    let jwt = Signer::hmac("HS256", "x".repeat(32)).sign_with(&json!({"alg": "none"}), claims);
    format!("{}.", jwt.rsplit_once('.').unwrap().0)
}

/// A link with the client, an object, and whatever else.
fn link(client: &Client, object: &str, more: &[(&str, &str)]) -> String {
    let least = [("client_id", client.id.as_str()), ("request", object)];
    format!("/authorize?{}", encode(&[&least, more].concat()))
}

/// What OpenID Connect has beside each object.
const BESIDE: [(&str, &str); 2] = [("response_type", "code"), ("scope", "openid")];

async fn with_key(app: &TestApp, key: &Signer) -> Client {
    let client = app.client().first_party();
    client.with(|metadata| metadata.keys.jwks = Some(key.jwks().into())).create().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsigned_object_says_what_the_request_is() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let object = unsigned(&claims(&client.request()));
    let mut browser = app.browser();
    let page = browser.open(&link(&client, &object, &BESIDE)).await;
    assert_eq!(page.shows(), Shows::Login);
    let page = browser.through(page, "alice").await;
    assert_eq!(page.response()["state"], "st~ate-._1", "it stood inside alone");
    let tokens = client.redeem(&page.code()).await.ok();
    assert_eq!(jwt::claims(&tokens.id_token)["nonce"], "n-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_inside_wins_and_a_redirect_uri_of_somebody_else_beside_it_means_nothing() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let object = unsigned(&claims(&client.request()));
    let mut browser = app.browser();
    let more =
        [BESIDE[0], BESIDE[1], ("redirect_uri", "https://evil.test/"), ("state", "outside"), ("prompt", "login")];
    let page = browser.open(&link(&client, &object, &more)).await;
    let page = browser.through(page, "alice").await;
    assert!(page.target().starts_with(REDIRECT), "{}", page.target());
    assert_eq!(page.response()["state"], "st~ate-._1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_object_is_verified_with_the_keys_of_its_client() {
    let app = TestApp::start().await;
    for alg in ["RS256", "PS256", "ES256", "EdDSA"] {
        let key = Signer::new(alg);
        let client = with_key(&app, &key).await;
        let mut browser = app.browser();
        let object = key.sign(&signed_claims(&client, &client.request()));
        let page = browser.open(&link(&client, &object, &BESIDE)).await;
        let page = browser.through(page, "alice").await;
        client.redeem(&page.code()).await.ok();
        // With the type of RFC 9101 nothing is needed beside it, and nothing counts.
        let object = key.sign_as("oauth-authz-req+jwt", &signed_claims(&client, &client.request()));
        let page = browser.open(&link(&client, &object, &[("scope", "openid phone"), ("prompt", "login")])).await;
        client.redeem(&page.code()).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_does_not_hold_is_refused_where_the_client_is_proven_and_on_a_page_elsewhere() {
    let app = TestApp::start().await;
    let (key, other) = (Signer::new("ES256"), Signer::new("ES256"));
    let client = with_key(&app, &key).await;
    let good = signed_claims(&client, &client.request());
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        key.sign(&claims)
    };
    let now = app.app.clock.now().as_secs();
    let mut browser = app.browser();
    let flipped = |jwt: String| format!("{}AAAAAAAA", &jwt[..jwt.len() - 8]);
    for object in [
        other.sign(&good),
        flipped(key.sign(&good)),
        Signer::hmac("HS256", key.public().to_string()).sign(&good),
        key.sign_as("client-authentication+jwt", &good),
        with("iss", json!("another")),
        with("aud", json!("https://other.test")),
        with("exp", json!(now - 300)),
        with("nbf", json!(now + 300)),
        with("client_id", json!("another")),
        with("request_uri", json!("https://app.test/r")),
        with("request", json!("x")),
        "nonsense".to_owned(),
    ] {
        let beside = [BESIDE[0], BESIDE[1], ("redirect_uri", REDIRECT), ("state", "s")];
        let page = browser.open(&link(&client, &object, &beside)).await;
        page.client_refused("invalid_request_object");
        assert_eq!(page.response()["state"], "s");
        // What the object says of where to go is not believed, and neither is what is not registered.
        browser.open(&link(&client, &object, &BESIDE)).await.is_error_page(400);
        let evil = [BESIDE[0], BESIDE[1], ("redirect_uri", "https://evil.test/")];
        browser.open(&link(&client, &object, &evil)).await.is_error_page(400);
    }
    // One that holds leads nowhere that is not registered either.
    let page = browser.open(&link(&client, &with("redirect_uri", json!("https://evil.test/")), &BESIDE)).await;
    page.is_error_page(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_signature_is_verified_once_with_the_keys_that_are_registered() {
    let app = TestApp::registering().await;
    let (key, other) = (Signer::new("ES512"), Signer::new("ES512"));
    let document = json!({"redirect_uris": [REDIRECT], "jwks": {"keys": vec![key.public(); 15]}});
    let client = app.registered(&app.register(None, &document).await).client();
    let mut browser = app.browser();
    let verified = || app.app.verifications.verified();
    let before = verified();
    let object = other.sign(&signed_claims(&client, &client.request()));
    browser.open(&link(&client, &object, &BESIDE)).await.is_error_page(400);
    assert_eq!(verified() - before, 1, "there are no newer keys");
    // A right one counts all the same.
    let object = key.sign(&signed_claims(&client, &client.request()));
    let page = browser.open(&link(&client, &object, &BESIDE)).await;
    assert_eq!(page.shows(), Shows::Login);
    assert_eq!(verified() - before, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_may_have_its_requests_signed_or_refused() {
    let app = TestApp::start().await;
    let key = Signer::new("PS256");
    let strict = app.client().first_party().with(|metadata| {
        metadata.keys.jwks = Some(key.jwks().into());
        metadata.request_objects.require_signed_request_object = true;
    });
    let strict = strict.create().await;
    let mut browser = app.browser();
    browser.open(&strict.request().url()).await.client_refused("invalid_request");
    let beside = [BESIDE[0], BESIDE[1], ("redirect_uri", REDIRECT)];
    let object = unsigned(&claims(&strict.request()));
    browser.open(&link(&strict, &object, &beside)).await.client_refused("invalid_request_object");
    let object = key.sign(&claims(&strict.request()));
    browser.open(&link(&strict, &object, &beside)).await.client_refused("invalid_request_object");
    let object = key.sign(&signed_claims(&strict, &strict.request()));
    let page = browser.open(&link(&strict, &object, &[("prompt", "login")])).await;
    strict.redeem(&browser.through(page, "alice").await.code()).await.ok();

    let algorithm = app.client().first_party().with(|metadata| {
        metadata.keys.jwks = Some(key.jwks().into());
        metadata.request_objects.request_object_signing_alg = RequestObjectAlgorithm::parse("PS256");
    });
    let algorithm = algorithm.create().await;
    let object = unsigned(&claims(&algorithm.request()));
    browser.open(&link(&algorithm, &object, &beside)).await.client_refused("invalid_request_object");
    browser.open(&algorithm.request().url()).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pushed_object_is_judged_when_it_is_pushed() {
    let app = TestApp::start().await;
    let key = Signer::new("ES256");
    let client = app.client().first_party().auth(AuthMethod::PrivateKeyJwt).with(|metadata| {
        metadata.keys.jwks = Some(key.jwks().into());
        metadata.request_objects.require_signed_request_object = true;
    });
    let client = client.create().await;
    let push = async |form: &[(&str, &str)]| by_assertion(&app, "/par", &key.sign(&assertion(&client)), form).await;
    let object = key.sign(&signed_claims(&client, &client.request()));
    let answer = push(&[("request", &object), ("state", "outside")]).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let uri = answer.json()["request_uri"].as_str().unwrap().to_owned();
    let url = format!("/authorize?{}", encode(&[("client_id", client.id.as_str()), ("request_uri", &uri)]));
    let mut browser = app.browser();
    let page = browser.open(&url).await;
    let page = browser.through(page, "alice").await;
    assert_eq!(page.response()["state"], "st~ate-._1", "RFC 9126 section 3: what is outside means nothing");

    let mut inside = signed_claims(&client, &client.request());
    inside["request_uri"] = json!("https://app.test/r");
    push(&[("request", &key.sign(&inside))]).await.refused("invalid_request_object");
    let other = Signer::new("ES256").sign(&signed_claims(&client, &client.request()));
    push(&[("request", &other)]).await.refused("invalid_request_object");
    push(&[("request", &unsigned(&signed_claims(&client, &client.request())))]).await.refused("invalid_request_object");
    let form = client.request().form();
    let plain: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    push(&plain).await.refused("invalid_request");
    push(&[("request", &object), ("request_uri", "https://app.test/r")]).await.refused("invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_is_fetched_from_where_its_client_has_registered_it() {
    let publisher = Publisher::start("").await;
    let app = TestApp::configured().toml(&publisher.toml()).start().await;
    let key = Signer::new("RS256");
    // The fragment is that of another version: it is no part of the place.
    let registered = format!("{}#{}", publisher.url, "x".repeat(43));
    let client = app.client().first_party().with(|metadata| {
        metadata.keys.jwks = Some(key.jwks().into());
        metadata.request_objects.request_uris = vec![registered.clone()];
    });
    let client = client.create().await;
    let url = |uri: &str, more: &[(&str, &str)]| {
        let least = [("client_id", client.id.as_str()), ("request_uri", uri)];
        format!("/authorize?{}", encode(&[&least, more].concat()))
    };
    let mut browser = app.browser();
    publisher.answers(200, key.sign(&signed_claims(&client, &client.request())));
    let page = browser.open(&url(&registered, &BESIDE)).await;
    let page = browser.through(page, "alice").await;
    client.redeem(&page.code()).await.ok();
    assert_eq!(publisher.asked(), 1);
    // The same version need not be fetched again; another one, and one that names none, is.
    publisher.answers(200, unsigned(&claims(&client.request().with("state", "second"))));
    assert_eq!(browser.open(&url(&registered, &BESIDE)).await.response()["state"], "st~ate-._1");
    let second = format!("{}#second", publisher.url);
    assert_eq!(browser.open(&url(&second, &BESIDE)).await.response()["state"], "second");
    assert_eq!(browser.open(&url(&publisher.url, &BESIDE)).await.response()["state"], "second");
    assert_eq!(publisher.asked(), 3);

    let proven = [BESIDE[0], BESIDE[1], ("redirect_uri", REDIRECT)];
    for (status, body, error) in [
        (404, "", "invalid_request_uri"),
        (302, "", "invalid_request_uri"),
        (200, "nonsense", "invalid_request_object"),
    ] {
        publisher.answers(status, body);
        browser.open(&url(&publisher.url, &proven)).await.client_refused(error);
        browser.open(&url(&publisher.url, &BESIDE)).await.is_error_page(400);
    }
    let asked = publisher.asked();
    for other in ["https://evil.test/r", &format!("{}other", publisher.url), "x", "http://127.0.0.1:1/"] {
        browser.open(&url(other, &proven)).await.client_refused("invalid_request_uri");
        browser.open(&url(other, &BESIDE)).await.is_error_page(400);
    }
    let both = [proven.as_slice(), &[("request", "x")]].concat();
    browser.open(&url(&publisher.url, &both)).await.is_error_page(400);
    assert_eq!(publisher.asked(), asked, "nobody is called for what is not registered");
}
