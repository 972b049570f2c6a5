//! Signing keys come, sign, retire and go.

use std::collections::BTreeSet;

use latchkey::services::keys::{reload, rotate, rotate_due};

use crate::harness::{TestApp, jwt, seconds};

const DAY: u64 = 24 * 3600;

async fn published(app: &TestApp) -> BTreeSet<String> {
    let jwks = app.get("/jwks").await.success();
    jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

async fn signs(app: &TestApp, client: &crate::harness::Client) -> String {
    let token = client.at(app).client_credentials().await.ok().access_token;
    jwt::verify(app, &token).await.header["kid"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_makes_keys_of_its_own() {
    let (one, other) =
        tokio::join!(TestApp::configured().making_keys().start(), TestApp::configured().making_keys().start());
    let (ones, others) = (published(&one).await, published(&other).await);
    assert_eq!((ones.len(), others.len()), (4, 4));
    assert!(ones.is_disjoint(&others));
    one.client().create().await.sign_in("alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_has_grown_old_makes_room_for_one_that_was_known_before() {
    let app = TestApp::start().await;
    let machine = app.client().machine("a").create().await;
    let client = app.client().first_party().create().await;
    let old_token = client.sign_in("alice").await;
    let (before, first) = (published(&app).await, signs(&app, &machine).await);

    app.advance(seconds(90 * DAY - 1));
    rotate_due(&app.app).await.unwrap();
    assert_eq!((published(&app).await, signs(&app, &machine).await), (before.clone(), first.clone()), "not yet");
    let last = machine.client_credentials().await.ok().access_token;

    app.advance(seconds(1));
    let etag = app.get("/jwks").await.header("etag").to_owned();
    rotate_due(&app.app).await.unwrap();
    let second = signs(&app, &machine).await;
    assert_ne!(second, first);
    assert!(before.contains(&second), "it was published before it signed");
    let after = published(&app).await;
    assert!(before.is_subset(&after) && after.len() == before.len() + 2, "each algorithm has a new next key");
    assert_ne!(app.get("/jwks").await.header("etag"), etag);
    jwt::verify(&app, &last).await;
    assert!(machine.finds_active(&last).await);

    app.advance(seconds(2 * DAY));
    rotate_due(&app.app).await.unwrap();
    let later = published(&app).await;
    assert!(!later.contains(&first) && later.contains(&second) && later.len() == 4, "{later:?}");
    let hint = format!("/logout?id_token_hint={}&post_logout_redirect_uri=https://app.test/bye", old_token.id_token);
    let page = app.browser().open(&hint).await;
    assert_eq!(page.answer.status, 400, "its key is gone for good, so it does not say whose URI that is");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_on_demand_takes_nobodys_tokens_away() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let tokens = client.sign_in_with(&mut browser, "alice", client.request()).await;
    rotate(&app.app).await.unwrap();
    rotate(&app.app).await.unwrap();
    client.userinfo(&tokens.access_token).await.success();
    jwt::verify(&app, &tokens.id_token).await;
    let silent = client.request().with("prompt", "none").with("id_token_hint", &tokens.id_token);
    let renewed = client.redeem(&browser.open(&silent.url()).await.code()).await.ok();
    let (old, new) = (jwt::verify(&app, &tokens.id_token).await, jwt::verify(&app, &renewed.id_token).await);
    assert_ne!(old.header["kid"], new.header["kid"]);
    client.refresh(&tokens.refresh_token).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_instance_believes_the_new_key_at_once_and_signs_with_it_after_a_reload() {
    let app = TestApp::start().await;
    let beside = app.another().await;
    let machine = app.client().machine("a").create().await;
    let first = signs(&beside, &machine).await;
    rotate(&app.app).await.unwrap();
    let second = signs(&app, &machine).await;
    let token = machine.client_credentials().await.ok().access_token;
    assert!(machine.at(&beside).finds_active(&token).await, "it was published as next");
    assert_eq!(signs(&beside, &machine).await, first);
    assert!(reload(&beside.app).await.unwrap());
    assert!(!reload(&beside.app).await.unwrap(), "nothing new");
    assert_eq!(signs(&beside, &machine).await, second);
    assert_eq!(published(&beside).await, published(&app).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_that_see_a_key_grow_old_at_once_rotate_once() {
    let app = TestApp::start().await;
    let beside = app.another().await;
    app.advance(seconds(90 * DAY));
    let (one, other) = tokio::join!(rotate_due(&app.app), rotate_due(&beside.app));
    one.unwrap();
    other.unwrap();
    reload(&app.app).await.unwrap();
    reload(&beside.app).await.unwrap();
    assert_eq!(published(&app).await.len(), 6, "two retired, two active, two next");
    assert_eq!(published(&app).await, published(&beside).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_outlive_a_restart() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let tokens = client.sign_in("alice").await;
    let restarted = app.another().await;
    assert_eq!(published(&restarted).await, published(&app).await);
    client.at(&restarted).userinfo(&tokens.access_token).await.success();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_master_key_refuses_to_start_and_says_why() {
    let app = TestApp::start().await;
    let other = "q0nDgGEZzZ8vYbE8y5o3rV0xTsCHlcMDEunjmK6nG2U=";
    let Err(error) = app.another_with_master_key(other).await else { panic!("it started") };
    let text = error.to_string();
    assert!(text.contains("secrets.master_key is not the one"), "{text}");
    assert!(!text.contains(other) && !text.contains('\n'), "{text}");
    app.another().await;
}
