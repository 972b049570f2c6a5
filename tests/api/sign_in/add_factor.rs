//! A second factor that is added in the middle of a sign-in, because it is required.

use latchkey::domain::oauth::client::SecondFactorFor;
use latchkey::foundation::SecretString;
use latchkey::services::account;

use super::second_factor::{at_second_factor, secret_of, with_app};
use crate::harness::{Authenticator, Browser, Client, Page, Shows, TestApp, operator, seconds};

/// bob's browser, where he has to add one.
async fn at_add_factor(toml: &str) -> (TestApp, Client, Browser, Page) {
    let toml = format!("[factors]\nsecond_factor = \"required\"\n{toml}");
    let app = TestApp::configured().toml(&toml).start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let page = browser.sign_in(&page, "bob").await;
    assert_eq!(page.shows(), Shows::AddFactor, "{}", page.answer.text());
    (app, client, browser, page)
}

/// A code that the app never shows.
fn wrong(app: &TestApp, page: &Page) -> String {
    Authenticator::with(&secret_of(page), app).wrong()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_want_one_goes_back_to_the_application_and_is_not_signed_in() {
    let (app, _, mut browser, page) = at_add_factor("").await;
    browser.press(&page, "totp-cancel", &[]).await.client_refused("access_denied");
    let rows = app.rows().await;
    assert_eq!((rows["sessions"], rows["recovery_codes"]), (0, 0));
    assert!(!app.user("bob").await.second_factor);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_code_and_what_is_another_apps_are_asked_for_again_and_the_secret_stays() {
    let (app, _, mut browser, page) = at_add_factor("").await;
    let secret = secret_of(&page);
    for typed in ["", "12345", "abcdef", &wrong(&app, &page)] {
        let again = browser.press(&page, "totp-confirm", &[("code", typed)]).await;
        assert_eq!((again.shows(), again.answer.status.as_u16()), (Shows::AddFactor, 200), "{typed}");
        assert!(again.answer.text().contains("role=\"alert\"><p class=\"notice bad\">"), "{typed}: and says why");
        assert_eq!(secret_of(&again), secret, "{typed}");
    }
    let code = Authenticator::with(&secret, &app).code();
    browser.press(&page, "totp-confirm", &[("code", &code)]).await.code();
    assert!(app.user("bob").await.second_factor);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoevers_password_is_changed_meanwhile_begins_anew_and_has_none() {
    let (app, _, mut browser, page) = at_add_factor("").await;
    let code = Authenticator::with(&secret_of(&page), &app).code();
    let bob = app.user("bob").await;
    app.advance(seconds(1));
    let password = SecretString::new("another-long-password".into());
    account::set_password(&app.app, &operator(), &bob, password).await.unwrap();
    assert_eq!(browser.press(&page, "totp-confirm", &[("code", &code)]).await.shows(), Shows::Login);
    assert!(!app.user("bob").await.second_factor);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_waits_here_as_everywhere() {
    let (app, _, mut browser, page) = at_add_factor("[login]\naccount_attempts = 2\n").await;
    let code = wrong(&app, &page);
    for _ in 0..2 {
        assert_eq!(browser.press(&page, "totp-confirm", &[("code", &code)]).await.answer.status.as_u16(), 200);
    }
    let page = browser.press(&page, "totp-confirm", &[("code", &code)]).await;
    assert_eq!((page.shows(), page.answer.status.as_u16()), (Shows::AddFactor, 429));
    assert!(page.answer.header("retry-after").parse::<u64>().unwrap() > 0);
}

/// Gives a wrong code again and again, each time as soon as it may, until no more is taken: the last answer.
async fn guess_on(app: &TestApp, browser: &mut Browser, page: &Page, button: &str, wrong: &str) -> Page {
    for _ in 0..30 {
        let answered = browser.press(page, button, &[("code", wrong)]).await;
        if answered.answer.text().contains("browser that you have used here before") {
            return answered;
        }
        if answered.answer.status.as_u16() == 429 {
            app.advance(seconds(answered.answer.header("retry-after").parse().expect("seconds")));
        }
    }
    panic!("guessing never ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_ends_in_a_browser_that_is_not_known() {
    let toml = "[login]\naccount_attempts = 20\nconsecutive_failures = 10\n";
    let (app, _, mut browser, page) = at_add_factor(toml).await;
    let last = guess_on(&app, &mut browser, &page, "totp-confirm", &wrong(&app, &page)).await;
    assert_eq!((last.shows(), last.answer.status.as_u16()), (Shows::AddFactor, 429));
    let (app, client, phone) = with_app(toml).await;
    let (mut browser, page) = at_second_factor(&app, &client).await;
    let last = guess_on(&app, &mut browser, &page, "mfa-submit", &phone.wrong()).await;
    assert_eq!((last.shows(), last.answer.status.as_u16()), (Shows::SecondFactor, 429));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_not_fresh_signs_in_again_before_it_adds_a_factor() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let strict = app.client().first_party().with(|m| m.second_factor = SecondFactorFor::Everybody).create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    browser.sign_in(&page, "bob").await.code();
    let in_time = browser.open(&strict.request().url()).await;
    assert_eq!(in_time.shows(), Shows::AddFactor);
    let code = Authenticator::with(&secret_of(&in_time), &app).code();
    app.advance(seconds(301));
    assert_eq!(browser.press(&in_time, "totp-confirm", &[("code", &code)]).await.shows(), Shows::Login);
    let page = browser.open(&strict.request().url()).await;
    assert_eq!(page.shows(), Shows::Login, "a browser that was left open");
    assert!(!app.user("bob").await.second_factor);
    assert_eq!(browser.clone().sign_in(&page, "bob").await.shows(), Shows::AddFactor);
    browser.now_talks_to(&app.another_with_toml("[factors]\nsecond_factor = \"required\"\n").await);
    assert_eq!(browser.open("/account").await.shows(), Shows::Login, "the same for a page of ours");
}
