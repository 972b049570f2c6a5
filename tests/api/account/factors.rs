//! The page of one's second factors, which demands a fresh proof.

use latchkey::domain::factor::totp::TotpCode;
use latchkey::domain::operation::audit_event::{Action, RecordedEvent};
use latchkey::domain::sign_in::device::DeviceCookie;
use latchkey::services::factor;
use latchkey::services::factor::recovery_codes::{self, Created};
use latchkey::services::factor::totp::{self, Confirmed, Removed};
use latchkey::services::operation::events::{self, Filter};

use crate::harness::snapshot::assert_page;
use crate::harness::{Authenticator, Browser, Page, Shows, TestApp, fresh, new_app, seconds};

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
    assert!(none.answer.text().contains("Add an authenticator app or a passkey first"), "{}", none.answer.text());
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
    let reloaded = browser.press(&page, "recovery-codes-make", &[]).await;
    assert!(reloaded.answer.text().contains("were made already, and still hold"), "{}", reloaded.answer.text());
    let page = browser.open("/account/factors").await;
    assert!(page.answer.text().contains("<strong id=\"codes-left\">10</strong>"));
    let written = new.answer.text().split("recovery-code copyable\">").nth(1).unwrap();
    let written = written.split('<').next().unwrap();
    let mut other = app.browser();
    let login = other.open("/account").await;
    let asked = other.sign_in(&login, "alice").await;
    let asked = other.open(&format!("{}&method=recovery_code", asked.url)).await;
    assert_eq!(other.give_code(&asked, written).await.url, "/account", "what was written down still holds");
    let made = browser.press(&page, "recovery-codes-make", &[]).await;
    assert!(made.answer.text().contains("Your recovery codes"), "whoever asks anew gets others");
}

#[tokio::test(flavor = "multi_thread")]
async fn adding_an_app_changes_the_cookie_and_the_old_one_is_of_no_use() {
    let app = TestApp::start().await;
    let (mut browser, _) = at_factors(&app, "alice").await;
    let stolen = browser.clone();
    add(&app, &mut browser).await;
    assert_ne!(browser.cookies["__Host-latchkey"], stolen.cookies["__Host-latchkey"]);
    assert_eq!(stolen.clone().open("/account").await.shows(), Shows::Login, "the cookie of the weaker session");
    assert_eq!(browser.open("/account/factors").await.url, "/account/factors");
    let told = events(&app, Action::SessionRenewed).await;
    assert_eq!(told.len(), 1, "the session is one of two factors, and the record says so: {told:?}");
    assert_eq!(told[0].actor_id, Some(app.user("alice").await.id.to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_ended_meanwhile_changes_nothing() {
    let app = TestApp::start().await;
    let (bob, device) = (app.user("bob").await, DeviceCookie::default());
    let (by, held) = fresh(&app, &bob).await;
    let place = held.session().set_up_in();
    let enrolment = totp::continue_or_begin(&app.app, &by, &bob, place).await.unwrap();
    let code = TotpCode::typed(&Authenticator::with(enrolment.secret.expose(), &app).code()).unwrap();
    app.end_sessions().await;
    let confirmed = totp::confirm(&app.app, &by, &held, new_app(code, &device)).await.unwrap();
    assert!(matches!(confirmed, Confirmed::Overtaken));
    assert!(!app.user("bob").await.second_factor, "the thief's app was not added");

    app.add_totp("alice").await;
    let alice = app.user("alice").await;
    let codes = app.recovery_codes("alice").await;
    let (by, held) = fresh(&app, &alice).await;
    let id = factor::list(&app.app, &alice).await.unwrap()[0].id;
    app.end_sessions().await;
    let made = recovery_codes::left(&app.app, &alice).await.unwrap().map(|(_, made)| made);
    assert_eq!(totp::remove(&app.app, &by, &held, id).await.unwrap(), Removed::Overtaken);
    let created = recovery_codes::create(&app.app, &by, &held, made).await.unwrap();
    assert!(matches!(created, Created::Overtaken));
    assert!(app.user("alice").await.second_factor);
    assert_eq!(recovery_codes::left(&app.app, &alice).await.unwrap().unwrap().0, codes.len());
    assert!(events(&app, Action::FactorRemoved).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_of_a_new_app_count_as_they_do_at_a_sign_in() {
    let app = TestApp::configured().toml("[login]\naccount_attempts = 3\n").start().await;
    let (mut browser, _) = at_factors(&app, "alice").await;
    let page = browser.open("/account/factors/totp").await;
    let secret = page.answer.text().split("id=\"totp-secret\" class=\"copyable\">").nth(1).expect("a secret");
    let phone = Authenticator::with(secret.split('<').next().expect("its end"), &app);
    for _ in 0..4 {
        browser.press(&page, "totp-confirm", &[("code", &phone.wrong())]).await;
    }
    let late = browser.press(&page, "totp-confirm", &[("code", &phone.code())]).await;
    assert_eq!(late.answer.status, 429, "also the right one");
    assert!(late.answer.text().contains("Too many attempts") && !app.user("alice").await.second_factor);
    assert!(!late.answer.header("retry-after").is_empty());
}

/// What was written down of this action.
async fn events(app: &TestApp, action: Action) -> Vec<RecordedEvent> {
    events::seal(&app.app).await.unwrap();
    let filter = Filter { action: Some(action), ..Filter::default() };
    events::after(&app.app, 0, usize::MAX, &filter).await.unwrap()
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
    let bobs = factor::list(&app.app, &bob).await.unwrap()[0].id.to_string();
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

#[tokio::test(flavor = "multi_thread")]
async fn a_factor_without_a_name_is_called_by_its_kind_in_the_language_of_whoever_looks() {
    let app = TestApp::start().await;
    let (mut browser, _) = at_factors(&app, "alice").await;
    let page = browser.open("/account/factors/totp").await;
    let secret = page.answer.text().split("id=\"totp-secret\" class=\"copyable\">").nth(1).expect("a secret");
    let phone = Authenticator::with(secret.split('<').next().expect("its end"), &app);
    browser.press(&page, "totp-confirm", &[("code", &phone.code()), ("name", " ")]).await;
    let shown = browser.open("/account/factors").await;
    assert!(shown.answer.text().contains("<strong>Authenticator app</strong>"), "{}", shown.answer.text());
    let profile = browser.open("/account/profile").await;
    browser.press(&profile, "profile-submit", &[("locale", "de")]).await;
    let shown = browser.open("/account/factors").await;
    assert!(shown.answer.text().contains("<strong>Authentifizierungs-App</strong>"), "{}", shown.answer.text());
    let stored = factor::list(&app.app, &app.user("alice").await).await.unwrap();
    assert_eq!(stored[0].name, None);
}
