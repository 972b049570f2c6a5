//! One's own sessions.

use super::signed_in;
use crate::harness::snapshot::assert_page;
use crate::harness::{Browser, Shows, TestApp, seconds};

async fn is_signed_in(browser: &mut Browser) -> bool {
    browser.open("/account").await.shows() == Shows::Account
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_their_sessions_and_ends_one() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut phone = app.browser();
    let tokens = client.sign_in_with(&mut phone, "alice", client.request().with("scope", "openid")).await;
    app.advance(seconds(3600));
    let mut bob = signed_in(&app, "bob").await;
    let mut browser = signed_in(&app, "alice").await;
    let page = browser.open("/account/sessions").await;
    let text = page.answer.text();
    assert_eq!((text.matches("name=\"session\"").count(), text.matches("this one").count()), (1, 1), "{text}");
    assert!(text.contains("1 hour ago") && text.contains("from 192.0.2.10"), "{text}");

    let id = page.answer.text().split("name=\"session\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let csrf = page.hidden("sign-out-everywhere", "csrf");
    let end =
        |csrf: &str| [("csrf", csrf), ("session", id), ("action", "end")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    // Whose it is not, and whoever has no token, ends nothing.
    let bobs = bob.open("/account/sessions").await.hidden("sign-out-everywhere", "csrf");
    let refused = bob.post("/account/sessions", &end(&bobs)).await;
    assert!(refused.answer.text().contains("already ended"), "{}", refused.answer.text());
    browser.post("/account/sessions", &end("x")).await;
    assert!(is_signed_in(&mut phone).await);

    let ended = browser.post("/account/sessions", &end(&csrf)).await;
    assert!(ended.answer.text().contains("That session was ended"), "{}", ended.answer.text());
    assert!(!is_signed_in(&mut phone).await);
    client.refresh(&tokens.refresh_token).await.refused("invalid_grant");
    assert!(is_signed_in(&mut browser).await && is_signed_in(&mut bob).await);
    let again = browser.post("/account/sessions", &end(&csrf)).await;
    assert!(again.answer.text().contains("already ended"));
    let page = browser.open("/account/sessions").await;
    assert!(!page.answer.text().contains("name=\"session\""), "an ended one is not shown");
    assert_page("account-sessions", &page);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_others_end_and_then_this_one_too() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut phone = app.browser();
    let tokens = client.sign_in_with(&mut phone, "alice", client.request()).await;
    let (mut bob, mut browser) = (signed_in(&app, "bob").await, signed_in(&app, "alice").await);
    let page = browser.open("/account/sessions").await;
    let page = browser.press(&page, "end-others", &[]).await;
    assert!(page.answer.text().contains("All other sessions were ended"));
    assert!(!is_signed_in(&mut phone).await && is_signed_in(&mut browser).await);
    assert_eq!(client.refresh(&tokens.refresh_token).await.status, 200, "what outlives a session outlives this");

    let tokens = client.sign_in("alice").await;
    let page = browser.press(&page, "sign-out-everywhere", &[]).await;
    assert_eq!(page.shows(), Shows::SignedOut);
    assert!(!is_signed_in(&mut browser).await && is_signed_in(&mut bob).await);
    client.refresh(&tokens.refresh_token).await.refused("invalid_grant");
}
