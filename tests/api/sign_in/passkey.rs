//! Signing in with a passkey: alone, after the password, and as the second factor that is added on the way.

use crate::harness::snapshot::assert_page;
use crate::harness::{Passkey, Shows, TestApp, jwt, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_signs_in_alone_and_is_two_factors() {
    let app = TestApp::start().await;
    let mut passkey = Passkey::new(&app);
    app.browser().add_passkey("alice", &mut passkey).await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let login = browser.open(&client.request().url()).await;
    assert_eq!(login.passkey_options()["allowCredentials"], serde_json::json!([]), "nobody is asked who they are");
    let back = browser.give_passkey(&login, &mut passkey).await;
    let tokens = client.redeem(&back.code()).await.ok();
    let claims = jwt::claims(&tokens.id_token);
    assert_eq!(claims["amr"], serde_json::json!(["pop", "user", "mfa"]));
    assert_eq!(claims["acr"], "urn:latchkey:acr:mfa");
    assert_eq!(claims["sub"], app.user("alice").await.id.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_comes_after_the_password_and_others_are_a_link_away() {
    let app = TestApp::start().await;
    let mut passkey = Passkey { discoverable: false, ..Passkey::new(&app) };
    app.browser().add_passkey("alice", &mut passkey).await;
    let phone = app.add_totp("alice").await;
    let codes = app.recovery_codes("alice").await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let login = browser.open(&client.request().url()).await;
    let page = browser.sign_in(&login, "alice").await;
    assert_eq!(page.shows(), Shows::SecondFactor);
    assert_page("second-factor-passkey", &page);
    assert_eq!(page.passkey_options()["allowCredentials"].as_array().unwrap().len(), 1);
    let back = browser.give_passkey(&page, &mut passkey).await;
    let claims = jwt::claims(&client.redeem(&back.code()).await.ok().id_token);
    assert_eq!(claims["amr"], serde_json::json!(["pwd", "pop", "user", "mfa"]));

    for (method, code) in [("totp", phone.code()), ("recovery_code", codes[0].clone())] {
        let mut browser = app.browser();
        let login = browser.open(&client.request().url()).await;
        let page = browser.sign_in(&login, "alice").await;
        let other = browser.open(&format!("{}&method={method}", page.url)).await;
        assert!(other.answer.text().contains("Use a passkey instead"), "{}", other.answer.text());
        browser.give_code(&other, &code).await.code();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_security_key_that_does_not_know_its_owner_comes_after_the_password_only() {
    let app = TestApp::start().await;
    let mut key = Passkey { verifies: false, ..Passkey::new(&app) };
    app.browser().add_passkey("alice", &mut key).await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let login = browser.open(&client.request().url()).await;
    let refused = browser.give_passkey(&login, &mut key).await;
    assert_eq!(refused.shows(), Shows::Login, "it is one factor");
    let page = browser.sign_in(&refused, "alice").await;
    let back = browser.give_passkey(&page, &mut key).await;
    let claims = jwt::claims(&client.redeem(&back.code()).await.ok().id_token);
    assert_eq!((&claims["acr"], &claims["amr"][1]), (&"urn:latchkey:acr:mfa".into(), &"pop".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_second_factor_is_required_it_may_be_a_passkey_that_is_added_on_the_way() {
    let app = TestApp::configured().toml("[factors]\nsecond_factor = \"required\"\n").start().await;
    let client = app.client().first_party().create().await;
    let (mut browser, mut passkey) = (app.browser(), Passkey::new(&app));
    let login = browser.open(&client.request().url()).await;
    let page = browser.sign_in(&login, "alice").await;
    assert_eq!(page.shows(), Shows::AddFactor);
    let page = browser.open(&format!("{}&method=passkey", page.url)).await;
    assert_eq!(page.shows(), Shows::AddFactor);
    assert_page("add-passkey", &page);
    let refused = browser.send_passkey(&page, "{}", &[("name", "Ph<b>one")]).await;
    assert!(refused.answer.text().contains("was not added") && refused.answer.text().contains("Ph&#60;b&#62;one"));
    let back = browser.make_passkey(&refused, &mut passkey, "Phone").await;
    let claims = jwt::claims(&client.redeem(&back.code()).await.ok().id_token);
    assert_eq!(claims["amr"], serde_json::json!(["pwd", "pop", "user", "mfa"]));
    let mut other = app.browser();
    let login = other.open(&client.request().url()).await;
    other.give_passkey(&login, &mut passkey).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_a_fresh_proof_of_the_same_person() {
    let app = TestApp::start().await;
    let (mut browser, mut passkey) = (app.browser(), Passkey::new(&app));
    browser.add_passkey("alice", &mut passkey).await;
    let mut bobs = Passkey::new(&app);
    app.browser().add_passkey("bob", &mut bobs).await;
    app.advance(seconds(301));
    let asked = browser.open("/account/factors").await;
    assert_eq!(asked.shows(), Shows::Login);
    let other = browser.give_passkey(&asked, &mut bobs).await;
    assert!(other.answer.text().contains("That is another account"), "{}", other.answer.text());
    assert_eq!(browser.give_passkey(&other, &mut passkey).await.url, "/account/factors");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_passwords_does_not_keep_a_passkey_out() {
    let app = TestApp::start().await;
    let mut passkey = Passkey::new(&app);
    app.browser().add_passkey("alice", &mut passkey).await;
    let mut browser = app.browser();
    let login = browser.open("/account").await;
    for _ in 0..12 {
        browser.try_password(&login, "alice", "wrong").await;
    }
    let waits = browser.try_password(&login, "alice", "wrong").await;
    assert_eq!(waits.answer.status.as_u16(), 429, "{}", waits.answer.text());
    assert_eq!(browser.give_passkey(&login, &mut passkey).await.url, "/account");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_passkeys_only_come_second_none_signs_in_alone() {
    let app = TestApp::start().await;
    let mut passkey = Passkey::new(&app);
    app.browser().add_passkey("alice", &mut passkey).await;
    let mut browser = app.browser();
    let login = browser.open("/account").await;
    for (setting, listed) in [("second_factor", true), ("off", false)] {
        let now = app.another_with_toml(&format!("[factors]\npasskeys = \"{setting}\"\n")).await;
        browser.now_talks_to(&now);
        let refused = browser.give_passkey(&login, &mut passkey).await;
        assert_eq!(refused.shows(), Shows::Login, "{setting}");
        assert!(!refused.answer.text().contains("passkey-form"), "{setting}");
        assert!(!refused.answer.header("content-security-policy").contains("script-src"), "{setting}");
        let mut anew = now.browser();
        let page = anew.open("/account/factors").await;
        let page = anew.sign_in(&page, "alice").await;
        let page = anew.give_passkey(&page, &mut passkey).await;
        assert_eq!(page.url, "/account/factors", "{setting}: switching off makes no account weaker");
        assert_eq!(page.answer.text().contains("id=\"passkey-add\""), listed, "{setting}");
    }
}
