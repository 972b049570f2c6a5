//! What `prompt=login` and `max_age` demand is a sign-in for the request itself, and no other.

use crate::harness::{Shows, TestApp, jwt, seconds};

/// Both demand a new sign-in.
const DEMANDS: [(&str, &str); 2] = [("prompt", "login"), ("max_age", "0")];

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_flow_opened_again_asks_for_the_password_again() {
    let app = TestApp::start().await;
    let third_party = app.client().create().await;
    let first_party = app.client().first_party().create().await;
    for client in [&third_party, &first_party] {
        for (name, value) in DEMANDS {
            let mut browser = app.browser();
            let login = browser.open(&client.request().with(name, value).url()).await;
            let page = browser.sign_in(&login, "alice").await;
            let consent = page.clone();
            browser.through(page, "alice").await.code();
            app.advance(seconds(1));
            assert_eq!(browser.reload(&login).await.shows(), Shows::Login, "{name}={value}");
            if consent.shows() == Shows::Consent {
                assert_eq!(browser.reload(&consent).await.shows(), Shows::Login, "{name}={value}");
                let again = browser.press(&consent, "consent-allow", &[]).await;
                assert_eq!(again.shows(), Shows::Login, "{name}={value}: no code from the old sign-in");
            }
            // It still leads to the application.
            let again = browser.reload(&login).await;
            let done = browser.through(again, "alice").await;
            assert_eq!(done.response()["state"], "st~ate-._1");
            done.code();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_for_another_request_is_not_one_for_this() {
    let app = TestApp::start().await;
    let (client, other) = (app.client().first_party().create().await, app.client().first_party().create().await);
    for (name, value) in DEMANDS {
        let mut browser = app.browser();
        let first = browser.open(&client.request().with(name, value).url()).await;
        let second = browser.open(&other.request().with(name, value).url()).await;
        browser.sign_in(&second, "alice").await.code();
        assert_eq!(browser.reload(&first).await.shows(), Shows::Login, "{name}={value}");
        browser.sign_in(&browser.clone().reload(&first).await, "alice").await.code();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn between_the_sign_in_and_the_answer_nobody_signs_in_twice() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    for (name, value) in DEMANDS {
        let mut browser = app.browser();
        let login = browser.open(&client.request().with("prompt", "consent").with(name, value).url()).await;
        let consent = browser.sign_in(&login, "alice").await;
        assert_eq!(consent.shows(), Shows::Consent);
        app.advance(seconds(600));
        assert_eq!(browser.reload(&login).await.shows(), Shows::Consent, "{name}={value}");
        browser.press(&consent, "consent-allow", &[]).await.code();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_answers_at_once_give_one_code_for_one_sign_in() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let login = browser.open(&client.request().with("prompt", "login").url()).await;
    let consent = browser.sign_in(&login, "alice").await;
    let answers = (0..6).map(|_| {
        let (mut browser, consent) = (browser.clone(), consent.clone());
        tokio::spawn(async move { browser.press(&consent, "consent-allow", &[]).await.shows() })
    });
    let mut shown = Vec::new();
    for answer in answers.collect::<Vec<_>>() {
        shown.push(answer.await.unwrap());
    }
    assert_eq!(shown.iter().filter(|page| **page == Shows::Client).count(), 1, "{shown:?}");
    assert_eq!(shown.iter().filter(|page| **page == Shows::Login).count(), 5, "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn max_age_is_looked_at_again_when_consent_is_given() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let login = browser.open(&client.request().with("max_age", "60").url()).await;
    let consent = browser.sign_in(&login, "alice").await;
    app.advance(seconds(61));
    let again = browser.press(&consent, "consent-allow", &[]).await;
    assert_eq!(again.shows(), Shows::Login, "older than the client will have it");
    assert!(again.answer.text().contains("This page was open for too long. Please sign in once more."));
    let consent = browser.sign_in(&again, "alice").await;
    assert_eq!(consent.shows(), Shows::Consent, "the answer of whoever sat there does not count");
    app.advance(seconds(60));
    let code = browser.press(&consent, "consent-allow", &[]).await.code();
    let claims = jwt::claims(&client.redeem(&code).await.ok().id_token);
    assert_eq!(claims["iat"].as_i64().unwrap() - claims["auth_time"].as_i64().unwrap(), 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn max_age_is_looked_at_again_when_an_account_is_chosen() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    client.authorize(&mut browser, "alice", client.request()).await;
    app.advance(seconds(1));
    let wanted = client.request().with("max_age", "60").with("prompt", "select_account");
    let choice = browser.open(&wanted.url()).await;
    assert_eq!(choice.shows(), Shows::ChooseAccount);
    app.advance(seconds(60));
    let again = browser.press(&choice, "account-continue", &[]).await;
    assert_eq!(again.shows(), Shows::Login, "older than the client will have it");
    assert!(again.answer.text().contains("This page was open for too long. Please sign in once more."));
    browser.sign_in(&again, "alice").await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_used_up_by_a_denial_too() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    for (name, value) in DEMANDS {
        let mut browser = app.browser();
        let login = browser.open(&client.request().with(name, value).url()).await;
        let consent = browser.sign_in(&login, "alice").await;
        browser.press(&consent, "consent-deny", &[]).await.client_refused("access_denied");
        app.advance(seconds(600));
        assert_eq!(browser.reload(&consent).await.shows(), Shows::Login, "{name}={value}");
        let again = browser.press(&consent, "consent-allow", &[]).await;
        assert_eq!(again.shows(), Shows::Login, "{name}={value}: somebody else may sit there by now");
    }
}
