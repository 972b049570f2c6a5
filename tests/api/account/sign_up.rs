//! People make an account for themselves.

use futures_util::future::join_all;

use crate::harness::snapshot::assert_page;
use crate::harness::{Browser, MailServer, Page, Shows, TestApp, jwt, seconds};

const PASSWORD: &str = "quite-another-passphrase";

/// Opens the form, and sends it.
async fn ask(browser: &mut Browser, url: &str, email: &str) -> Page {
    let page = browser.open(url).await;
    assert_eq!(page.shows(), Shows::SignUp, "{}", page.answer.text());
    browser.press(&page, "signup-submit", &[("email", email), ("password", PASSWORD)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_up_confirms_the_address_and_is_back_at_the_application() {
    let app = TestApp::configured().explaining().start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let login = browser.open(&client.request().url()).await;
    let link = login.answer.text().split("id=\"login-sign-up\" href=\"").nth(1).expect("the link").split('"').next();
    let form = browser.open(link.unwrap()).await;
    assert_page("sign-up", &form);
    let before = app.rows().await["users"];
    let sent = browser.press(&form, "signup-submit", &[("email", "Dave@Example.com"), ("password", PASSWORD)]).await;
    assert_eq!(sent.shows(), Shows::Message);
    assert_page("sign-up-sent", &sent);
    let on =
        sent.answer.text().split("id=\"message-link\"").nth(1).and_then(|rest| rest.split("href=\"").nth(1)).unwrap();
    let login = browser.open(on.split('"').next().unwrap()).await;
    assert_eq!(login.shows(), Shows::Login, "whoever has an account after all goes on for the same application");
    let link = app.link_to("Dave@example.com", "/signup/confirm").await;
    assert_eq!(app.rows().await["users"], before, "there is no account before the address is proven");
    let question = browser.open(&link).await;
    assert_page("sign-up-confirm", &question);
    let back = browser.press(&question, "link-confirm", &[]).await;
    let tokens = client.redeem(&back.code()).await.ok();
    let claims = client.userinfo(&tokens.access_token).await.success();
    assert_eq!((&claims["email"], &claims["email_verified"]), (&"Dave@example.com".into(), &true.into()));
    let dave = app.user("dave@example.com").await;
    assert!(dave.email_verified && dave.username.is_none() && !dave.administrator);
    let mut elsewhere = app.browser();
    let login = elsewhere.open("/account").await;
    assert_eq!(elsewhere.try_password(&login, "dave@example.com", PASSWORD).await.url, "/account");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_application_it_leads_to_ones_own_account() {
    let app = TestApp::configured().explaining().start().await;
    let mut browser = app.browser();
    ask(&mut browser, "/signup", "dave@example.com").await;
    let question = browser.open(&app.link_to("dave@example.com", "/signup/confirm").await).await;
    let page = browser.press(&question, "link-confirm", &[]).await;
    assert_eq!((page.shows(), &*page.url), (Shows::Account, "/account"));
    assert_eq!(browser.open("/signup").await.url, "/account", "whoever is signed in has an account");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_another_browser_the_account_is_made_by_the_password_and_goes_on_to_the_application() {
    let app = TestApp::configured().explaining().start().await;
    let client = app.client().first_party().create().await;
    let mut desk = app.browser();
    let form = desk.open(&client.request().with("prompt", "create").url()).await;
    desk.press(&form, "signup-submit", &[("email", "dave@example.com"), ("password", PASSWORD)]).await;
    let link = app.link_to("dave@example.com", "/signup/confirm").await;
    let mut phone = app.browser();
    app.advance(seconds(600));
    let question = phone.open(&link).await;
    assert_page("sign-up-confirm-elsewhere", &question);
    let wrong = phone.press(&question, "signup-confirm", &[("password", "what-was-it-again")]).await;
    assert_eq!(wrong.shows(), Shows::ConfirmElsewhere);
    assert!(wrong.answer.text().contains("id=\"password-error\""), "{}", wrong.answer.text());
    let typed_at = app.app.clock.now().as_secs();
    let back = phone.press(&wrong, "signup-confirm", &[("password", PASSWORD)]).await;
    let tokens = client.redeem(&back.code()).await.ok();
    assert_eq!(jwt::claims(&tokens.id_token)["auth_time"], typed_at, "of the password that was typed here");
    assert_eq!(phone.open("/account").await.shows(), Shows::Account);
    assert_eq!(desk.open("/account").await.shows(), Shows::Login, "nobody is signed in where they began");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_opens_the_link_uses_nothing_up_and_twenty_clicks_make_one_account() {
    let app = TestApp::configured().explaining().start().await;
    let mut browser = app.browser();
    ask(&mut browser, "/signup", "dave@example.com").await;
    let link = app.link_to("dave@example.com", "/signup/confirm").await;
    let before = app.rows().await;
    for _ in 0..3 {
        assert_eq!(app.browser().open(&link).await.shows(), Shows::ConfirmElsewhere);
    }
    assert_eq!(app.rows().await, before, "nothing is stored for it");
    let question = browser.open(&link).await;
    let clicks = (0..20).map(|_| {
        let (mut tab, question) = (browser.clone(), question.clone());
        tokio::spawn(async move { tab.press(&question, "link-confirm", &[]).await })
    });
    let pages: Vec<_> = join_all(clicks).await.into_iter().map(Result::unwrap).collect();
    let made = pages.iter().filter(|page| page.shows() == Shows::Account).count();
    assert_eq!(made, 1, "{:?}", pages.iter().map(Page::shows).collect::<Vec<_>>());
    assert!(pages.iter().all(|page| matches!(page.shows(), Shows::Account | Shows::Message)));
    assert_eq!(app.rows().await["users"], before["users"] + 1);
    let over = app.browser().open(&link).await;
    assert_eq!((over.shows(), over.answer.status.as_u16()), (Shows::Message, 404));
    assert_page("link-over", &over);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_confirms_the_second_of_two_mails_is_told_that_there_is_an_account() {
    let app = TestApp::configured().explaining().start().await;
    let mut browser = app.browser();
    ask(&mut browser, "/signup", "dave@example.com").await;
    let first = app.link_to("dave@example.com", "/signup/confirm").await;
    ask(&mut browser, "/signup", "dave@example.com").await;
    let second = app.link_to("dave@example.com", "/signup/confirm").await;
    let one = browser.open(&first).await;
    assert_eq!(browser.press(&one, "link-confirm", &[]).await.url, "/account");
    let other = browser.open(&second).await;
    let mut elsewhere = app.browser();
    let question = elsewhere.open(&second).await;
    for exists in [
        browser.press(&other, "link-confirm", &[]).await,
        elsewhere.press(&question, "signup-confirm", &[("password", PASSWORD)]).await,
    ] {
        let text = exists.answer.text();
        assert!(text.contains("You have an account already") || exists.answer.status == 404, "{text}");
        assert!(!text.contains("Somebody else"), "{text}");
        assert!(text.contains("href=\"/account\""), "it leads to a sign-in: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_holds_for_a_day() {
    let app = TestApp::configured().explaining().start().await;
    let mut browser = app.browser();
    ask(&mut browser, "/signup", "dave@example.com").await;
    let link = app.link_to("dave@example.com", "/signup/confirm").await;
    app.advance(seconds(86_399));
    let question = browser.open(&link).await;
    assert_eq!(question.shows(), Shows::MailLink);
    app.advance(seconds(1));
    let late = browser.press(&question, "link-confirm", &[]).await;
    assert_eq!(late.shows(), Shows::Message);
    assert!(latchkey::services::account::find(&app.app, "dave@example.com").await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_username_is_chosen_where_the_settings_say_so_and_what_is_wrong_stands_beside_its_field() {
    let toml = "[signup]\nmode = \"open\"\ndomains = [\"example.com\"]\nusername = \"required\"\n";
    let mail = MailServer::plain(vec![]).await;
    let app = TestApp::configured().sending_by(&mail).toml(toml).start().await;
    let mut browser = app.browser();
    let page = browser.open("/signup").await;
    for (typed, wrong) in [
        ([("email", "dave@example.com"), ("username", ""), ("password", PASSWORD)], "username-error"),
        ([("email", "dave@example.com"), ("username", "ALICE"), ("password", PASSWORD)], "username-error"),
        ([("email", "dave@example.com"), ("username", "\u{430}lice"), ("password", PASSWORD)], "username-error"),
        ([("email", "dave@example.com"), ("username", "b0b"), ("password", PASSWORD)], "username-error"),
        ([("email", "dave@elsewhere.test"), ("username", "dave"), ("password", PASSWORD)], "email-error"),
        ([("email", "dave@x@example.com"), ("username", "dave"), ("password", PASSWORD)], "email-error"),
        ([("email", "dave@example.com"), ("username", "dave"), ("password", "short")], "password-error"),
        ([("email", "dave@example.com"), ("username", "dave"), ("password", "dave@example.com")], "password-error"),
    ] {
        let again = browser.press(&page, "signup-submit", &typed).await;
        assert_eq!(again.shows(), Shows::SignUp);
        let text = again.answer.text();
        let found: Vec<_> = ["email-error", "username-error", "password-error"]
            .into_iter()
            .filter(|id| text.contains(&format!("<p id=\"{id}\"")))
            .collect();
        assert_eq!(found, [wrong], "{typed:?}");
        assert!(!text.contains(PASSWORD), "no password comes back");
    }
    let typed = [("email", "dave@example.com"), ("username", "Dave"), ("password", PASSWORD)];
    assert_eq!(browser.press(&page, "signup-submit", &typed).await.shows(), Shows::Message);
    app.work().await;
    let [mail] = mail.mails().try_into().unwrap();
    assert!(mail.contains("To: dave@example.com"), "{mail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_asks_for_an_account_by_prompt_create() {
    let app = TestApp::configured().explaining().start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    client.authorize(&mut browser, "alice", client.request()).await;
    let page = browser.open(&client.request().with("prompt", "create").url()).await;
    assert_eq!(page.shows(), Shows::SignUp, "although somebody is signed in");
    browser.press(&page, "signup-submit", &[("email", "dave@example.com"), ("password", PASSWORD)]).await;
    let question = browser.open(&app.link_to("dave@example.com", "/signup/confirm").await).await;
    browser.press(&question, "link-confirm", &[]).await.code();
    let page = browser.open(&client.request().with("prompt", "create").url()).await;
    let cancelled = browser.press(&page, "signup-cancel", &[]).await;
    cancelled.client_refused("access_denied");
    // Whoever has an account after all signs in with it.
    let page = browser.open(&client.request().with("prompt", "create").url()).await;
    let login = browser.open(&page.url.replace("/signup?", "/login?")).await;
    browser.sign_in(&login, "bob").await.code();
    let supported = app.get("/.well-known/openid-configuration").await.json()["prompt_values_supported"].clone();
    assert!(supported.as_array().unwrap().contains(&"create".into()), "{supported}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_signs_up_there_is_no_page_for_it_and_no_prompt() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    browser.open(&client.request().with("prompt", "create").url()).await.client_refused("invalid_request");
    let login = browser.open(&client.request().url()).await;
    assert!(!login.answer.text().contains("/signup"));
    let signup = browser.open(&login.url.replace("/login?", "/signup?")).await;
    signup.is_error_page(404);
    browser.open("/signup").await.is_error_page(404);
    let form =
        login.form("login-submit").submit("login-submit", &[("username", "dave@example.com"), ("password", PASSWORD)]);
    browser.post("/signup", &form).await.is_error_page(404);
    let supported = app.get("/.well-known/openid-configuration").await.json()["prompt_values_supported"].clone();
    assert!(!supported.as_array().unwrap().contains(&"create".into()), "{supported}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_that_everybody_needs_is_added_before_there_is_a_session() {
    let app = TestApp::configured().explaining().toml("[factors]\nsecond_factor = \"required\"\n").start().await;
    let mut browser = app.browser();
    ask(&mut browser, "/signup", "dave@example.com").await;
    let question = browser.open(&app.link_to("dave@example.com", "/signup/confirm").await).await;
    let page = browser.press(&question, "link-confirm", &[]).await;
    assert_eq!(page.shows(), Shows::AddFactor, "{}", page.answer.text());
    assert_eq!(app.browser().open("/account").await.shows(), Shows::Login);
}
