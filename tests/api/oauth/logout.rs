//! `/logout` (OpenID Connect RP-Initiated Logout).

use crate::harness::{Browser, Client, Shows, TestApp, Tokens, encode};

const AFTER: &str = "https://app.test/signed-out";

async fn signed_in(app: &TestApp) -> (Client, Browser, Tokens) {
    let client = app.client().named("Shop").with(|m| m.post_logout_redirect_uris = vec![AFTER.into()]).create().await;
    let mut browser = app.browser();
    let tokens = client.sign_in_with(&mut browser, "alice", client.request().with("scope", "openid")).await;
    (client, browser, tokens)
}

fn logout(pairs: &[(&str, &str)]) -> String {
    format!("/logout?{}", encode(pairs))
}

async fn is_signed_out(client: &Client, browser: &mut Browser) -> bool {
    let response = browser.open(&client.request().with("prompt", "none").url()).await.response();
    response.get("error").is_some_and(|error| error == "login_required")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_of_this_session_ends_it_and_leads_back_with_the_state_only() {
    let app = TestApp::start().await;
    let (client, mut browser, tokens) = signed_in(&app).await;
    let state = "s".repeat(128);
    let pairs = [("id_token_hint", &*tokens.id_token), ("post_logout_redirect_uri", AFTER), ("state", &state)];
    let page = browser.open(&logout(&pairs)).await;
    assert_eq!(page.target(), format!("{AFTER}?state={state}"));
    assert!(is_signed_out(&client, &mut browser).await);
    client.refresh(&tokens.refresh_token).await.refused("invalid_grant");
    client.userinfo(&tokens.access_token).await.bearer_refused(401, "invalid_token");
    let again = browser.open(&logout(&pairs[..2])).await;
    assert_eq!(again.target(), AFTER, "signed out already, and no state");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_id_token_is_good_enough() {
    let app = TestApp::start().await;
    let (client, mut browser, tokens) = signed_in(&app).await;
    app.advance(crate::harness::seconds(3600));
    let page = browser.open(&logout(&[("id_token_hint", &tokens.id_token), ("post_logout_redirect_uri", AFTER)])).await;
    assert_eq!(page.target(), AFTER);
    assert!(is_signed_out(&client, &mut browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_access_outlives_a_sign_out() {
    let app = TestApp::start().await;
    let (client, mut browser, tokens) = signed_in(&app).await;
    let offline = client.sign_in_with(&mut browser, "alice", client.request()).await;
    browser.open(&logout(&[("id_token_hint", &tokens.id_token)])).await;
    client.refresh(&offline.refresh_token).await.ok();
    client.refresh(&tokens.refresh_token).await.refused("invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_proof_the_person_is_asked() {
    let app = TestApp::start().await;
    let (client, mut browser, _) = signed_in(&app).await;
    for url in [
        "/logout".to_owned(),
        logout(&[("state", "x")]),
        logout(&[("client_id", &client.id), ("post_logout_redirect_uri", AFTER)]),
    ] {
        let page = browser.open(&url).await;
        assert_eq!(page.shows(), Shows::LogoutQuestion, "{url}");
        assert_eq!(browser.press(&page, "logout-stay", &[]).await.shows(), Shows::StillSignedIn);
    }
    assert!(!is_signed_out(&client, &mut browser).await);

    let page =
        browser.open(&logout(&[("client_id", &client.id), ("post_logout_redirect_uri", AFTER), ("state", "x")])).await;
    assert!(page.answer.text().contains("<strong>Shop</strong> asks"));
    let page = browser.press(&page, "logout-confirm", &[]).await;
    assert_eq!(page.target(), format!("{AFTER}?state=x"));
    assert!(is_signed_out(&client, &mut browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_id_token_asks_too() {
    let app = TestApp::start().await;
    let (client, mut browser, _) = signed_in(&app).await;
    let bobs = client.sign_in("bob").await.id_token;
    let other_session = client.sign_in("alice").await.id_token;
    for hint in [bobs, other_session] {
        let page = browser.open(&logout(&[("id_token_hint", &hint)])).await;
        assert_eq!(page.shows(), Shows::LogoutQuestion);
    }
    assert!(!is_signed_out(&client, &mut browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nowhere_to_go_our_own_page_says_signed_out() {
    let app = TestApp::start().await;
    let (client, mut browser, tokens) = signed_in(&app).await;
    let page = browser.open(&logout(&[("id_token_hint", &tokens.id_token), ("state", "x")])).await;
    assert_eq!(page.shows(), Shows::SignedOut);
    assert!(is_signed_out(&client, &mut browser).await);
    assert_eq!(app.browser().open("/logout").await.shows(), Shows::SignedOut, "there was nothing to end");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_redirected_to_a_uri_that_is_not_proven() {
    let app = TestApp::start().await;
    let (client, mut browser, tokens) = signed_in(&app).await;
    let other = app.client().create().await;
    let hint = ("id_token_hint", &*tokens.id_token);
    let (body, _) = tokens.id_token.rsplit_once('.').unwrap();
    let payload = body.split_once('.').unwrap().1;
    let unsigned = format!("eyJhbGciOiJub25lIn0.{payload}.");
    let target = |uri| ("post_logout_redirect_uri", uri);
    for pairs in [
        vec![hint, target("https://app.test/signed-out/")],
        vec![hint, target("https://app.test/signed-out?a=b")],
        vec![hint, target("https://evil.test/")],
        vec![hint, target("//evil.test")],
        vec![hint, target("javascript:alert(1)")],
        vec![hint, target(crate::harness::REDIRECT)],
        vec![target(AFTER)],
        vec![("client_id", "nobody"), target(AFTER)],
        vec![("client_id", &other.id), target(AFTER)],
        vec![hint, ("client_id", &other.id), target(AFTER)],
        vec![hint, hint, target(AFTER)],
        vec![hint, target(AFTER), target(AFTER)],
    ] {
        let page = browser.open(&logout(&pairs)).await;
        page.is_error_page(400);
        assert!(page.redirects.is_empty());
    }
    assert!(!is_signed_out(&client, &mut browser).await, "a refused request ends nothing");

    for hint in [unsigned.as_str(), &tokens.access_token, "x"] {
        let page = browser.open(&logout(&[("id_token_hint", hint), target(AFTER)])).await;
        assert_eq!(page.shows(), Shows::LogoutQuestion, "{hint}");
        assert!(page.redirects.is_empty());
        assert_eq!(browser.press(&page, "logout-stay", &[]).await.shows(), Shows::StillSignedIn);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_that_cannot_be_read_leads_to_the_question_and_then_nowhere_but_where_the_client_id_says() {
    let app = TestApp::start().await;
    let (client, mut browser, _) = signed_in(&app).await;
    let (hint, uri) = (("id_token_hint", "x"), ("post_logout_redirect_uri", AFTER));
    let page = browser.open(&logout(&[hint, uri, ("state", "s")])).await;
    assert_eq!(page.shows(), Shows::LogoutQuestion);
    assert_eq!(browser.press(&page, "logout-confirm", &[]).await.shows(), Shows::SignedOut);
    assert!(is_signed_out(&client, &mut browser).await);
    assert_eq!(browser.open(&logout(&[hint, uri])).await.shows(), Shows::SignedOut, "nobody is signed in");

    let (client, mut browser, _) = signed_in(&app).await;
    let page = browser.open(&logout(&[hint, uri, ("client_id", &client.id)])).await;
    assert_eq!(page.shows(), Shows::LogoutQuestion);
    assert_eq!(browser.press(&page, "logout-confirm", &[]).await.target(), AFTER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_that_was_modified_or_signed_by_somebody_else_never_leads_anywhere_even_if_the_person_confirms() {
    let app = TestApp::start().await;
    let foreign = TestApp::configured().making_keys().start().await;
    let (_, _, theirs) = signed_in(&foreign).await;
    for make in [0, 1, 2] {
        let (client, mut browser, tokens) = signed_in(&app).await;
        let (header, rest) = tokens.id_token.split_once('.').unwrap();
        let (payload, signature) = rest.split_once('.').unwrap();
        let hint = match make {
            0 => format!("eyJhbGciOiJub25lIn0.{payload}."),
            1 => format!("{header}.{}.{signature}", theirs.id_token.split('.').nth(1).unwrap()),
            _ => theirs.id_token.clone(),
        };
        let pairs = [("id_token_hint", &*hint), ("post_logout_redirect_uri", AFTER), ("state", "x")];
        let page = browser.open(&logout(&pairs)).await;
        assert_eq!(page.shows(), Shows::LogoutQuestion, "{make}");
        assert_eq!(browser.press(&page, "logout-confirm", &[]).await.shows(), Shows::SignedOut, "{make}");
        assert!(is_signed_out(&client, &mut browser).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_parameters_or_with_a_state_alone_the_person_is_asked_and_then_signed_out_on_our_page() {
    let app = TestApp::start().await;
    for url in ["/logout", "/logout?state=x"] {
        let (client, mut browser, _) = signed_in(&app).await;
        let page = browser.open(url).await;
        let page = browser.press(&page, "logout-confirm", &[]).await;
        assert_eq!(page.shows(), Shows::SignedOut, "{url}");
        assert!(is_signed_out(&client, &mut browser).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_may_be_posted_from_the_application() {
    let app = TestApp::start().await;
    let (client, mut browser, tokens) = signed_in(&app).await;
    let form = [("id_token_hint", tokens.id_token.clone()), ("post_logout_redirect_uri", AFTER.to_owned())];
    let form = form.map(|(name, value)| (name.to_owned(), value));
    let page = browser.post_from_elsewhere("/logout", &form).await;
    assert_eq!(page.target(), AFTER);
    assert!(is_signed_out(&client, &mut browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_is_gone_afterwards_and_the_old_one_leads_nowhere() {
    let app = TestApp::start().await;
    let (client, mut browser, tokens) = signed_in(&app).await;
    let mut thief = browser.clone();
    browser.open(&logout(&[("id_token_hint", &tokens.id_token)])).await;
    let left: Vec<_> = browser.cookies.keys().collect();
    assert_eq!(left, ["__Host-latchkey-device"], "what it is known by, which signs nobody in");
    assert!(is_signed_out(&client, &mut thief).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_client_is_not_led_back_to() {
    let app = TestApp::start().await;
    let (client, mut browser, tokens) = signed_in(&app).await;
    app.disable_client(&client.id).await;
    let page = browser.open(&logout(&[("id_token_hint", &tokens.id_token), ("post_logout_redirect_uri", AFTER)])).await;
    page.is_error_page(400);
}
