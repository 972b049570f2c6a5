//! What has expired is forgotten, and nothing else.

use latchkey::foundation::SecretHash;
use latchkey::services::operation::prune;
use latchkey::storage::oauth::{access_token, authorization_code, refresh_token, revoked_token};
use latchkey::storage::sign_in::authorization_request;

use crate::harness::{TestApp, jwt, operator, seconds};

const DAY: u64 = 24 * 3600;

/// As the job does it: in a task of its own, with the stack of one.
async fn prune(app: &TestApp) {
    let app = app.app.clone();
    tokio::spawn(async move { prune::all(&app, &operator()).await }).await.expect("no panic").expect("an answer");
}

/// What there is of: request, code, access token, used refresh token, its successor, revocation. In a task of its own:
/// unoptimised, so many queries in one function are too much for the rest of a test's stack.
async fn kept(app: &TestApp, flow: SecretHash, hashes: [SecretHash; 4], jti: String) -> [bool; 6] {
    let store = app.app.store.clone();
    let task = tokio::spawn(async move {
        let request = store.read("test", async |conn| authorization_request::find(conn, &flow).await).await.unwrap();
        let code = store.read("test", async |conn| authorization_code::find(conn, &hashes[0]).await).await.unwrap();
        let access = store.read("test", async |conn| access_token::find(conn, &hashes[1]).await).await.unwrap();
        let used = store.read("test", async |conn| refresh_token::find(conn, &hashes[2]).await).await.unwrap();
        let fresh = store.read("test", async |conn| refresh_token::find(conn, &hashes[3]).await).await.unwrap();
        let revoked = store.read("test", async |conn| revoked_token::contains(conn, &jti).await).await.unwrap();
        [request.is_some(), code.is_some(), access.is_some(), used.is_some(), fresh.is_some(), revoked]
    });
    task.await.expect("no panic")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_still_counts_stays() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let opaque = app.client().opaque().create().await;
    let mut browser = app.browser();
    let tokens = client.sign_in_with(&mut browser, "alice", client.request()).await;
    let hidden = opaque.sign_in("alice").await;
    let revoked = client.refresh(&tokens.refresh_token).await.ok();
    client.revoke(&revoked.access_token).await;
    app.advance(seconds(599));
    prune(&app).await;
    opaque.userinfo(&hidden.access_token).await.success();
    client.userinfo(&revoked.access_token).await.bearer_refused(401, "invalid_token");
    browser.open(&client.request().with("prompt", "none").url()).await.code();
    client.refresh(&revoked.refresh_token).await.ok();
    client.refresh(&tokens.refresh_token).await.refused("invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_of_no_use_any_more_goes() {
    let app = TestApp::start().await;
    let client = app.client().opaque().create().await;
    let signed = app.client().create().await;
    let mut browser = app.browser();
    // Too long for a URL, so it is stored.
    let long = "n".repeat(2000);
    let page = browser.open(&client.request().with("nonce", &long).url()).await;
    let flow = SecretHash::of(&page.hidden("login-submit", "flow"));
    let code = browser.through(page, "alice").await.code();
    let tokens = client.redeem(&code).await.ok();
    let next = client.refresh(&tokens.refresh_token).await.ok();
    let token = signed.sign_in("alice").await.access_token;
    signed.revoke(&token).await;
    let jti = jwt::claims(&token)["jti"].as_str().unwrap().to_owned();
    let hashes =
        [&code, &tokens.access_token, &tokens.refresh_token, &next.refresh_token].map(|text| SecretHash::of(text));
    let kept = || kept(&app, flow, hashes, jti.clone());
    prune(&app).await;
    assert_eq!(kept().await, [true; 6]);
    app.advance(seconds(600 + 3600));
    prune(&app).await;
    assert_eq!(kept().await, [false, true, false, true, true, true], "an access token is kept for an hour");
    app.advance(seconds(DAY - 3600 - 1));
    prune(&app).await;
    assert_eq!(kept().await, [false, false, false, true, true, true], "a code for a day");
    app.advance(seconds(1));
    prune(&app).await;
    assert_eq!(kept().await, [false, false, false, true, true, false], "and so is what denies an access token");
    app.advance(seconds(8 * DAY));
    prune(&app).await;
    assert_eq!(kept().await, [false, false, false, true, true, false], "a used refresh token shows a replay");
    app.advance(seconds(100 * DAY));
    prune(&app).await;
    assert_eq!(kept().await, [false; 6]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pile_of_expired_rows_goes_in_one_run() {
    let app = TestApp::start().await;
    let rows: Vec<String> =
        (0..1203).map(|i| format!("('t{i}', '2001-01-01 00:00:00+00:00', '2001-01-01 00:10:00+00:00')")).collect();
    app.sql(&format!("INSERT INTO revoked_tokens (id, revoked_at, expires_at) VALUES {}", rows.join(", "))).await;
    prune(&app).await;
    for id in ["t0", "t600", "t1202"] {
        let left = app.app.store.read("test", async |conn| revoked_token::contains(conn, id).await).await.unwrap();
        assert!(!left, "{id}");
    }
}
