//! Another password for whoever has lost theirs.

use axum::http::Request;
use latchkey::domain::access::actor::{Actor, Origin};
use latchkey::foundation::SecretString;
use latchkey::services::account::recover::{self, Reset};
use latchkey::services::account::set_password;

use crate::harness::snapshot::assert_page;
use crate::harness::{Browser, HANGS, MailServer, PASSWORD, Page, Shows, TestApp, VANISHES};
use crate::harness::{body, encode, operator, seconds};

const OTHER: &str = "quite-another-passphrase";
const ALICE: &str = "alice@example.com";

async fn server() -> TestApp {
    TestApp::configured().explaining().start().await
}

/// Asks for a link for `name`, from the sign-in page on.
async fn ask(browser: &mut Browser, name: &str) -> Page {
    let page = browser.open("/recover").await;
    assert_eq!(page.shows(), Shows::Recover, "{}", page.answer.text());
    browser.press(&page, "recover-submit", &[("username", name)]).await
}

/// alice has asked, and has the link of the mail.
async fn link_of(app: &TestApp) -> String {
    assert_eq!(ask(&mut app.browser(), "alice").await.shows(), Shows::RecoverAsked);
    app.work().await;
    app.mailed_link(ALICE)
}

async fn choose(browser: &mut Browser, link: &str, password: &str) -> Page {
    let page = browser.open(link).await;
    assert_eq!(page.shows(), Shows::Reset, "{}", page.answer.text());
    browser.press(&page, "reset-submit", &[("password", password)]).await
}

async fn signs_in(app: &TestApp, name: &str, password: &str) -> bool {
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    browser.try_password(&page, name, password).await.url == "/account"
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_lost_the_password_chooses_another_and_goes_on_to_the_application() {
    let app = server().await;
    let client = app.client().first_party().create().await;
    let mut elsewhere = app.browser();
    let tokens = client.sign_in_with(&mut elsewhere, "alice", client.request()).await;

    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    assert!(page.answer.text().contains("id=\"forgot-password\""), "{}", page.answer.text());
    let flow = page.hidden("login-submit", "flow");
    let page = browser.open(&format!("/recover?flow={flow}")).await;
    assert_page("recover", &page);
    let asked = browser.press(&page, "recover-submit", &[("username", "Alice@Example.com ")]).await;
    assert_eq!(asked.shows(), Shows::RecoverAsked);
    assert_page("recover-asked", &asked);
    app.work().await;
    let page = browser.open(&app.mailed_link(ALICE)).await;
    assert_page("recover-reset", &page);
    assert_eq!(page.answer.header("referrer-policy"), "no-referrer");
    assert!(signs_in(&app, "alice", PASSWORD).await, "nothing is changed by looking");
    let done = browser.press(&page, "reset-submit", &[("password", OTHER)]).await;
    assert_page("recover-done", &done);

    let page = browser.open(&format!("/login?flow={flow}")).await;
    let page = browser.try_password(&page, "alice", PASSWORD).await;
    browser.try_password(&page, "alice", OTHER).await.code();
    assert_eq!(elsewhere.open("/account").await.shows(), Shows::Login, "every session ends");
    client.refresh(&tokens.refresh_token).await.refused("invalid_grant");
    assert!(!client.finds_active(&tokens.access_token).await);
    app.work().await;
    let mails = app.mails(ALICE);
    let told = &mails[0];
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("was changed")).count(), 1, "one change, one mail");
    assert!(told.subject.contains("was changed") && !told.text.contains("token="), "{}", told.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_and_the_work_are_the_same_whoever_is_named() {
    let app = server().await;
    app.sql("UPDATE users SET status = 'disabled' WHERE username = 'bob'").await;
    let mut seen = Vec::new();
    for name in ["alice", "bob", "nobody", "nobody@example.com", "no\u{7}body", &"x".repeat(10_000)] {
        let mut browser = app.browser();
        let page = browser.open("/recover").await;
        let (rows, commits) = (app.rows().await, app.commits());
        let asked = browser.press(&page, "recover-submit", &[("username", name)]).await;
        let more: Vec<_> =
            app.rows().await.into_iter().map(|(table, count)| (table.clone(), count - rows[&table])).collect();
        let more: Vec<_> = more.into_iter().filter(|(table, count)| *count != 0 && table != "counters").collect();
        assert_eq!(more, [("jobs".to_owned(), 1)], "{name}");
        let commits = app.commits().zip(commits).map(|(now, before)| now - before);
        let text = asked.answer.text().split("<main").nth(1).unwrap().to_owned();
        seen.push((asked.answer.status, text, commits));
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "{seen:?}");
    app.work().await;
    assert_eq!(app.mails(ALICE).len(), 1);
    for to in ["bob@example.com", "nobody@example.com"] {
        assert_eq!(app.mails(to), [], "{to}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_host_a_request_names_the_mail_leads_to_us() {
    let app = server().await;
    let mut browser = app.browser();
    let page = browser.open("/recover").await;
    let form = page.form("recover-submit").submit("recover-submit", &[("username", "alice")]);
    let request = Request::post("/recover").header("host", "evil.example").header("x-forwarded-host", "evil.example");
    let request = request.header("forwarded", "host=evil.example");
    assert_eq!(browser.exchange(body(request, encode(&form))).await.status, 200);
    app.work().await;
    let mail = &app.mails(ALICE)[0];
    assert!(!mail.text.contains("evil") && !mail.html.contains("evil"), "{}", mail.text);
    assert!(app.mailed_link(ALICE).starts_with("https://id.test/recover/reset?token="));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_used_up_by_a_new_password_and_by_nothing_else() {
    let app = server().await;
    let link = link_of(&app).await;
    for _ in 0..3 {
        // What looks at the links of a mail, without any cookie.
        assert_eq!(app.browser().open(&link).await.shows(), Shows::Reset);
    }
    let mut browser = app.browser();
    let weak = choose(&mut browser, &link, "short").await;
    assert_page("recover-reset-weak", &weak);
    assert_eq!(weak.shows(), Shows::Reset);
    let token = link.split_once("token=").unwrap().1.to_owned();
    let tasks = (0..8).map(|n| {
        let (app, token) = (app.clone(), token.clone());
        tokio::spawn(async move {
            let password = SecretString::new(format!("passphrase number {n} of them"));
            recover::reset(&app.app, &Actor::nobody(Origin::default()), &token, password).await.unwrap()
        })
    });
    let outcomes: Vec<_> =
        futures_util::future::join_all(tasks).await.into_iter().map(|outcome| outcome.unwrap()).collect();
    let winners = outcomes.iter().filter(|outcome| **outcome == Reset::Done { flow: None }).count();
    assert_eq!((winners, outcomes.iter().filter(|outcome| **outcome == Reset::Void).count()), (1, 7), "{outcomes:?}");
    let gone = browser.open(&link).await;
    assert_eq!((gone.shows(), gone.answer.status.as_u16()), (Shows::LinkVoid, 410));
    assert_page("recover-void", &gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_void_after_half_an_hour_after_two_others_and_when_the_password_is_changed() {
    let app = server().await;
    let first = link_of(&app).await;
    app.advance(seconds(30 * 60 - 1));
    assert_eq!(app.browser().open(&first).await.shows(), Shows::Reset);
    app.advance(seconds(1));
    assert_eq!(app.browser().open(&first).await.shows(), Shows::LinkVoid);
    let mut links = Vec::new();
    for _ in 0..3 {
        links.push(link_of(&app).await);
        app.advance(seconds(1));
    }
    let shown = async |link: &str| app.browser().open(link).await.shows();
    assert_eq!(shown(&links[0]).await, Shows::LinkVoid);
    assert_eq!((shown(&links[1]).await, shown(&links[2]).await), (Shows::Reset, Shows::Reset));
    let password = SecretString::new("what an operator says".into());
    set_password(&app.app, &operator(), &app.user("alice").await, password).await.unwrap();
    assert_eq!((shown(&links[1]).await, shown(&links[2]).await), (Shows::LinkVoid, Shows::LinkVoid));

    let last = link_of(&app).await;
    app.disable_user("alice").await;
    assert_eq!(shown(&last).await, Shows::LinkVoid);
    for forged in
        ["/recover/reset", "/recover/reset?token=", "/recover/reset?token=x%0d%0a", "/recover/reset?token=AAAA"]
    {
        assert_eq!(shown(forged).await, Shows::LinkVoid, "{forged}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_still_demanded_and_reading_the_mail_proves_the_address() {
    let app = server().await;
    let phone = app.add_totp("alice").await;
    let link = link_of(&app).await;
    let mut browser = app.browser();
    assert_eq!(choose(&mut browser, &link, OTHER).await.shows(), Shows::ResetDone);
    let page = browser.open("/account").await;
    let page = browser.try_password(&page, "alice", OTHER).await;
    assert_eq!(page.shows(), Shows::SecondFactor);
    assert_eq!(browser.give_code(&page, &phone.code()).await.url, "/account");

    assert!(!app.user("bob").await.email_verified);
    ask(&mut app.browser(), "bob").await;
    app.work().await;
    choose(&mut app.browser(), &app.mailed_link("bob@example.com"), OTHER).await;
    let bob = app.user("bob").await;
    assert!(bob.email_verified && signs_in(&app, "bob", OTHER).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_too_often_is_told_so_in_the_same_words_whoever_is_named() {
    let app = server().await;
    let mut said = Vec::new();
    for (name, from) in [("alice", "192.0.2.50"), ("nobody", "198.51.100.50")] {
        let mut browser = app.browser();
        browser.address = from.parse().unwrap();
        for _ in 0..5 {
            assert_eq!(ask(&mut browser, name).await.shows(), Shows::RecoverAsked);
        }
        let refused = ask(&mut browser, name).await;
        assert_eq!((refused.shows(), refused.answer.status.as_u16()), (Shows::Recover, 429));
        assert_eq!(refused.answer.header("retry-after"), "3600");
        said.push(
            refused.answer.text().split("role=\"alert\"").nth(1).unwrap().split("</div>").next().unwrap().to_owned(),
        );
    }
    assert_eq!(said[0], said[1]);
    let mut neighbour = app.browser();
    neighbour.address = "203.0.113.1".parse().unwrap();
    assert_eq!(ask(&mut neighbour, "alice").await.shows(), Shows::RecoverAsked, "whoever is elsewhere");
    app.advance(seconds(3600));
    let mut browser = app.browser();
    browser.address = "192.0.2.50".parse().unwrap();
    assert_eq!(ask(&mut browser, "alice").await.shows(), Shows::RecoverAsked);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_form_needs_the_token_of_its_browser() {
    let app = server().await;
    let link = link_of(&app).await;
    let token = link.split_once("token=").unwrap().1;
    for (path, form) in
        [("/recover", vec![("username", "alice")]), ("/recover/reset", vec![("token", token), ("password", OTHER)])]
    {
        let mut browser = app.browser();
        let form: Vec<_> = form.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let rows = app.rows().await;
        let without = browser.post(path, &form).await;
        let wanted = if path == "/recover" { Shows::Recover } else { Shows::Reset };
        assert_eq!((without.shows(), without.redirects.len()), (wanted, 1), "{path}: no cookie");
        let mut forged = form.clone();
        forged.push(("csrf".into(), app.browser().open("/recover").await.hidden("recover-submit", "csrf")));
        assert_eq!(browser.post(path, &forged).await.shows(), wanted, "{path}: another browser's");
        assert_eq!(app.rows().await, rows, "{path}");
    }
    assert!(signs_in(&app, "alice", PASSWORD).await);
    let mut careless = app.browser();
    careless.keeps_cookies = false;
    let page = careless.post("/recover", &[("username".into(), "alice".into())]).await;
    page.is_error_page(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_mail_can_be_sent_nothing_of_it_is_offered() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    assert!(!page.answer.text().contains("forgot-password"));
    assert_eq!(browser.open("/recover").await.answer.status, 404);
    let csrf = page.hidden("login-submit", "csrf");
    let form = [("username".to_owned(), "alice".to_owned()), ("csrf".to_owned(), csrf)];
    assert_eq!(browser.post("/recover", &form).await.answer.status, 404);
}

/// Somebody has asked for a link for alice, and five minutes of tries have passed.
async fn asked_at(mail: &MailServer) -> TestApp {
    let app = TestApp::configured().sending_by(mail).start().await;
    assert_eq!(ask(&mut app.browser(), "alice").await.shows(), Shows::RecoverAsked);
    for _ in 0..10 {
        // The server is left alone for ten seconds by another clock: a new instance does not know of that.
        app.another().await.work().await;
        app.advance(seconds(30));
    }
    app
}

/// The link in a mail as it was transferred.
fn link_in(mail: &str) -> String {
    let text = mail.replace("=\r\n", "").replace("=3D", "=");
    let link = text.split_whitespace().find(|word| word.contains("/recover/reset?"));
    link.unwrap_or_else(|| panic!("{text}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_comes_once_after_a_mail_server_that_refused_hung_and_hung_up() {
    let scripts = vec![vec![("CONNECT", "421 busy")], vec![("MAIL", HANGS)], vec![("DATA", VANISHES)]];
    let mail = MailServer::plain(scripts).await;
    let app = asked_at(&mail).await;
    assert_eq!(mail.connections(), 4);
    let [sent] = mail.mails().try_into().unwrap();
    choose(&mut app.browser(), &link_in(&sent), OTHER).await;
    assert!(signs_in(&app, "alice", OTHER).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_answer_to_the_mail_is_lost_the_same_link_comes_twice_and_works_once() {
    let mail = MailServer::plain(vec![vec![("CONTENT", VANISHES)]]).await;
    let app = asked_at(&mail).await;
    let [first, second] = mail.mails().try_into().unwrap();
    assert_eq!(first, second, "by its Message-ID whoever receives it can tell");
    choose(&mut app.browser(), &link_in(&first), OTHER).await;
    assert!(signs_in(&app, "alice", OTHER).await);
    assert_eq!(app.browser().open(&link_in(&second)).await.shows(), Shows::LinkVoid);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_not_mailed_once_it_is_over() {
    let mail = MailServer::plain(vec![vec![("CONNECT", "421 busy")]]).await;
    let app = TestApp::configured().sending_by(&mail).start().await;
    ask(&mut app.browser(), "alice").await;
    app.work().await;
    app.advance(seconds(1800));
    app.another().await.work().await;
    assert!(mail.mails().is_empty(), "{:?}", mail.mails());
    // One that is asked for now comes, and does not come twice.
    ask(&mut app.browser(), "alice").await;
    app.another().await.work().await;
    let [sent] = mail.mails().try_into().unwrap();
    choose(&mut app.browser(), &link_in(&sent), OTHER).await;
    assert!(signs_in(&app, "alice", OTHER).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_to_whoever_asked_longer_ago_than_a_link_holds() {
    let app = server().await;
    ask(&mut app.browser(), "alice").await;
    app.advance(seconds(1800));
    app.work().await;
    assert!(app.mails(ALICE).is_empty());
    ask(&mut app.browser(), "alice").await;
    app.advance(seconds(1799));
    app.work().await;
    assert_eq!(app.mails(ALICE).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_became_void_while_its_mail_waited_is_not_sent() {
    let mail = MailServer::plain(vec![vec![("CONNECT", "421 busy")]]).await;
    let app = TestApp::configured().sending_by(&mail).start().await;
    ask(&mut app.browser(), "alice").await;
    app.work().await;
    let alice = app.user("alice").await;
    set_password(&app.app, &operator(), &alice, SecretString::new(OTHER.into())).await.unwrap();
    app.advance(seconds(60));
    app.another().await.work().await;
    let subjects: Vec<_> = mail.mails().iter().filter(|mail| mail.contains("/recover/reset?")).cloned().collect();
    assert!(subjects.is_empty(), "{subjects:?}");
}
