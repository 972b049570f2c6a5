//! `/authorize-challenge`: mailed codes and passkeys in an application's own form.

use serde_json::{Value, json};

use super::challenge::{ask, go_on, kept, own_app, redeem, with_password};
use crate::harness::{Answer, Client, PASSWORD, Passkey, Shows, TestApp, jwt};

const ALICE: &str = "alice@example.com";
/// What can be given first where people sign in and sign up by mail.
const FIRST: [&str; 4] = ["password", "email_code", "passkey", "sign_up"];

/// A server at which people sign in by mail, and an application of ours.
async fn server() -> (TestApp, Client) {
    let app = TestApp::configured().explaining().start().await;
    let client = own_app(&app).await;
    (app, client)
}

/// Somebody asks for a code: what is sent along with it.
async fn mailed(app: &TestApp, client: &Client, name: &str) -> String {
    let session = ask(client, &[("username", name), ("method", "email_code")]).await.needs(&["email_code"]);
    app.work().await;
    session
}

/// The code of the newest mail.
fn code(app: &TestApp, to: &str) -> String {
    let text = app.mails(to)[0].text.clone();
    text.split("Your code is ").nth(1).unwrap().split('.').next().unwrap().to_owned()
}

async fn give(client: &Client, session: &str, code: &str) -> Answer {
    go_on(client, session, &[("email_code", code)]).await
}

/// What a passkey is asked.
fn asked(answer: &Answer) -> (Value, String) {
    let passkey = answer.json()["passkey"].clone();
    (passkey["options"].clone(), passkey["challenge"].as_str().expect("a challenge").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailed_code_signs_in_once_and_is_no_more_than_a_password() {
    let (app, client) = server().await;
    ask(&client, &[]).await.needs(&FIRST);
    let session = mailed(&app, &client, "alice").await;
    let right = code(&app, ALICE);
    assert_eq!(give(&client, &session, "1234 5678").await.wrong(&["email_code"]), session);
    let tokens = redeem(&client, &give(&client, &session, &right).await.authorization_code()).await.ok();
    let claims = jwt::claims(&tokens.id_token);
    assert_eq!((&claims["acr"], &claims["amr"]), (&"urn:latchkey:acr:password".into(), &json!(["otp"])));
    give(&client, &session, &right).await.wrong(&["email_code"]);

    // A second factor is asked for after it, as after a password; the code is used up by that half.
    let phone = app.add_totp("alice").await;
    let session = mailed(&app, &client, ALICE).await;
    let right = code(&app, ALICE);
    let half = give(&client, &session, &right).await.needs(&["totp"]);
    give(&client, &session, &right).await.wrong(&["email_code"]);
    go_on(&client, &half, &[("code", &phone.code())]).await.authorization_code();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_such_a_mail_signs_nobody_in_and_whoever_has_no_account_is_told_the_same() {
    let (app, client) = server().await;
    let before = kept(&app).await;
    let session = mailed(&app, &client, "nobody").await;
    assert_eq!(give(&client, &session, "1234 5678").await.wrong(&["email_code"]), session);
    assert_eq!(kept(&app).await, before, "strangers store nothing but the job of a mail");
    mailed(&app, &client, "alice").await;
    let mut browser = app.browser();
    assert_eq!(browser.open(&app.mailed_link(ALICE)).await.shows(), Shows::LinkElsewhere);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_for_the_request_the_client_and_the_time_it_was_asked_for() {
    let (app, client) = server().await;
    let other = own_app(&app).await;
    let session = mailed(&app, &client, "alice").await;
    let right = code(&app, ALICE);
    let elsewhere = mailed(&app, &client, "nobody").await;
    give(&client, &elsewhere, &right).await.wrong(&["email_code"]);
    give(&other, &session, &right).await.refused("invalid_session");
    // Whoever asks again in the same request, for somebody else, does not learn by their own code whether that was mailed.
    let again = go_on(&client, &session, &[("username", "bob"), ("method", "email_code")]).await.needs(&["email_code"]);
    assert_ne!(again, session);
    give(&client, &again, &right).await.wrong(&["email_code"]);
    give(&client, &session, &right).await.authorization_code();
    let session = mailed(&app, &client, "alice").await;
    let right = code(&app, ALICE);
    for _ in 0..5 {
        give(&client, &session, "1234 5678").await.wrong(&["email_code"]);
    }
    give(&client, &session, &right).await.wrong(&["email_code"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_are_braked_as_at_the_page_and_whoever_thinks_better_of_it_gives_the_password() {
    let (_app, client) = server().await;
    let mut last = String::new();
    for _ in 0..5 {
        last = ask(&client, &[("username", "alice"), ("method", "email_code")]).await.needs(&["email_code"]);
    }
    let refused = ask(&client, &[("username", "alice"), ("method", "email_code")]).await;
    refused.refused_with(axum::http::StatusCode::TOO_MANY_REQUESTS, "too_many_attempts");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    go_on(&client, &last, &[("username", "alice"), ("password", PASSWORD)]).await.authorization_code();
    ask(&client, &[("method", "email_code")]).await.needs(&FIRST);
    ask(&client, &[("method", "sms")]).await.refused("invalid_request");
    // Where nobody signs in by mail, it is no method.
    let plain = TestApp::start().await;
    let client = own_app(&plain).await;
    ask(&client, &[("username", "alice"), ("method", "email_code")]).await.refused("invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_signs_in_alone_and_its_challenge_is_stored_nowhere() {
    let app = TestApp::start().await;
    let (client, other) = (own_app(&app).await, own_app(&app).await);
    let mut passkey = Passkey::new(&app);
    app.browser().add_passkey("alice", &mut passkey).await;
    let before = kept(&app).await;
    let answer = ask(&client, &[("method", "passkey")]).await;
    let session = answer.needs(&["passkey"]);
    let (options, challenge) = asked(&answer);
    assert_eq!(options["allowCredentials"], json!([]), "nobody is asked who they are");
    assert_eq!(kept(&app).await, before);

    let signed = passkey.get(&options);
    let given = [("method", "passkey"), ("passkey_challenge", &*challenge), ("passkey", &*signed)];
    go_on(&other, &session, &given).await.refused("invalid_session");
    let beginning = ask(&client, &[]).await;
    let another = beginning.needs(&super::challenge::FIRST);
    go_on(&client, &another, &given).await.wrong(&["passkey"]);
    go_on(&client, &session, &given[..2]).await.refused("invalid_request");
    let tokens = redeem(&client, &go_on(&client, &session, &given).await.authorization_code()).await.ok();
    let claims = jwt::claims(&tokens.id_token);
    assert_eq!(claims["sub"], app.user("alice").await.id.to_string());
    assert_eq!((&claims["acr"], &claims["amr"]), (&"urn:latchkey:acr:mfa".into(), &json!(["pop", "user", "mfa"])));
    // Its answer is good once, and a wrong one comes with another challenge.
    let refused = go_on(&client, &session, &given).await;
    assert_eq!(refused.wrong(&["passkey"]), session);
    let (options, challenge) = asked(&refused);
    let signed = passkey.get(&options);
    let given = [("method", "passkey"), ("passkey_challenge", &*challenge), ("passkey", &*signed)];
    go_on(&client, &session, &given).await.authorization_code();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_comes_after_the_password_too() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let mut key = Passkey { verifies: false, ..Passkey::new(&app) };
    app.browser().add_passkey("alice", &mut key).await;
    let session = with_password(&client, "alice", PASSWORD).await.needs(&["passkey"]);
    let answer = go_on(&client, &session, &[("method", "passkey")]).await;
    assert_eq!(answer.needs(&["passkey"]), session);
    let (options, challenge) = asked(&answer);
    assert_eq!(options["allowCredentials"].as_array().unwrap().len(), 1);
    let signed = key.get(&options);
    go_on(&client, &session, &[("passkey_challenge", &challenge), ("passkey", "{}")]).await.wrong(&["passkey"]);
    let given = [("passkey_challenge", &*challenge), ("passkey", &*signed)];
    let tokens = redeem(&client, &go_on(&client, &session, &given).await.authorization_code()).await.ok();
    assert_eq!(jwt::claims(&tokens.id_token)["amr"], json!(["pwd", "pop", "user", "mfa"]));
    go_on(&client, &session, &given).await.refused("invalid_session");
    // Whoever has none cannot choose it.
    app.add_totp("bob").await;
    let session = with_password(&client, "bob", PASSWORD).await.needs(&["totp"]);
    go_on(&client, &session, &[("method", "passkey")]).await.refused("invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cookie_is_kept_that_nobody_gets() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    for _ in 0..3 {
        let code = with_password(&client, "alice", PASSWORD).await.authorization_code();
        let tokens = redeem(&client, &code).await.ok();
        client.refresh(&tokens.refresh_token).await.ok();
    }
    let rows = app.rows().await;
    assert_eq!((rows["browser_sessions"], rows["sessions"]), (0, 3));
}
