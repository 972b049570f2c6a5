//! Clients are told that a session has ended, from server to server (OpenID Connect Back-Channel Logout 1.0).

use latchkey::crypto::Algorithm;
use latchkey::domain::operation::job::State;
use latchkey::foundation::SecretString;
use latchkey::services::account;
use latchkey::services::operation::jobs::{self, Filter, ListedJob};
use latchkey::services::operation::prune;
use serde_json::{Value, json};

use crate::harness::{Browser, Client, PASSWORD, Receiver, Shows, TestApp, encode, jwt, operator, seconds};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const HOUR: u64 = 3600;

async fn telling(receivers: &[&Receiver]) -> TestApp {
    TestApp::configured().toml(&Receiver::toml(receivers)).start().await
}

async fn client_at(app: &TestApp, receiver: &Receiver, path: &str) -> Client {
    let uri = receiver.url(path);
    app.client().first_party().with(|m| m.logout.backchannel_logout_uri = Some(uri)).create().await
}

/// alice signs in to the client in this browser: the ID token.
async fn signs_in(client: &Client, browser: &mut Browser) -> String {
    client.sign_in_with(browser, "alice", client.request().with("scope", "openid")).await.id_token
}

async fn signs_out(browser: &mut Browser, hint: &str) {
    let page = browser.open(&format!("/logout?{}", encode(&[("id_token_hint", hint)]))).await;
    assert_eq!(page.shows(), Shows::SignedOut);
}

async fn job(app: &TestApp) -> ListedJob {
    let filter = Filter { state: None, kind: Some("back_channel_logout".to_owned()) };
    jobs::list(&app.app, &filter, 9).await.unwrap().pop().expect("a job")
}

/// Which session each token is about.
fn sessions(receiver: &Receiver) -> Vec<Value> {
    receiver.tokens().iter().map(|token| jwt::claims(token)["sid"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_out_is_signed_out_of_the_clients_by_a_logout_token() {
    let receiver = Receiver::start().await;
    let app = telling(&[&receiver]).await;
    let client = client_at(&app, &receiver, "/logged-out?tenant=a").await;
    let mut browser = app.browser();
    let id_token = signs_in(&client, &mut browser).await;
    app.advance(seconds(60));
    signs_out(&mut browser, &id_token).await;
    assert!(receiver.told().is_empty(), "nobody waits for it");
    app.advance(seconds(1));
    app.work().await;

    let told = receiver.told();
    assert_eq!(told.len(), 1);
    assert_eq!((&*told[0].path, &*told[0].content_type), ("/logged-out?tenant=a", "application/x-www-form-urlencoded"));
    assert_eq!((told[0].form.len(), &*told[0].form[0].0), (1, "logout_token"), "and nothing else (section 2.5)");
    let token = jwt::verify(&app, &told[0].form[0].1).await;
    let of_id_token = jwt::claims(&id_token);
    let now = app.clock.now().as_secs();
    assert_eq!(token.header["typ"], "logout+jwt");
    assert_eq!(token.header["alg"], "RS256");
    for name in ["iss", "aud", "sub", "sid"] {
        assert_eq!(token.claims[name], of_id_token[name], "{name}");
    }
    assert_eq!(token.claims["events"], json!({ EVENT: {} }));
    assert_eq!((&token.claims["iat"], &token.claims["exp"]), (&json!(now), &json!(now + 120)), "made when it is sent");
    assert!(token.claims["jti"].as_str().unwrap().len() > 20);
    assert_eq!(token.claims.len(), 8, "no nonce: {:?}", token.claims);
    app.work().await;
    assert_eq!((receiver.told().len(), job(&app).await.state), (1, State::Done));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_client_of_the_session_is_told_and_no_other() {
    let (one, two, three) = (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    let app = telling(&[&one, &two, &three]).await;
    let (first, second, third) =
        (client_at(&app, &one, "/").await, client_at(&app, &two, "/").await, client_at(&app, &three, "/").await);
    let silent = app.client().first_party().create().await;
    let (mut browser, mut other) = (app.browser(), app.browser());
    let hint = signs_in(&first, &mut browser).await;
    signs_in(&first, &mut browser).await;
    signs_in(&second, &mut browser).await;
    signs_in(&silent, &mut browser).await;
    signs_in(&third, &mut other).await;
    signs_in(&second, &mut other).await;
    signs_out(&mut browser, &hint).await;
    app.work().await;
    let sid = jwt::claims(&hint)["sid"].clone();
    assert_eq!((sessions(&one), sessions(&two), sessions(&three)), (vec![sid.clone()], vec![sid], vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn however_a_session_ends_its_clients_are_told() {
    let receiver = Receiver::start().await;
    let app = telling(&[&receiver]).await.another_with_toml("[login]\naccounts_per_browser = 1\n").await;
    let client = client_at(&app, &receiver, "/").await;
    let (mut told, id) = (0, app.user("alice").await.id);
    let ways = ["ended", "others", "everywhere", "password", "another account", "disabled", "set", "deleted"];
    for way in ways {
        let mut browser = app.browser();
        signs_in(&client, &mut browser).await;
        let mut elsewhere = app.browser();
        let page = elsewhere.open("/account/sessions").await;
        let page = elsewhere.sign_in(&page, "alice").await;
        match way {
            "ended" => {
                let session = page.answer.text().split("name=\"session\" value=\"").nth(1).unwrap();
                let csrf = page.hidden("sign-out-everywhere", "csrf");
                let form = [("csrf", &*csrf), ("session", session.split('"').next().unwrap()), ("action", "end")];
                let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
                elsewhere.post("/account/sessions", &form).await;
            }
            "others" => drop(elsewhere.press(&page, "end-others", &[]).await),
            "everywhere" => drop(elsewhere.press(&page, "sign-out-everywhere", &[]).await),
            "password" => {
                let page = elsewhere.open("/account/password").await;
                let typed = [("current_password", PASSWORD), ("password", "quite-another-passphrase")];
                elsewhere.press(&page, "password-submit", &typed).await;
                account::set_password(
                    &app.app,
                    &operator(),
                    &app.user("alice").await,
                    SecretString::new(PASSWORD.into()),
                )
                .await
                .unwrap();
            }
            "another account" => {
                let page = browser.open("/login").await;
                let page = if page.shows() == Shows::Login { page } else { browser.open("/account/add").await };
                browser.sign_in(&page, "bob").await;
            }
            "disabled" => {
                account::set_enabled(&app.app, &operator(), id, false).await.unwrap();
                account::set_enabled(&app.app, &operator(), id, true).await.unwrap();
            }
            "set" => {
                let alice = app.user("alice").await;
                let password = SecretString::new(PASSWORD.into());
                account::set_password(&app.app, &operator(), &alice, password).await.unwrap();
            }
            _ => account::delete(&app.app, &operator(), id).await.unwrap(),
        }
        app.work().await;
        told += 1;
        assert_eq!(receiver.told().len(), told, "{way}");
        app.advance(seconds(60));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_refuses_is_not_told_again_and_one_that_fails_is_until_it_takes_it() {
    let receiver = Receiver::start().await;
    let app = telling(&[&receiver]).await;
    let client = client_at(&app, &receiver, "/").await;
    let mut browser = app.browser();
    let hint = signs_in(&client, &mut browser).await;
    receiver.answers(400, r#"{"error":"invalid_request"}"#);
    signs_out(&mut browser, &hint).await;
    app.work().await;
    let refused = job(&app).await;
    assert_eq!(refused.state, State::Dead);
    let why = "the client refused the logout token: it answered 400 (invalid_request)";
    assert_eq!(refused.last_error.as_deref(), Some(why));
    app.advance(seconds(HOUR));
    app.work().await;
    assert_eq!(receiver.told().len(), 1);

    let mut browser = app.browser();
    let hint = signs_in(&client, &mut browser).await;
    receiver.answers(503, "later");
    signs_out(&mut browser, &hint).await;
    app.work().await;
    let waits = jobs::list(&app.app, &Filter { state: Some(State::Waiting), kind: None }, 99).await.unwrap();
    let waits = waits.into_iter().find(|job| job.kind == "back_channel_logout").expect("it waits");
    assert_eq!(waits.last_error.as_deref(), Some("the client answered 503"));
    receiver.answers(204, "");
    app.advance(seconds(300));
    app.work().await;
    app.advance(seconds(HOUR));
    app.work().await;
    let tokens = receiver.tokens();
    assert_eq!(tokens.len(), 3);
    let [first, second] = [1, 2].map(|index| jwt::claims(&tokens[index]));
    assert_eq!(first["sid"], second["sid"]);
    assert_ne!((&first["jti"], &first["iat"]), (&second["jti"], &second["iat"]), "made anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_takes_it_is_given_up() {
    let receiver = Receiver::start().await;
    let app = telling(&[&receiver]).await;
    let client = client_at(&app, &receiver, "/").await;
    let mut browser = app.browser();
    let hint = signs_in(&client, &mut browser).await;
    receiver.answers(500, "");
    signs_out(&mut browser, &hint).await;
    for _ in 0..20 {
        app.work().await;
        app.advance(seconds(HOUR));
    }
    assert_eq!((receiver.told().len(), job(&app).await.state), (11, State::Dead));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_delays_no_other() {
    let (slow, quick) = (Receiver::start().await, Receiver::start().await);
    let app = telling(&[&slow, &quick]).await;
    slow.hangs();
    let hanging = client_at(&app, &slow, "/").await;
    for _ in 0..10 {
        let mut browser = app.browser();
        let hint = signs_in(&hanging, &mut browser).await;
        signs_out(&mut browser, &hint).await;
    }
    let client = client_at(&app, &quick, "/").await;
    let mut browser = app.browser();
    let hint = signs_in(&client, &mut browser).await;
    app.advance(seconds(1));
    signs_out(&mut browser, &hint).await;
    let working = tokio::spawn({
        let app = app.clone();
        async move { app.work().await }
    });
    quick.was_told(1).await;
    assert_eq!(slow.told().len(), 4, "no more at once, and none of them has come to its end");
    working.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_to_a_client_that_is_disabled_or_wants_to_know_nothing_any_more() {
    let receiver = Receiver::start().await;
    let app = telling(&[&receiver]).await;
    let (disabled, changed) = (client_at(&app, &receiver, "/d").await, client_at(&app, &receiver, "/c").await);
    let mut browser = app.browser();
    let hint = signs_in(&disabled, &mut browser).await;
    signs_in(&changed, &mut browser).await;
    signs_out(&mut browser, &hint).await;
    app.disable_client(&disabled.id).await;
    let metadata = "REPLACE(metadata, '\"backchannel_logout_uri\"', '\"was\"')";
    app.sql(&format!("UPDATE clients SET metadata = {metadata} WHERE id = '{}'", changed.id)).await;
    app.advance(seconds(2));
    app.work().await;
    assert!(receiver.told().is_empty(), "{:?}", receiver.told());
    assert_eq!(job(&app).await.state, State::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_whose_tokens_have_expired_long_ago_is_told_as_long_as_the_session_lives() {
    let receiver = Receiver::start().await;
    let app = telling(&[&receiver]).await;
    let uri = receiver.url("/");
    let brief = |m: &mut latchkey::domain::oauth::client::Metadata| {
        m.logout.backchannel_logout_uri = Some(uri);
        m.lifetimes.refresh_token_absolute = Some(seconds(HOUR));
        m.lifetimes.refresh_token_idle = Some(seconds(HOUR));
    };
    let client = app.client().first_party().with(brief).create().await;
    let mut browser = app.browser();
    signs_in(&client, &mut browser).await;
    signs_in(&client, &mut browser).await;
    app.sql("DELETE FROM authorization_codes").await;
    app.sql("DELETE FROM refresh_tokens").await;
    app.sql("UPDATE grants SET expires_at = created_at").await;
    app.advance(seconds(26 * HOUR));
    prune::all(&app.app, &operator()).await.unwrap();
    let left = app.rows().await["grants"];
    account::set_enabled(&app.app, &operator(), app.user("alice").await.id, false).await.unwrap();
    app.work().await;
    assert_eq!((left, receiver.told().len()), (1, 1), "the last grant of each client is enough");
    prune::all(&app.app, &operator()).await.unwrap();
    assert_eq!(app.rows().await["grants"], 0, "and goes with the session");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_signed_as_the_clients_id_tokens_are() {
    let receiver = Receiver::start().await;
    let app = telling(&[&receiver]).await;
    let uri = receiver.url("/");
    let es256 = |m: &mut latchkey::domain::oauth::client::Metadata| {
        m.logout.backchannel_logout_uri = Some(uri);
        m.id_token_signed_response_alg = Algorithm::Es256;
    };
    let client = app.client().first_party().with(es256).create().await;
    let mut browser = app.browser();
    let hint = signs_in(&client, &mut browser).await;
    signs_out(&mut browser, &hint).await;
    app.work().await;
    assert_eq!(jwt::verify(&app, &receiver.tokens()[0]).await.header["alg"], "ES256");
    // It can be taken for no other token of ours.
    client.userinfo(&receiver.tokens()[0]).await.bearer_refused(401, "invalid_token");
}
