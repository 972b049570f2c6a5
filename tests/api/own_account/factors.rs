//! What one proves beside the password.

use serde_json::json;

use super::{ALL, Caller, locations, own_app};
use crate::harness::{Authenticator, Passkey, Shows, TestApp, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_set_up_confirmed_used_and_removed() {
    let app = TestApp::start().await;
    let caller = Caller::alice(&app).await;
    assert_eq!(caller.get("/factors").await, json!({"factors": [], "can_add": true, "can_add_passkey": true}));
    let new = caller.post("/factors/totp", None).await.created();
    assert!(new["uri"].as_str().unwrap().starts_with("otpauth://totp/"));
    let again = caller.post("/factors/totp", None).await.created();
    assert_eq!(new, again, "the same until it is confirmed");
    let phone = Authenticator::with(new["secret"].as_str().unwrap(), &app);
    for wrong in [phone.wrong(), "12".to_owned(), String::new()] {
        let answer = caller.post("/factors/totp/confirm", Some(json!({"code": wrong}))).await;
        assert_eq!(locations(&answer.problem(422, "wrong_code")), ["/code"]);
    }
    assert_eq!(caller.get("/factors").await["factors"], json!([]), "no factor before it is confirmed");
    let confirmed = json!({"code": phone.code(), "name": "Phone"});
    let id = caller.post("/factors/totp/confirm", Some(confirmed)).await.created()["id"].clone();
    let listed = caller.get("/factors").await;
    assert_eq!((&listed["factors"][0]["id"], &listed["factors"][0]["name"]), (&id, &json!("Phone")));
    assert_eq!(listed["factors"][0]["type"], "totp");
    assert_eq!(caller.get("").await["has_second_factor"], true);

    let codes = caller.post("/factors/recovery-codes", None).await.created();
    assert_eq!(codes["recovery_codes"].as_array().unwrap().len(), 10);
    assert_eq!(caller.get("/factors").await["recovery_codes"]["left"], 10);
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    assert_eq!(browser.sign_in(&page, "alice").await.shows(), Shows::SecondFactor);

    let path = format!("/factors/{}", id.as_str().unwrap());
    caller.delete(&path).await.done();
    caller.delete(&path).await.problem(404, "not_found");
    caller.delete("/factors/x").await.problem(404, "not_found");
    assert_eq!(caller.get("/factors").await["factors"], json!([]));
    caller.post("/factors/recovery-codes", None).await.problem(409, "no_factor");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_a_password_alone_is_not_enough_where_there_is_a_second_factor() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let mut browser = app.browser();
    let weak = Caller::of(&app, &client, &mut browser, "alice").await;
    let phone = app.add_totp("alice").await;
    for (method, path, body) in
        [("GET", "", None), ("PATCH", "", Some(json!({}))), ("POST", "/factors/recovery-codes", None)]
    {
        let refused = weak.call(method, path, body).await;
        assert!(refused.demands_a_sign_in().contains("acr_values=\"urn:latchkey:acr:mfa\""), "{method} {path}");
    }
    let page = browser.open(&client.request().with("scope", ALL).url()).await;
    let code = browser.give_code(&page, &phone.code()).await.code();
    let strong = Caller::with(&app, &client, &client.redeem(&code).await.ok().access_token).await;
    strong.get("").await;
    assert_eq!(strong.post("/factors/recovery-codes", None).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_removes_anothers_factor() {
    let app = TestApp::start().await;
    app.add_totp("bob").await;
    let caller = Caller::alice(&app).await;
    let bob = app.user("bob").await;
    let factors = latchkey::services::factor::list(&app.app, &bob).await.unwrap();
    caller.delete(&format!("/factors/{}", factors[0].id)).await.problem(404, "not_found");
    assert_eq!(latchkey::services::factor::list(&app.app, &bob).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_second_factors_are_switched_off_none_is_added() {
    let app = TestApp::configured().toml("[factors]\nsecond_factor = \"off\"\n").start().await;
    let caller = Caller::alice(&app).await;
    let listed = caller.get("/factors").await;
    assert_eq!((&listed["can_add"], &listed["can_add_passkey"]), (&json!(false), &json!(false)));
    for kind in ["totp", "passkey"] {
        caller.post(&format!("/factors/{kind}"), None).await.problem(409, "factors_off");
    }
}

/// What is sent of a passkey that was made for this question.
fn made(passkey: &mut Passkey, asked: &serde_json::Value, name: Option<&str>) -> serde_json::Value {
    let credential: serde_json::Value = serde_json::from_str(&passkey.create(&asked["options"])).unwrap();
    let mut body = json!({"challenge": asked["challenge"], "credential": credential});
    if let Some(name) = name {
        body["name"] = json!(name);
    }
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_made_in_an_application_and_signs_in_by_itself() {
    let app = TestApp::configured().explaining().start().await;
    let caller = Caller::alice(&app).await;
    let rows = app.rows().await;
    let asked = caller.post("/factors/passkey", None).await.success();
    assert_eq!(app.rows().await, rows, "nothing is stored for asking");
    assert_eq!(asked["options"]["user"]["name"], "alice");
    let mut passkey = Passkey::new(&app);
    let body = made(&mut passkey, &asked, Some("Laptop"));
    let id = caller.post("/factors/passkey/confirm", Some(body.clone())).await.created()["id"].clone();
    let listed = caller.get("/factors").await["factors"].clone();
    assert_eq!((&listed[0]["id"], &listed[0]["name"], &listed[0]["type"]), (&id, &json!("Laptop"), &json!("passkey")));
    assert_eq!(caller.get("").await["has_second_factor"], true, "the session is one of two factors by it");
    assert_eq!(caller.post("/factors/recovery-codes", None).await.status, 201);
    app.work().await;
    assert!(app.mails("alice@example.com").iter().any(|mail| mail.subject.contains("second factor")));

    // Once, and for one person.
    caller.post("/factors/passkey/confirm", Some(body)).await.problem(422, "passkey_refused");
    let asked = caller.post("/factors/passkey", None).await.success();
    let again = made(&mut passkey, &asked, None);
    caller.post("/factors/passkey/confirm", Some(again)).await.problem(422, "passkey_refused");
    let bob = Caller::of(&app, &caller.client, &mut app.browser(), "bob").await;
    let asked = bob.post("/factors/passkey", None).await.success();
    let copied = made(&mut passkey.clone(), &asked, None);
    bob.post("/factors/passkey/confirm", Some(copied)).await.problem(409, "passkey_known");

    let mut browser = app.browser();
    let page = browser.open("/account").await;
    assert_eq!(browser.give_passkey(&page, &mut passkey).await.url, "/account");
    caller.delete(&format!("/factors/{}", id.as_str().unwrap())).await.done();
    assert_eq!(caller.get("/factors").await["factors"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_taken_for_the_question_of_its_own_session_in_time_and_after_a_fresh_sign_in() {
    let app = TestApp::configured().explaining().start().await;
    let (caller, other) = (Caller::alice(&app).await, Caller::alice(&app).await);
    let asked = caller.post("/factors/passkey", None).await.success();
    let mut passkey = Passkey::new(&app);
    let body = made(&mut passkey, &asked, None);
    let elsewhere = other.post("/factors/passkey/confirm", Some(body.clone())).await;
    assert_eq!(locations(&elsewhere.problem(422, "passkey_refused")), ["/credential"]);
    let mut phished = Passkey { origin: "https://evil.test".into(), ..Passkey::new(&app) };
    let of_another_site = made(&mut phished, &asked, None);
    caller.post("/factors/passkey/confirm", Some(of_another_site)).await.problem(422, "passkey_refused");
    let nothing = json!({"challenge": asked["challenge"], "credential": {}});
    caller.post("/factors/passkey/confirm", Some(nothing)).await.problem(422, "passkey_refused");
    app.advance(seconds(301));
    caller.post("/factors/passkey/confirm", Some(body)).await.demands_a_sign_in();
    caller.post("/factors/passkey", None).await.demands_a_sign_in();
    assert_eq!(app.rows().await["factors"], 0);
}
