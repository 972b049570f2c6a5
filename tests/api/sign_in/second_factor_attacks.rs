//! Ways round a second factor, and why they lead nowhere.

use axum::http::Request;
use futures_util::future::join_all;
use latchkey::foundation::SecretString;
use latchkey::services::account;

use super::second_factor::{at_second_factor, secret_of, with_app};
use crate::harness::{Authenticator, Shows, TestApp, body, encode, operator, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn a_code_works_once_over_all_sessions_and_instances() {
    let (app, client, phone) = with_app("").await;
    let other = app.another().await;
    let (mut one, page) = at_second_factor(&app, &client).await;
    let (mut two, waiting) = at_second_factor(&other, &client.at(&other)).await;
    let code = phone.code();
    one.give_code(&page, &code).await.code();
    let waiting = two.give_code(&waiting, &code).await;
    assert_eq!(waiting.shows(), Shows::SecondFactor, "on another instance, in another browser");
    let (mut three, page) = at_second_factor(&app, &client).await;
    assert_eq!(three.give_code(&page, &code).await.shows(), Shows::SecondFactor);
    assert_eq!(three.give_code(&page, &phone.code_in(-30)).await.shows(), Shows::SecondFactor, "nor one before it");
    app.advance(seconds(30));
    two.give_code(&waiting, &phone.code()).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_send_the_same_code_at_once_one_is_signed_in() {
    let (app, client, phone) = with_app("[login]\naccount_attempts = 1000\n").await;
    let mut waiting = Vec::new();
    for _ in 0..8 {
        waiting.push(at_second_factor(&app, &client).await);
    }
    let code = phone.code();
    let tries = waiting.into_iter().map(|(mut browser, page)| {
        let code = code.clone();
        async move { browser.give_code(&page, &code).await.shows() }
    });
    let shown = join_all(tries).await;
    assert_eq!(shown.iter().filter(|shown| **shown == Shows::Client).count(), 1, "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_wrong_codes_at_once_count_as_fifty() {
    let (app, client, phone) = with_app("").await;
    let (mut browser, page) = at_second_factor(&app, &client).await;
    let form = page.form("mfa-submit").submit("mfa-submit", &[("code", &phone.wrong())]);
    let tries = (0..50).map(|_| {
        let (mut browser, form) = (browser.clone(), encode(&form));
        async move { browser.exchange(body(Request::post("/second-factor"), form)).await.status.as_u16() }
    });
    let statuses = join_all(tries).await;
    let looked_at = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(looked_at, 10, "of fifty");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 50 - looked_at);
    let page = browser.give_code(&page, &phone.code()).await;
    assert_eq!(page.answer.status.as_u16(), 429, "the right one is not looked at either");
    let mut fresh = app.browser();
    let login = fresh.open(&client.request().url()).await;
    assert_eq!(fresh.sign_in(&login, "alice").await.answer.status.as_u16(), 429, "one counter for all");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_password_does_not_forgive_wrong_codes() {
    let (app, client, phone) = with_app("[login]\naccount_attempts = 6\n").await;
    let mut counted = 0;
    for _ in 0..20 {
        let mut browser = app.browser();
        let login = browser.open(&client.request().url()).await;
        let page = browser.sign_in(&login, "alice").await;
        if page.answer.status.as_u16() == 429 {
            break;
        }
        let page = browser.give_code(&page, &phone.wrong()).await;
        counted += usize::from(page.answer.status.as_u16() == 200);
    }
    assert_eq!(counted, 6, "whoever knows the password tries no more codes than anybody");
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_sign_in_is_no_session_for_any_page() {
    let (app, client, _) = with_app("").await;
    let (mut browser, page) = at_second_factor(&app, &client).await;
    let flow = page.hidden("mfa-submit", "flow");
    let csrf = page.hidden("mfa-submit", "csrf");
    for path in ["/consent", "/choose-account", "/add-factor", "/login"] {
        let shown = browser.open(&format!("{path}?flow={flow}")).await;
        assert_eq!(shown.shows(), Shows::SecondFactor, "GET {path}");
    }
    for path in ["/consent", "/choose-account", "/add-factor"] {
        let form = [("flow", flow.as_str()), ("csrf", &csrf), ("action", "allow"), ("code", "123456")];
        let form: Vec<_> = form.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(browser.post(path, &form).await.shows(), Shows::SecondFactor, "POST {path}");
    }
    let other = app.client().first_party().create().await;
    assert_eq!(browser.open(&other.request().url()).await.shows(), Shows::Login, "another request begins anew");
    browser.open(&client.request().with("prompt", "none").url()).await.client_refused("login_required");
    assert_eq!(browser.open("/logout").await.shows(), Shows::SignedOut, "there is nobody to sign out");
    assert_eq!(app.rows().await["sessions"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_step_without_the_first_leads_to_the_first() {
    let (app, client, phone) = with_app("").await;
    let mut browser = app.browser();
    let login = browser.open(&client.request().url()).await;
    let (flow, csrf) = (login.hidden("login-submit", "flow"), login.hidden("login-submit", "csrf"));
    for path in ["/second-factor", "/add-factor"] {
        assert_eq!(browser.open(&format!("{path}?flow={flow}")).await.shows(), Shows::Login, "GET {path}");
        let form = [("flow", &*flow), ("csrf", &*csrf), ("code", &*phone.code()), ("action", "verify")];
        let form: Vec<_> = form.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(browser.post(path, &form).await.shows(), Shows::Login, "POST {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_sign_in_is_of_no_use_in_another_browser() {
    let (app, client, phone) = with_app("").await;
    let (browser, page) = at_second_factor(&app, &client).await;
    let flow = page.hidden("mfa-submit", "flow");
    // Another browser, with the cookie of the half sign-in and a request of its own.
    let mut thief = app.browser();
    let login = thief.open(&client.request().url()).await;
    thief.cookies.insert("__Host-latchkey-half".into(), browser.cookies["__Host-latchkey-half"].clone());
    assert_eq!(thief.reload(&login).await.shows(), Shows::Login);
    assert_eq!(
        thief.open(&format!("/second-factor?flow={flow}")).await.shows(),
        Shows::Login,
        "with the victim's link"
    );
    // The victim's browser with the secret of another half sign-in.
    let (other, _) = at_second_factor(&app, &client).await;
    let mut mixed = browser.clone();
    mixed.cookies.insert("__Host-latchkey-half".into(), other.cookies["__Host-latchkey-half"].clone());
    assert_eq!(mixed.give_code(&page, &phone.code()).await.shows(), Shows::Login);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_users_code_and_another_kinds_code_are_wrong() {
    let (app, client, phone) = with_app("").await;
    let bobs = app.add_totp("bob").await;
    let (codes, bobs_codes) = (app.recovery_codes("alice").await, app.recovery_codes("bob").await);
    let (mut browser, page) = at_second_factor(&app, &client).await;
    for code in [bobs.code(), codes[0].clone()] {
        assert_eq!(browser.give_code(&page, &code).await.shows(), Shows::SecondFactor, "as a code of the app");
    }
    let page = browser.open(&format!("{}&method=recovery_code", page.url)).await;
    for code in [bobs_codes[0].clone(), phone.code()] {
        assert_eq!(browser.give_code(&page, &code).await.shows(), Shows::SecondFactor, "as a recovery code");
    }
    browser.give_code(&page, &codes[0]).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_was_moved_to_another_row_opens_nothing() {
    let (app, client, phone) = with_app("").await;
    let bobs = app.add_totp("bob").await;
    app.sql(
        "UPDATE factors SET secret = (SELECT f.secret FROM factors f JOIN users u ON u.id = f.user_id \
         WHERE u.username = 'bob') WHERE user_id = (SELECT id FROM users WHERE username = 'alice')",
    )
    .await;
    let (mut browser, page) = at_second_factor(&app, &client).await;
    for code in [bobs.code(), phone.code()] {
        browser.give_code(&page, &code).await.is_error_page(500);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_disabled_between_the_steps_is_not_signed_in() {
    let (app, client, phone) = with_app("").await;
    let (mut browser, page) = at_second_factor(&app, &client).await;
    let alice = app.user("alice").await;
    app.disable_user("alice").await;
    assert_eq!(browser.give_code(&page, &phone.code()).await.shows(), Shows::Login);
    app.enable_user("alice").await;
    account::set_enabled(&app.app, &operator(), alice.id, false).await.unwrap();
    account::set_enabled(&app.app, &operator(), alice.id, true).await.unwrap();
    assert_eq!(
        browser.give_code(&page, &phone.code()).await.shows(),
        Shows::Login,
        "enabled again, from the beginning"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoevers_password_is_changed_between_the_steps_begins_anew() {
    let (app, client, phone) = with_app("").await;
    let (mut browser, page) = at_second_factor(&app, &client).await;
    let alice = app.user("alice").await;
    app.advance(seconds(1));
    let password = SecretString::new("another-long-password".into());
    account::set_password(&app.app, &operator(), &alice, password).await.unwrap();
    assert_eq!(browser.give_code(&page, &phone.code()).await.shows(), Shows::Login);
    assert_eq!(app.rows().await["sessions"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_sign_in_ends_after_ten_minutes() {
    let (app, client, phone) = with_app("").await;
    let (mut browser, page) = at_second_factor(&app, &client).await;
    app.advance(seconds(599));
    assert_eq!(browser.reload(&page).await.shows(), Shows::SecondFactor);
    app.advance(seconds(1));
    let page = browser.give_code(&page, &phone.code()).await;
    assert_eq!(page.shows(), Shows::Login);
    assert!(page.answer.text().contains("was open for too long"), "and says why");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_wrong_keeps_nobody_out() {
    let (app, client, phone) = with_app("").await;
    let ahead = app.another_at(app.clock.now().after(seconds(86_400))).await;
    let (mut browser, page) = at_second_factor(&ahead, &client.at(&ahead)).await;
    browser.give_code(&page, &phone.code_in(86_400)).await.code();
    let (mut browser, page) = at_second_factor(&app, &client).await;
    let code = phone.code();
    browser.give_code(&page, &code).await.code();
    let (mut browser, page) = at_second_factor(&app, &client).await;
    assert_eq!(browser.give_code(&page, &code).await.shows(), Shows::SecondFactor, "once all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_answer_makes_no_code_wrong() {
    let (app, client, phone) = with_app("").await;
    let (mut browser, page) = at_second_factor(&app, &client).await;
    app.sql("ALTER TABLE factors RENAME TO elsewhere").await;
    let answer = browser.give_code(&page, &phone.code()).await;
    assert!(answer.answer.status.is_server_error(), "{}", answer.answer.status);
    app.sql("ALTER TABLE elsewhere RENAME TO factors").await;
    browser.give_code(&page, &phone.code()).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_form_gives_no_code() {
    let (app, client, phone) = with_app("").await;
    let (mut browser, page) = at_second_factor(&app, &client).await;
    let mut form = page.form("mfa-submit").submit("mfa-submit", &[("code", &phone.code())]);
    for (name, value) in &mut form {
        if name == "csrf" {
            *value = "forged".into();
        }
    }
    let again = browser.post("/second-factor", &form).await;
    assert_eq!(again.shows(), Shows::SecondFactor);
    browser.give_code(&again, &phone.code()).await.code();
    assert_eq!(app.rows().await["sessions"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_of_an_app_is_shown_and_confirmed_only_where_it_was_begun() {
    let app = TestApp::configured().toml("[factors]\nsecond_factor = \"required\"\n").start().await;
    let client = app.client().first_party().create().await;
    let at_add_factor = async || {
        let mut browser = app.browser();
        let page = browser.open(&client.request().url()).await;
        let page = browser.sign_in(&page, "bob").await;
        assert_eq!(page.shows(), Shows::AddFactor);
        (browser, page)
    };
    let (mut owner, page) = at_add_factor().await;
    let own = secret_of(&page);
    assert_eq!(secret_of(&owner.open(&page.url).await), own, "a reload changes nothing");
    let (_, strangers) = at_add_factor().await;
    let known_to_a_stranger = secret_of(&strangers);
    assert_ne!(known_to_a_stranger, own);
    // The stranger's has taken the place of the owner's, who is shown a third one and not the stranger's.
    for secret in [&own, &known_to_a_stranger] {
        let code = Authenticator::with(secret, &app).code();
        let again = owner.press(&page, "totp-confirm", &[("code", &code)]).await;
        assert_eq!(again.shows(), Shows::AddFactor);
        assert!(secret_of(&again) != own && secret_of(&again) != known_to_a_stranger);
    }
}
