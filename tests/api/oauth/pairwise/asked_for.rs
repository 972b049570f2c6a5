//! What comes in: a `sub` means somebody only if it is the client's own.

use serde_json::json;

use super::{client_at, id, sub};
use crate::harness::{AuthorizationRequest, Client, TestApp, encode};

fn silent(client: &Client) -> AuthorizationRequest {
    client.request().with("scope", "openid").with("prompt", "none")
}

/// A request that insists on this `sub` (OpenID Connect Core §5.5.1).
fn insisting(client: &Client, sub: &str) -> String {
    silent(client).with("claims", &json!({"id_token": {"sub": {"value": sub}}}).to_string()).url()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_is_the_clients_own_and_leads_on_without_a_page() {
    let app = TestApp::start().await;
    let (one, other) = (client_at(&app, "https://a.test/cb").await, client_at(&app, "https://b.test/cb").await);
    let mut browser = app.browser();
    let own = one.sign_in_with(&mut browser, "alice", one.request().with("scope", "openid")).await.id_token;
    let others = other.sign_in_with(&mut browser, "alice", other.request().with("scope", "openid")).await.id_token;
    browser.open(&silent(&one).with("id_token_hint", &own).url()).await.code();
    browser.open(&silent(&one).with("id_token_hint", &others).url()).await.client_refused("invalid_request");
    let mut bobs = app.browser();
    one.sign_in_with(&mut bobs, "bob", one.request().with("scope", "openid")).await;
    bobs.open(&silent(&one).with("id_token_hint", &own).url()).await.client_refused("login_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_for_by_the_sub_of_another_sector_or_by_the_id_of_the_account() {
    let app = TestApp::start().await;
    let (one, other) = (client_at(&app, "https://a.test/cb").await, client_at(&app, "https://b.test/cb").await);
    let public = app.client().first_party().create().await;
    let (own, others, account) = (sub(&one, "alice").await, sub(&other, "alice").await, id(&app, "alice").await);
    let mut browser = app.browser();
    one.sign_in_with(&mut browser, "alice", one.request()).await;
    browser.open(&insisting(&one, &own)).await.code();
    for wrong in [&others, &account, &sub(&one, "bob").await] {
        browser.open(&insisting(&one, wrong)).await.client_refused("login_required");
    }
    browser.open(&insisting(&public, &account)).await.code();
    browser.open(&insisting(&public, &own)).await.client_refused("login_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_accounts_the_one_is_taken_that_the_client_calls_so() {
    let app = TestApp::start().await;
    let client = client_at(&app, "https://a.test/cb").await;
    let (alice, bob) = (sub(&client, "alice").await, sub(&client, "bob").await);
    let mut browser = app.browser();
    client.sign_in_with(&mut browser, "alice", client.request()).await;
    let page = browser.open("/account/add").await;
    browser.sign_in(&page, "bob").await;
    for wanted in [&alice, &bob, &alice] {
        let code = browser.open(&insisting(&client, wanted)).await.code();
        assert_eq!(super::told(&client.redeem(&code).await.ok().id_token, "sub"), **wanted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_is_told_of_a_wrong_account_is_not_its_id() {
    let app = TestApp::start().await;
    let client = client_at(&app, "https://a.test/cb").await;
    let (alice, bob) = (sub(&client, "alice").await, id(&app, "bob").await);
    let mut browser = app.browser();
    let claims = json!({"id_token": {"sub": {"value": alice}}}).to_string();
    let request = client.request().with("scope", "openid").with("claims", &claims);
    let page = client.authorize(&mut browser, "bob", request).await;
    page.client_refused("login_required");
    assert!(!encode(&page.response().into_iter().collect::<Vec<_>>()).contains(&bob));
}
