//! Consent: asked once for each client and scope.

use crate::harness::{Shows, TestApp, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn it_is_remembered_for_client_and_scope() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let other = app.client().create().await;
    let mut browser = app.browser();
    let small = client.request().with("scope", "openid email");
    let page = browser.open(&small.url()).await;
    let page = browser.sign_in(&page, "alice").await;
    assert_eq!(page.shows(), Shows::Consent);
    assert!(
        page.answer.text().contains("data-scope=\"email\"") && !page.answer.text().contains("data-scope=\"phone\"")
    );
    browser.press(&page, "consent-allow", &[]).await.code();
    browser.open(&small.url()).await.code();
    browser.open(&client.request().with("scope", "openid").url()).await.code();

    let larger = client.request().with("scope", "openid phone").url();
    let page = browser.open(&larger).await;
    assert_eq!(page.shows(), Shows::Consent, "more was asked for");
    browser.press(&page, "consent-allow", &[]).await.code();
    browser.open(&client.request().with("scope", "openid email phone").url()).await.code();
    assert_eq!(browser.open(&other.request().url()).await.shows(), Shows::Consent, "another client");

    let mut later = app.browser();
    let page = later.open(&larger).await;
    later.sign_in(&page, "alice").await.code();
    let mut bobs = app.browser();
    let page = bobs.open(&larger).await;
    assert_eq!(bobs.sign_in(&page, "bob").await.shows(), Shows::Consent, "another person");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusing_tells_the_client_and_is_not_remembered() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let page = browser.sign_in(&page, "alice").await;
    let page = browser.press(&page, "consent-deny", &[]).await;
    page.client_refused("access_denied");
    assert_eq!(page.response()["state"], "st~ate-._1");
    assert_eq!(browser.open(&client.request().url()).await.shows(), Shows::Consent);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_of_the_house_need_not_ask() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    browser.sign_in(&page, "alice").await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_any_program_could_pose_as_asks_each_time() {
    let app = TestApp::start().await;
    let native = app.client().public().redirect(&["http://127.0.0.1/cb"]).create().await;
    let mut browser = app.browser();
    native.authorize(&mut browser, "alice", native.request()).await.code();
    app.advance(seconds(1));
    let page = browser.open(&native.request().url()).await;
    assert_eq!(page.shows(), Shows::Consent);
    browser.press(&page, "consent-allow", &[]).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_says_nothing_allows_nothing() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let page = browser.sign_in(&page, "alice").await;
    let fields = page.form("consent-allow").submit("consent-allow", &[]);
    let silent: Vec<_> = fields.iter().filter(|(name, _)| name != "action").cloned().collect();
    assert_eq!(browser.post("/consent", &silent).await.shows(), Shows::Consent);
    let mut odd = silent.clone();
    odd.push(("action".into(), "ALLOW".into()));
    assert_eq!(browser.post("/consent", &odd).await.shows(), Shows::Consent);
    browser.press(&page, "consent-allow", &[]).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_person_may_take_over() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let page = browser.sign_in(&page, "alice").await;
    let mut fields = page.form("consent-allow").submit("consent-allow", &[]);
    fields.iter_mut().filter(|(name, _)| name == "action").for_each(|(_, value)| *value = "switch".into());
    let page = browser.post("/consent", &fields).await;
    let page = browser.sign_in(&page, "bob").await;
    assert_eq!(page.shows(), Shows::Consent);
    let tokens = client.redeem(&browser.press(&page, "consent-allow", &[]).await.code()).await.ok();
    assert_eq!(client.userinfo(&tokens.access_token).await.success()["name"], "Bob Builder");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_markup_stays_text() {
    let app = TestApp::start().await;
    let client = app.client().named("<script>alert(1)</script>").scope("openid x<y").create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().with("scope", "openid x<y").url()).await;
    let page = browser.sign_in(&page, "alice").await;
    assert_eq!(page.shows(), Shows::Consent);
    assert!(!page.answer.text().contains("<script>alert") && !page.answer.text().contains("x<y"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_developers_single_page_app_renews_silently_where_the_issuer_is_on_loopback() {
    for (issuer, silent) in [("http://127.0.0.1:8080", true), (crate::harness::ISSUER, false)] {
        let app = TestApp::configured().issuer(issuer).start().await;
        let client = app.client().public().redirect(&["http://127.0.0.1:5173/callback"]).create().await;
        let mut browser = app.browser();
        let page = browser.open(&client.request().url()).await;
        let consent = browser.sign_in(&page, "alice").await;
        assert_eq!(consent.shows(), Shows::Consent, "{issuer}: once");
        browser.press(&consent, "consent-allow", &[]).await.code();
        let renewed = browser.open(&client.request().with("prompt", "none").url()).await;
        match silent {
            true => drop(renewed.code()),
            false => renewed.client_refused("consent_required"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_another_program_never_gets_to_change_the_account_silently() {
    let app = TestApp::start().await;
    let scope = "openid account account:write";
    let native = app.client().public().first_party().scope(scope).redirect(&["http://127.0.0.1/cb"]).create().await;
    let mut browser = app.browser();
    let harmless = native.request().with("scope", "openid account");
    let page = browser.open(&harmless.url()).await;
    browser.sign_in(&page, "alice").await.code();
    for _ in 0..2 {
        let silent = native.request().with("scope", scope).with("prompt", "none");
        browser.open(&silent.url()).await.client_refused("consent_required");
        let page = browser.open(&native.request().with("scope", scope).url()).await;
        assert_eq!(page.shows(), Shows::Consent);
        browser.press(&page, "consent-allow", &[]).await.code();
    }
    // An address that nobody else can listen at is asked for nothing, as before.
    let web = app.client().first_party().scope(scope).create().await;
    browser.open(&web.request().with("scope", scope).url()).await.code();
}
