//! Browsers in which a second factor need not be given again, because their person said so.

use latchkey::domain::oauth::client::SecondFactorFor;
use latchkey::domain::operation::audit_event::Action;
use latchkey::services::factor;
use latchkey::services::operation::events::{self, Filter};

use crate::harness::{Authenticator, Browser, Client, PASSWORD, Page, Shows, TestApp, jwt, operator, seconds};

const DAY: u64 = 86_400;
const OTHER: &str = "quite-another-passphrase";

struct Story {
    app: TestApp,
    client: Client,
    browser: Browser,
    phone: Authenticator,
}

/// alice has given a code in this browser, and has ticked the box.
async fn remembered() -> Story {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let phone = app.add_totp("alice").await;
    let mut browser = app.browser();
    let page = asked(&client, &mut browser, "alice").await;
    let typed = [("code", &*phone.code()), ("remember_device", "1")];
    browser.press(&page, "mfa-submit", &typed).await.code();
    app.advance(seconds(60));
    Story { app, client, browser, phone }
}

/// A sign-in as `name`, until their code is asked for.
async fn asked(client: &Client, browser: &mut Browser, name: &str) -> Page {
    let page = again(client, browser, name).await;
    assert_eq!(page.shows(), Shows::SecondFactor, "{name} is asked");
    page
}

/// Another sign-in as `name`, whoever was signed in before.
async fn again(client: &Client, browser: &mut Browser, name: &str) -> Page {
    sign_out(browser).await;
    let page = browser.open(&client.request().url()).await;
    browser.sign_in(&page, name).await
}

async fn sign_out(browser: &mut Browser) {
    let page = browser.open("/logout").await;
    if page.shows() == Shows::LogoutQuestion {
        browser.press(&page, "logout-confirm", &[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_remembered_is_not_asked_again_and_its_session_is_no_stronger_for_it() {
    let Story { app, client, mut browser, .. } = remembered().await;
    let page = again(&client, &mut browser, "alice").await;
    let claims = jwt::claims(&client.redeem(&page.code()).await.ok().id_token);
    assert_eq!(claims["acr"], "urn:latchkey:acr:password");
    assert_eq!(claims["amr"], serde_json::json!(["pwd"]));
    browser.open(&client.request().with("prompt", "none").url()).await.code();
    assert_eq!(browser.open("/account").await.shows(), Shows::Account);
    asked(&client, &mut app.browser(), "alice").await;
    app.advance(seconds(30 * DAY));
    asked(&client, &mut browser, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_tick_the_box_or_uses_a_code_from_paper_is_asked_again() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let phone = app.add_totp("alice").await;
    let codes = app.recovery_codes("alice").await;
    let mut browser = app.browser();
    let page = asked(&client, &mut browser, "alice").await;
    browser.give_code(&page, &phone.code()).await.code();
    let page = asked(&client, &mut browser, "alice").await;
    let paper = browser.open(&format!("{}&method=recovery_code", page.url)).await;
    assert!(!paper.answer.text().contains("remember_device"), "perhaps at somebody else's computer");
    let mut form = paper.form("mfa-submit").submit("mfa-submit", &[("code", &codes[0])]);
    form.push(("remember_device".into(), "1".into()));
    browser.post("/second-factor", &form).await.code();
    asked(&client, &mut browser, "alice").await;
    assert_eq!(app.rows().await["remembered_devices"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_remembered_for_its_person_only() {
    let Story { app, client, mut browser, .. } = remembered().await;
    let bobs = app.add_totp("bob").await;
    let page = asked(&client, &mut browser, "bob").await;
    browser.press(&page, "mfa-submit", &[("code", &bobs.code()), ("remember_device", "1")]).await.code();
    for name in ["alice", "bob"] {
        again(&client, &mut browser, name).await.code();
    }
    let mut wrong = browser.clone();
    sign_out(&mut wrong).await;
    let page = wrong.open(&client.request().url()).await;
    assert_eq!(wrong.try_password(&page, "alice", "wrong").await.shows(), Shows::Login, "it is no password");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_demands_a_second_factor_of_its_own_accord_gets_one() {
    let Story { app, client, mut browser, phone } = remembered().await;
    let strict = app.client().first_party().with(|m| m.second_factor = SecondFactorFor::Everybody).create().await;
    again(&client, &mut browser, "alice").await.code();
    let essential = r#"{"id_token":{"acr":{"essential":true,"values":["urn:latchkey:acr:mfa"]}}}"#;
    for url in [
        strict.request().url(),
        client.request().with("acr_values", "urn:latchkey:acr:mfa").url(),
        client.request().with("claims", essential).url(),
    ] {
        assert_eq!(browser.open(&url).await.shows(), Shows::SecondFactor, "{url}");
    }
    let page = browser.open(&client.request().with("prompt", "login").url()).await;
    assert_eq!(browser.sign_in(&page, "alice").await.shows(), Shows::SecondFactor);
    for path in ["/account/password", "/account/factors"] {
        assert_eq!(browser.open(path).await.shows(), Shows::SecondFactor, "{path}: what takes the account away");
    }
    let page = browser.open(&client.request().with("acr_values", "urn:latchkey:acr:mfa").url()).await;
    let done = browser.give_code(&page, &phone.code()).await;
    let claims = jwt::claims(&client.redeem(&done.code()).await.ok().id_token);
    assert_eq!(
        (&claims["acr"], &claims["amr"]),
        (&"urn:latchkey:acr:mfa".into(), &serde_json::json!(["pwd", "otp", "mfa"]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn its_person_forgets_it_and_others_cannot() {
    let Story { app, client, mut browser, phone } = remembered().await;
    let page = browser.open("/account/sessions").await;
    assert!(page.answer.text().contains("Remembered browsers"), "{}", page.answer.text());
    let form = page.form("device-forget-1").submit("device-forget-1", &[]);
    let mut bob = app.browser();
    let theirs = bob.open("/account/sessions").await;
    let theirs = bob.sign_in(&theirs, "bob").await;
    let csrf = theirs.hidden("sign-out-everywhere", "csrf");
    let mut forged = form.clone();
    forged.iter_mut().filter(|(name, _)| name == "csrf").for_each(|(_, value)| value.clone_from(&csrf));
    let refused = bob.post("/account/sessions", &forged).await;
    assert!(refused.answer.text().contains("was not remembered any more"), "{}", refused.answer.text());
    again(&client, &mut browser, "alice").await.code();
    let page = browser.open("/account/sessions").await;
    assert!(page.answer.text().contains("last used"));
    let page = browser.press(&page, "device-forget-1", &[]).await;
    assert!(page.answer.text().contains("asks for a second factor") && !page.answer.text().contains("device-forget-1"));
    let page = asked(&client, &mut browser, "alice").await;
    browser.give_code(&page, &phone.code()).await.code();
    let told = [(Action::DeviceRemembered, 1), (Action::DeviceForgotten, 1)];
    for (action, count) in told {
        assert_eq!(written(&app, action).await, count, "{action:?}");
    }
}

async fn written(app: &TestApp, action: Action) -> usize {
    events::seal(&app.app).await.unwrap();
    let filter = Filter { action: Some(action), ..Filter::default() };
    events::after(&app.app, 0, usize::MAX, &filter).await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_befalls_the_account_makes_it_forgotten() {
    // A change of the password, by its person.
    let Story { app, client, mut browser, phone } = remembered().await;
    let page = browser.open("/account/password").await;
    let typed = [("current_password", PASSWORD), ("password", OTHER)];
    browser.press(&page, "password-submit", &typed).await;
    assert_eq!(app.rows().await["remembered_devices"], 0);
    sign_out(&mut browser).await;
    let page = browser.open(&client.request().url()).await;
    let page = browser.try_password(&page, "alice", OTHER).await;
    assert_eq!(page.shows(), Shows::SecondFactor);
    // Signing out everywhere.
    browser.press(&page, "mfa-submit", &[("code", &phone.code()), ("remember_device", "1")]).await.code();
    let page = browser.open("/account/sessions").await;
    browser.press(&page, "sign-out-everywhere", &[]).await;
    assert_eq!(app.rows().await["remembered_devices"], 0);
    // A reset of the factors, by an administrator: another app is none that was given here.
    let Story { app, client, mut browser, .. } = remembered().await;
    factor::reset(&app.app, &operator(), app.user("alice").await.id).await.unwrap();
    app.add_totp("alice").await;
    asked(&client, &mut browser, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_is_switched_off_there_is_no_box_and_nothing_is_remembered() {
    let Story { app, client, mut browser, phone } = remembered().await;
    let off = app.another_with_toml("[factors]\nremember_device = 0\n").await;
    browser.now_talks_to(&off);
    let page = asked(&client, &mut browser, "alice").await;
    assert!(!page.answer.text().contains("remember_device"), "{}", page.answer.text());
    browser.press(&page, "mfa-submit", &[("code", &phone.code()), ("remember_device", "1")]).await.code();
    assert_eq!(app.rows().await["remembered_devices"], 1, "only the one from before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_without_a_code_forgives_no_wrong_codes() {
    let toml = "[login]\naccount_attempts = 2\nconsecutive_failures = 10\n";
    let app = TestApp::configured().toml(toml).start().await;
    let client = app.client().first_party().create().await;
    let strict = app.client().first_party().with(|m| m.second_factor = SecondFactorFor::Everybody).create().await;
    let phone = app.add_totp("alice").await;
    let mut browser = app.browser();
    let page = asked(&client, &mut browser, "alice").await;
    let typed = [("code", &*phone.code()), ("remember_device", "1")];
    browser.press(&page, "mfa-submit", &typed).await.code();
    let mut looked_at = 0;
    for _ in 0..8 {
        app.advance(seconds(31));
        let page = again(&client, &mut browser, "alice").await;
        if page.shows() != Shows::Client {
            break;
        }
        let page = browser.open(&strict.request().url()).await;
        for _ in 0..3 {
            looked_at += usize::from(browser.give_code(&page, &phone.wrong()).await.answer.status == 200);
        }
    }
    // Ten for all browsers that know the account, and what delays nothing for all others.
    assert!((8..=16).contains(&looked_at), "{looked_at} of 24");
}
