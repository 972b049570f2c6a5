//! Clients are told that somebody has signed out by frames of the page after it (OpenID Connect Front-Channel Logout 1.0).

use latchkey::domain::oauth::client::Metadata;

use crate::harness::snapshot::assert_page;
use crate::harness::{Browser, Client, Page, Shows, TestApp, encode, jwt};

const AFTER: &str = "https://app.test/signed-out";

async fn client_with(app: &TestApp, uri: &str, wants_session: bool) -> Client {
    let uri = uri.to_owned();
    let origin = uri.split('/').take(3).collect::<Vec<_>>().join("/");
    let redirect = format!("{origin}/callback");
    let with = |m: &mut Metadata| {
        m.post_logout_redirect_uris = vec![format!("{origin}/signed-out")];
        m.logout.frontchannel_logout_uri = Some(uri);
        m.logout.frontchannel_logout_session_required = wants_session;
    };
    app.client().first_party().named("Shop").redirect(&[&redirect]).with(with).create().await
}

async fn signs_in(client: &Client, browser: &mut Browser) -> String {
    client.sign_in_with(browser, "alice", client.request().with("scope", "openid")).await.id_token
}

/// The page after a logout, which does not lead on by a redirect.
async fn signs_out(browser: &mut Browser, hint: &str, pairs: &[(&str, &str)]) -> Page {
    let all: Vec<_> = [("id_token_hint", hint)].into_iter().chain(pairs.iter().copied()).collect();
    browser.open(&format!("/logout?{}", encode(&all))).await
}

fn frames(page: &Page) -> Vec<String> {
    let sources = page.answer.text().split("<iframe src=\"").skip(1);
    sources.map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_after_a_logout_loads_the_pages_of_the_clients_of_this_session_with_iss_and_sid_alone() {
    let app = TestApp::start().await;
    let shop = client_with(&app, "https://app.test/out?tenant=a", true).await;
    let forum = client_with(&app, "https://forum.test:8443/out", false).await;
    let elsewhere = client_with(&app, "https://elsewhere.test/out", true).await;
    let (mut browser, mut other) = (app.browser(), app.browser());
    let hint = signs_in(&shop, &mut browser).await;
    signs_in(&shop, &mut browser).await;
    signs_in(&forum, &mut browser).await;
    signs_in(&elsewhere, &mut other).await;
    let page = signs_out(&mut browser, &hint, &[]).await;
    assert_eq!(page.shows(), Shows::SignedOut);
    let sid = jwt::claims(&hint)["sid"].as_str().unwrap().to_owned();
    let told = encode(&[("iss", app.app.issuer.as_str()), ("sid", &sid)]);
    assert_eq!(
        frames(&page),
        [format!("https://app.test/out?tenant=a&{told}"), "https://forum.test:8443/out".to_owned()]
    );
    let policy = page.answer.header("content-security-policy");
    assert!(policy.contains("frame-src https://app.test https://forum.test:8443;"), "{policy}");
    assert!(!policy.contains("script-src"), "it has nowhere to go");
    let again = browser.open("/logout").await;
    assert_eq!((again.shows(), frames(&again).len()), (Shows::SignedOut, 0), "nobody signs out");
}

#[tokio::test(flavor = "multi_thread")]
async fn then_the_page_goes_on_with_and_without_scripts_however_a_client_hangs() {
    let app = TestApp::start().await;
    let shop = client_with(&app, "https://app.test/out", true).await;
    let mut browser = app.browser();
    let hint = signs_in(&shop, &mut browser).await;
    let page = signs_out(&mut browser, &hint, &[("post_logout_redirect_uri", AFTER), ("state", "a b")]).await;
    assert_eq!(page.shows(), Shows::SignedOut);
    let text = page.answer.text();
    let onward = format!("{AFTER}?state=a+b");
    assert!(text.contains(&format!("<meta http-equiv=\"refresh\" content=\"4;url={onward}\">")), "{text}");
    assert!(text.contains(&format!("<a id=\"logout-continue\" class=\"button\" href=\"{onward}\">")), "{text}");
    assert!(text.contains("window.onload = go"), "as soon as the frames are there");
    // Chromium begins to count the refresh when all frames are there, which they never are where one hangs.
    assert!(text.contains("setTimeout(go, 4000)"), "{text}");
    assert!(page.answer.header("content-security-policy").contains("script-src 'nonce-"));
    assert_eq!(frames(&page).len(), 1);
    assert_page("signed-out-frames", &page);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_client_wants_a_frame_the_browser_is_redirected_at_once() {
    let app = TestApp::start().await;
    let with = |m: &mut Metadata| m.post_logout_redirect_uris = vec![AFTER.to_owned()];
    let client = app.client().first_party().with(with).create().await;
    let mut browser = app.browser();
    let hint = signs_in(&client, &mut browser).await;
    let page = signs_out(&mut browser, &hint, &[("post_logout_redirect_uri", AFTER)]).await;
    assert_eq!((page.target(), page.redirects.len()), (AFTER, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_question_comes_before_and_whoever_stays_tells_nobody() {
    let app = TestApp::start().await;
    let shop = client_with(&app, "https://app.test/out", true).await;
    let mut browser = app.browser();
    signs_in(&shop, &mut browser).await;
    let question = browser.open("/logout").await;
    assert_eq!((question.shows(), frames(&question).len()), (Shows::LogoutQuestion, 0));
    let stayed = browser.press(&question, "logout-stay", &[]).await;
    assert_eq!((stayed.shows(), frames(&stayed).len()), (Shows::StillSignedIn, 0));
    let left = browser.press(&question, "logout-confirm", &[]).await;
    assert_eq!((left.shows(), frames(&left).len()), (Shows::SignedOut, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_client_is_shown_in_no_frame() {
    let app = TestApp::start().await;
    let shop = client_with(&app, "https://app.test/out", true).await;
    let mut browser = app.browser();
    let hint = signs_in(&shop, &mut browser).await;
    app.disable_client(&shop.id).await;
    assert!(frames(&signs_out(&mut browser, &hint, &[]).await).is_empty());
}
