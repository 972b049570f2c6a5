//! Clocks that are wrong: set, corrected, or another one at each instance.

use std::time::Duration;

use latchkey::foundation::{Clock, SecretHash, Timestamp};
use latchkey::services::operation::{clock_guard, prune};
use latchkey::storage::oauth::{refresh_token, revoked_token};

use crate::harness::{Client, Shows, TestApp, jwt, operator, seconds};

const HOUR: u64 = 3600;
const TEN_YEARS: Duration = seconds(3650 * 24 * HOUR);

/// As the jobs do it: a look at the clock, then pruning. In a task of its own, with the stack of one.
async fn look_and_prune(app: &TestApp) {
    let app = app.app.clone();
    let jobs = tokio::spawn(async move {
        clock_guard::check(&app).await.expect("an answer");
        prune::all(&app, &operator()).await.expect("an answer");
    });
    jobs.await.expect("no panic");
}

async fn is_stored(app: &TestApp, refresh_token: &str) -> bool {
    let hash = SecretHash::of(refresh_token);
    app.app.store.read("test", async |conn| refresh_token::find(conn, &hash).await).await.unwrap().is_some()
}

async fn silently(client: &Client, browser: &mut crate::harness::Browser) -> bool {
    let page = browser.open(&client.request().with("prompt", "none").url()).await;
    page.response().contains_key("code")
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_years_ahead_for_a_moment_cost_nobody_anything() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let tokens = client.sign_in_with(&mut browser, "alice", client.request()).await;
    let right = app.clock.now();
    look_and_prune(&app).await;

    app.clock.set(right.after(TEN_YEARS));
    for _ in 0..3 {
        look_and_prune(&app).await;
        app.advance(seconds(1));
    }
    client.refresh(&tokens.refresh_token).await.refused("invalid_grant");
    assert!(!silently(&client, &mut browser.clone()).await, "as expired as it looks");

    app.clock.set(right.after(seconds(4)));
    look_and_prune(&app).await;
    client.refresh(&tokens.refresh_token).await.ok();
    assert!(silently(&client, &mut browser).await, "still signed in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_with_a_clock_ten_years_ahead_deletes_nothing_either() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let tokens = client.sign_in("alice").await;
    look_and_prune(&app).await;
    let right = app.clock.now();

    let wrong = app.another_at(right.after(TEN_YEARS)).await;
    look_and_prune(&wrong).await;
    wrong.advance(seconds(60));
    look_and_prune(&wrong).await;
    let again = app.another_at(right.after(TEN_YEARS)).await;
    look_and_prune(&again).await;
    assert!(is_stored(&app, &tokens.refresh_token).await);
    again.clock.set(right.after(seconds(90)));
    look_and_prune(&again).await;
    client.at(&again).refresh(&tokens.refresh_token).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_stays_where_it_was_set_is_believed_after_hours() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let token = client.sign_in("alice").await.refresh_token;
    look_and_prune(&app).await;
    app.clock.set(app.clock.now().after(TEN_YEARS));
    look_and_prune(&app).await;
    app.advance(seconds(6 * HOUR - 1));
    look_and_prune(&app).await;
    assert!(is_stored(&app, &token).await);
    app.advance(seconds(1));
    look_and_prune(&app).await;
    assert!(!is_stored(&app, &token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_can_say_that_the_clock_is_right() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let token = client.sign_in("alice").await.refresh_token;
    look_and_prune(&app).await;
    let later = app.clock.now().after(TEN_YEARS);
    app.clock.set(later);
    look_and_prune(&app).await;
    assert!(is_stored(&app, &token).await);
    clock_guard::confirm(&app.another_at(later).await.app, &operator()).await.unwrap();
    look_and_prune(&app).await;
    assert!(!is_stored(&app, &token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_stays_revoked_after_an_hour_ahead() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let machine = app.client().machine("a").create().await;
    let user = client.sign_in("alice").await.access_token;
    let own = machine.client_credentials().await.ok().access_token;
    client.revoke(&user).await;
    machine.revoke(&own).await;
    let right = app.clock.now();
    // Without a look at the clock before: it was wrong when the server began.
    for wrong in [app.clone(), app.another_at(right.after(seconds(HOUR))).await] {
        wrong.clock.set(right.after(seconds(HOUR)));
        look_and_prune(&wrong).await;
        wrong.clock.set(right);
        look_and_prune(&wrong).await;
        client.at(&wrong).userinfo(&user).await.bearer_refused(401, "invalid_token");
        assert!(!machine.at(&wrong).finds_active(&own).await);
    }
    let jti = jwt::claims(&own)["jti"].as_str().unwrap().to_owned();
    assert!(app.app.store.read("test", async |conn| revoked_token::contains(conn, &jti).await).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_in_again_under_a_wrong_clock_loses_nothing_by_it() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let before = client.sign_in_with(&mut browser, "alice", client.request().with("scope", "openid")).await;
    let right = app.clock.now();
    app.clock.set(right.after(TEN_YEARS));
    client.sign_in_with(&mut browser, "alice", client.request().with("scope", "openid")).await;
    app.clock.set(right.after(seconds(4)));
    client.sign_in_with(&mut browser, "alice", client.request().with("scope", "openid")).await;
    client.refresh(&before.refresh_token).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_is_repeated_across_a_jump_yields_the_same_successor() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let first = client.sign_in("alice").await.refresh_token;
    let second = client.refresh(&first).await.ok().refresh_token;
    app.clock.set(app.clock.now().after(seconds(HOUR)));
    app.advance(seconds(2));
    assert_eq!(client.refresh(&first).await.ok().refresh_token, second);
    app.advance(seconds(8));
    client.refresh(&first).await.refused("invalid_grant");
    client.refresh(&second).await.refused("invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_doubted_clock_opened_closes_by_that_clock_and_not_when_it_is_believed() {
    let before = TestApp::start().await;
    look_and_prune(&before).await;
    // A server that was off for an hour, and one whose clock was set while it ran.
    let restarted = before.another_at(before.clock.now().after(seconds(HOUR))).await;
    for app in [restarted, before] {
        app.clock.set(app.clock.now().after(seconds(HOUR)));
        look_and_prune(&app).await;
        assert!(app.app.clock_guard.is_in_doubt());
        let client = app.client().first_party().create().await;
        let (early, late) = (client.code("alice").await, client.code("alice").await);
        let first = client.redeem(&early).await.ok().refresh_token;
        let second = client.refresh(&first).await.ok().refresh_token;
        app.advance(seconds(9));
        assert_eq!(client.refresh(&first).await.ok().refresh_token, second);
        app.advance(seconds(52));
        look_and_prune(&app).await;
        client.redeem(&late).await.refused("invalid_grant");
        client.refresh(&first).await.refused("invalid_grant");
        client.refresh(&second).await.refused("invalid_grant");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_costs_nobody_anything() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let tokens = client.sign_in_with(&mut browser, "alice", client.request()).await;
    app.clock.set(app.clock.now().before(TEN_YEARS));
    look_and_prune(&app).await;
    client.userinfo(&tokens.access_token).await.success();
    assert!(silently(&client, &mut browser).await);
    client.refresh(&tokens.refresh_token).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_clock_made_that_stood_ahead_is_not_believed_after_the_correction() {
    let app = TestApp::start().await;
    let machine = app.client().machine("a").create().await;
    let client = app.client().first_party().create().await;
    let opaque = app.client().opaque().create().await;
    let mut browser = app.browser();
    let right = app.clock.now();
    app.clock.set(right.after(TEN_YEARS));
    let own = machine.client_credentials().await.ok().access_token;
    let hidden = opaque.sign_in("bob").await.access_token;
    let tokens = client.sign_in_with(&mut browser, "alice", client.request()).await;
    let code = client.code("alice").await;
    app.clock.set(right);

    assert!(!machine.finds_active(&own).await);
    opaque.userinfo(&hidden).await.bearer_refused(401, "invalid_token");
    client.userinfo(&tokens.access_token).await.bearer_refused(401, "invalid_token");
    client.refresh(&tokens.refresh_token).await.refused("invalid_grant");
    client.redeem(&code).await.refused("invalid_grant");
    assert!(!silently(&client, &mut browser).await, "a session of ten years");
    let signed_in = client.sign_in_with(&mut browser, "alice", client.request()).await;
    let page = browser.open(&format!("/logout?id_token_hint={}", tokens.id_token)).await;
    assert_eq!(page.shows(), Shows::LogoutQuestion, "a hint from the future proves nothing");
    let hinted = client.request().with("prompt", "none").with("id_token_hint", &tokens.id_token);
    assert_eq!(browser.open(&hinted.url()).await.response()["error"], "invalid_request");
    client.userinfo(&signed_in.access_token).await.success();
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_whose_clocks_differ_by_a_minute_harm_nobody() {
    for (ahead, behind) in [(60, 0), (0, 60), (30, 0), (0, 30)] {
        let app = TestApp::start().await;
        let now = app.clock.now();
        let beside = app.another_at(now.after(seconds(ahead)).before(seconds(behind))).await;
        let client = app.client().first_party().create().await;
        let there = client.at(&beside);

        let code = client.code("alice").await;
        let first = there.redeem(&code).await.ok();
        client.userinfo(&first.access_token).await.success();
        there.userinfo(&first.access_token).await.success();
        assert!(client.finds_active(&first.access_token).await);

        let second = client.refresh(&first.refresh_token).await.ok();
        let lost = there.refresh(&first.refresh_token).await.ok();
        assert_eq!(lost.refresh_token, second.refresh_token, "asked for again at the other instance");
        let third = there.refresh(&second.refresh_token).await.ok();
        let lost = client.refresh(&second.refresh_token).await.ok();
        assert_eq!(lost.refresh_token, third.refresh_token, "and the other way round");
        client.refresh(&third.refresh_token).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_sent_again_elsewhere_or_after_a_restart_ends_nothing() {
    for (ahead, behind) in [(0, 0), (60, 0), (0, 60)] {
        let app = TestApp::start().await;
        let beside = app.another_at(app.clock.now().after(seconds(ahead)).before(seconds(behind))).await;
        let client = app.client().first_party().create().await;
        let there = client.at(&beside);
        for (first, second) in [(&client, &there), (&there, &client), (&there, &there)] {
            let code = client.code("alice").await;
            let tokens = first.redeem(&code).await.ok();
            second.redeem(&code).await.refused("invalid_grant");
            first.refresh(&tokens.refresh_token).await.ok();
        }
        let code = client.code("alice").await;
        let tokens = there.redeem(&code).await.ok();
        app.advance(seconds(130));
        client.redeem(&code).await.refused("invalid_grant");
        client.refresh(&tokens.refresh_token).await.refused("invalid_grant");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_instance_still_sees_a_late_code_and_a_late_repetition() {
    let app = TestApp::start().await;
    let beside = app.another_at(app.clock.now()).await;
    let client = app.client().first_party().create().await;
    let there = client.at(&beside);
    let (late, first) = (client.code("alice").await, client.sign_in("bob").await.refresh_token);
    let second = client.refresh(&first).await.ok().refresh_token;
    beside.advance(seconds(120));
    there.redeem(&late).await.refused("invalid_grant");
    there.refresh(&first).await.refused("invalid_grant");
    there.refresh(&second).await.refused("invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_not_the_databases_makes_an_instance_not_ready() {
    let app = TestApp::start().await;
    let now = Clock::System.now();
    let cases: [(Timestamp, bool); 4] = [
        (now.after(seconds(90)), false),
        (now.before(seconds(90)), false),
        (now.after(seconds(30)), true),
        (now.before(seconds(30)), true),
    ];
    for (time, agrees) in cases {
        let beside = app.another_at(time).await;
        beside.get("/readyz").await.success();
        clock_guard::check(&beside.app).await.unwrap();
        let answer = beside.get("/readyz").await;
        if agrees || beside.database.url.starts_with("sqlite") {
            answer.success();
            continue;
        }
        assert_eq!(answer.status, 503);
        assert!(answer.text().contains("clock"), "{}", answer.text());
        beside.clock.set(Clock::System.now());
        clock_guard::check(&beside.app).await.unwrap();
        beside.get("/readyz").await.success();
    }
}
