//! What nobody can do with the accounts in somebody's browser.

use axum::http::Request;

use super::accounts::{add, browser_of, own_app, silently};
use crate::harness::{Browser, Page, Shows, TestApp, body, encode, seconds};

/// The fields of the form with this button, with other values in place of its own.
fn forged(page: &Page, button: &str, other: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields = page.form(button).submit(button, &[]);
    fields.retain(|(name, _)| !["account", "sign_out", "action"].contains(&name.as_str()));
    fields.retain(|(name, _)| other.iter().all(|(replaced, _)| replaced != name));
    fields.extend(other.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    fields
}

/// The session of whoever is current, as the switcher names it.
async fn session(browser: &mut Browser) -> String {
    let page = browser.open("/account").await;
    page.form("sign-out-this").submit("sign-out-this", &[]).into_iter().find(|(name, _)| name == "sign_out").unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_another_browser_is_neither_chosen_nor_signed_out() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let mut victim = browser_of(&app, &["bob", "alice"]).await;
    let alices = session(&mut victim).await;
    app.one_more("carol").await;
    app.one_more("dave").await;
    let mut attacker = browser_of(&app, &["carol", "dave"]).await;
    let account = attacker.open("/account").await;
    let choice = attacker.open(&client.request().with("prompt", "select_account").url()).await;
    let logout = attacker.open("/logout").await;

    let told = attacker.post("/account/switch", &forged(&account, "switch-to-1", &[("account", &alices)])).await;
    assert!(told.answer.text().contains("not signed in in this browser"), "{}", told.answer.text());
    let again = attacker.post("/choose-account", &forged(&choice, "account-2", &[("account", &alices)])).await;
    assert_eq!(again.shows(), Shows::ChooseAccount);
    attacker.post("/account/switch", &forged(&account, "switch-to-1", &[("sign_out", &alices)])).await;
    attacker.post("/logout/confirm", &forged(&logout, "logout-2", &[("account", &alices)])).await;
    // Nor does the sign-in page tell who that is.
    let login =
        attacker.open(&format!("{}&switch=1&account={alices}", choice.url.replace("/choose-account", "/login"))).await;
    assert!(!login.answer.text().contains("alice"), "{}", login.answer.text());
    for made_up in ["", "x", "../../", "00000000-0000-0000-0000-000000000000"] {
        let fields = forged(&choice, "account-2", &[("account", made_up)]);
        assert_eq!(attacker.post("/choose-account", &fields).await.shows(), Shows::ChooseAccount, "{made_up}");
    }
    assert_eq!(silently(&client, &mut attacker, &[]).await, "dave");
    assert_eq!(silently(&client, &mut victim, &[]).await, "alice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_was_made_for_one_account_does_nothing_to_another() {
    let app = TestApp::start().await;
    let mut browser = browser_of(&app, &["alice", "bob"]).await;
    let profile = browser.open("/account/profile").await;
    let sessions = browser.open("/account/sessions").await;
    let delete = browser.open("/account/delete").await;
    let account = browser.open("/account").await;
    browser.press(&account, "switch-to-1", &[]).await;

    let saved = browser.press(&profile, "profile-submit", &[("name", "Mallory")]).await;
    assert!(saved.answer.text().contains("nothing was changed"), "{}", saved.answer.text());
    let ended = browser.press(&sessions, "sign-out-everywhere", &[]).await;
    assert!(ended.answer.text().contains("nothing was changed"), "{}", ended.answer.text());
    browser.press(&delete, "delete-submit", &[("confirmation", "alice")]).await;
    let text = browser.open("/account").await.answer.text().to_owned();
    assert!(text.contains("Alice Liddell") && text.contains("Switch to Bob Builder (bob@example.com)"), "{text}");

    // The tab of the first account works again once that is current.
    let account = browser.open("/account").await;
    browser.press(&account, "switch-to-1", &[]).await;
    let saved = browser.press(&profile, "profile-submit", &[("name", "Robert Builder")]).await;
    assert!(saved.answer.text().contains("Robert Builder"), "{}", saved.answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_switcher_needs_its_token_and_our_own_page() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let mut browser = browser_of(&app, &["alice", "bob"]).await;
    let page = browser.open("/account").await;
    let question = browser.open("/logout").await;
    let bound = browser.open("/account/sessions").await.hidden("sign-out-everywhere", "csrf");
    let mut other = browser_of(&app, &["bob", "alice"]).await;
    let foreign = other.open("/account").await.hidden("switch-to-1", "csrf");
    for csrf in ["", "x", &*bound, &*foreign] {
        for button in ["switch-to-1", "sign-out-1", "sign-out-this", "sign-out-all"] {
            let mut fields = page.form(button).submit(button, &[]);
            fields.retain(|(name, _)| name != "csrf");
            fields.push(("csrf".into(), csrf.to_owned()));
            let told = browser.post("/account/switch", &fields).await;
            assert!(told.answer.text().contains("nothing was changed"), "{button}");
        }
    }
    for (page, button) in
        [(&page, "switch-to-1"), (&page, "sign-out-all"), (&question, "logout-2"), (&question, "logout-all")]
    {
        let form = page.form(button);
        for (name, value) in [("origin", "https://evil.test"), ("sec-fetch-site", "cross-site")] {
            let request = Request::post(&form.action).header(name, value);
            let answer = browser.exchange(body(request, encode(&form.submit(button, &[])))).await;
            assert_eq!(answer.status, 403, "{button}, {name}");
        }
    }
    assert_eq!(silently(&client, &mut browser, &[]).await, "bob");
    // It leads to pages of ours alone.
    for back in ["https://evil.test", "//evil.test", "/logout", "/account/../logout", ""] {
        let page = browser.open("/account").await;
        let landed = browser.post("/account/switch", &forged(&page, "switch-to-1", &[("back", back)])).await;
        assert_eq!((landed.shows(), &*landed.url), (Shows::Account, "/account"), "{back}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_of_another_application_selects_and_signs_out_nobody() {
    let app = TestApp::start().await;
    let (client, other) = (own_app(&app).await, app.client().create().await);
    let mut browser = browser_of(&app, &["alice"]).await;
    let alices = other.sign_in_with(&mut browser, "alice", other.request().with("scope", "openid")).await.id_token;
    add(&app, &mut browser, "bob").await;
    assert_eq!(silently(&client, &mut browser, &[("id_token_hint", &alices)]).await, "invalid_request");
    let mine = [("id_token_hint", &*alices), ("client_id", &*client.id)];
    browser.open(&format!("/logout?{}", encode(&mine))).await.is_error_page(400);
    // Of somebody in another browser: it is about none of these sessions.
    let elsewhere = client.sign_in_for("alice", "openid").await.id_token;
    assert_eq!(browser.open(&format!("/logout?id_token_hint={elsewhere}")).await.shows(), Shows::LogoutQuestion);
    assert_eq!(silently(&client, &mut browser, &[]).await, "bob");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_that_choose_at_once_leave_one_current_and_lose_nobody() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let mut browser = browser_of(&app, &["alice", "bob"]).await;
    for _ in 0..5 {
        let choose = client.request().with("prompt", "select_account");
        let (first, second) = (browser.open(&choose.url()).await, browser.open(&choose.url()).await);
        let (mut left, mut right) = (browser.clone(), browser.clone());
        let (one, two) =
            tokio::join!(left.press(&first, "account-continue", &[]), right.press(&second, "account-2", &[]));
        let mut told = [super::accounts::who(&client, &one).await, super::accounts::who(&client, &two).await];
        told.sort();
        assert_eq!(told, ["alice", "bob"], "each tab has whom it chose");
        let page = browser.open("/account").await;
        assert_eq!(page.answer.text().matches("name=\"account\"").count(), 1, "{}", page.answer.text());
        app.advance(seconds(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_chosen_while_it_is_ended_is_not_signed_in_afterwards() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    for round in 0..5 {
        let mut browser = browser_of(&app, &["alice", "bob"]).await;
        let mut phone = browser_of(&app, &["alice"]).await;
        let (page, sessions) = (browser.open("/account").await, phone.open("/account/sessions").await);
        tokio::join!(browser.press(&page, "switch-to-1", &[]), phone.press(&sessions, "sign-out-everywhere", &[]));
        let told = silently(&client, &mut browser, &[("login_hint", "alice")]).await;
        assert!(told == "bob" || told == "account_selection_required", "{round}: {told}");
        assert_eq!(silently(&client, &mut phone, &[]).await, "login_required");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_browser_holds_stays_small_however_often_people_switch() {
    let app = TestApp::start().await;
    let mut browser = browser_of(&app, &["alice", "bob"]).await;
    let before = app.rows().await;
    for _ in 0..10 {
        let page = browser.open("/account").await;
        browser.press(&page, "switch-to-1", &[]).await;
    }
    assert_eq!(app.rows().await, before, "a switch stores nothing new");
}
