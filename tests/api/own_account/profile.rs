//! Who one is, and one's profile.

use latchkey::services::operation::events::{self, Filter};
use serde_json::json;

use super::{Caller, locations};
use crate::harness::{Passkey, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn one_sees_who_one_is() {
    let app = TestApp::start().await;
    let me = Caller::alice(&app).await.get("").await;
    assert_eq!(me["sub"], app.user("alice").await.id.to_string());
    assert_eq!((&me["username"], &me["email"]), (&json!("alice"), &json!("alice@example.com")));
    assert_eq!((&me["email_verified"], &me["has_password"]), (&json!(true), &json!(true)));
    assert_eq!((&me["has_second_factor"], &me["name"]), (&json!(false), &json!("Alice Liddell")));
    assert_eq!(me["address"]["locality"], "Oxford");
    assert_eq!(me["created_at"], app.clock.now().to_string());
    for secret in ["password_hash", "administrator", "groups"] {
        assert!(me[secret].is_null(), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_patch_changes_what_it_names_by_the_rules_of_the_page() {
    let app = TestApp::start().await;
    let caller = Caller::alice(&app).await;
    let patch =
        json!({"name": " Alice L. ", "nickname": null, "phone_number": "+44 1", "address": {"locality": "Cambridge"}});
    let me = caller.patch(patch).await.success();
    assert_eq!((&me["name"], &me["nickname"]), (&json!("Alice L."), &json!(null)));
    assert_eq!(me["phone_number_verified"], false, "a new number is not verified");
    assert_eq!(me["address"]["postal_code"], "OX1 1AA", "what was not named stays");
    assert_eq!((&me["address"]["locality"], &me["address"]["formatted"]), (&json!("Cambridge"), &json!(null)));
    assert_eq!(caller.get("").await, me);
    let gone = caller.patch(json!({"address": null})).await.success();
    assert!(gone["address"].is_null());
    let before = caller.get("").await;
    let same = caller.patch(json!({})).await.success();
    assert_eq!(same, before, "nothing was named");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_member_that_cannot_be_taken_is_named_and_nothing_is_changed() {
    let app = TestApp::start().await;
    let caller = Caller::alice(&app).await;
    let before = caller.get("").await;
    for (patch, wrong) in [
        (json!({"name": "Al", "email": "eve@evil.example", "groups": ["admins"]}), vec!["/email", "/groups"]),
        (
            json!({"email_verified": true, "phone_number_verified": true}),
            vec!["/email_verified", "/phone_number_verified"],
        ),
        (
            json!({"name": "Al", "picture": "http://a.example/x.png", "birthdate": "soon"}),
            vec!["/picture", "/birthdate"],
        ),
        (
            json!({"name": 1, "address": {"locality": true, "planet": "Mars"}}),
            vec!["/name", "/address/locality", "/address/planet"],
        ),
        (json!({"nickname": "x".repeat(201), "has_password": false, "a/b~c": ""}), vec!["/has_password", "/a~1b~0c"]),
    ] {
        let problem = caller.patch(patch.clone()).await.problem(422, "profile_refused");
        assert_eq!(locations(&problem), wrong, "{patch}");
    }
    assert_eq!(caller.get("").await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_can_depend_on_the_version_that_was_read() {
    let app = TestApp::start().await;
    let caller = Caller::alice(&app).await;
    let read = caller.call("GET", "", None).await;
    let tag = read.header("etag");
    app.advance(crate::harness::seconds(1));
    let patch = |name: &str| Some(json!({"name": name}));
    let changed = caller.call_with("PATCH", "", patch("Al"), Some(tag)).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), tag);
    caller.call_with("PATCH", "", patch("Bo"), Some(tag)).await.problem(412, "precondition_failed");
    caller.call_with("PATCH", "", patch("Bo"), Some("\"x\"")).await.problem(412, "precondition_failed");
    assert_eq!(caller.get("").await["name"], "Al");
    let either = format!("\"x\", {}", changed.header("etag"));
    assert_eq!(caller.call_with("PATCH", "", patch("Cy"), Some(&either)).await.status, 200);
    assert_eq!(caller.call_with("PATCH", "", patch("Di"), Some("*")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_is_another_when_a_second_factor_comes_or_goes() {
    let app = TestApp::configured().explaining().start().await;
    let caller = Caller::alice(&app).await;
    let read = caller.call("GET", "", None).await;
    let asked = caller.post("/factors/passkey", None).await.success();
    let credential: serde_json::Value = serde_json::from_str(&Passkey::new(&app).create(&asked["options"])).unwrap();
    let made = json!({"challenge": asked["challenge"], "credential": credential});
    let added = caller.post("/factors/passkey/confirm", Some(made)).await.created();
    let with = caller.call("GET", "", None).await;
    assert_eq!((&read.json()["has_second_factor"], &with.json()["has_second_factor"]), (&json!(false), &json!(true)));
    assert_ne!(with.header("etag"), read.header("etag"));
    let patch = Some(json!({"name": "Al"}));
    let stale = caller.call_with("PATCH", "", patch, Some(read.header("etag"))).await;
    stale.problem(412, "precondition_failed");
    assert!(caller.get("/factors").await["factors"][0]["name"].is_null(), "it was given no name");
    caller.delete(&format!("/factors/{}", added["id"].as_str().unwrap())).await.done();
    let without = caller.call("GET", "", None).await;
    assert_eq!(without.header("etag"), read.header("etag"), "the account is as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_the_persons_through_the_application() {
    let app = TestApp::start().await;
    let caller = Caller::alice(&app).await;
    caller.patch(json!({"name": "Al"})).await.success();
    events::seal(&app.app).await.unwrap();
    let all = events::after(&app.app, 0, usize::MAX, &Filter::default()).await.unwrap();
    let event = all.iter().find(|event| event.action == "user.updated").expect("an event");
    let alice = app.user("alice").await.id.to_string();
    assert_eq!((&*event.actor_kind, event.actor_id.as_deref()), ("user", Some(&*alice)));
    assert_eq!(event.client.as_deref(), Some(&*caller.client.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_changed_sixty_times_an_hour_at_most_and_an_unchanged_one_is_not_counted() {
    let app = TestApp::start().await;
    let caller = Caller::alice(&app).await;
    let named = |n: u32| json!({"nickname": format!("Al {n}")});
    for n in 0..60 {
        caller.patch(named(n)).await.success();
        caller.patch(named(n)).await.success();
    }
    let refused = caller.patch(named(60)).await;
    refused.problem(429, "too_many_attempts");
    assert_eq!(caller.get("").await["nickname"], "Al 59");
    caller.patch(named(59)).await.success();
    Caller::of(&app, &caller.client, &mut app.browser(), "bob").await.patch(named(1)).await.success();
}
