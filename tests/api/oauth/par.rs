//! Pushed authorization requests (RFC 9126).

use std::net::{IpAddr, Ipv4Addr};

use axum::http::{Request, StatusCode};
use latchkey::domain::oauth::client::AuthMethod;
use serde_json::json;

use crate::harness::{Answer, AuthorizationRequest, Client, REDIRECT, Shows, TestApp, body, encode, jwt, seconds};

const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// Pushes a request as its client.
async fn push(client: &Client, request: &AuthorizationRequest) -> Answer {
    let form = request.form();
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let form: Vec<_> = form.into_iter().filter(|(name, _)| *name != "client_id").collect();
    client.post("/par", &form).await
}

/// What it is given for it.
async fn pushed(client: &Client, request: &AuthorizationRequest) -> String {
    let answer = push(client, request).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    answer.is_not_kept();
    let given = answer.json();
    assert_eq!(given["expires_in"], 90);
    assert_eq!(given.as_object().unwrap().len(), 2);
    given["request_uri"].as_str().unwrap().to_owned()
}

/// The link that a browser is sent with.
fn link(client: &Client, request_uri: &str) -> String {
    format!("/authorize?{}", encode(&[("client_id", client.id.as_str()), ("request_uri", request_uri)]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pushed_request_leads_through_the_pages_to_tokens() {
    let app = TestApp::start().await;
    for method in [AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost, AuthMethod::None] {
        let client = app.client().auth(method).create().await;
        let uri = pushed(&client, &client.request()).await;
        assert!(uri.starts_with(PREFIX) && uri.len() == PREFIX.len() + 43, "{uri}");
        let mut browser = app.browser();
        let page = browser.open(&link(&client, &uri)).await;
        assert_eq!(page.shows(), Shows::Login);
        let page = browser.through(page, "alice").await;
        assert_eq!(page.response()["state"], "st~ate-._1");
        let tokens = client.redeem(&page.code()).await.ok();
        assert_eq!(jwt::claims(&tokens.id_token)["nonce"], "n-1");
        // Signed in already: no page is between the two.
        let at_once = pushed(&client, &client.request()).await;
        client.redeem(&browser.open(&link(&client, &at_once)).await.code()).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_browser_says_beside_the_request_uri_is_ignored() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let uri = pushed(&client, &client.request().with("scope", "openid email")).await;
    let mut browser = app.browser();
    let more = [
        ("client_id", client.id.as_str()),
        ("request_uri", &uri),
        ("redirect_uri", "https://evil.test/"),
        ("scope", "openid profile"),
        ("state", "other"),
        ("response_mode", "fragment"),
        ("prompt", "none"),
    ];
    let page = browser.open(&format!("/authorize?{}", encode(&more))).await;
    let page = browser.through(page, "alice").await;
    assert_eq!(page.response()["state"], "st~ate-._1");
    assert!(page.target().contains('?'), "{}", page.target());
    assert_eq!(client.redeem(&page.code()).await.ok().scope, "email openid");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_may_be_loaded_again_until_it_is_answered_and_never_after_that() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let uri = pushed(&client, &client.request()).await;
    let mut browser = app.browser();
    let first = browser.open(&link(&client, &uri)).await;
    // Reloaded, or opened in a second tab: the sign-in goes on.
    let second = browser.open(&link(&client, &uri)).await;
    assert_eq!((first.shows(), second.shows()), (Shows::Login, Shows::Login));
    client.redeem(&browser.sign_in(&first, "alice").await.code()).await.ok();
    browser.open(&link(&client, &uri)).await.is_error_page(400);
    app.browser().open(&link(&client, &uri)).await.is_error_page(400);
    // Nor in the tab where it has been waiting.
    browser.sign_in(&second, "alice").await.client_refused("invalid_request_uri");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_clicks_is_answered_like_the_first() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let uri = pushed(&client, &client.request()).await;
    let mut browser = app.browser();
    let page = browser.open(&link(&client, &uri)).await;
    let consent = browser.sign_in(&page, "alice").await;
    assert_eq!(consent.shows(), Shows::Consent);
    let first = browser.press(&consent, "consent-allow", &[]).await.code();
    let second = browser.press(&consent, "consent-allow", &[]).await.code();
    assert_ne!(first, second);
    client.redeem(&second).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_browsers_at_once_one_is_answered() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    client.authorize(&mut browser, "alice", client.request()).await;
    let uri = pushed(&client, &client.request()).await;
    let opened = (0..8).map(|_| {
        let (mut browser, link) = (browser.clone(), link(&client, &uri));
        tokio::spawn(async move { browser.open(&link).await })
    });
    let mut codes = 0;
    for page in opened.collect::<Vec<_>>() {
        let page = page.await.unwrap();
        // Whoever comes later finds it used, as a page or, if it was found before, as an error of the client's.
        codes += usize::from(page.shows() == Shows::Client && page.target().contains("code="));
    }
    assert_eq!(codes, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_has_to_be_brought_in_time_but_its_user_may_take_longer() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let (late, slow) = (pushed(&client, &client.request()).await, pushed(&client, &client.request()).await);
    let mut browser = app.browser();
    app.advance(seconds(89));
    let page = browser.open(&link(&client, &slow)).await;
    app.advance(seconds(1));
    app.browser().open(&link(&client, &late)).await.is_error_page(400);
    app.advance(seconds(600));
    client.redeem(&browser.sign_in(&page, "alice").await.code()).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_its_own_clients_alone() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let other = app.client().create().await;
    let uri = pushed(&client, &client.request()).await;
    app.browser().open(&link(&other, &uri)).await.is_error_page(400);
    let nobody = format!("/authorize?{}", encode(&[("request_uri", &uri)]));
    app.browser().open(&nobody).await.is_error_page(400);
    for unknown in [format!("{PREFIX}{}", "A".repeat(43)), PREFIX.to_owned()] {
        app.browser().open(&link(&client, &unknown)).await.is_error_page(400);
    }
    app.browser().open(&link(&client, &uri)).await.form("login-submit");
    // Whoever is disabled meanwhile gets nothing for it.
    app.disable_client(&client.id).await;
    app.browser().open(&link(&client, &uri)).await.is_error_page(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_faulty_request_is_refused_when_it_is_pushed() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let before = app.rows().await["pushed_requests"];
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "", "invalid_request"),
        ("redirect_uri", "https://evil.test/", "invalid_request"),
        ("redirect_uri", "", "invalid_request"),
        ("scope", "phone\u{7}", "invalid_scope"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("prompt", "none login", "invalid_request"),
        ("prompt", "create", "invalid_request"),
        ("response_mode", "web_message", "invalid_request"),
        ("claims", "[]", "invalid_request"),
        ("id_token_hint", "a.b.c", "invalid_request"),
        ("request_uri", "urn:ietf:params:oauth:request_uri:x", "invalid_request"),
        ("request_uri", "https://app.test/request", "invalid_request"),
        ("state", &"s".repeat(17 * 1024), "invalid_request"),
    ] {
        push(&client, &client.request().with(name, value)).await.refused(error);
    }
    push(&client, &client.request().and("state", "twice")).await.refused("invalid_request");
    assert_eq!(app.rows().await["pushed_requests"], before, "nothing was kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_pushes_authenticates_as_at_the_token_endpoint() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let other = app.client().confidential().create().await;
    let wrong = Client { secret: "wrong".to_owned(), ..client.clone() };
    push(&wrong, &client.request()).await.refused("invalid_client");
    app.post("/par", &[("client_id", &client.id), ("scope", "openid")]).await.refused("invalid_client");
    let form = encode(&client.request().form());
    let foreign = body(Request::post("/par").header("authorization", other.basic()), form);
    app.call(foreign).await.refused_with(StatusCode::BAD_REQUEST, "invalid_request");
    assert_eq!(app.get("/par").await.status, StatusCode::METHOD_NOT_ALLOWED, "RFC 9126 section 2.3");
    assert_eq!(app.rows().await["pushed_requests"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_the_client_is_stored_with_its_request() {
    let app = TestApp::start().await;
    let client = app.client().auth(AuthMethod::ClientSecretPost).create().await;
    let uri = pushed(&client, &client.request()).await;
    let hash = latchkey::foundation::SecretHash::of(uri.strip_prefix(PREFIX).unwrap());
    let (id, now) = (client.client_id(), app.clock.now());
    let find = async |conn: &mut _| latchkey::storage::oauth::pushed_request::find(conn, &hash, &id, now).await;
    let (parameters, _) = app.app.store.read("test", find).await.unwrap().unwrap();
    assert!(parameters.contains("code_challenge=") && !parameters.contains("secret"), "{parameters}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_must_push_is_refused_elsewhere() {
    let app = TestApp::start().await;
    let must = app.client().with(|client| client.requests.require_pushed_authorization_requests = true).create().await;
    let mut browser = app.browser();
    let refused = browser.open(&must.request().url()).await;
    refused.client_refused("invalid_request");
    let uri = pushed(&must, &must.request()).await;
    let page = browser.open(&link(&must, &uri)).await;
    must.redeem(&browser.through(page, "alice").await.code()).await.ok();
    assert_eq!(discovery(&app).await["require_pushed_authorization_requests"], json!(false));

    let strict = app.another_with_toml("[oauth]\nrequire_pushed_requests = \"on\"\n").await;
    let client = app.client().create().await.at(&strict);
    let mut browser = strict.browser();
    browser.open(&client.request().url()).await.client_refused("invalid_request");
    let uri = pushed(&client, &client.request()).await;
    let page = browser.open(&link(&client, &uri)).await;
    client.redeem(&browser.through(page, "alice").await.code()).await.ok();
    assert_eq!(discovery(&strict).await["require_pushed_authorization_requests"], json!(true));
}

async fn discovery(app: &TestApp) -> serde_json::Value {
    let document = app.get("/.well-known/openid-configuration").await.success();
    assert_eq!(document["pushed_authorization_request_endpoint"], json!("https://id.test/par"));
    document
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_an_application_gave_itself_has_no_more_room_than_strangers_have() {
    let app = TestApp::registering().await;
    let mut kept = 0;
    // Eight registrations from one network, each with a secret of its own.
    for round in 0..9 {
        let answer = app.register(None, &json!({"redirect_uris": [REDIRECT]})).await;
        let client = app.registered(&answer).client();
        for _ in 0..10 {
            let answer = push(&client, &client.request()).await;
            match answer.status == StatusCode::CREATED {
                true => kept += 1,
                false => assert_eq!((answer.status, round), (StatusCode::TOO_MANY_REQUESTS, 8)),
            }
        }
    }
    assert_eq!(kept, 80);
    let known = app.client().confidential().create().await;
    pushed(&known, &known.request()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_fill_no_more_than_their_room() {
    let app = TestApp::start().await;
    let public = app.client().public().create().await;
    let form: Vec<_> = public.request().form();
    let from = |last: u8, network: u8| {
        let request = body(Request::post("/par"), encode(&form));
        app.call_from(request, IpAddr::V4(Ipv4Addr::new(198, 51, network, last)))
    };
    for n in 0..80 {
        assert_eq!(from(n, 1).await.status, StatusCode::CREATED, "{n}");
    }
    let full = from(200, 1).await;
    full.refused_with(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable");
    assert_eq!(full.header("retry-after"), "60");
    assert_eq!(from(1, 2).await.status, StatusCode::CREATED, "elsewhere there is room");
    // A client with a secret is not kept from working by those without.
    let client = app.client().confidential().create().await;
    pushed(&client, &client.request()).await;
    app.advance(seconds(90));
    assert_eq!(from(1, 1).await.status, StatusCode::CREATED, "what is too old takes no room");
}
