//! Requests as JWTs, by value and by reference.

use serde_json::{Map, Value, json};

use super::checks::{discovery, lists};
use super::plan::Plan;
use super::suite::{CALLBACK, Module, said};
use crate::harness::signer::{Publisher, Signer};
use crate::harness::{AuthorizationRequest, ISSUER, TestApp};

/// A request as claims.
fn claims(request: &AuthorizationRequest) -> Value {
    let members: Map<_, _> = request.form().into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    Value::Object(members)
}

/// A JWT without a signature.
fn unsigned(claims: &Value) -> String {
    let jwt = Signer::hmac("HS256", "x".repeat(32)).sign_with(&json!({"alg": "none"}), claims);
    format!("{}.", jwt.rsplit_once('.').expect("three parts").0)
}

/// What stands outside of it, and whoever it is of.
fn outside(request: &AuthorizationRequest) -> AuthorizationRequest {
    request.clone().without("state").without("nonce")
}

/// `oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported`: state and nonce stand inside alone.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported() {
    let app = TestApp::registering().await;
    let document = discovery(&app).await;
    assert_eq!(document["request_parameter_supported"], true);
    assert!(lists(&document, "request_object_signing_alg_values_supported", "none"));
    for plan in Plan::all() {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request();
        let object = unsigned(&claims(&request));
        let page = module.browser.open(&outside(&request).with("request", &object).url()).await;
        module.goes_on(page, &request).await;
    }
}

/// A server of the suite's, and ours that may call it.
async fn with_publisher() -> (TestApp, Publisher, Value) {
    let publisher = Publisher::start("").await;
    let toml = format!("[registration]\ndynamic = \"open\"\n{}", publisher.toml());
    let app = TestApp::configured().toml(&toml).start().await;
    // A hash of what will be there: another one would be another version of it.
    let uri = format!("{}#{}", publisher.url, "GkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM");
    (app, publisher, json!(uri))
}

/// A client that has its requests at this address sends them by it.
async fn is_fetched(plans: impl Iterator<Item = Plan>, members: Value, object: impl Fn(&Module, &Value) -> String) {
    let (app, publisher, uri) = with_publisher().await;
    assert_eq!(discovery(&app).await["request_uri_parameter_supported"], true);
    for (runs, plan) in plans.enumerate() {
        let mut members = members.clone();
        members["request_uris"] = json!([uri]);
        let mut module = Module::with(&app, plan, members).await;
        assert_eq!(module.registered.told["request_uris"], json!([uri]));
        let request = module.request();
        publisher.answers(200, object(&module, &claims(&request)));
        let page = module.browser.open(&outside(&request).with("request_uri", uri.as_str().unwrap()).url()).await;
        module.goes_on(page, &request).await;
        assert_eq!(publisher.asked(), runs + 1);
    }
}

/// `oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported` and `oidcc-request-uri-unsigned`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_request_uri_unsigned() {
    is_fetched(Plan::types().chain(Plan::dynamic()), json!({}), |_, claims| unsigned(claims)).await;
    is_fetched([Plan::CODE].into_iter(), json!({"request_object_signing_alg": "none"}), |_, claims| unsigned(claims))
        .await;
}

/// `oidcc-request-uri-signed-rs256`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_request_uri_signed_rs256() {
    let signed = |module: &Module, claims: &Value| {
        let mut claims = claims.clone();
        claims["iss"] = json!(module.client().id);
        claims["aud"] = json!(ISSUER);
        module.key.sign(&claims)
    };
    assert!(lists(&discovery(&TestApp::start().await).await, "request_object_signing_alg_values_supported", "RS256"));
    is_fetched(Plan::dynamic(), json!({"request_object_signing_alg": "RS256"}), signed).await;
    is_fetched([Plan::CODE].into_iter(), json!({}), signed).await;
}

/// `oidcc-ensure-request-object-with-redirect-uri`: what is inside counts, and what is wrong outside leads nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_ensure_request_object_with_redirect_uri() {
    let app = TestApp::registering().await;
    for plan in Plan::types() {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request();
        assert_eq!(said(&request, "redirect_uri").as_deref(), Some(CALLBACK));
        let object = unsigned(&claims(&request));
        let sent = request.clone().with("redirect_uri", "https://suite.test/wrong").with("request", &object);
        let page = module.browser.open(&sent.url()).await;
        module.goes_on(page, &request).await;
        // The other way round there is nowhere to go.
        let object = unsigned(&claims(&request.clone().with("redirect_uri", "https://suite.test/wrong")));
        module.browser.open(&request.with("request", &object).url()).await.is_error_page(400);
    }
}
