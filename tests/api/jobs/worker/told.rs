//! People are told by mail of what the safety of their account depends on.

use latchkey::jobs;
use latchkey::jobs::worker::Worker;
use latchkey::services::account::set_password;
use latchkey::services::factor::reset;

use super::bench::{NEVER, work};
use crate::harness::{Authenticator, Browser, PASSWORD, Shows, TestApp, operator, seconds};

const OTHER: &str = "quite-another-passphrase";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

/// A server with a mailbox, and accounts that are no news to anybody.
async fn start() -> TestApp {
    let app = TestApp::configured().explaining().start().await;
    app.advance(seconds(3600));
    app
}

/// The recipients and subjects of what has arrived since the last time, the oldest first.
struct Mailbox(usize);

impl Mailbox {
    async fn arrived(&mut self, app: &TestApp) -> Vec<(String, String)> {
        let mut worker = Worker::new(app.app.clone(), std::sync::Arc::new(jobs::run), NEVER);
        for _ in 0..4 {
            work(&mut worker).await;
        }
        let all = app.get("/dev/mail.json").await.json();
        let text = |mail: &serde_json::Value, name: &str| mail[name].as_str().unwrap().to_owned();
        let mut all: Vec<_> =
            all.as_array().unwrap().iter().map(|mail| (text(mail, "to"), text(mail, "subject"))).collect();
        all.reverse();
        let new = all.split_off(self.0);
        self.0 += new.len();
        new
    }

    async fn subjects(&mut self, app: &TestApp) -> Vec<String> {
        let new = self.arrived(app).await;
        assert!(new.iter().all(|(to, _)| to == "alice@example.com"), "{new:?}");
        let mut subjects: Vec<_> = new.into_iter().map(|(_, subject)| subject.replace(" (id.test)", "")).collect();
        subjects.sort();
        subjects
    }
}

async fn signed_in(app: &TestApp, name: &str) -> Browser {
    let mut browser = app.browser();
    let page = browser.open("/account/factors").await;
    browser.sign_in(&page, name).await;
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_of_password_and_factors_is_told_to_the_address_that_is_verified() {
    let (app, mut mails) = (start().await, Mailbox(0));
    let mut browser = signed_in(&app, "alice").await;
    assert_eq!(mails.subjects(&app).await, ["Somebody signed in to your account with a new browser"]);
    let page = browser.open("/account/factors/totp").await;
    let secret = page.answer.text().split("id=\"totp-secret\" class=\"copyable\">").nth(1).expect("a secret");
    let phone = Authenticator::with(secret.split('<').next().expect("its end"), &app);
    browser.press(&page, "totp-confirm", &[("code", &phone.wrong())]).await;
    assert!(mails.subjects(&app).await.is_empty(), "nothing was changed");
    browser.press(&page, "totp-confirm", &[("code", &phone.code_in(-30))]).await;
    assert_eq!(mails.subjects(&app).await, ["A second factor was added to your account"]);
    let page = browser.open("/account/factors").await;
    let codes = browser.press(&page, "recovery-codes-make", &[]).await;
    assert_eq!(mails.subjects(&app).await, ["New recovery codes were made"]);
    let code = codes.answer.text().split("recovery-code copyable\">").nth(1).unwrap().split('<').next().unwrap();
    let mut other = app.browser();
    let login = other.open("/account").await;
    let asked = other.sign_in(&login, "alice").await;
    assert_eq!(asked.shows(), Shows::SecondFactor);
    assert!(mails.subjects(&app).await.is_empty(), "half a sign-in is none");
    let asked = other.open(&format!("{}&method=recovery_code", asked.url)).await;
    other.give_code(&asked, code).await;
    let wanted =
        ["Somebody signed in to your account with a new browser", "Somebody signed in with a recovery code of yours"];
    assert_eq!(mails.subjects(&app).await, wanted);
    let page = browser.open("/account/factors").await;
    browser.press(&page, "factor-remove-1", &[]).await;
    assert_eq!(mails.subjects(&app).await, ["A second factor was removed from your account"]);
    let page = browser.open("/account/password").await;
    browser.press(&page, "password-submit", &[("current_password", PASSWORD), ("password", OTHER)]).await;
    assert_eq!(mails.subjects(&app).await, ["Your password was changed"]);
    let alice = app.user("alice").await;
    let password = latchkey::foundation::SecretString::new(PASSWORD.into());
    Box::pin(set_password(&app.app, &operator(), &alice, password)).await.unwrap();
    Box::pin(app.add_totp("alice")).await;
    Box::pin(reset(&app.app, &operator(), alice.id)).await.unwrap();
    assert_eq!(mails.subjects(&app).await, ["Your password was changed", "Your second factors were reset"]);
    let all = app.get("/dev/mail.json").await.json();
    assert!(all[0]["text"].as_str().unwrap().contains("An administrator did it"), "{}", all[0]["text"]);
    assert_eq!(all[0]["links"], serde_json::json!(["https://id.test/recover"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_the_account_knows_is_no_news_and_nobody_unverified_is_told() {
    let (app, mut mails) = (start().await, Mailbox(0));
    let mut browser = signed_in(&app, "alice").await;
    assert_eq!(mails.subjects(&app).await.len(), 1);
    let page = browser.open("/logout").await;
    browser.press(&page, "logout-confirm", &[]).await;
    let page = browser.open("/account").await;
    browser.sign_in(&page, "alice").await;
    assert!(mails.subjects(&app).await.is_empty(), "known by its cookie");
    signed_in(&app, "bob").await;
    assert!(mails.subjects(&app).await.is_empty(), "bob's address may be anybody's");
    let quiet = app.another_with_toml("[login]\nnew_browser_mail = \"off\"\n").await;
    let mut other = quiet.browser();
    let page = other.open("/account").await;
    other.sign_in(&page, "alice").await;
    assert!(mails.subjects(&app).await.is_empty(), "a setting");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_says_with_what_and_from_where() {
    let (app, mut mails) = (start().await, Mailbox(0));
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    let form = page.form("login-submit").submit("login-submit", &[("username", "alice"), ("password", PASSWORD)]);
    let request = axum::http::Request::post("/login").header("user-agent", FIREFOX);
    browser.exchange(crate::harness::body(request, crate::harness::encode(&form))).await;
    assert_eq!(mails.subjects(&app).await.len(), 1);
    let all = app.get("/dev/mail.json").await.json();
    let text = all[0]["text"].as_str().unwrap();
    assert!(text.contains("Firefox on Linux") && text.contains("192.0.2.10"), "{text}");
}
