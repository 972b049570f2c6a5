//! `/authorize-challenge`: signing in through an application's own form.

use axum::http::{Request, header};
use latchkey::domain::oauth::client::SecondFactorFor;
use serde_json::Value;

use crate::harness::{Answer, Client, PASSWORD, Shows, TestApp, VERIFIER, jwt, seconds};

/// The parameters of a first request, without who signs in.
fn request<'a>(scope: &'a str, challenge: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("response_type", "code"), ("scope", scope), ("code_challenge", challenge), ("code_challenge_method", "S256")]
}

/// RFC 7636, appendix B: of [`VERIFIER`].
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What can be given first: in the tests nobody signs in by mail unless they say so.
pub const FIRST: [&str; 2] = ["password", "passkey"];

pub async fn own_app(app: &TestApp) -> Client {
    app.client().first_party().public().create().await
}

/// A first request with these parameters besides.
pub async fn ask(client: &Client, more: &[(&str, &str)]) -> Answer {
    let form = [request("openid profile", CHALLENGE).as_slice(), more].concat();
    client.post("/authorize-challenge", &form).await
}

pub async fn with_password(client: &Client, name: &str, password: &str) -> Answer {
    ask(client, &[("username", name), ("password", password)]).await
}

pub async fn go_on(client: &Client, session: &str, more: &[(&str, &str)]) -> Answer {
    client.post("/authorize-challenge", &[&[("auth_session", session)], more].concat()).await
}

impl Answer {
    /// The code that an application is given.
    #[track_caller]
    pub fn authorization_code(&self) -> String {
        let given = self.success();
        self.is_not_kept();
        assert_eq!(given.as_object().unwrap().len(), 1, "{given}");
        given["authorization_code"].as_str().expect("a code").to_owned()
    }

    /// More is needed, by one of these methods: the `auth_session`.
    #[track_caller]
    pub fn needs(&self, methods: &[&str]) -> String {
        self.unfinished(403, "insufficient_authorization", methods)
    }

    /// What was given is wrong, and is needed again.
    #[track_caller]
    pub fn wrong(&self, methods: &[&str]) -> String {
        self.unfinished(400, "invalid_credentials", methods)
    }

    #[track_caller]
    fn unfinished(&self, status: u16, error: &str, methods: &[&str]) -> String {
        self.refused_with(axum::http::StatusCode::from_u16(status).unwrap(), error);
        let body = self.json();
        assert_eq!(body["methods"], Value::from(methods), "{body}");
        body["auth_session"].as_str().expect("an auth_session").to_owned()
    }

    /// Only a page can go on.
    #[track_caller]
    fn leads_to_the_web(&self) {
        self.refused_with(axum::http::StatusCode::FORBIDDEN, "redirect_to_web");
        assert!(self.json()["auth_session"].is_null());
    }
}

/// What strangers must not make us keep.
pub async fn kept(app: &TestApp) -> Vec<(String, i64)> {
    let rows = app.rows().await;
    let tables =
        ["sessions", "browser_sessions", "pending_sign_ins", "grants", "authorization_codes", "authorization_requests"];
    tables.into_iter().map(|table| (table.to_owned(), rows[table])).collect()
}

/// The token request names no redirect URI (§6).
pub async fn redeem(client: &Client, code: &str) -> Answer {
    client.token(&[("grant_type", "authorization_code"), ("code", code), ("code_verifier", VERIFIER)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_password_gives_a_code_that_is_like_any_other() {
    let app = TestApp::start().await;
    let public = own_app(&app).await;
    let confidential = app.client().first_party().create().await;
    let published = app.get("/.well-known/oauth-authorization-server").await.success();
    assert_eq!(
        published["authorization_challenge_endpoint"],
        format!("{}/authorize-challenge", crate::harness::ISSUER)
    );
    for client in [public, confidential] {
        let code = with_password(&client, "alice", PASSWORD).await.authorization_code();
        let tokens = redeem(&client, &code).await.ok();
        assert_eq!(client.userinfo(&tokens.access_token).await.success()["name"], "Alice Liddell");
        assert!(!tokens.id_token.is_empty());
        redeem(&client, &code).await.refused("invalid_grant");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_application_is_told_step_by_step_what_is_needed() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let before = kept(&app).await;
    let session = ask(&client, &[("login_hint", "alice")]).await.needs(&FIRST);
    let session = go_on(&client, &session, &[("username", "alice")]).await.needs(&FIRST);
    let given = [("username", "alice"), ("password", "wrong")];
    let session = go_on(&client, &session, &given).await.wrong(&FIRST);
    assert_eq!(kept(&app).await, before, "strangers store nothing");
    let given = [("username", "alice@example.com"), ("password", PASSWORD)];
    let code = go_on(&client, &session, &given).await.authorization_code();
    redeem(&client, &code).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_a_step_of_its_own_that_is_taken_once() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let phone = app.add_totp("alice").await;
    let before = kept(&app).await;
    let session = with_password(&client, "alice", PASSWORD).await.needs(&["totp"]);
    let after = kept(&app).await;
    let added: i64 = after.iter().map(|(_, rows)| rows).sum::<i64>() - before.iter().map(|(_, rows)| rows).sum::<i64>();
    assert_eq!(added, 1, "half a sign-in and no session: {after:?}");
    let session = go_on(&client, &session, &[]).await.needs(&["totp"]);
    for wrong in [phone.wrong(), "x".to_owned()] {
        assert_eq!(go_on(&client, &session, &[("code", &wrong)]).await.wrong(&["totp"]), session);
    }
    go_on(&client, &session, &[("code", "123456"), ("method", "password")]).await.refused("invalid_request");
    let code = go_on(&client, &session, &[("code", &phone.code())]).await.authorization_code();
    let tokens = redeem(&client, &code).await.ok();
    let claims = jwt::verify(&app, &tokens.id_token).await.claims;
    assert_eq!(
        (&claims["acr"], &claims["amr"]),
        (&"urn:latchkey:acr:mfa".into(), &serde_json::json!(["pwd", "otp", "mfa"]))
    );
    go_on(&client, &session, &[("code", &phone.code_in(30))]).await.refused("invalid_session");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_does_too() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    app.add_totp("alice").await;
    let codes = app.recovery_codes("alice").await;
    let session = with_password(&client, "alice", PASSWORD).await.needs(&["totp", "recovery_code"]);
    let given = [("code", &*codes[0]), ("method", "recovery_code")];
    let code = go_on(&client, &session, &given).await.authorization_code();
    redeem(&client, &code).await.ok();
    let session = with_password(&client, "alice", PASSWORD).await.needs(&["totp", "recovery_code"]);
    go_on(&client, &session, &given).await.wrong(&["totp", "recovery_code"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_first_party_client_that_proves_who_it_is_may_ask() {
    let app = TestApp::start().await;
    let third = app.client().create().await;
    with_password(&third, "alice", PASSWORD).await.refused("unauthorized_client");
    let mut own = app.client().first_party().create().await;
    own.secret = "lk_cs_wrong".to_owned();
    with_password(&own, "alice", PASSWORD).await.refused("invalid_client");
    let machine = app.client().first_party().machine("jobs").create().await;
    let refused = with_password(&machine, "alice", PASSWORD).await;
    assert!(refused.status.is_client_error(), "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auth_session_is_its_own_clients_and_ends() {
    let app = TestApp::start().await;
    let (client, other) = (own_app(&app).await, own_app(&app).await);
    let phone = app.add_totp("alice").await;
    let first = ask(&client, &[]).await.needs(&FIRST);
    let second = with_password(&client, "alice", PASSWORD).await.needs(&["totp"]);
    let given = [("username", "alice"), ("password", PASSWORD)];
    go_on(&other, &first, &given).await.refused("invalid_session");
    go_on(&other, &second, &[("code", &phone.code())]).await.refused("invalid_session");
    let (flow, secret) = second.split_once('.').unwrap();
    for bad in ["x", "", ".", &format!("{flow}.x"), &format!("{first}.{secret}"), &format!("{second}x")] {
        let answer = go_on(&client, bad, &[("code", &phone.code())]).await;
        assert!(answer.status.is_client_error() && !answer.text().contains("authorization_code"), "{bad}");
    }
    // Without its secret it is no more than the request: the password is needed again.
    go_on(&client, flow, &[("code", &phone.code())]).await.needs(&FIRST);
    app.advance(seconds(600));
    go_on(&client, &second, &[("code", &phone.code())]).await.refused("invalid_session");
    go_on(&client, &first, &given).await.needs(&["totp"]);
    app.advance(seconds(3_600));
    go_on(&client, &first, &given).await.refused("invalid_session");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_cannot_go_on_with_it_nor_it_with_a_browsers() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let flow = page.hidden("login-submit", "flow");
    let given = [("username", "alice"), ("password", PASSWORD)];
    go_on(&client, &flow, &given).await.refused("invalid_session");
    let session = ask(&client, &[]).await.needs(&FIRST);
    let page = browser.open(&format!("/login?flow={session}")).await;
    assert_eq!(page.shows(), Shows::Login);
    assert_ne!(page.hidden("login-submit", "flow"), session, "it begins anew there");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_a_page_is_said_before_a_password_is_asked_for_where_that_is_known() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let before = kept(&app).await;
    ask(&client, &[("prompt", "consent")]).await.leads_to_the_web();
    ask(&client, &[("prompt", "none")]).await.refused("login_required");
    assert_eq!(kept(&app).await, before);
    let strict = app.client().first_party().public().with(|m| m.second_factor = SecondFactorFor::Everybody);
    let strict = strict.create().await;
    with_password(&strict, "alice", PASSWORD).await.leads_to_the_web();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_as_strict_as_at_the_authorization_endpoint() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let given = [("username", "alice"), ("password", PASSWORD)];
    let without = |name: &str| -> Vec<(&str, &str)> {
        let all = [request("openid", CHALLENGE), given.to_vec()].concat();
        all.into_iter().filter(|(known, _)| *known != name).collect()
    };
    for missing in ["response_type", "code_challenge"] {
        client.post("/authorize-challenge", &without(missing)).await.refused("invalid_request");
    }
    client.post("/authorize-challenge", &without("scope")).await.refused("invalid_scope");
    let twice = [request("openid", CHALLENGE), given.to_vec(), vec![("scope", "openid")]].concat();
    client.post("/authorize-challenge", &twice).await.refused("invalid_request");
    let elsewhere =
        [request("openid", CHALLENGE), given.to_vec(), vec![("redirect_uri", "https://evil.test/")]].concat();
    client.post("/authorize-challenge", &elsewhere).await.refused("invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cannot_sign_in_is_told_the_same_and_counted_like_at_the_page() {
    let app = TestApp::configured().toml("[login]\naccount_attempts = 3\n").start().await;
    let client = own_app(&app).await;
    app.disable_user("bob").await;
    let told = |answer: Answer| {
        answer.wrong(&FIRST);
        let id = answer.header("x-request-id").to_owned();
        answer.json()["error_description"].as_str().unwrap().replace(&id, "")
    };
    let wrong = told(with_password(&client, "alice", "wrong").await);
    assert_eq!(told(with_password(&client, "nobody", PASSWORD).await), wrong);
    assert_eq!(told(with_password(&client, "bob", PASSWORD).await), wrong);
    let mut browser = app.browser();
    browser.address = "192.0.2.1".parse().unwrap();
    let page = browser.open("/account").await;
    browser.try_password(&page, "alice", "wrong").await;
    with_password(&client, "alice", "wrong").await.wrong(&FIRST);
    let answer = with_password(&client, "alice", PASSWORD).await;
    answer.refused_with(axum::http::StatusCode::TOO_MANY_REQUESTS, "too_many_attempts");
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_native_application_may_change_the_account_of_whoever_gave_it_the_password() {
    let app = TestApp::start().await;
    let native = app.client().first_party().public().scope("openid account account:write");
    let native = native.redirect(&["http://127.0.0.1/callback"]).create().await;
    let form =
        [request("openid account:write", CHALLENGE), vec![("username", "alice"), ("password", PASSWORD)]].concat();
    let code = native.post("/authorize-challenge", &form).await.authorization_code();
    let tokens = redeem(&native, &code).await.ok();
    assert!(tokens.scope.contains("account:write"), "{}", tokens.scope);
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_of_other_origins_may_not_read_the_answer() {
    let app = TestApp::start().await;
    let request = Request::post("/authorize-challenge").header(header::ORIGIN, "https://spa.test");
    assert_eq!(app.send(request).await.header("access-control-allow-origin"), "");
}
