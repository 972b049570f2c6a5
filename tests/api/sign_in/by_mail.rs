//! Signing in by a link or a code that is mailed.

use crate::harness::snapshot::assert_page;
use crate::harness::{Browser, Client, MailServer, Page, Shows, TestApp, jwt, seconds};

const ALICE: &str = "alice@example.com";

async fn server() -> (TestApp, Client) {
    let app = TestApp::configured().explaining().start().await;
    let client = app.client().first_party().create().await;
    (app, client)
}

/// Somebody asks at the sign-in page of an application, and sees where the code is typed.
async fn ask(app: &TestApp, client: &Client, name: &str) -> (Browser, Page) {
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let page = browser.press(&page, "login-email", &[("username", name), ("password", "")]).await;
    assert_eq!(page.shows(), Shows::MailedCode, "{}", page.answer.text());
    app.work().await;
    (browser, page)
}

/// The code of the newest mail.
fn code(app: &TestApp, to: &str) -> String {
    let text = app.mails(to)[0].text.clone();
    text.split("Your code is ").nth(1).unwrap().split('.').next().unwrap().to_owned()
}

async fn give(browser: &mut Browser, page: &Page, code: &str) -> Page {
    browser.press(page, "code-submit", &[("code", code)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_signs_in_the_browser_that_asked_and_no_other() {
    let (app, client) = server().await;
    let (mut browser, page) = ask(&app, &client, "alice").await;
    assert_page("mailed-code", &page);
    let link = app.mailed_link(ALICE);
    assert!(link.starts_with("https://id.test/login/link?token="), "{link}");
    let token = link.split_once("token=").unwrap().1;

    let mut other = app.browser();
    let elsewhere = other.open(&link).await;
    assert_eq!(elsewhere.shows(), Shows::LinkElsewhere);
    assert_page("mailed-link-elsewhere", &elsewhere);
    let csrf = other.open("/recover").await.hidden("recover-submit", "csrf");
    let form = [("token".to_owned(), token.to_owned()), ("csrf".to_owned(), csrf)];
    let forced = other.post("/login/link", &form).await;
    assert_eq!(forced.shows(), Shows::Login, "whoever makes somebody open their link signs nobody in");
    assert_eq!(app.rows().await["sessions"], 0);

    let page = browser.open(&link).await;
    assert_page("mailed-link", &page);
    assert_eq!(browser.open(&link).await.shows(), Shows::MailedLink, "looking uses nothing up");
    let done = browser.press(&page, "link-submit", &[]).await;
    let claims = jwt::claims(&client.redeem(&done.code()).await.ok().id_token);
    assert_eq!(claims["acr"], "urn:latchkey:acr:password");
    assert_eq!(claims["amr"], serde_json::json!(["otp"]));
    assert_eq!(browser.open(&link).await.shows(), Shows::LinkVoid, "once");
    assert_eq!(browser.open("/account").await.shows(), Shows::Account);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_signs_in_where_it_was_asked_for_and_once() {
    let (app, client) = server().await;
    let (mut browser, page) = ask(&app, &client, ALICE).await;
    let (mut stranger, at) = ask(&app, &client, "nobody").await;
    let code = code(&app, ALICE);
    assert_eq!(give(&mut stranger, &at, &code).await.shows(), Shows::MailedCode, "another browser's");
    let wrong = give(&mut browser, &page, "0000 0000").await;
    assert_page("mailed-code-wrong", &wrong);
    give(&mut browser, &page, &code.replace(' ', "-")).await.code();
    let asked = page.url.split_once("&asked=").unwrap().1.to_owned();
    let again = browser.open(&client.request().with("prompt", "login").url()).await;
    let again = browser.open(&format!("{}&asked={asked}", again.url.replace("/login?", "/login/code?"))).await;
    assert_eq!(give(&mut browser, &again, &code).await.shows(), Shows::MailedCode, "once");
    assert_eq!(browser.open(&app.mailed_link(ALICE)).await.shows(), Shows::LinkVoid, "one row for both");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_five_wrong_codes_the_right_one_is_taken_no_more_and_the_link_still_is() {
    let (app, client) = server().await;
    let (mut browser, page) = ask(&app, &client, "alice").await;
    let code = code(&app, ALICE);
    let wrong: String = code
        .chars()
        .map(|c| {
            if c == '9' {
                '0'
            } else if c == ' ' {
                ' '
            } else {
                '9'
            }
        })
        .collect();
    for _ in 0..5 {
        assert_eq!(give(&mut browser, &page, &wrong).await.shows(), Shows::MailedCode);
    }
    let refused = give(&mut browser, &page, &code).await;
    assert_eq!(refused.shows(), Shows::MailedCode);
    let page = browser.open(&app.mailed_link(ALICE)).await;
    browser.press(&page, "link-submit", &[]).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_an_account_is_told_by_nothing() {
    let (app, client) = server().await;
    app.disable_user("bob").await;
    let mut seen = Vec::new();
    for name in ["alice", "bob", "nobody"] {
        let mut browser = app.browser();
        let page = browser.open(&client.request().url()).await;
        let before = app.rows().await;
        let page = browser.press(&page, "login-email", &[("username", name), ("password", "")]).await;
        let rows = app.rows().await;
        let more: Vec<_> =
            rows.iter().filter(|(table, count)| **count != before[*table] && *table != "counters").collect();
        assert_eq!(more.len(), 1, "{name}: {more:?}");
        app.work().await;
        let mut said = Vec::new();
        for _ in 0..6 {
            let refused = give(&mut browser, &page, "1234 5678").await;
            let alert = refused.answer.text().split("role=\"alert\"").nth(1).unwrap();
            said.push((refused.answer.status, alert.split("</div>").next().unwrap().to_owned()));
        }
        seen.push(said);
    }
    assert!(seen.iter().all(|said| *said == seen[0]), "{seen:?}");
    assert_eq!((app.mails(ALICE).len(), app.mails("bob@example.com").len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_asked_for_all_the_same() {
    let (app, client) = server().await;
    let phone = app.add_totp("alice").await;
    let (mut browser, page) = ask(&app, &client, "alice").await;
    let half = give(&mut browser, &page, &code(&app, ALICE)).await;
    assert_eq!(half.shows(), Shows::SecondFactor);
    assert_eq!(app.rows().await["sessions"], 0);
    assert_eq!(browser.open(&app.mailed_link(ALICE)).await.shows(), Shows::LinkVoid, "half a sign-in uses it up");
    let done = browser.give_code(&half, &phone.code()).await;
    let claims = jwt::claims(&client.redeem(&done.code()).await.ok().id_token);
    assert_eq!(claims["amr"], serde_json::json!(["otp", "mfa"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn both_end_after_ten_minutes_and_when_the_account_changes() {
    let (app, client) = server().await;
    let (mut browser, page) = ask(&app, &client, "alice").await;
    let (first, link) = (code(&app, ALICE), app.mailed_link(ALICE));
    app.advance(seconds(600));
    assert_eq!(give(&mut browser, &page, &first).await.shows(), Shows::MailedCode);
    assert_eq!(browser.open(&link).await.shows(), Shows::LinkVoid);
    let (mut browser, page) = ask(&app, &client, "alice").await;
    let second = code(&app, ALICE);
    app.disable_user("alice").await;
    assert_eq!(give(&mut browser, &page, &second).await.shows(), Shows::MailedCode);
    assert_eq!(app.rows().await["sessions"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_offered_only_where_the_setting_says_so() {
    let mail = MailServer::plain(vec![]).await;
    let app = TestApp::configured().sending_by(&mail).start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    assert!(!page.answer.text().contains("login-email"));
    let mut form = page.form("login-submit").submit("login-submit", &[("username", "alice")]);
    form.iter_mut().filter(|(name, _)| name == "action").for_each(|(_, value)| *value = "email".into());
    assert_eq!(browser.post("/login", &form).await.shows(), Shows::Login);
    app.work().await;
    assert_eq!(mail.connections(), 0);
    let offering = app.another_with_toml("[login]\nemail = \"on\"\n").await;
    let page = offering.browser().open(&client.request().url()).await;
    assert!(page.answer.text().contains("id=\"login-email\""), "{}", page.answer.text());
}

/// What a browser is shown: the page, its status, and what it says of the last code.
fn told(page: &Page) -> (u16, String, String) {
    let alert = page.answer.text().split("role=\"alert\"").nth(1).and_then(|rest| rest.split("</div>").next());
    let at = format!("{:?}", page.shows());
    (page.answer.status.as_u16(), at, alert.unwrap_or_default().to_owned())
}

/// Everything that a browser sees which asks for its own account, then for `other` in the same sign-in, and then types its own
/// code where each was asked for, or opens its own link.
async fn own_and_then(app: &TestApp, client: &Client, other: &str) -> Vec<(u16, String, String)> {
    let mut seen = Vec::new();
    for own_is_used_at in ["the newer page", "the older page", "the link"] {
        app.advance(seconds(3_600));
        let mut browser = app.browser();
        let login = browser.open(&client.request().url()).await;
        let older = browser.press(&login, "login-email", &[("username", "alice"), ("password", "")]).await;
        app.work().await;
        let (own, link) = (code(app, ALICE), app.mailed_link(ALICE));
        let newer = browser.press(&login, "login-email", &[("username", other), ("password", "")]).await;
        seen.extend([told(&older), told(&newer)]);
        app.work().await;
        let reloaded = browser.reload(&newer).await;
        seen.push(told(&reloaded));
        let used = match own_is_used_at {
            "the newer page" => give(&mut browser, &newer, &own).await,
            "the older page" => give(&mut browser, &older, &own).await,
            _ => {
                let page = browser.open(&link).await;
                browser.press(&page, "link-submit", &[]).await
            }
        };
        seen.push(told(&used));
        let signed_in = own_is_used_at != "the newer page";
        assert_eq!(used.shows() == Shows::Client, signed_in, "{other}: {own_is_used_at}: {}", used.answer.text());
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn by_the_code_of_the_own_account_nobody_learns_whether_another_one_is_there() {
    let (app, client) = server().await;
    app.sql("UPDATE users SET email_verified = TRUE WHERE username = 'bob'").await;
    let unknown = own_and_then(&app, &client, "nobody@example.com").await;
    let known = own_and_then(&app, &client, "bob@example.com").await;
    assert_eq!(app.mails("bob@example.com").len(), 3, "the one of them was written to");
    assert_eq!(known, unknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_knows_nothing_of_a_mail_takes_no_code() {
    let (app, client) = server().await;
    let (mut browser, page) = ask(&app, &client, "alice").await;
    let own = code(&app, ALICE);
    let plain = page.url.split("&asked=").next().unwrap().to_owned();
    for url in [plain.clone(), format!("{plain}&asked="), format!("{plain}&asked=a%22b"), format!("{plain}&asked=%41")]
    {
        let shown = browser.open(&url).await;
        let at = if url.ends_with("%41") { Shows::MailedCode } else { Shows::Login };
        assert_eq!(shown.shows(), at, "{url}");
    }
    let other = browser.open(&format!("{plain}&asked=A")).await;
    assert_eq!(give(&mut browser, &other, &own).await.shows(), Shows::MailedCode, "another asking's");
    assert!(page.answer.text().contains("name=\"asked\""));
    give(&mut browser, &page, &own).await.code();
}
