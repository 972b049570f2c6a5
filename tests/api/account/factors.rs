//! The page of one's second factors, which demands a fresh proof.

use crate::harness::snapshot::assert_page;
use crate::harness::{Authenticator, Browser, Page, Shows, TestApp, seconds};

async fn at_factors(app: &TestApp, name: &str) -> (Browser, Page) {
    let mut browser = app.browser();
    let page = browser.open("/account/factors").await;
    let page = browser.sign_in(&page, name).await;
    (browser, page)
}

async fn add(app: &TestApp, browser: &mut Browser) -> (Page, Authenticator) {
    let page = browser.open("/account/factors/totp").await;
    let secret = page.answer.text().split("id=\"totp-secret\" class=\"copyable\">").nth(1).expect("a secret");
    let phone = Authenticator::with(secret.split('<').next().expect("its end"), app);
    let again = browser.press(&page, "totp-confirm", &[("code", &phone.wrong()), ("name", "Ph<b>one")]).await;
    assert!(again.answer.text().contains("role=\"alert\"><p") && again.answer.text().contains("Ph&#60;b&#62;one"));
    let page = browser.press(&again, "totp-confirm", &[("code", &phone.code_in(-30)), ("name", "My phone")]).await;
    (page, phone)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_added_used_and_removed() {
    let app = TestApp::start().await;
    let (mut browser, page) = at_factors(&app, "alice").await;
    assert!(page.answer.text().contains("You have none"), "{}", page.answer.text());
    assert_page("account-add-totp", &browser.open("/account/factors/totp").await);
    let (page, phone) = add(&app, &mut browser).await;
    assert!(page.url.starts_with("/account/factors?"), "{}", page.url);
    assert!(page.answer.text().contains("The authenticator app was added"), "{}", page.answer.text());
    assert_page("account-factors", &browser.open("/account/factors").await);
    let client = app.client().first_party().create().await;
    browser.open(&client.request().url()).await.code();
    let mut other = app.browser();
    let login = other.open(&client.request().url()).await;
    let code = other.sign_in(&login, "alice").await;
    other.give_code(&code, &phone.code()).await.code();
    let page = browser.open("/account/factors").await;
    assert!(page.answer.text().contains("last used"), "{}", page.answer.text());
    let removed = browser.press(&page, "factor-remove-1", &[]).await;
    assert!(removed.answer.text().contains("You have none") && removed.answer.text().contains("was removed"));
    assert!(!app.user("alice").await.second_factor);
    let twice = browser.press(&page, "factor-remove-1", &[]).await;
    assert!(twice.answer.text().contains("had already been removed"), "{}", twice.answer.text());
    let none = browser.press(&page, "recovery-codes-make", &[]).await;
    assert!(none.answer.text().contains("Add an authenticator app first"), "{}", none.answer.text());
    let mut anew = app.browser();
    let login = anew.open(&client.request().url()).await;
    anew.sign_in(&login, "alice").await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_codes_are_shown_once_and_work() {
    let app = TestApp::start().await;
    let (mut browser, _) = at_factors(&app, "alice").await;
    add(&app, &mut browser).await;
    let page = browser.open("/account/factors").await;
    assert!(page.answer.text().contains("<strong id=\"codes-left\">0</strong>"));
    let shown = browser.press(&page, "recovery-codes-make", &[]).await;
    assert_page("account-recovery-codes", &shown);
    let codes: Vec<_> = shown.answer.text().split("recovery-code copyable\">").skip(1).collect();
    assert_eq!(codes.len(), 10);
    let code = codes[0].split('<').next().unwrap().to_owned();
    let page = browser.open("/account/factors").await;
    assert!(
        !page.answer.text().contains(&code) && page.answer.text().contains("<strong id=\"codes-left\">10</strong>")
    );
    let mut other = app.browser();
    let login = other.open("/account").await;
    let asked = other.sign_in(&login, "alice").await;
    let asked = other.open(&format!("{}&method=recovery_code", asked.url)).await;
    assert_eq!(other.give_code(&asked, &code).await.url, "/account");
    let page = browser.open("/account/factors").await;
    assert!(page.answer.text().contains("<strong id=\"codes-left\">9</strong>"));
    let new = browser.press(&page, "recovery-codes-make", &[]).await;
    assert!(!new.answer.text().contains(&code), "others");
    let page = browser.open("/account/factors").await;
    assert!(page.answer.text().contains("<strong id=\"codes-left\">10</strong>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_apps_are_added_than_there_may_be() {
    let app = TestApp::start().await;
    let (mut browser, page) = at_factors(&app, "alice").await;
    assert!(page.answer.text().contains("id=\"totp-add\""));
    for _ in 0..5 {
        add(&app, &mut browser).await;
    }
    let page = browser.open("/account/factors/totp").await;
    assert!(page.url.starts_with("/account/factors?"), "{}", page.url);
    let text = page.answer.text();
    assert!(text.contains("No other authenticator app can be added") && !text.contains("id=\"totp-add\""), "{text}");
    assert_eq!(text.matches("My phone</strong>").count(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_not_fresh_changes_nothing() {
    let app = TestApp::start().await;
    let (mut browser, _) = at_factors(&app, "alice").await;
    let (page, phone) = add(&app, &mut browser).await;
    app.advance(seconds(301));
    for button in ["factor-remove-1", "recovery-codes-make"] {
        let asked = browser.press(&page, button, &[]).await;
        assert_eq!(asked.shows(), Shows::Login, "{button}");
    }
    assert!(app.user("alice").await.second_factor);
    let asked = browser.open("/account/factors").await;
    let asked = browser.sign_in(&asked, "alice").await;
    assert_eq!(asked.shows(), Shows::SecondFactor, "the fresh proof is of both");
    let page = browser.give_code(&asked, &phone.code()).await;
    assert_eq!(page.url, "/account/factors");
    browser.press(&page, "factor-remove-1", &[]).await;
    assert!(!app.user("alice").await.second_factor);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_removes_what_is_another_persons() {
    let app = TestApp::start().await;
    app.add_totp("bob").await;
    let (mut browser, _) = at_factors(&app, "alice").await;
    let (page, _) = add(&app, &mut browser).await;
    let bob = app.user("bob").await;
    let bobs = latchkey::services::factor::list(&app.app, &bob).await.unwrap()[0].id.to_string();
    let mut form = page.form("factor-remove-1").submit("factor-remove-1", &[]);
    for (name, value) in &mut form {
        if name == "factor" {
            value.clone_from(&bobs);
        }
    }
    let refused = browser.post("/account/factors", &form).await;
    assert!(refused.answer.text().contains("had already been removed"), "{}", refused.answer.text());
    assert!(app.user("bob").await.second_factor);
    for (name, value) in &mut form {
        if name == "csrf" {
            *value = "forged".into();
        }
    }
    let stale = browser.post("/account/factors", &form).await;
    assert!(stale.answer.text().contains("nothing was changed"), "{}", stale.answer.text());
    assert!(app.user("alice").await.second_factor);
}
