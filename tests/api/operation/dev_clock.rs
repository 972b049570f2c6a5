//! The clock of `latchkey dev`, which can be moved forward.

use axum::body::Body;
use axum::http::Request;
use axum::http::request::Builder;
use latchkey::services::operation::clock_guard;

use crate::harness::{Answer, Shows, TestApp, body, encode};

/// As `latchkey dev` is.
async fn dev() -> TestApp {
    TestApp::configured().issuer("http://127.0.0.1:8080").explaining().start().await
}

async fn forward(app: &TestApp, by: &str) -> Answer {
    app.post("/dev/clock", &[("forward", by)]).await
}

fn posted() -> Builder {
    Request::post("/dev/clock")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_its_time_has_come_and_the_clock_is_believed() {
    let app = dev().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let tokens = client.sign_in_with(&mut browser, "alice", client.request()).await;
    let userinfo = || {
        let request = Request::get("/userinfo").header("authorization", format!("Bearer {}", tokens.access_token));
        app.call(request.body(Body::empty()).unwrap())
    };
    userinfo().await.success();
    let before = app.clock.now();

    let answer = forward(&app, "90m").await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let told = answer.success();
    assert_eq!(app.clock.now().since(before).as_secs(), 5_400);
    assert_eq!(told["now"], app.clock.now().to_string());

    userinfo().await.bearer_refused(401, "invalid_token");
    client.refresh(&tokens.refresh_token).await.ok();
    assert!(!app.app.clock_guard.is_in_doubt(), "both hands have moved");
    clock_guard::check(&app.app).await.unwrap();
    assert_eq!(app.app.clock_guard.believed(&app.clock), app.clock.now());

    // Ten years on nothing is in doubt either, and a restart believes it.
    forward(&app, "3600d").await.success();
    assert!(!app.app.clock_guard.is_in_doubt());
    let again = app.another().await;
    assert!(!again.app.clock_guard.is_in_doubt());
    assert_eq!(browser.open("/account").await.shows(), Shows::Login);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_what_time_it_is_and_moves_it() {
    let app = dev().await;
    let mut browser = app.browser();
    let page = browser.open("/dev/clock").await;
    let shown = app.clock.now().to_string();
    assert!(page.answer.text().contains(&shown), "{}", page.answer.text());
    let form = page.form("clock-submit").submit("clock-submit", &[("forward", "2h")]);
    let mut request = body(posted(), encode(&form));
    request.headers_mut().insert("accept", "text/html,*/*".parse().unwrap());
    let answer = browser.exchange(request).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/dev/clock"));
    let mut request = body(posted(), "forward=soon");
    request.headers_mut().insert("accept", "text/html".parse().unwrap());
    let answer = browser.exchange(request).await;
    assert_eq!(answer.status.as_u16(), 400);
    assert!(answer.text().contains("id=\"forward-error\""), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn time_goes_forward_and_within_reason() {
    let app = dev().await;
    let before = app.clock.now();
    for odd in ["", "-1h", "0s", "90", "1 year", "4000d"] {
        let answer = forward(&app, odd).await;
        assert_eq!(answer.status.as_u16(), 400, "{odd}: {}", answer.text());
        assert!(answer.json()["error"].as_str().unwrap().starts_with("forward is"), "{odd}");
    }
    assert_eq!(app.post("/dev/clock", &[]).await.status.as_u16(), 400);
    assert_eq!(app.post("/dev/clock", &[("forward", "1h"), ("forward", "2h")]).await.status.as_u16(), 400);
    assert_eq!(app.clock.now(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_does_not_move_the_clock_whatever_its_name_is() {
    let app = dev().await;
    let before = app.clock.now();
    let foreign = [
        ("origin", "https://evil.example"),
        ("origin", "http://127.0.0.1:3000"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        // The site's own name, which leads here.
        ("host", "evil.example:8080"),
    ];
    for (name, value) in foreign {
        let answer = app.call(body(posted().header(name, value), "forward=90m")).await;
        assert!(answer.status.is_client_error(), "{name}: {value}: {}", answer.status);
    }
    let rebound = posted().header("host", "evil.example:8080").header("origin", "http://evil.example:8080");
    assert!(app.call(body(rebound, "forward=90m")).await.status.is_client_error());
    assert_eq!(app.clock.now(), before);
    let ours = posted().header("host", "localhost:8080").header("sec-fetch-site", "same-origin");
    app.call(body(ours, "forward=90m")).await.success();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_dev_has_a_clock_to_move() {
    let serve = TestApp::configured().issuer("http://127.0.0.1:8080").start().await;
    let public = TestApp::configured().explaining().start().await;
    for app in [serve, public] {
        let before = app.clock.now();
        assert_eq!(forward(&app, "90m").await.status.as_u16(), 404);
        assert_eq!(app.get("/dev/clock").await.status.as_u16(), 404);
        assert_eq!(app.clock.now(), before);
    }
}
