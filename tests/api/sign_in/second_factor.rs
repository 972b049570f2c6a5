//! A second factor after the password.

use latchkey::services::factor::{self, recovery_codes};

use crate::harness::{Authenticator, Browser, Client, Page, Shows, TestApp, jwt, seconds};

/// alice has an authenticator app.
pub async fn with_app(toml: &str) -> (TestApp, Client, Authenticator) {
    let app = TestApp::configured().toml(toml).start().await;
    let client = app.client().first_party().create().await;
    let authenticator = app.add_totp("alice").await;
    (app, client, authenticator)
}

/// Their browser, where the code is asked for.
pub async fn at_second_factor(app: &TestApp, client: &Client) -> (Browser, Page) {
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let page = browser.sign_in(&page, "alice").await;
    assert_eq!(page.shows(), Shows::SecondFactor, "{}", page.answer.text());
    (browser, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_alone_makes_no_session_and_a_code_completes_it() {
    let (app, client, phone) = with_app("").await;
    let before = app.rows().await;
    let (mut browser, page) = at_second_factor(&app, &client).await;
    let half = app.rows().await;
    assert_eq!((half["sessions"], half["browser_sessions"]), (before["sessions"], before["browser_sessions"]));
    assert_eq!(half["pending_sign_ins"], before["pending_sign_ins"] + 1);
    assert!(browser.cookies.contains_key("__Host-latchkey-half") && !browser.cookies.contains_key("__Host-latchkey"));
    let done = browser.give_code(&page, &phone.code()).await;
    let tokens = client.redeem(&done.code()).await.ok();
    let claims = jwt::claims(&tokens.id_token);
    assert_eq!(claims["acr"], "urn:latchkey:acr:mfa");
    assert_eq!(claims["amr"], serde_json::json!(["pwd", "otp", "mfa"]));
    let after = app.rows().await;
    assert_eq!(after["sessions"], before["sessions"] + 1);
    assert_eq!(after["pending_sign_ins"], before["pending_sign_ins"]);
    assert!(browser.cookies.contains_key("__Host-latchkey") && !browser.cookies.contains_key("__Host-latchkey-half"));
    browser.open(&client.request().url()).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_taken_however_it_is_typed() {
    let (app, client, phone) = with_app("").await;
    let (mut browser, page) = at_second_factor(&app, &client).await;
    let code = phone.code();
    let wide: String = code.chars().map(|c| char::from_u32(0xff10 + c.to_digit(10).unwrap()).unwrap()).collect();
    browser.give_code(&page, &format!(" {} {} ", &wide[..9], &wide[9..])).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_is_refused_and_the_right_one_still_works() {
    let (app, client, phone) = with_app("").await;
    let (mut browser, mut page) = at_second_factor(&app, &client).await;
    for typed in [phone.wrong().as_str(), "", "12345", "abcdef"] {
        page = browser.give_code(&page, typed).await;
        assert_eq!(page.shows(), Shows::SecondFactor);
        assert!(page.answer.text().contains("role=\"alert\"><p"), "{typed}");
    }
    browser.give_code(&page, &phone.code()).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_stands_in_for_the_app_once() {
    let (app, client, _) = with_app("").await;
    let codes = app.recovery_codes("alice").await;
    assert_eq!(codes.len(), 10);
    for (typed, works) in [(codes[0].as_str(), true), (&codes[0], false), (&codes[1].to_uppercase(), true)] {
        let (mut browser, page) = at_second_factor(&app, &client).await;
        let page = browser.open(&format!("{}&method=recovery_code", page.url)).await;
        let page = browser.give_code(&page, typed).await;
        match works {
            true => drop(page.code()),
            false => assert_eq!(page.shows(), Shows::SecondFactor, "it was used"),
        }
    }
    let alice = app.user("alice").await;
    assert_eq!(recovery_codes::left(&app.app, &alice).await.unwrap().unwrap().0, 8);
    let new = app.recovery_codes("alice").await;
    let (mut browser, page) = at_second_factor(&app, &client).await;
    let page = browser.open(&format!("{}&method=recovery_code", page.url)).await;
    let page = browser.give_code(&page, &codes[2]).await;
    assert_eq!(page.shows(), Shows::SecondFactor, "those from before are void");
    browser.give_code(&page, &new[0]).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_factor_signs_in_as_before() {
    let (_, client, _) = with_app("").await;
    let tokens = client.sign_in("bob").await;
    assert_eq!(jwt::claims(&tokens.id_token)["acr"], "urn:latchkey:acr:password");
}

#[tokio::test(flavor = "multi_thread")]
async fn switching_second_factors_off_makes_nobodys_account_weaker() {
    let (app, client, phone) = with_app("").await;
    let app = app.another_with_toml("[factors]\nsecond_factor = \"off\"\n").await;
    let (mut browser, page) = at_second_factor(&app, &client.at(&app)).await;
    browser.give_code(&page, &phone.code()).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_is_required_whoever_has_none_adds_one_in_the_middle_of_the_sign_in() {
    let app = TestApp::configured().toml("[factors]\nsecond_factor = \"required\"\n").start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let page = browser.sign_in(&page, "bob").await;
    assert_eq!(page.shows(), Shows::AddFactor);
    assert_eq!(app.rows().await["sessions"], 0);
    let secret = secret_of(&page);
    let again = browser.reload(&page).await;
    assert_eq!(secret_of(&again), secret, "whoever has scanned it and reloads goes on with it");
    let phone = Authenticator::with(&secret, &app);
    let page = browser.press(&again, "totp-confirm", &[("code", &phone.wrong()), ("name", "My <phone>")]).await;
    assert_eq!(page.shows(), Shows::AddFactor);
    let done = browser.press(&page, "totp-confirm", &[("code", &phone.code()), ("name", "My phone")]).await;
    let tokens = client.redeem(&done.code()).await.ok();
    assert_eq!(jwt::claims(&tokens.id_token)["acr"], "urn:latchkey:acr:mfa");
    let bob = app.user("bob").await;
    let factors = factor::list(&app.app, &bob).await.unwrap();
    assert_eq!(factors.iter().map(|factor| factor.name.as_deref()).collect::<Vec<_>>(), [Some("My phone")]);
    app.advance(seconds(30));
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let page = browser.sign_in(&page, "bob").await;
    browser.give_code(&page, &phone.code()).await.code();
}

/// The secret of the app that a page lets one add.
pub fn secret_of(page: &Page) -> String {
    let (_, rest) = page.answer.text().split_once("id=\"totp-secret\" class=\"copyable\">").expect("a secret");
    rest.split('<').next().expect("its end").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn until_the_day_whoever_has_none_signs_in_without() {
    let toml = "[factors]\nsecond_factor = \"required\"\nenrol_by = \"2026-06-01\"\n";
    let app = TestApp::configured().toml(toml).start().await;
    let client = app.client().first_party().create().await;
    client.sign_in("bob").await;
    app.advance(seconds(40 * 86_400));
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    assert_eq!(browser.sign_in(&page, "bob").await.shows(), Shows::AddFactor);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_can_demand_it_of_everybody() {
    use latchkey::domain::oauth::client::SecondFactorFor;
    let app = TestApp::start().await;
    let strict = app.client().first_party().with(|m| m.second_factor = SecondFactorFor::Everybody).create().await;
    let usual = app.client().first_party().create().await;
    let mut browser = app.browser();
    usual.authorize(&mut browser, "bob", usual.request()).await.code();
    let none = browser.open(&strict.request().with("prompt", "none").url()).await;
    none.client_refused("interaction_required");
    let page = browser.open(&strict.request().url()).await;
    assert_eq!(page.shows(), Shows::AddFactor, "the session that there is is too weak");
    let phone = Authenticator::with(&secret_of(&page), &app);
    let done = browser.press(&page, "totp-confirm", &[("code", &phone.code())]).await;
    assert_eq!(jwt::claims(&strict.redeem(&done.code()).await.ok().id_token)["acr"], "urn:latchkey:acr:mfa");
    assert_eq!(app.rows().await["sessions"], 1, "it goes on, and is stronger");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrators_reset_ends_everything_and_lets_the_password_do() {
    let (app, client, phone) = with_app("").await;
    app.recovery_codes("alice").await;
    let (mut browser, page) = at_second_factor(&app, &client).await;
    let (mut other, half) = at_second_factor(&app, &client).await;
    browser.give_code(&page, &phone.code()).await.code();
    let alice = app.user("alice").await;
    let reset = factor::reset(&app.app, &crate::harness::operator(), alice.id).await.unwrap();
    assert_eq!(reset.factors, 1);
    assert_eq!(browser.open(&client.request().url()).await.shows(), Shows::Login, "the session has ended");
    app.advance(seconds(30));
    let page = other.give_code(&half, &phone.code()).await;
    assert_eq!(page.shows(), Shows::Login, "what was half done too");
    other.sign_in(&page, "alice").await.code();
    let again = factor::reset(&app.app, &crate::harness::operator(), alice.id).await.unwrap();
    assert_eq!(again.factors, 0);
    other.open(&client.request().url()).await.code();
}
