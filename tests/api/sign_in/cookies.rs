//! The cookie of a visit.

use axum::http::{Request, header};

use crate::harness::{Browser, PASSWORD, Shows, TestApp, body, encode, seconds};

fn set_cookie(answer: &crate::harness::Answer) -> String {
    answer.header("set-cookie").to_owned()
}

async fn login_cookie(app: &TestApp) -> (Browser, String) {
    let client = app.client().create().await;
    let mut browser = app.browser();
    let request = Request::get(client.request().url()).body(axum::body::Body::empty()).unwrap();
    let answer = browser.exchange(request).await;
    (browser, set_cookie(&answer))
}

#[tokio::test(flavor = "multi_thread")]
async fn on_https_it_is_bound_to_this_host() {
    let app = TestApp::start().await;
    let (browser, cookie) = login_cookie(&app).await;
    assert!(cookie.starts_with("__Host-latchkey-browser="), "{cookie}");
    let attributes: Vec<_> = cookie.split("; ").skip(1).collect();
    for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(attributes.contains(&attribute), "{cookie}");
    }
    assert_eq!(attributes.len(), 4, "no domain, and it ends with the browser: {cookie}");
    assert!(browser.cookies["__Host-latchkey-browser"].len() >= 43, "256 bits");
}

/// The cookies that are set by signing in, with the attributes of each.
async fn cookies_of_a_sign_in(app: &TestApp, ticked: bool) -> Vec<String> {
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let mut typed = vec![("username", "alice"), ("password", PASSWORD)];
    typed.extend(ticked.then_some(("remember", "1")));
    let answer = browser.press(&page, "login-submit", &typed).await.answer;
    let cookies = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap().to_owned());
    cookies.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_replaces_it_by_one_that_lasts_as_long_as_the_session() {
    let app = TestApp::start().await;
    let cookies = cookies_of_a_sign_in(&app, false).await;
    let find =
        |start: &str| cookies.iter().find(|cookie| cookie.starts_with(start)).unwrap_or_else(|| panic!("{cookies:?}"));
    let session = find("__Host-latchkey=");
    for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(session.split("; ").any(|known| known == attribute), "{session}");
    }
    let age = session.split("; ").find_map(|attribute| attribute.strip_prefix("Max-Age=")).expect("an end");
    let age: u64 = age.parse().unwrap();
    assert!((86_390..=86_400).contains(&age), "lifetimes.session_absolute: {age}");
    let old = find("__Host-latchkey-browser=;");
    assert!(old.contains("Max-Age=0") && old.contains("Secure"), "removed: {old}");
    find("__Host-latchkey-device=");
    find("__Host-latchkey-state=");
    assert_eq!(cookies.len(), 4, "{cookies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn staying_signed_in_is_a_setting() {
    for (setting, ticked, stays) in
        [("always", false, true), ("never", true, false), ("offer", false, false), ("offer", true, true)]
    {
        let app = TestApp::configured().toml(&format!("[login]\nkeep_signed_in = {setting:?}\n")).start().await;
        let cookies = cookies_of_a_sign_in(&app, ticked).await;
        let session = cookies.iter().find(|cookie| cookie.starts_with("__Host-latchkey=")).expect("a session");
        assert_eq!(session.contains("Max-Age"), stays, "{setting}, ticked: {ticked}");
        let client = app.client().create().await;
        let page = app.browser().open(&client.request().url()).await;
        assert_eq!(page.answer.text().contains("name=\"remember\""), setting == "offer", "{setting}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_stays_signed_in_does_so_after_a_step_up_and_a_change_of_password() {
    for ticked in [false, true] {
        let app = TestApp::configured().toml("[login]\nkeep_signed_in = \"offer\"\n").start().await;
        let client = app.client().first_party().create().await;
        let mut browser = app.browser();
        let page = browser.open(&client.request().url()).await;
        let mut typed = vec![("username", "alice"), ("password", PASSWORD)];
        typed.extend(ticked.then_some(("remember", "1")));
        browser.press(&page, "login-submit", &typed).await.code();
        let phone = app.add_totp("alice").await;
        let page = browser.open(&client.request().url()).await;
        let form = page.form("mfa-submit").submit("mfa-submit", &[("code", &phone.code())]);
        let stays = session_stays(&mut browser, "/second-factor", &form).await;
        assert_eq!(stays, ticked, "after a step-up");
        let page = browser.open("/account/password").await;
        let typed = [("current_password", PASSWORD), ("password", "quite another long one 4711")];
        let form = page.form("password-submit").submit("password-submit", &typed);
        assert_eq!(session_stays(&mut browser, "/account/password", &form).await, ticked, "after a change of password");
        let again = browser.open(&client.request().with("prompt", "login").url()).await;
        let text = again.answer.text();
        assert_eq!(text.contains("name=\"remember\" type=\"checkbox\" value=\"1\" checked"), ticked, "{text}");
    }
}

/// Posts a form; tells whether the session's cookie that comes back outlives the browser.
async fn session_stays(browser: &mut Browser, path: &str, form: &[(String, String)]) -> bool {
    let answer = browser.exchange(body(Request::post(path), encode(form))).await;
    let cookies = answer.headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap().to_owned());
    let session = cookies.into_iter().find(|cookie| cookie.starts_with("__Host-latchkey=")).expect("a session");
    session.contains("Max-Age")
}

#[tokio::test(flavor = "multi_thread")]
async fn on_http_for_development_it_works_without() {
    let app = TestApp::configured().issuer("http://127.0.0.1:8080").start().await;
    let (browser, cookie) = login_cookie(&app).await;
    assert!(cookie.starts_with("latchkey-browser=") && !cookie.contains("Secure"), "{cookie}");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert_eq!(browser.cookies.len(), 1);
    let client = app.client().create().await;
    let tokens = client.sign_in("alice").await;
    assert_eq!(crate::harness::jwt::verify(&app, &tokens.id_token).await.claims["iss"], "http://127.0.0.1:8080");
    let mut browser = app.browser();
    let id_token = client.sign_in_with(&mut browser, "alice", client.request()).await.id_token;
    assert_eq!(browser.open(&format!("/logout?id_token_hint={id_token}")).await.shows(), Shows::SignedOut);
    assert_eq!(browser.cookies.keys().collect::<Vec<_>>(), ["latchkey-device"], "what it is known by next time");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_changes_it_and_the_old_one_leads_nowhere() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let mut fixed = browser.clone();
    let before = browser.cookies.clone();
    browser.sign_in(&page, "alice").await.code();
    assert_ne!(browser.cookies, before);
    let silent = client.request().with("prompt", "none").url();
    fixed.open(&silent).await.client_refused("login_required");
    browser.open(&silent).await.code();

    let mut again = browser.clone();
    app.advance(seconds(1));
    let page = browser.open(&client.request().with("prompt", "login").url()).await;
    browser.sign_in(&page, "alice").await.code();
    assert_ne!(browser.cookies, again.cookies, "a step up changes it too");
    again.open(&silent).await.client_refused("login_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_made_up_or_malformed_cookie_is_no_cookie() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    for value in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA", "\"", "%00", &"A".repeat(5000), "../../etc/passwd", "=;="] {
        let mut browser = app.browser();
        for name in ["__Host-latchkey", "__Host-latchkey-browser"] {
            browser.cookies.insert(name.into(), value.to_owned());
        }
        browser.open(&client.request().with("prompt", "none").url()).await.client_refused("login_required");
        let page = browser.open(&client.request().url()).await;
        assert_eq!(page.shows(), Shows::Login, "{value}");
        assert!(browser.cookies.values().all(|known| known != value), "never adopted: session fixation: {value}");
        browser.through(page, "alice").await.code();
        assert!(browser.cookies.values().all(|known| known != value), "{value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_a_day_and_when_it_is_not_used() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let silent = client.request().with("prompt", "none").url();
    let mut browser = app.browser();
    client.authorize(&mut browser, "alice", client.request()).await;
    app.advance(seconds(8 * 3600 - 1));
    browser.open(&silent).await.code();
    app.advance(seconds(8 * 3600));
    browser.open(&silent).await.client_refused("login_required");

    let mut busy = app.browser();
    client.authorize(&mut busy, "alice", client.request()).await;
    for _ in 0..3 {
        app.advance(seconds(8 * 3600 - 1));
        busy.open(&silent).await.code();
    }
    app.advance(seconds(3));
    busy.open(&silent).await.client_refused("login_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_one_without_need() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    for path in
        ["/", "/jwks", "/healthz", "/.well-known/openid-configuration", "/nothing", "/authorize", "/login", "/logout"]
    {
        browser.open(path).await;
    }
    browser.open(&client.request().with("prompt", "none").url()).await;
    assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
}
