//! The demo app against a small provider on loopback that refuses every code.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;
use url::Url;

use super::*;
use crate::foundation::{Clock, Random, SecretString};

const JSON: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/json")];
const SECRET: &str = "s3cret-of-the-app";

/// A demo app, its provider, and one browser's cookie.
struct Browser {
    app: Router,
    issuer: String,
    cookie: Option<String>,
    redemptions: Arc<AtomicUsize>,
}

impl Browser {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let redemptions = Arc::new(AtomicUsize::new(0));
        let provider = provider(&issuer, redemptions.clone());
        tokio::spawn(async move { axum::serve(listener, provider).await });
        Self { app: app(&issuer), issuer, cookie: None, redemptions }
    }

    async fn get(&mut self, path: &str) -> (StatusCode, String, String) {
        let host = self.issuer.trim_start_matches("http://").to_owned();
        self.send(Request::get(path).header(header::HOST, host), "").await
    }

    async fn send(&mut self, mut request: http::request::Builder, body: &str) -> (StatusCode, String, String) {
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let answer: Response<Body> = self.app.clone().oneshot(request).await.unwrap();
        let text = |name| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        if let Some(cookie) = text(header::SET_COOKIE) {
            assert!(cookie.contains("HttpOnly; SameSite=Lax") && cookie.contains("Path=/demo"), "{cookie}");
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        let (status, location) = (answer.status(), text(header::LOCATION).unwrap_or_default());
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, location, String::from_utf8(body.to_vec()).unwrap())
    }

    /// Begins a sign-in; returns the authorization request's parameters.
    async fn begin(&mut self) -> Vec<(String, String)> {
        let (status, location, body) = self.get("/demo/login").await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{body}");
        Url::parse(&location).unwrap().query_pairs().into_owned().collect()
    }

    async fn answer(&mut self, parameters: &[(&str, &str)]) -> String {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.get(&format!("/demo/callback?{query}")).await.2
    }
}

fn value<'a>(parameters: &'a [(String, String)], name: &str) -> &'a str {
    &parameters.iter().find(|(key, _)| key == name).unwrap().1
}

fn app(issuer: &str) -> Router {
    let credentials = |id: &str| Credentials { client_id: id.into(), client_secret: SecretString::new(SECRET.into()) };
    let (random, clock) = (Random::System, Clock::System);
    let issuer = Issuer::parse(issuer).unwrap();
    router(DemoSettings { issuer, app: credentials("demo"), machine: credentials("machine"), random, clock }).unwrap()
}

fn provider(issuer: &str, redemptions: Arc<AtomicUsize>) -> Router {
    let metadata = serde_json::json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    let refuse = move || {
        redemptions.fetch_add(1, Ordering::SeqCst);
        async move { (StatusCode::BAD_REQUEST, JSON, r#"{"error":"invalid_grant","error_description":"no"}"#) }
    };
    Router::new()
        .route("/.well-known/openid-configuration", get(move || async move { (JSON, metadata.to_string()) }))
        .route("/jwks", get(move || async move { (JSON, r#"{"keys":[]}"#) }))
        .route("/token", post(refuse))
}

#[tokio::test]
async fn a_sign_in_asks_for_a_code_bound_to_this_browser_and_app() {
    let mut browser = Browser::open().await;
    let request = browser.begin().await;
    assert_eq!(value(&request, "response_type"), "code");
    assert_eq!(value(&request, "code_challenge_method"), "S256");
    assert_eq!(value(&request, "scope"), "openid profile email phone address offline_access");
    assert_eq!(value(&request, "redirect_uri"), format!("{}/demo/callback", browser.issuer));
    let again = browser.begin().await;
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(value(&request, name), value(&again, name));
    }
}

#[tokio::test]
async fn a_denial_is_shown_kindly_and_its_state_is_used_up() {
    let mut browser = Browser::open().await;
    let (request, issuer) = (browser.begin().await, browser.issuer.clone());
    let answer = [("error", "access_denied"), ("state", value(&request, "state")), ("iss", &issuer)];
    let page = browser.answer(&answer).await;
    assert!(page.contains("You did not sign in") && page.contains("error=access_denied"), "{page}");
    assert!(browser.answer(&answer).await.contains("belongs to no sign-in of this browser"));
}

#[tokio::test]
async fn an_answer_from_elsewhere_is_never_redeemed() {
    let mut browser = Browser::open().await;
    let (request, issuer) = (browser.begin().await, browser.issuer.clone());
    let state = value(&request, "state");
    let wrong = browser.answer(&[("code", "c"), ("state", "forged"), ("iss", &issuer)]).await;
    assert!(wrong.contains("belongs to no sign-in of this browser"));

    let cookie = browser.cookie.take();
    let stranger = browser.answer(&[("code", "c"), ("state", state), ("iss", &issuer)]).await;
    assert!(stranger.contains("belongs to no sign-in of this browser"));

    browser.cookie = cookie;
    let mixed_up = browser.answer(&[("code", "c"), ("state", state), ("iss", "https://evil.example")]).await;
    assert!(mixed_up.contains("not from the provider that was asked"));
    assert_eq!(browser.redemptions.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_refused_code_is_shown_with_what_was_sent_but_for_the_secret() {
    let mut browser = Browser::open().await;
    let (request, issuer) = (browser.begin().await, browser.issuer.clone());
    let answer = [("code", "<b>c"), ("state", value(&request, "state")), ("iss", &issuer)];
    let page = browser.answer(&answer).await;
    assert_eq!(browser.redemptions.load(Ordering::SeqCst), 1);
    assert!(page.contains("invalid_grant: no") && page.contains(r#"data-step="token""#), "{page}");
    assert!(page.contains("code_verifier=") && page.contains("POST /token"));
    assert!(!page.contains(SECRET) && !page.contains("<b>c"));
}

#[tokio::test]
async fn another_name_of_this_machine_is_led_to_the_issuers_origin() {
    let mut browser = Browser::open().await;
    let request = Request::get("/demo/login?x=1").header(header::HOST, "localhost:1");
    let (status, location, _) = browser.send(request, "").await;
    assert_eq!((status, location), (StatusCode::SEE_OTHER, format!("{}/demo/login?x=1", browser.issuer)));
    let request = Request::get("//evil.example/demo").header(header::HOST, "localhost:1");
    assert!(!browser.send(request, "").await.1.starts_with("//"));
}

#[tokio::test]
async fn a_button_of_someone_who_is_not_signed_in_only_starts_over() {
    let mut browser = Browser::open().await;
    browser.begin().await;
    let host = browser.issuer.trim_start_matches("http://").to_owned();
    let request = Request::post("/demo/do/machine-token").header(header::HOST, host);
    let (status, location, _) = browser.send(request, "csrf=").await;
    assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/demo"));
    assert_eq!(browser.redemptions.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_a_card_and_not_a_crash() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let redemptions = Arc::new(AtomicUsize::new(0));
    let mut browser = Browser { app: app(&issuer), issuer, cookie: None, redemptions };
    let (status, _, page) = browser.get("/demo/login").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("no answer") && page.contains(r#"data-step="discovery""#), "{page}");
}
