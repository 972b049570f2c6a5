//! Another password.

use super::{Caller, locations, new_password};
use crate::harness::{PASSWORD, Shows, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_every_session_and_token_also_those_that_asked() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    browser.sign_in(&page, "alice").await;
    let shop = app.client().create().await;
    let shops = shop.sign_in("alice").await;
    let client = super::own_app(&app).await;
    let tokens = client.sign_in_for("alice", super::ALL).await;
    let caller = Caller::with(&app, &client, &tokens.access_token).await;

    caller.put("/password", new_password(PASSWORD, "quite-another-passphrase")).await.done();

    caller.call("GET", "", None).await.problem(401, "invalid_token");
    client.refresh(&tokens.refresh_token).await.refused("invalid_grant");
    shop.refresh(&shops.refresh_token).await.refused("invalid_grant");
    assert_eq!(browser.open("/account").await.shows(), Shows::Login);
    let mut new = app.browser();
    let page = new.open("/account").await;
    assert_eq!(new.try_password(&page, "alice", PASSWORD).await.shows(), Shows::Login);
    let page = new.open("/account").await;
    assert_eq!(new.try_password(&page, "alice", "quite-another-passphrase").await.url, "/account");
    let page = new.open("/account/sessions").await;
    assert_eq!(
        page.answer.text().matches("name=\"session\"").count(),
        0,
        "no other is left, not even one that nobody has"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_current_password_is_needed_and_wrong_ones_are_counted() {
    let app = TestApp::configured().toml("[login]\naccount_attempts = 3\n").start().await;
    let caller = Caller::alice(&app).await;
    for current in ["wrong", "", PASSWORD.to_uppercase().as_str()] {
        let answer = caller.put("/password", new_password(current, "quite-another-passphrase")).await;
        assert_eq!(locations(&answer.problem(422, "wrong_password")), ["/current_password"]);
    }
    let answer = caller.put("/password", new_password(PASSWORD, "quite-another-passphrase")).await;
    answer.problem(429, "too_many_attempts");
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
    caller.get("").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_cannot_be_used_is_refused_with_the_reason() {
    let app = TestApp::start().await;
    let caller = Caller::alice(&app).await;
    let answer = caller.put("/password", new_password(PASSWORD, "alice")).await;
    let problem = answer.problem(422, "password_refused");
    assert_eq!(locations(&problem), ["/new_password"]);
    assert!(!answer.text().contains("\"alice\""), "what was sent is not quoted: {}", answer.text());
    caller.get("").await;
}
