//! Where one is signed in, and what one has allowed to whom.

use serde_json::{Value, json};

use super::{Caller, own_app};
use crate::harness::{Shows, TestApp, seconds};

fn ids(listed: &Value) -> Vec<String> {
    let sessions = listed["sessions"].as_array().unwrap();
    sessions.iter().map(|session| session["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_ends_ones_own_sessions_and_nobody_elses() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let mut other = app.browser();
    let page = other.open("/account").await;
    other.sign_in(&page, "alice").await;
    app.advance(seconds(60));
    let caller = Caller::of(&app, &client, &mut app.browser(), "alice").await;
    let bob = Caller::of(&app, &client, &mut app.browser(), "bob").await;

    let listed = caller.get("/sessions").await;
    let sessions = listed["sessions"].as_array().unwrap();
    assert_eq!(sessions.iter().map(|one| &one["current"]).collect::<Vec<_>>(), [&json!(true), &json!(false)]);
    assert_eq!(sessions[0]["address"], "192.0.2.10");
    let (own, others) = (ids(&listed)[0].clone(), ids(&listed)[1].clone());

    let path = format!("/sessions/{}", ids(&bob.get("/sessions").await)[0]);
    caller.delete(&path).await.problem(404, "not_found");
    bob.get("").await;
    caller.delete("/sessions/x").await.problem(404, "not_found");
    caller.delete(&format!("/sessions/{others}")).await.done();
    caller.delete(&format!("/sessions/{others}")).await.problem(404, "not_found");
    assert_eq!(other.open("/account").await.shows(), Shows::Login);

    let page = other.open("/account").await;
    other.sign_in(&page, "alice").await;
    assert_eq!(caller.delete("/sessions").await.success(), json!({"ended": 1}));
    assert_eq!(ids(&caller.get("/sessions").await), std::slice::from_ref(&own));
    caller.delete(&format!("/sessions/{own}")).await.done();
    caller.delete("/sessions").await.demands_a_sign_in();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_takes_back_what_one_has_allowed() {
    let app = TestApp::start().await;
    let shop = app.client().named("Shop").create().await;
    let client = own_app(&app).await;
    let mut browser = app.browser();
    let shops = shop.sign_in_with(&mut browser, "alice", shop.request()).await;
    let caller = Caller::of(&app, &client, &mut browser, "alice").await;
    let listed = caller.get("/consents").await;
    let consents = listed["consents"].as_array().unwrap();
    let of_shop = consents.iter().find(|consent| consent["client_id"] == *shop.id).expect("the shop");
    assert_eq!((&of_shop["client_name"], &of_shop["first_party"]), (&json!("Shop"), &json!(false)));
    assert_eq!(of_shop["scope"], "email offline_access openid profile");
    assert!(consents.iter().any(|consent| consent["client_id"] == *client.id && consent["first_party"] == true));

    let path = format!("/consents/{}", shop.id);
    caller.delete(&path).await.done();
    caller.delete(&path).await.problem(404, "not_found");
    shop.refresh(&shops.refresh_token).await.refused("invalid_grant");
    assert_eq!(browser.open(&shop.request().url()).await.shows(), Shows::Consent, "it asks again");
    caller.delete(&format!("/consents/{}", client.id)).await.done();
    caller.call("GET", "", None).await.problem(401, "invalid_token");
}
