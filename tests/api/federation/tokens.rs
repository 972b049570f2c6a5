//! The tokens that a provider gives, kept for applications that may use them.

use axum::http::{Request, header};
use latchkey::domain::access::actor::Actor;
use latchkey::domain::oauth::client::changes::Changes;
use latchkey::services::oauth::client::update;
use latchkey::services::operation::events::{self, Filter};
use latchkey::storage::federation::{identity, upstream_token};
use serde_json::json;

use super::{own_csrf, through, through_from};
use crate::harness::upstream::Upstream;
use crate::harness::{Answer, Browser, Client, Shows, TestApp, operator, seconds};

const SCOPE: &str = "openid upstream:fake";

/// A provider that gives tokens which last an hour and can be renewed, and a server that keeps them.
async fn keeping() -> (Upstream, TestApp) {
    let upstream = Upstream::start().await;
    upstream.does(|it| it.offline = true);
    let app = super::knowing(&upstream, "keep_tokens = \"on\"\n").await;
    (upstream, app)
}

/// An application of somebody else that the operator has registered for it.
async fn shop(app: &TestApp) -> Client {
    app.client().named("Shop").scope(SCOPE).create().await
}

/// Somebody signs in through the provider and allows it: the application's access token.
async fn allowed(app: &TestApp, upstream: &Upstream, client: &Client, browser: &mut Browser) -> String {
    let page = browser.open(&client.request().with("scope", SCOPE).url()).await;
    let mut page = through_from(app, upstream, browser, &page).await;
    if page.shows() == Shows::Consent {
        assert!(page.answer.text().contains("Acting for you at Fake"), "{}", page.answer.text());
        page = browser.press(&page, "consent-allow", &[]).await;
    }
    client.redeem(&page.code()).await.ok().access_token
}

async fn ask(app: &TestApp, token: &str) -> Answer {
    let request = Request::get("/api/v1/me/upstream/fake/token");
    app.send(request.header(header::AUTHORIZATION, format!("Bearer {token}"))).await
}

/// The access token that is handed out.
async fn handed(app: &TestApp, token: &str) -> String {
    ask(app, token).await.success()["access_token"].as_str().expect("a token").to_owned()
}

/// How often it was asked to renew since it was last looked.
fn renewals(upstream: &Upstream) -> usize {
    upstream.asked().iter().filter(|path| *path == "refresh").count()
}

/// How often these were counted or written.
async fn counted(app: &TestApp, action: &str) -> usize {
    events::flush(&app.app, &Actor::system("test")).await.unwrap();
    events::seal(&app.app).await.unwrap();
    let all = events::after(&app.app, 0, usize::MAX, &Filter::default()).await.unwrap();
    all.iter().filter(|event| event.action == action).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_operator_and_person_allow_gets_the_token() {
    let (upstream, app) = keeping().await;
    let client = shop(&app).await;
    let token = allowed(&app, &upstream, &client, &mut app.browser()).await;
    let answer = ask(&app, &token).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let told = answer.success();
    assert_eq!((&told["access_token"], &told["token_type"]), (&json!("at-1"), &json!("Bearer")));
    assert_eq!((&told["scope"], &told["expires_at"]), (&json!("files.read"), &json!("2026-05-28T21:26:40.000000Z")));
    assert_eq!(counted(&app, "upstream_token.given").await, 1);
    let supported = app.get("/.well-known/openid-configuration").await.success();
    assert!(supported["scopes_supported"].as_array().unwrap().contains(&json!("upstream:fake")));
    // In the database it is sealed.
    let carl = app.user("carl@upstream.test").await.id;
    let kept = app.app.store.read("test", async |conn| upstream_token::of_user(conn, carl, "fake").await).await;
    let sealed = String::from_utf8_lossy(&kept.unwrap().unwrap().sealed).into_owned();
    assert!(!sealed.contains("at-1") && !sealed.contains("rt-1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_gets_it() {
    let (upstream, app) = keeping().await;
    let client = shop(&app).await;
    app.get("/api/v1/me/upstream/fake/token").await.problem(401, "token_missing");
    // Who was not registered for it, even an application of our own, is not given the scope.
    for other in [app.client().create().await, app.client().first_party().create().await] {
        let page = app.browser().open(&other.request().with("scope", "upstream:fake").url()).await;
        page.client_refused("invalid_scope");
    }
    let own = app.client().first_party().scope("openid account account:write").create().await;
    let usual = own.sign_in_for("alice", "openid account account:write").await.access_token;
    ask(&app, &usual).await.problem(403, "insufficient_scope");
    // The person has nothing there.
    let bob = client.sign_in_for("bob", SCOPE).await.access_token;
    ask(&app, &bob).await.problem(404, "no_upstream_token");
    let token = allowed(&app, &upstream, &client, &mut app.browser()).await;
    let other =
        Request::get("/api/v1/me/upstream/other/token").header(header::AUTHORIZATION, format!("Bearer {token}"));
    app.send(other).await.problem(403, "insufficient_scope");
    // The operator takes it back.
    let change = Changes { scope: Some("openid".parse().unwrap()), ..Changes::default() };
    update(&app.app, &operator(), &client.client_id(), change).await.unwrap();
    ask(&app, &token).await.problem(403, "insufficient_scope");
    let change = Changes { scope: Some("openid upstream:other".parse().unwrap()), ..Changes::default() };
    assert!(update(&app.app, &operator(), &client.client_id(), change).await.is_err(), "there is no such provider");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_renewed_ahead_by_a_job_and_so_is_the_one_that_renews() {
    let (upstream, app) = keeping().await;
    let client = shop(&app).await;
    let mut browser = app.browser();
    allowed(&app, &upstream, &client, &mut browser).await;
    app.advance(seconds(3299));
    app.work().await;
    assert_eq!(renewals(&upstream), 0, "it lasts for more than five minutes");
    for number in 2..5 {
        app.advance(seconds(61));
        app.work().await;
        assert_eq!(renewals(&upstream), 1);
        let token = allowed_again(&client, &mut browser).await;
        assert_eq!(handed(&app, &token).await, format!("at-{number}"));
        app.advance(seconds(3300));
    }
}

/// Another access token of the application, without going anywhere.
async fn allowed_again(client: &Client, browser: &mut Browser) -> String {
    let page = browser.open(&client.request().with("scope", SCOPE).url()).await;
    client.redeem(&page.code()).await.ok().access_token
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_who_ask_for_one_that_has_expired_one_renews_it() {
    let (upstream, app) = keeping().await;
    let client = shop(&app).await;
    let mut browser = app.browser();
    allowed(&app, &upstream, &client, &mut browser).await;
    app.advance(seconds(3600));
    let token = allowed_again(&client, &mut browser).await;
    upstream.asked();
    let asking = (0..20).map(|_| {
        let (app, token) = (app.clone(), token.clone());
        tokio::spawn(async move { handed(&app, &token).await })
    });
    for one in asking.collect::<Vec<_>>() {
        assert_eq!(one.await.unwrap(), "at-2");
    }
    assert_eq!(renewals(&upstream), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_to_renew_ends_it_until_the_next_sign_in() {
    let (upstream, app) = keeping().await;
    let client = shop(&app).await;
    let mut browser = app.browser();
    allowed(&app, &upstream, &client, &mut browser).await;
    upstream.does(|it| it.takes_back = true);
    app.advance(seconds(3400));
    app.work().await;
    let token = allowed_again(&client, &mut browser).await;
    ask(&app, &token).await.problem(404, "no_upstream_token");
    assert_eq!((app.rows().await["upstream_tokens"], counted(&app, "upstream_token.lost").await), (0, 1));
    upstream.does(|it| it.takes_back = false);
    through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(handed(&app, &token).await, "at-2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_down_loses_nothing_and_is_asked_ever_more_rarely() {
    let (upstream, app) = keeping().await;
    let client = shop(&app).await;
    let mut browser = app.browser();
    allowed(&app, &upstream, &client, &mut browser).await;
    upstream.asked();
    upstream.does(|it| it.token_status = Some(503));
    // An hour and a half with a run of the job each minute.
    for _ in 0..150 {
        app.advance(seconds(60));
        app.work().await;
    }
    let tried = renewals(&upstream);
    assert!((5..12).contains(&tried), "{tried}");
    let token = allowed_again(&client, &mut browser).await;
    let answer = ask(&app, &token).await;
    answer.problem(503, "upstream_unavailable");
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=3600).contains(&wait), "{wait}");
    assert_eq!(renewals(&upstream), 0, "nobody is asked meanwhile");
    // A fault of ours in how we prove who we are is none of the token's.
    upstream.does(|it| {
        it.token_status = Some(401);
        it.token_body = Some("{\"error\":\"invalid_client\"}".to_owned());
    });
    app.advance(seconds(3600));
    app.work().await;
    assert_eq!(app.rows().await["upstream_tokens"], 1);
    upstream.does(|it| {
        it.token_status = None;
        it.token_body = None;
    });
    app.advance(seconds(3600));
    let token = allowed_again(&client, &mut browser).await;
    assert_eq!(handed(&app, &token).await, "at-2");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sign_in_replaces_what_is_kept_and_one_without_a_refresh_token_keeps_that() {
    let (upstream, app) = keeping().await;
    let client = shop(&app).await;
    let mut browser = app.browser();
    let token = allowed(&app, &upstream, &client, &mut browser).await;
    through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(handed(&app, &token).await, "at-2");
    // As Google does from the second time on.
    upstream.does(|it| it.offline = false);
    through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(handed(&app, &token).await, "at");
    assert_eq!(app.rows().await["upstream_tokens"], 1);
    app.advance(seconds(60));
    upstream.does(|it| it.offline = true);
    let token = allowed_again(&client, &mut browser).await;
    assert_eq!(handed(&app, &token).await, "at-3");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_without_another_to_renew_it_is_over_when_it_is_over() {
    let upstream = Upstream::start().await;
    let app = super::knowing(&upstream, "keep_tokens = \"on\"\n").await;
    let client = shop(&app).await;
    let token = allowed(&app, &upstream, &client, &mut app.browser()).await;
    assert_eq!(handed(&app, &token).await, "at");
    app.advance(seconds(50));
    ask(&app, &token).await.problem(404, "no_upstream_token");
    assert_eq!(renewals(&upstream), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_tokens_nobody_uses_for_a_week_are_renewed_when_somebody_asks() {
    let (upstream, app) = keeping().await;
    let client = shop(&app).await;
    allowed(&app, &upstream, &client, &mut app.browser()).await;
    app.advance(seconds(8 * 86_400));
    upstream.asked();
    app.work().await;
    assert_eq!(upstream.asked(), Vec::<String>::new());
    let carl = app.user("carl@upstream.test").await.id;
    let by = Actor::system("test");
    let provider = latchkey::services::federation::find(&app.app, "fake").unwrap();
    let handed = latchkey::services::federation::tokens::hand_out(&app.app, &by, carl, &provider).await.unwrap();
    assert!(format!("{handed:?}").starts_with("Token"), "{handed:?}");
    assert_eq!(renewals(&upstream), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn they_go_with_the_identity_with_the_account_and_when_they_are_kept_no_more() {
    let (upstream, app) = keeping().await;
    through(&app, &upstream, &mut app.browser()).await;
    assert_eq!(app.rows().await["upstream_tokens"], 1);
    // The operator keeps them no longer.
    let without = app.another_without("keep_tokens").await;
    app.advance(seconds(60));
    without.work().await;
    assert_eq!(app.rows().await["upstream_tokens"], 0);
    through(&app, &upstream, &mut app.browser()).await;
    // A person with a password disconnects it.
    let now = json!(app.app.clock.now().as_secs());
    let alice = vec![("sub", json!("alice")), ("email", json!("alice@example.com")), ("auth_time", now)];
    upstream.does(|it| it.claims = alice);
    let mut browser = app.browser();
    through(&app, &upstream, &mut browser).await;
    assert_eq!(app.rows().await["upstream_tokens"], 2);
    let page = browser.open("/account/connections").await;
    let form = vec![("csrf".to_owned(), own_csrf(&page)), ("identity".to_owned(), super::identity(&page))];
    browser.post("/account/connections", &form).await;
    assert_eq!(app.rows().await["upstream_tokens"], 1);
    let carl = app.user("carl@upstream.test").await.id;
    let identities = app.app.store.read("test", async |conn| identity::of_user(conn, carl, 9).await).await.unwrap();
    let kept = app.app.store.read("test", async |conn| upstream_token::kept_of_user(conn, carl).await).await.unwrap();
    assert_eq!(kept, [identities[0].id]);
    latchkey::services::account::delete(&app.app, &operator(), carl).await.unwrap();
    assert_eq!(app.rows().await["upstream_tokens"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_another_program_never_gets_it_silently() {
    let (_upstream, app) = keeping().await;
    let native = app.client().public().first_party().scope(SCOPE).redirect(&["http://127.0.0.1/cb"]).create().await;
    let mut browser = app.browser();
    let page = browser.open(&native.request().with("scope", "openid").url()).await;
    browser.sign_in(&page, "alice").await.code();
    let silent = native.request().with("scope", SCOPE).with("prompt", "none");
    browser.open(&silent.url()).await.client_refused("consent_required");
    let page = browser.open(&native.request().with("scope", SCOPE).url()).await;
    assert_eq!(page.shows(), Shows::Consent);
}
