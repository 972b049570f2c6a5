//! A key that leaked is withdrawn, with all that it signed.

use std::collections::BTreeSet;

use latchkey::domain::operation::signing_key::KeyRefusal;
use latchkey::services::ServiceError;
use latchkey::services::operation::clock_guard;
use latchkey::services::operation::key_revocation::{Revoked, revoke};
use latchkey::services::operation::key_rotation::{PUBLISHED_AHEAD, Rotation, rotate};
use latchkey::services::operation::keys::{list, reload};

use crate::harness::{Client, Shows, TestApp, jwt, operator, seconds};

const AFTER: &str = "https://app.test/bye";

async fn published(app: &TestApp) -> BTreeSet<String> {
    let jwks = app.get("/jwks").await.success();
    jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// The states that the keys of an algorithm are in, oldest first.
async fn states(app: &TestApp, algorithm: &str) -> Vec<&'static str> {
    let keys = list(&app.app).await.unwrap();
    keys.iter().filter(|listed| listed.key.algorithm.name() == algorithm).map(|listed| listed.state).collect()
}

/// The key of an algorithm in a state.
async fn kid(app: &TestApp, algorithm: &str, state: &str) -> String {
    let keys = list(&app.app).await.unwrap();
    let found = keys.into_iter().find(|listed| listed.key.algorithm.name() == algorithm && listed.state == state);
    found.unwrap().key.id
}

fn signed_by(token: &str) -> String {
    jwt::header(token)["kid"].as_str().unwrap().to_owned()
}

async fn token_of(machine: &Client) -> String {
    machine.client_credentials().await.ok().access_token
}

async fn revoked(app: &TestApp, kid: &str) -> Revoked {
    revoke(&app.app, &operator(), kid).await.unwrap()
}

async fn refused(app: &TestApp, kid: &str) -> KeyRefusal {
    match revoke(&app.app, &operator(), kid).await {
        Err(ServiceError::Key(refusal)) => refusal,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was revoked"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_revoked_key_signed_ends_on_every_instance_and_people_go_on() {
    let app = TestApp::start().await;
    let beside = app.another().await;
    let client = app.client().first_party().create().await;
    let machine = app.client().machine("a").create().await;
    let tokens = client.sign_in("alice").await;
    let token = token_of(&machine).await;
    // Both instances have verified it before, and remember that.
    for instance in [&app, &beside] {
        assert!(machine.at(instance).finds_active(&token).await);
        client.at(instance).userinfo(&tokens.access_token).await.success();
    }
    app.advance(seconds(1));

    let (leaked, next) = (kid(&app, "ES256", "active").await, kid(&app, "ES256", "next").await);
    assert_eq!((signed_by(&token), signed_by(&tokens.access_token)), (leaked.clone(), leaked.clone()));
    let outcome = revoked(&app, &leaked).await;
    assert_eq!((outcome.was.state, outcome.successor), ("active", Some(next.clone())));
    reload(&beside.app).await.unwrap();

    for instance in [&app, &beside, &app.another().await] {
        assert!(!published(instance).await.contains(&leaked));
        assert_eq!(published(instance).await.len(), 8, "an active and a next one of each algorithm");
        assert!(!machine.at(instance).finds_active(&token).await);
        client.at(instance).userinfo(&tokens.access_token).await.bearer_refused(401, "invalid_token");
        assert_eq!(signed_by(&token_of(&machine.at(instance)).await), next);
    }
    // The ID token's key was another one.
    jwt::verify(&app, &tokens.id_token).await;
    let renewed = client.refresh(&tokens.refresh_token).await.ok();
    client.userinfo(&renewed.access_token).await.success();
    assert!(!list(&app.app).await.unwrap().iter().any(|listed| listed.key.id == leaked), "with its private half");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_revoked_key_signed_is_no_hint_either() {
    let app = TestApp::start().await;
    let client = app.client().first_party().with(|m| m.post_logout_redirect_uris = vec![AFTER.into()]).create().await;
    let mut browser = app.browser();
    let tokens = client.sign_in_with(&mut browser, "alice", client.request()).await;
    app.advance(PUBLISHED_AHEAD);
    assert!(matches!(rotate(&app.app, &operator(), None, false).await.unwrap(), Rotation::Done(_)));
    let hinted = || client.request().with("prompt", "none").with("id_token_hint", &tokens.id_token);
    browser.open(&hinted().url()).await.code();

    let leaked = signed_by(&tokens.id_token);
    assert_eq!(revoked(&app, &leaked).await.was.state, "retired");
    browser.open(&hinted().url()).await.client_refused("invalid_request");
    let page = browser.open(&format!("/logout?id_token_hint={}", tokens.id_token)).await;
    assert_ne!(page.shows(), Shows::SignedOut, "the person is asked first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_only_reads_hints_can_be_revoked_too() {
    let app = TestApp::start().await;
    let leaked = kid(&app, "RS256", "active").await;
    app.advance(PUBLISHED_AHEAD);
    rotate(&app.app, &operator(), None, false).await.unwrap();
    app.advance(seconds(26 * 3600));
    assert_eq!(states(&app, "RS256").await, ["hints", "active", "next"]);
    let outcome = revoked(&app, &leaked).await;
    assert_eq!((outcome.was.state, outcome.successor), ("hints", None));
    assert_eq!(states(&app, "RS256").await, ["active", "next"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_next_key_is_replaced_and_its_place_has_to_ripen_anew() {
    let app = TestApp::start().await;
    let machine = app.client().machine("a").create().await;
    let token = token_of(&machine).await;
    app.advance(PUBLISHED_AHEAD);
    let leaked = kid(&app, "ES256", "next").await;
    let outcome = revoked(&app, &leaked).await;
    assert_eq!((outcome.was.state, outcome.successor), ("next", None));
    assert!(!published(&app).await.contains(&leaked) && published(&app).await.len() == 8);
    assert!(machine.finds_active(&token).await);
    assert_eq!(signed_by(&token_of(&machine).await), signed_by(&token), "the active key is another one");
    assert!(
        matches!(rotate(&app.app, &operator(), None, false).await.unwrap(), Rotation::Unripe(wait) if wait == PUBLISHED_AHEAD)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_revoked_once_and_only_if_there_is_one() {
    let app = TestApp::start().await;
    let before = published(&app).await;
    assert_eq!(refused(&app, "no-such-key").await, KeyRefusal::Unknown { kid: "no-such-key".into() });
    assert_eq!(published(&app).await, before);
    app.advance(seconds(1));
    let leaked = kid(&app, "ES256", "active").await;
    revoked(&app, &leaked).await;
    let after = published(&app).await;
    assert_eq!(refused(&app, &leaked).await, KeyRefusal::Unknown { kid: leaked.clone() });
    assert_eq!(published(&app).await, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn revocations_and_rotations_at_once_leave_one_key_that_signs_and_one_that_is_next() {
    let app = TestApp::start().await;
    let beside = app.another().await;
    app.advance(PUBLISHED_AHEAD);
    let (active, next) = (kid(&app, "ES256", "active").await, kid(&app, "ES256", "next").await);
    let by = operator();
    let (one, other, third, rotated) = tokio::join!(
        revoke(&app.app, &by, &active),
        revoke(&beside.app, &by, &active),
        revoke(&beside.app, &by, &next),
        rotate(&app.app, &by, None, true)
    );
    assert!(one.is_ok() ^ other.is_ok(), "one of the two that revoke the same key");
    assert!(third.is_ok() && rotated.is_ok());
    for algorithm in ["ES256", "RS256"] {
        let states = states(&app, algorithm).await;
        let count = |state| states.iter().filter(|other| **other == state).count();
        assert_eq!((count("active"), count("next")), (1, 1), "{states:?}");
    }
    let left = published(&app.another().await).await;
    assert!(!left.contains(&active) && !left.contains(&next), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_clock_is_doubted_keys_are_not_rotated_but_can_be_revoked() {
    let app = TestApp::start().await;
    let machine = app.client().machine("a").create().await;
    let before = published(&app).await;
    let right = app.clock.now();
    app.clock.set(right.after(seconds(3650 * 86_400)));
    clock_guard::check(&app.app).await.unwrap();
    for force in [false, true] {
        let Err(ServiceError::Key(refusal)) = rotate(&app.app, &operator(), None, force).await else {
            panic!("rotated: {force}")
        };
        assert_eq!(refusal, KeyRefusal::ClockInDoubt { now: app.clock.now() });
    }
    assert_eq!(published(&app).await, before);

    let (leaked, next) = (kid(&app, "ES256", "active").await, kid(&app, "ES256", "next").await);
    revoked(&app, &leaked).await;
    assert!(!published(&app).await.contains(&leaked));
    app.clock.set(right);
    clock_guard::check(&app.app).await.unwrap();
    assert_eq!(signed_by(&token_of(&machine).await), next);
    assert!(
        matches!(rotate(&app.app, &operator(), None, true).await.unwrap(), Rotation::Done(_)),
        "the clock is believed again"
    );
}
