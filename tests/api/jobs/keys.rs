//! Signing keys come, sign, retire and go.

use std::collections::BTreeSet;
use std::time::Duration;

use latchkey::domain::operation::signing_key::JWKS_MAX_AGE;
use latchkey::foundation::clock::SKEW;
use latchkey::services::operation::key_rotation::{PUBLISHED_AHEAD, Rotation, rotate_due};
use latchkey::services::operation::keys::{list, reload};
use latchkey::services::operation::{clock_guard, key_rotation};

use crate::harness::{Shows, TestApp, jwt, operator, seconds};

const DAY: u64 = 24 * 3600;
/// How many there are keys for, unless it is configured.
const ALGORITHMS: usize = 4;
const MICROSECOND: Duration = Duration::from_micros(1);
const AFTER: &str = "https://app.test/bye";

async fn published(app: &TestApp) -> BTreeSet<String> {
    let jwks = app.get("/jwks").await.success();
    jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

async fn signs(app: &TestApp, client: &crate::harness::Client) -> String {
    let token = client.at(app).client_credentials().await.ok().access_token;
    jwt::verify(app, &token).await.header["kid"].as_str().unwrap().to_owned()
}

async fn rotate(app: &TestApp) {
    let done = key_rotation::rotate(&app.app, &operator(), None, false).await.unwrap();
    assert!(matches!(done, Rotation::Done(_)), "the next key was not ripe");
}

/// How long a rotation on demand has to wait.
async fn has_to_wait(app: &TestApp) -> Option<Duration> {
    match key_rotation::rotate(&app.app, &operator(), None, false).await.unwrap() {
        Rotation::Done(_) => None,
        Rotation::Unripe(wait) => Some(wait),
    }
}

/// Each stored key: its state, and whether its private half is there.
async fn stored(app: &TestApp) -> Vec<(&'static str, bool)> {
    let keys = list(&app.app).await.unwrap();
    keys.iter().map(|listed| (listed.state, !listed.key.sealed_private_key.is_empty())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_makes_keys_of_its_own() {
    let (one, other) =
        tokio::join!(TestApp::configured().making_keys().start(), TestApp::configured().making_keys().start());
    let (ones, others) = (published(&one).await, published(&other).await);
    assert_eq!((ones.len(), others.len()), (2 * ALGORITHMS, 2 * ALGORITHMS));
    assert!(ones.is_disjoint(&others));
    one.client().create().await.sign_in("alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_has_grown_old_makes_room_for_one_that_was_known_before() {
    let app = TestApp::start().await;
    let machine = app.client().machine("a").create().await;
    let (before, first) = (published(&app).await, signs(&app, &machine).await);

    app.advance(seconds(90 * DAY - 1));
    rotate_due(&app.app, &operator()).await.unwrap();
    assert_eq!((published(&app).await, signs(&app, &machine).await), (before.clone(), first.clone()), "not yet");
    let last = machine.client_credentials().await.ok().access_token;

    app.advance(seconds(1));
    let etag = app.get("/jwks").await.header("etag").to_owned();
    rotate_due(&app.app, &operator()).await.unwrap();
    let second = signs(&app, &machine).await;
    assert_ne!(second, first);
    assert!(before.contains(&second), "it was published before it signed");
    let after = published(&app).await;
    assert!(before.is_subset(&after) && after.len() == before.len() + ALGORITHMS, "each algorithm has a new next key");
    assert_ne!(app.get("/jwks").await.header("etag"), etag);
    jwt::verify(&app, &last).await;
    assert!(machine.finds_active(&last).await);

    app.advance(seconds(2 * DAY));
    rotate_due(&app.app, &operator()).await.unwrap();
    let later = published(&app).await;
    assert!(!later.contains(&first) && later.contains(&second) && later.len() == 2 * ALGORITHMS, "{later:?}");
    assert!(!machine.finds_active(&last).await && app.app.keys.current().verifiers().len() == 2 * ALGORITHMS);
    let kept = stored(&app).await;
    assert_eq!(
        kept.iter().filter(|key| **key == ("hints", false)).count(),
        ALGORITHMS,
        "without the private half: {kept:?}"
    );

    app.advance(seconds(368 * DAY));
    rotate_due(&app.app, &operator()).await.unwrap();
    assert!(!list(&app.app).await.unwrap().iter().any(|listed| listed.key.id == first), "gone for good");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_outlives_the_publication_of_the_key_that_its_id_token_was_signed_with() {
    let app =
        TestApp::configured().toml("[lifetimes]\naccess_token_max = \"10m\"\nid_token_max = \"10m\"\n").start().await;
    let client = app.client().first_party().with(|m| m.post_logout_redirect_uris = vec![AFTER.into()]).create().await;
    let mut browser = app.browser();
    let tokens = client.sign_in_with(&mut browser, "alice", client.request()).await;
    rotate(&app).await;
    app.advance(seconds(71 * 60));
    rotate_due(&app.app, &operator()).await.unwrap();
    let kid = jwt::header(&tokens.id_token)["kid"].as_str().unwrap().to_owned();
    assert!(!published(&app).await.contains(&kid), "no longer in the JWKS");

    for instance in [&app, &app.another().await] {
        let client = client.at(instance);
        let silent = client.request().with("prompt", "none").with("id_token_hint", &tokens.id_token);
        browser.at(instance).open(&silent.url()).await.code();
        client.userinfo(&tokens.access_token).await.bearer_refused(401, "invalid_token");
    }
    let url = format!("/logout?id_token_hint={}&post_logout_redirect_uri={AFTER}", tokens.id_token);
    assert_eq!(browser.open(&url).await.target(), AFTER);
    assert_eq!(browser.open("/logout").await.shows(), Shows::SignedOut);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_on_demand_takes_nobodys_tokens_away() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let tokens = client.sign_in_with(&mut browser, "alice", client.request()).await;
    rotate(&app).await;
    app.advance(PUBLISHED_AHEAD);
    rotate(&app).await;
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
    rotate(&app).await;
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
async fn a_key_signs_only_when_every_instance_publishes_it_and_every_copy_has_it() {
    let app = TestApp::start().await;
    let beside = app.another().await;
    let machine = app.client().machine("a").create().await;
    rotate(&app).await;
    let signing = signs(&app, &machine).await;
    assert!(published(&beside).await.contains(&signing), "it was published as next");

    assert_eq!(has_to_wait(&app).await, Some(PUBLISHED_AHEAD));
    assert_eq!(has_to_wait(&beside).await, Some(PUBLISHED_AHEAD), "asked of another instance");
    app.advance(PUBLISHED_AHEAD - MICROSECOND);
    assert_eq!(has_to_wait(&app).await, Some(MICROSECOND));
    assert_eq!(signs(&app, &machine).await, signing, "nothing was rotated meanwhile");

    reload(&beside.app).await.unwrap();
    let known = published(&beside).await;
    assert!(PUBLISHED_AHEAD > JWKS_MAX_AGE + SKEW);
    app.advance(MICROSECOND);
    rotate(&app).await;
    assert!(known.contains(&signs(&app, &machine).await), "before the other instance has heard of the rotation");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_by_age_waits_for_the_next_key_too() {
    let app = TestApp::start().await;
    let machine = app.client().machine("a").create().await;
    app.advance(seconds(90 * DAY));
    app.sql(&format!("UPDATE signing_keys SET created_at = '{}' WHERE state = 'next'", app.clock.now())).await;
    let signing = signs(&app, &machine).await;
    app.advance(PUBLISHED_AHEAD - MICROSECOND);
    rotate_due(&app.app, &operator()).await.unwrap();
    assert_eq!(signs(&app, &machine).await, signing, "it is due, and its successor is not known to all");
    app.advance(MICROSECOND);
    rotate_due(&app.app, &operator()).await.unwrap();
    assert_ne!(signs(&app, &machine).await, signing);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_can_be_forced_when_a_key_has_leaked() {
    let app = TestApp::start().await;
    let machine = app.client().machine("a").create().await;
    rotate(&app).await;
    let leaked = signs(&app, &machine).await;
    assert!(has_to_wait(&app).await.is_some());
    assert!(matches!(key_rotation::rotate(&app.app, &operator(), None, true).await.unwrap(), Rotation::Done(_)));
    assert_ne!(signs(&app, &machine).await, leaked);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_first_starts_at_once_agree_on_the_keys() {
    let (one, other) = TestApp::configured().making_keys().start_two().await;
    assert_eq!(published(&one).await.len(), 2 * ALGORITHMS);
    assert_eq!(published(&one).await, published(&other).await);
    let machine = one.client().machine("a").create().await;
    assert_eq!(signs(&one, &machine).await, signs(&other, &machine).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_were_made_by_a_clock_that_stood_ahead_do_not_stay_young_for_years() {
    let app = TestApp::start().await;
    let machine = app.client().machine("a").create().await;
    let right = app.clock.now();
    app.clock.set(right.after(seconds(3650 * DAY)));
    assert!(matches!(key_rotation::rotate(&app.app, &operator(), None, true).await.unwrap(), Rotation::Done(_)));
    app.clock.set(right);
    clock_guard::check(&app.app).await.unwrap();
    rotate_due(&app.app, &operator()).await.unwrap();
    assert_eq!(has_to_wait(&app).await, Some(PUBLISHED_AHEAD), "counted from the correction");
    let first = signs(&app, &machine).await;
    app.advance(seconds(90 * DAY));
    rotate_due(&app.app, &operator()).await.unwrap();
    assert_ne!(signs(&app, &machine).await, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_set_neither_rotates_nor_unpublishes_nor_deletes_keys() {
    let app = TestApp::start().await;
    rotate(&app).await;
    let (before, keys) = (published(&app).await, stored(&app).await);
    let right = app.clock.now();
    app.clock.set(right.after(seconds(3650 * DAY)));
    clock_guard::check(&app.app).await.unwrap();
    rotate_due(&app.app, &operator()).await.unwrap();
    assert_eq!((published(&app).await, stored(&app).await), (before.clone(), keys.clone()));
    app.clock.set(right);
    rotate_due(&app.app, &operator()).await.unwrap();
    assert_eq!((published(&app).await, stored(&app).await), (before, keys));
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_that_see_a_key_grow_old_at_once_rotate_once() {
    let app = TestApp::start().await;
    let beside = app.another().await;
    app.advance(seconds(90 * DAY));
    let by = operator();
    let (one, other) = tokio::join!(rotate_due(&app.app, &by), rotate_due(&beside.app, &by));
    one.unwrap();
    other.unwrap();
    reload(&app.app).await.unwrap();
    reload(&beside.app).await.unwrap();
    assert_eq!(published(&app).await.len(), 3 * ALGORITHMS, "of each one retired, one active, one next");
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
