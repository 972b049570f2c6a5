//! Passkeys of one's account: added, named, used, removed.

use crate::harness::snapshot::assert_page;
use crate::harness::{Passkey, Shows, TestApp, operator, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_added_used_and_removed() {
    let app = TestApp::start().await;
    let (mut browser, mut passkey) = (app.browser(), Passkey::new(&app));
    let page = browser.open("/account/factors/passkey").await;
    let page = browser.sign_in(&page, "alice").await;
    assert_page("account-add-passkey", &page);
    let options = page.passkey_options();
    let alice = app.user("alice").await;
    assert_eq!(options["user"]["name"], "alice");
    assert_eq!(options["user"]["displayName"], "Alice Liddell");
    assert_eq!(options["excludeCredentials"], serde_json::json!([]));
    let page = browser.make_passkey(&page, &mut passkey, "My <b>key").await;
    assert!(page.url.starts_with("/account/factors?"), "{}", page.url);
    assert!(page.answer.text().contains("The passkey was added"), "{}", page.answer.text());
    assert_eq!(passkey.handle, alice.id.as_uuid().as_bytes(), "random, and nothing about the person");
    let page = browser.open("/account/factors").await;
    assert_page("account-passkeys", &page);
    assert!(page.answer.text().contains("My &#60;b&#62;key") && page.answer.text().contains("never used"));
    assert!(app.user("alice").await.second_factor);

    let mut other = app.browser();
    let login = other.open("/account").await;
    assert_eq!(other.give_passkey(&login, &mut passkey).await.url, "/account");
    let page = browser.open("/account/factors").await;
    assert!(page.answer.text().contains("last used"), "{}", page.answer.text());
    let removed = browser.press(&page, "factor-remove-1", &[]).await;
    assert!(removed.answer.text().contains("You have none"), "{}", removed.answer.text());
    assert!(!app.user("alice").await.second_factor);
    let mut anew = app.browser();
    let login = anew.open("/account").await;
    let refused = anew.give_passkey(&login, &mut passkey).await;
    assert!(refused.answer.text().contains("That passkey is not known here"), "{}", refused.answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_one_persons_and_is_added_once() {
    let app = TestApp::start().await;
    let (mut alice, mut passkey) = (app.browser(), Passkey::new(&app));
    alice.add_passkey("alice", &mut passkey).await;
    let page = alice.open("/account/factors/passkey").await;
    assert_eq!(page.passkey_options()["excludeCredentials"].as_array().unwrap().len(), 1, "the browser is told");
    let twice = alice.make_passkey(&page, &mut passkey.clone(), "again").await;
    assert!(twice.answer.text().contains("was not added"), "{}", twice.answer.text());
    let mut bob = app.browser();
    let stolen = bob.add_passkey("bob", &mut passkey.clone()).await;
    assert!(stolen.answer.text().contains("has been added before"), "{}", stolen.answer.text());
    assert!(!app.user("bob").await.second_factor);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_passkeys_are_added_than_there_may_be_and_apps_have_room_of_their_own() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    browser.add_passkey("alice", &mut Passkey::new(&app)).await;
    let waiting = browser.open("/account/factors/passkey").await;
    for _ in 0..9 {
        let page = browser.open("/account/factors/passkey").await;
        browser.make_passkey(&page, &mut Passkey::new(&app), "").await;
    }
    let page = browser.open("/account/factors/passkey").await;
    assert!(page.answer.text().contains("No other passkey can be added"), "{}", page.answer.text());
    assert!(!page.answer.text().contains("id=\"passkey-add\"") && page.answer.text().contains("id=\"totp-add\""));
    let late = browser.make_passkey(&waiting, &mut Passkey::new(&app), "").await;
    assert!(late.answer.text().contains("No other passkey can be added"), "{}", late.answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn none_is_added_where_they_are_switched_off_or_cannot_be() {
    for (issuer, toml) in [
        ("https://id.test", "[factors]\npasskeys = \"off\"\n"),
        ("https://id.test", "[factors]\nsecond_factor = \"off\"\n"),
        ("https://192.0.2.1", ""),
    ] {
        let app = TestApp::configured().issuer(issuer).toml(toml).start().await;
        let mut browser = app.browser();
        let page = browser.open("/account/factors").await;
        let page = browser.sign_in(&page, "alice").await;
        assert!(!page.answer.text().contains("id=\"passkey-add\""), "{issuer} {toml}");
        let page = browser.open("/account/factors/passkey").await;
        assert!(page.answer.text().contains("No other passkey can be added"), "{issuer} {toml}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_added_needs_a_fresh_proof_and_the_session_that_began_it() {
    let app = TestApp::start().await;
    let (mut browser, mut other) = (app.browser(), app.browser());
    let page = browser.open("/account/factors/passkey").await;
    let page = browser.sign_in(&page, "alice").await;
    let elsewhere = other.open("/account/factors/passkey").await;
    let elsewhere = other.sign_in(&elsewhere, "alice").await;
    // The challenge of one browser, in the form of the other.
    let mut passkey = Passkey::new(&app);
    let answer = passkey.create(&elsewhere.passkey_options());
    let challenge = elsewhere.hidden("passkey-submit", "challenge");
    let refused = browser.send_passkey(&page, &answer, &[("challenge", &challenge)]).await;
    assert!(refused.answer.text().contains("was not added"), "{}", refused.answer.text());
    app.advance(seconds(301));
    let asked = browser.make_passkey(&page, &mut Passkey::new(&app), "").await;
    assert_eq!(asked.shows(), Shows::Login);
    assert!(!app.user("alice").await.second_factor);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_takes_passkeys_away_too() {
    let app = TestApp::start().await;
    let (mut browser, mut passkey) = (app.browser(), Passkey::new(&app));
    browser.add_passkey("alice", &mut passkey).await;
    let alice = app.user("alice").await;
    assert_eq!(latchkey::services::factor::reset(&app.app, &operator(), alice.id).await.unwrap().factors, 1);
    let login = browser.open("/account").await;
    assert_eq!(login.shows(), Shows::Login, "everything has ended");
    assert_eq!(browser.give_passkey(&login, &mut passkey).await.shows(), Shows::Login);
    assert_eq!(browser.sign_in(&login, "alice").await.url, "/account");
}
