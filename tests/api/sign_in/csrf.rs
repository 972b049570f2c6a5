//! No other site, and no other browser, can send our forms.

use crate::harness::{Browser, Page, Shows, TestApp, seconds};

/// The fields that the button would send, with `csrf` replaced or left out.
fn forged(page: &Page, button: &str, typed: &[(&str, &str)], csrf: Option<&str>) -> Vec<(String, String)> {
    let mut fields = page.form(button).submit(button, typed);
    assert!(fields.iter().any(|(name, value)| name == "csrf" && value.len() >= 22), "{fields:?}");
    fields.retain(|(name, _)| name != "csrf");
    fields.extend(csrf.map(|csrf| ("csrf".to_owned(), csrf.to_owned())));
    fields
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_form_of_elsewhere_signs_nobody_in() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut victim = app.browser();
    let mut attacker = app.browser();
    let page = victim.open(&client.request().url()).await;
    let theirs = attacker.open(&client.request().url()).await;
    let foreign = theirs.hidden("login-submit", "csrf");
    let typed = [("username", "bob"), ("password", crate::harness::PASSWORD)];
    for csrf in [None, Some(""), Some("x"), Some(&*foreign)] {
        let answered = victim.post("/login", &forged(&page, "login-submit", &typed, csrf)).await;
        assert_eq!(answered.shows(), Shows::Login);
        victim.open(&client.request().with("prompt", "none").url()).await.client_refused("login_required");
    }
    let whole = page.form("login-submit").submit("login-submit", &typed);
    assert_eq!(victim.post_from_elsewhere("/login", &whole).await.shows(), Shows::Login);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_that_somebody_else_began_leads_to_a_sign_in_of_ones_own() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut attacker = app.browser();
    let page = attacker.open(&client.request().url()).await;
    let consent = attacker.sign_in(&page, "bob").await;
    let mut victim = app.browser();
    client.authorize(&mut victim, "alice", client.request()).await;
    for url in [&page.url, &consent.url] {
        let planted = victim.open(url).await;
        assert!(matches!(planted.shows(), Shows::Login | Shows::Client), "{:?}", planted.shows());
        assert_ne!(planted.url, *url, "the attacker's flow is not taken up");
    }
    let mut stranger = app.browser();
    assert_eq!(stranger.open(&consent.url).await.shows(), Shows::Login, "no consent without its browser");
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_account_choice_and_logout_need_their_token() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let consent = browser.sign_in(&page, "alice").await;
    let stale = page.hidden("login-submit", "csrf");
    for csrf in [None, Some(""), Some("x"), Some(&*stale)] {
        let answered = browser.post("/consent", &forged(&consent, "consent-allow", &[], csrf)).await;
        assert_eq!(answered.shows(), Shows::Consent, "{csrf:?}");
        let denied = browser.post("/consent", &forged(&consent, "consent-deny", &[], csrf)).await;
        assert_eq!(denied.shows(), Shows::Consent, "{csrf:?}");
    }
    browser.press(&consent, "consent-allow", &[]).await.code();

    app.advance(seconds(1));
    let choose = browser.open(&client.request().with("prompt", "select_account").url()).await;
    for csrf in [None, Some("x")] {
        let answered = browser.post("/choose-account", &forged(&choose, "account-continue", &[], csrf)).await;
        assert_eq!(answered.shows(), Shows::ChooseAccount);
    }
    let logout = browser.open("/logout").await;
    for csrf in [None, Some("x")] {
        let answered = browser.post("/logout/confirm", &forged(&logout, "logout-confirm", &[], csrf)).await;
        assert_eq!(answered.shows(), Shows::LogoutQuestion);
    }
    browser.open(&client.request().with("prompt", "none").url()).await.code();
}

/// Our forms, sent with the right token but with what a browser says of a form from elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_the_browser_says_is_another_sites_is_refused_with_the_right_token() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let login = browser.open(&client.request().url()).await;
    let typed = [("username", "alice"), ("password", crate::harness::PASSWORD)];
    refused(&mut browser, &login, "login-submit", &typed).await;
    refused(&mut browser, &login, "login-cancel", &[]).await;
    browser.open(&client.request().with("prompt", "none").url()).await.client_refused("login_required");
    let consent = browser.sign_in(&login, "alice").await;
    refused(&mut browser, &consent, "consent-allow", &[]).await;
    browser.open(&client.request().with("prompt", "none").url()).await.client_refused("consent_required");
    browser.press(&consent, "consent-allow", &[]).await.code();
    app.advance(seconds(1));
    let choose = browser.open(&client.request().with("prompt", "select_account").url()).await;
    refused(&mut browser, &choose, "account-continue", &[]).await;
    let logout = browser.open("/logout").await;
    refused(&mut browser, &logout, "logout-confirm", &[]).await;
    browser.open(&client.request().with("prompt", "none").url()).await.code();

    // What applications send from their own pages is not a form of ours.
    let post = |path: &str| {
        axum::http::Request::post(path).header("origin", "https://app.test").header("sec-fetch-site", "cross-site")
    };
    let request = crate::harness::body(post("/authorize"), crate::harness::encode(&client.request().form()));
    assert_eq!(app.call(request).await.status, 303);
    assert_eq!(app.call(crate::harness::body(post("/logout"), "")).await.status, 303);
    let token = crate::harness::body(post("/token"), "grant_type=authorization_code");
    assert_eq!(app.call(token).await.json()["error"], "invalid_client");
}

/// The button is of no use from elsewhere, whichever way the browser says so.
async fn refused(browser: &mut Browser, page: &Page, button: &str, typed: &[(&str, &str)]) {
    let form = page.form(button);
    let sent = crate::harness::encode(&form.submit(button, typed));
    for (name, value) in
        [("origin", "https://evil.test"), ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")]
    {
        let request = axum::http::Request::post(&form.action).header(name, value);
        let answer = browser.exchange(crate::harness::body(request, sent.clone())).await;
        assert_eq!(answer.status, 403, "{button}, {name}: {value}");
        assert!(answer.text().contains("This form was sent from another site."), "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_our_own_page_is_taken_as_browsers_send_it() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let typed = [("username", "alice"), ("password", crate::harness::PASSWORD)];
    let own =
        [("origin", "null"), ("origin", crate::harness::ISSUER), ("sec-fetch-site", "same-origin"), ("x-none", "1")];
    for (name, value) in own {
        let mut browser = app.browser();
        let login = browser.open(&client.request().url()).await;
        let form = login.form("login-submit").submit("login-submit", &typed);
        let request = axum::http::Request::post("/login").header(name, value);
        let answer = browser.exchange(crate::harness::body(request, crate::harness::encode(&form))).await;
        assert!(answer.header("location").starts_with("https://app.test/callback?code="), "{name}: {value}");
    }
}
