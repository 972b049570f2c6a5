//! `/authorize-challenge`: making an account, and choosing another password, in an application's own form.

use axum::http::StatusCode;
use latchkey::services::account::find;

use super::challenge::{ask, go_on, kept, own_app, redeem, with_password};
use crate::harness::{Answer, Client, PASSWORD, Shows, TestApp, seconds};

const DAVE: &str = "dave@example.com";
const CHOSEN: &str = "quite-another-passphrase";
/// What can be given first where people sign in and sign up by mail.
const FIRST: [&str; 4] = ["password", "email_code", "passkey", "sign_up"];

async fn server() -> (TestApp, Client) {
    let app = TestApp::configured().explaining().start().await;
    let client = own_app(&app).await;
    (app, client)
}

async fn sign_up(client: &Client, email: &str, password: &str) -> Answer {
    ask(client, &[("method", "sign_up"), ("email", email), ("password", password)]).await
}

/// The code of the newest mail.
async fn code(app: &TestApp, to: &str) -> String {
    app.work().await;
    let text = app.mails(to)[0].text.clone();
    text.split("Your code is ").nth(1).unwrap_or_else(|| panic!("{text}")).split('.').next().unwrap().to_owned()
}

async fn give(client: &Client, session: &str, code: &str) -> Answer {
    go_on(client, session, &[("email_code", code)]).await
}

/// The parameters that an answer refuses.
fn refused(answer: &Answer) -> Vec<String> {
    answer.refused("invalid_request");
    let errors = answer.json()["errors"].as_array().expect("errors").clone();
    assert!(errors.iter().all(|error| !error["message"].as_str().unwrap().is_empty()));
    errors.iter().map(|error| error["parameter"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_made_in_steps_and_its_person_is_signed_in() {
    let (app, client) = server().await;
    let before = app.rows().await["users"];
    let session = ask(&client, &[("method", "sign_up")]).await.needs(&FIRST);
    let given = [("method", "sign_up"), ("email", "Dave@Example.com"), ("password", CHOSEN)];
    let session = go_on(&client, &session, &given).await.needs(&["email_code"]);
    let right = code(&app, "Dave@example.com").await;
    assert_eq!(app.rows().await["users"], before, "there is no account before the address is proven");
    assert_eq!(give(&client, &session, "1234 5678").await.wrong(&["email_code"]), session);
    let tokens = redeem(&client, &give(&client, &session, &right).await.authorization_code()).await.ok();
    let claims = client.userinfo(&tokens.access_token).await.success();
    assert!(claims["sub"].as_str().is_some());
    let dave = app.user(DAVE).await;
    assert!(dave.email_verified && dave.username.is_none() && !dave.administrator);
    give(&client, &session, &right).await.wrong(&["email_code"]);
    with_password(&client, DAVE, CHOSEN).await.authorization_code();
    assert_eq!(app.rows().await["browser_sessions"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_an_address_that_has_an_account_is_told_the_same_and_gets_nothing() {
    let (app, client) = server().await;
    let before = kept(&app).await;
    let unknown = sign_up(&client, DAVE, CHOSEN).await;
    let known = sign_up(&client, "alice@example.com", CHOSEN).await;
    unknown.needs(&["email_code"]);
    let session = known.needs(&["email_code"]);
    app.work().await;
    let mail = app.mails("alice@example.com")[0].text.clone();
    assert!(!mail.contains("Your code is"), "{mail}");
    give(&client, &session, "1234 5678").await.wrong(&["email_code"]);
    assert_eq!(kept(&app).await, before);
    with_password(&client, "alice", CHOSEN).await.wrong(&FIRST);
    with_password(&client, "alice", PASSWORD).await.authorization_code();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_told_beside_its_parameter_and_nothing_is_mailed() {
    let (app, client) = server().await;
    assert_eq!(refused(&sign_up(&client, "no address", CHOSEN).await), ["email"]);
    assert_eq!(refused(&sign_up(&client, DAVE, "short").await), ["password"]);
    app.work().await;
    assert!(app.mails(DAVE).is_empty());
    let named = app.another_with_toml("[signup]\nusername = \"required\"\n").await;
    let named = client.at(&named);
    assert_eq!(refused(&sign_up(&named, DAVE, CHOSEN).await), ["username"]);
    let taken = [("method", "sign_up"), ("email", DAVE), ("password", CHOSEN), ("username", "alice")];
    assert_eq!(refused(&ask(&named, &taken).await), ["username"]);
    let closed = TestApp::start().await;
    sign_up(&own_app(&closed).await, DAVE, CHOSEN).await.refused("invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_makes_an_account_where_it_was_asked_for_and_five_are_looked_at() {
    let (app, client) = server().await;
    let other = own_app(&app).await;
    let session = sign_up(&client, DAVE, CHOSEN).await.needs(&["email_code"]);
    let right = code(&app, DAVE).await;
    give(&other, &session, &right).await.refused("invalid_session");
    let again = sign_up(&client, "erin@example.com", CHOSEN).await.needs(&["email_code"]);
    give(&client, &again, &right).await.wrong(&["email_code"]);
    // A code to sign in by is none to sign up by, and the other way round.
    give(&client, &session.replace("...", ".."), &right).await.wrong(&["email_code"]);
    let link = app.link_to(DAVE, "/signup/confirm").await;
    let mut browser = app.browser();
    assert_eq!(browser.open(&link).await.shows(), Shows::ConfirmElsewhere);
    for _ in 0..5 {
        give(&client, &session, "1234 5678").await.wrong(&["email_code"]);
    }
    give(&client, &session, &right).await.wrong(&["email_code"]);
    assert_ne!(browser.open(&link).await.shows(), Shows::ConfirmElsewhere, "one row for both");
    app.advance(seconds(3_600));
    give(&client, &again, "1234 5678").await.refused("invalid_session");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_is_chosen_by_a_link_whoever_asks_for_it() {
    let (app, client) = server().await;
    for name in ["alice", "nobody"] {
        ask(&client, &[("method", "password_reset"), ("username", name)]).await.needs(&FIRST);
    }
    let session = ask(&client, &[("method", "password_reset")]).await.needs(&FIRST);
    app.work().await;
    let mut browser = app.browser();
    let page = browser.open(&app.link_to("alice@example.com", "/recover/reset").await).await;
    browser.press(&page, "reset-submit", &[("password", CHOSEN)]).await;
    go_on(&client, &session, &[("username", "alice"), ("password", PASSWORD)]).await.wrong(&FIRST);
    go_on(&client, &session, &[("username", "alice"), ("password", CHOSEN)]).await.authorization_code();
    for _ in 0..3 {
        ask(&client, &[("method", "password_reset"), ("username", "alice")]).await.needs(&FIRST);
    }
    ask(&client, &[("method", "password_reset"), ("username", "alice")]).await.needs(&FIRST);
    let refused = ask(&client, &[("method", "password_reset"), ("username", "alice")]).await;
    refused.refused_with(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mail_alone_makes_no_account_elsewhere_than_in_the_application() {
    let (app, client) = server().await;
    let session = sign_up(&client, DAVE, CHOSEN).await.needs(&["email_code"]);
    let right = code(&app, DAVE).await;
    let link = app.link_to(DAVE, "/signup/confirm").await;

    // The code, by whoever has it and not the session: in the same application, in a sign-up of their own, in another one.
    for own in [
        ask(&client, &[]).await.needs(&FIRST),
        sign_up(&client, "erin@example.com", "a-strangers-passphrase").await.needs(&["email_code"]),
        sign_up(&client, DAVE, "a-strangers-passphrase").await.needs(&["email_code"]),
    ] {
        let refused = give(&client, &own, &right).await;
        assert!(
            refused.status.is_client_error() && refused.json()["authorization_code"].is_null(),
            "{}",
            refused.text()
        );
    }

    // The link, in whatever browser: there is none that asked.
    let mut browser = app.browser();
    let token = link.split_once("token=").unwrap().1;
    let csrf = browser.open(&link).await.hidden("signup-confirm", "csrf");
    for password in [None, Some(""), Some("a-strangers-passphrase"), Some(PASSWORD)] {
        let fields = [("csrf", Some(csrf.as_str())), ("token", Some(token)), ("password", password)];
        let sent = |(name, value): (&str, Option<&str>)| value.map(|value| (name.to_owned(), value.to_owned()));
        let form: Vec<_> = fields.into_iter().filter_map(sent).collect();
        assert_eq!(browser.post("/signup/confirm", &form).await.shows(), Shows::ConfirmElsewhere, "{password:?}");
    }
    assert!(find(&app.app, DAVE).await.unwrap().is_none());

    let page = browser.open(&link).await;
    let made = browser.press(&page, "signup-confirm", &[("password", CHOSEN)]).await;
    assert_eq!(made.shows(), Shows::Client, "the fifth is right, and the application asked for it");
    give(&client, &session, &right).await.wrong(&["email_code"]);
    with_password(&client, DAVE, CHOSEN).await.authorization_code();
}

#[tokio::test(flavor = "multi_thread")]
async fn five_passwords_are_compared_for_the_link_of_a_sign_up_in_an_application() {
    let (app, client) = server().await;
    let session = sign_up(&client, DAVE, CHOSEN).await.needs(&["email_code"]);
    let right = code(&app, DAVE).await;
    let link = app.link_to(DAVE, "/signup/confirm").await;
    let mut browser = app.browser();
    let page = browser.open(&link).await;
    for _ in 0..5 {
        browser.press(&page, "signup-confirm", &[("password", "a-guess-of-somebody")]).await;
    }
    let late = browser.press(&page, "signup-confirm", &[("password", CHOSEN)]).await;
    assert_eq!(late.shows(), Shows::Message, "the right one comes too late");
    give(&client, &session, &right).await.wrong(&["email_code"]);
    assert!(find(&app.app, DAVE).await.unwrap().is_none());
}
