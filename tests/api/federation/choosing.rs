//! Which provider somebody is offered, and when it is the only way.

use serde_json::json;
use url::Url;

use super::{choose, knowing, through};
use crate::harness::upstream::Upstream;
use crate::harness::{Browser, PASSWORD, Page, Shows};

/// The sign-in form, sent with these; where that leads.
async fn sent(browser: &mut Browser, page: &Page, typed: &[(&str, &str)]) -> Page {
    let form = [("csrf", page.hidden("login-cancel", "csrf")), ("flow", page.hidden("login-cancel", "flow"))];
    let form = form.into_iter().map(|(name, value)| (name.to_owned(), value));
    let typed = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    browser.post("/login", &form.chain(typed).collect::<Vec<_>>()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_without_a_password_leads_to_the_provider_of_its_domain() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "email_domains = [\"corp.test\"]\n").await;
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    assert!(page.answer.text().contains("leave this empty"));
    let there = sent(&mut browser, &page, &[("username", "dora@Corp.test"), ("password", "")]).await;
    let away = Url::parse(&there.url).unwrap();
    assert!(there.url.starts_with(&upstream.issuer), "{}", there.url);
    assert!(away.query_pairs().any(|(name, value)| name == "login_hint" && value == "dora@Corp.test"));
    // Any other has to have a password, and so has whoever types one.
    for typed in [("alice", ""), ("dora@elsewhere.test", ""), ("dora@corp.test", "a password")] {
        let page = sent(&mut browser, &page, &[("username", typed.0), ("password", typed.1)]).await;
        assert_eq!(page.shows(), Shows::Login, "{typed:?}");
        assert!(page.url.starts_with("/login"), "{typed:?}: {}", page.url);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_is_offered_to_the_people_of_the_clients_that_are_named() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "clients = [\"intranet\"]\n").await;
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    assert!(!page.answer.text().contains("Sign in with Fake"));
    // Nor is whoever names it all the same sent there.
    let refused = sent(&mut browser, &page, &[("provider", "fake")]).await;
    assert_eq!(refused.shows(), Shows::Login);
    assert!(refused.url.starts_with("/login"), "{}", refused.url);
    assert_eq!(app.rows().await["upstream_flows"], 0);
    let client = app.client().named("Other").create().await;
    let page = browser.open(&client.request().url()).await;
    assert!(!page.answer.text().contains("Sign in with Fake"));
    let intranet = app.client().with_id("intranet").create().await;
    let page = app.browser().open(&intranet.request().url()).await;
    assert!(page.answer.text().contains("Sign in with Fake"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_provider_is_the_only_way_no_password_is_asked_for_or_taken() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "[login]\npassword = \"off\"\n").await;
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    for absent in ["type=\"password\"", "id=\"login-submit\"", "id=\"forgot-password\"", "data-persona"] {
        assert!(!page.answer.text().contains(absent), "{absent}");
    }
    let typed = [("username", "alice"), ("password", PASSWORD), ("action", "sign_in")];
    let refused = sent(&mut browser, &page, &typed).await;
    assert!(refused.answer.text().contains("role=\"alert\"><p class=\"notice bad\""), "{}", refused.answer.text());
    assert_eq!(app.browser().open("/recover").await.answer.status, 404);
    // Nor does a link that was mailed while passwords were taken.
    assert_eq!(app.browser().open("/recover/reset?token=lk").await.answer.status, 404);
    let now = app.app.clock.now().as_secs();
    upstream.does(|it| it.claims = vec![("auth_time", json!(now))]);
    let there = sent(&mut browser, &page, &[("provider", "fake")]).await;
    let page = browser.open(&upstream.signs_in(&app, &there.url)).await;
    assert_eq!(page.shows(), Shows::Account, "{}", page.answer.text());
    assert!(!page.answer.text().contains("/account/password"));
    assert_eq!(browser.open("/account/password").await.answer.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_ticks_the_box_stays_signed_in_through_a_provider_too() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "[login]\nkeep_signed_in = \"offer\"\n").await;
    let client = app.client().first_party().create().await;
    for ticked in [false, true] {
        let mut browser = app.browser();
        let page = browser.open(&client.request().url()).await;
        let mut typed = vec![("provider", "fake")];
        typed.extend(ticked.then_some(("remember", "1")));
        let there = sent(&mut browser, &page, &typed).await;
        let answer = browser.open(&upstream.signs_in(&app, &there.url)).await.answer;
        let cookies = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
        let session = cookies.into_iter().find(|cookie| cookie.starts_with("__Host-latchkey=")).expect("a session");
        assert_eq!(session.contains("Max-Age"), ticked, "{session}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sign_up_page_offers_providers_that_make_accounts() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let mut browser = app.browser();
    let page = browser.open("/signup").await;
    assert!(page.answer.text().contains("Sign in with Fake"), "{}", page.answer.text());
    let none = knowing(&upstream, "create_accounts = \"off\"\n").await;
    assert!(!none.browser().open("/signup").await.answer.text().contains("Sign in with Fake"));
    assert_eq!(through(&app, &upstream, &mut app.browser()).await.shows(), Shows::Account);
    let page = app.browser().open("/account").await;
    assert!(choose(&mut app.browser(), &page).await.starts_with("/login"), "the form of another browser");
}
