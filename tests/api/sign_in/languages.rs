//! In which language somebody is spoken to.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use crate::harness::{Answer, Browser, Page, Shows, TestApp};

/// A browser whose settings ask for `accepted`.
async fn get(app: &TestApp, path: &str, accepted: &str) -> Answer {
    app.call(Request::get(path).header("accept-language", accepted).body(Body::empty()).unwrap()).await
}

fn is_german(page: &Page) -> bool {
    let (german, english) =
        (page.answer.text().contains("<html lang=\"de\""), page.answer.text().contains("<html lang=\"en\""));
    assert_ne!(german, english, "{}", page.answer.text());
    german
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_answered_in_the_language_that_it_asks_for() {
    let app = TestApp::start().await;
    let german = get(&app, "/", "de-AT,de;q=0.9,en;q=0.5").await;
    assert!(german.text().contains("<html lang=\"de\" dir=\"ltr\">"), "{}", german.text());
    assert!(german.text().contains("Hier gibt es nichts zu tun"), "{}", german.text());
    assert_eq!(german.header("content-language"), "de");
    for other in ["fr", "*", "de;q=0", &"x".repeat(5_000), ",,,;q=;"] {
        assert!(get(&app, "/", other).await.text().contains("There is nothing to do here"), "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_application_asks_for_holds_on_every_page_of_the_sign_in() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let request = client.request().and("ui_locales", "fr de-AT en");
    let login = browser.open(&request.url()).await;
    assert!(is_german(&login) && login.answer.text().contains("Passwort"));
    let wrong = browser.try_password(&login, "alice", "not this one").await;
    assert!(is_german(&wrong) && wrong.answer.text().contains("stimmt nicht"), "{}", wrong.answer.text());
    let consent = browser.sign_in(&wrong, "alice").await;
    assert_eq!(consent.shows(), Shows::Consent);
    assert!(is_german(&consent) && consent.answer.text().contains("Erlauben"));
    // Another application that says nothing.
    assert!(!is_german(&browser.open(&client.request().url()).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_speak_is_passed_over() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    for tags in ["se", "de\"><script>", "", &"de ".repeat(200)] {
        let login = app.browser().open(&client.request().and("ui_locales", tags).url()).await;
        assert_eq!((login.shows(), is_german(&login)), (Shows::Login, false), "{tags}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_switch_leads_back_to_the_page_and_holds_against_what_it_was_made_against() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let login = browser.open(&client.request().and("ui_locales", "de").url()).await;
    assert!(is_german(&login));
    let english = switch(&mut browser, &login, "en.de").await;
    assert_eq!(english.url, login.url);
    assert!(!is_german(&english));
    // The answer to a form can be switched too.
    let wrong = browser.try_password(&english, "nobody", "wrong password").await;
    assert!(!is_german(&wrong));
    let german = switch(&mut browser, &wrong, "de.de").await;
    assert_eq!((german.shows(), is_german(&german)), (Shows::Login, true));
    // Nobody says anything: the last choice.
    assert!(is_german(&browser.open(&client.request().url()).await));
    assert!(!is_german(&browser.open(&client.request().and("ui_locales", "en").url()).await), "a later wish");
}

async fn switch(browser: &mut Browser, page: &Page, choice: &str) -> Page {
    assert!(page.answer.text().contains(&format!("name=\"language\" value=\"{choice}\"")), "{}", page.answer.text());
    let back = page.answer.text().split("name=\"back\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let back = back.expect("a way back").replace("&#38;", "&");
    browser.post("/language", &[("back".into(), back), ("language".into(), choice.into())]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_switch_leads_nowhere_else_and_takes_no_other_word() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for back in ["https://evil.example/", "//evil.example/", "/\\evil.example", "/\t/evil.example"] {
        let form = [("back".to_owned(), back.to_owned()), ("language".to_owned(), "de".to_owned())];
        assert_eq!(browser.post("/language", &form).await.url, "/", "{back}");
    }
    assert_eq!(browser.cookies["__Host-latchkey-lang"], "de");
    for word in ["xx", "de; Domain=example.com", "de\r\nSet-Cookie: a=b", ""] {
        let form = [("back".to_owned(), "/".to_owned()), ("language".to_owned(), word.to_owned())];
        browser.post("/language", &form).await;
        assert_eq!(browser.cookies["__Host-latchkey-lang"], "de", "{word}");
    }
    browser.cookies.insert("__Host-latchkey-lang".into(), "../../etc".into());
    assert!(!is_german(&browser.open("/").await));
    let foreign = Request::post("/language").header("sec-fetch-site", "cross-site").body(Body::empty()).unwrap();
    assert_eq!(app.call(foreign).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_language_is_that_of_the_profile() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let login = browser.open("/account/profile").await;
    let profile = browser.sign_in(&login, "alice").await;
    assert!(!is_german(&profile));
    let saved = browser.press(&profile, "profile-submit", &[("locale", "de-CH")]).await;
    assert!(is_german(&saved), "{}", saved.answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_told_in_the_same_language() {
    let app = TestApp::start().await;
    for path in ["/nowhere", "/login", "/authorize?client_id=unknown"] {
        assert!(get(&app, path, "de").await.text().contains("<html lang=\"de\""), "{path}");
    }
    let asked = get(&app, "/authorize?client_id=unknown&ui_locales=de", "en").await;
    assert!(asked.text().contains("<html lang=\"de\""));
}
