//! Several accounts in one browser: they are added, chosen, switched between and signed out, one or all.

use latchkey::domain::access::actor::Actor;
use latchkey::services::operation::events::{self, Filter};

use crate::harness::jwt::claims;
use crate::harness::snapshot::assert_page;
use crate::harness::{Browser, Client, Page, Shows, TestApp, Tokens, encode, seconds};

const AFTER: &str = "https://app.test/signed-out";

/// A browser in which these people have signed in, one after the other: the last one is current.
pub async fn browser_of(app: &TestApp, names: &[&str]) -> Browser {
    let mut browser = app.browser();
    for name in names {
        add(app, &mut browser, name).await;
    }
    browser
}

/// Signs in with one more account.
pub async fn add(app: &TestApp, browser: &mut Browser, name: &str) -> Page {
    app.advance(seconds(1));
    let page = browser.open("/account/add").await;
    let page = browser.sign_in(&page, name).await;
    assert_eq!((page.shows(), &*page.url), (Shows::Account, "/account"), "{}", page.answer.text());
    page
}

/// An application of whoever runs the server, which asks nobody for consent.
pub async fn own_app(app: &TestApp) -> Client {
    app.client().first_party().with(|m| m.post_logout_redirect_uris = vec![AFTER.into()]).create().await
}

/// Whom the application is told of when it asks without a page.
pub async fn silently(client: &Client, browser: &mut Browser, more: &[(&str, &str)]) -> String {
    let request = more.iter().fold(client.request(), |request, (name, value)| request.with(name, value));
    let page = browser.open(&request.with("prompt", "none").with("scope", "openid profile").url()).await;
    match page.response().get("error") {
        Some(error) => error.clone(),
        None => who(client, &page).await,
    }
}

/// Who has arrived at the application.
pub async fn who(client: &Client, page: &Page) -> String {
    let tokens = client.redeem(&page.code()).await.ok();
    client.userinfo(&tokens.access_token).await.success()["preferred_username"].as_str().unwrap().to_owned()
}

/// Tokens of whoever is current.
async fn tokens(client: &Client, browser: &mut Browser) -> Tokens {
    let request = client.request().with("prompt", "none").with("scope", "openid");
    client.redeem(&browser.open(&request.url()).await.code()).await.ok()
}

fn logout(pairs: &[(&str, &str)]) -> String {
    format!("/logout?{}", encode(pairs))
}

/// How many sessions have ended, for each reason.
async fn ended(app: &TestApp) -> usize {
    events::flush(&app.app, &Actor::system("test")).await.unwrap();
    events::seal(&app.app).await.unwrap();
    let all = events::after(&app.app, 0, usize::MAX, &Filter::default()).await.unwrap();
    all.iter().filter(|event| event.action == "session.ended").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_account_signs_in_beside_the_first_and_the_person_switches_on_any_account_page() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let mut browser = app.browser();
    let first = add(&app, &mut browser, "alice").await;
    assert!(!first.answer.text().contains("switch-to-1"), "there is nobody to switch to");
    let page = add(&app, &mut browser, "bob").await;
    assert!(page.answer.text().contains("Bob Builder") && page.answer.text().contains("Switch to Alice Liddell"));
    assert_page("account-of-two", &page);
    assert_eq!(silently(&client, &mut browser, &[]).await, "bob");

    let profile = browser.open("/account/profile").await;
    let switched = browser.press(&profile, "switch-to-1", &[]).await;
    assert_eq!(&*switched.url, "/account/profile", "the same page, of the other account");
    assert!(switched.answer.text().contains("Switch to Bob Builder"));
    assert_eq!(silently(&client, &mut browser, &[]).await, "alice");
    assert_eq!(ended(&app).await, 0);
    // Another page of the first tab, which was made when bob was current, still switches to alice: it names her.
    assert_eq!(&*browser.press(&page, "switch-to-1", &[]).await.url, "/account");
    assert_eq!(silently(&client, &mut browser, &[]).await, "alice");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_in_again_keeps_their_session_and_becomes_current() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let mut browser = browser_of(&app, &["alice"]).await;
    let before = tokens(&client, &mut browser).await;
    add(&app, &mut browser, "bob").await;
    add(&app, &mut browser, "alice").await;
    let after = tokens(&client, &mut browser).await;
    assert_eq!(claims(&before.id_token)["sid"], claims(&after.id_token)["sid"]);
    client.refresh(&before.refresh_token).await.ok();
    let page = browser.open("/account").await;
    assert_eq!(page.answer.text().matches("name=\"account\"").count(), 1, "nobody is listed twice");
    assert_eq!(ended(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_choice_lists_everybody_and_the_request_goes_on_with_whoever_is_chosen() {
    let app = TestApp::start().await;
    app.one_more("carol").await;
    let client = app.client().named("Shop").create().await;
    let mut browser = browser_of(&app, &["alice", "bob"]).await;
    let choose = client.request().with("prompt", "select_account");
    let page = browser.open(&choose.url()).await;
    assert_eq!(page.shows(), Shows::ChooseAccount);
    assert_page("choose-account-of-two", &page);
    let consent = browser.press(&page, "account-2", &[]).await;
    assert_eq!(consent.shows(), Shows::Consent);
    assert!(consent.answer.text().contains("Alice Liddell"));
    assert_eq!(who(&client, &browser.press(&consent, "consent-allow", &[]).await).await, "alice");
    assert_eq!(who(&client, &browser.press(&page, "account-2", &[]).await).await, "alice", "the form twice");
    assert_eq!(silently(&client, &mut browser, &[]).await, "alice", "whoever is chosen is current");

    let page = browser.open(&choose.url()).await;
    let login = browser.press(&page, "account-other", &[]).await;
    let consent = browser.sign_in(&login, "carol").await;
    assert!(consent.answer.text().contains("Somebody carol"), "{}", consent.answer.text());
    assert_eq!(browser.open("/account").await.answer.text().matches("name=\"account\"").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_asked_for_consent_as_the_wrong_account_chooses_another() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = browser_of(&app, &["alice", "bob"]).await;
    let consent = browser.open(&client.request().url()).await;
    assert!(consent.answer.text().contains("Bob Builder"));
    let mut form = consent.form("consent-deny").submit("consent-deny", &[]);
    form.retain(|(name, _)| name != "action");
    form.push(("action".into(), "switch".into()));
    let choice = browser.post("/consent", &form).await;
    assert_eq!(choice.shows(), Shows::ChooseAccount);
    let consent = browser.press(&choice, "account-2", &[]).await;
    assert!(consent.answer.text().contains("Alice Liddell"));
    assert_eq!(who(&client, &browser.press(&consent, "consent-allow", &[]).await).await, "alice");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_tab_goes_on_with_the_account_that_was_chosen_in_it() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = browser_of(&app, &["alice", "bob"]).await;
    let choose = client.request().with("prompt", "select_account");
    let (first, second) = (browser.open(&choose.url()).await, browser.open(&choose.url()).await);
    // Both lists show bob first, who was current.
    let alices = browser.press(&first, "account-2", &[]).await;
    let bobs = browser.press(&second, "account-continue", &[]).await;
    assert!(alices.answer.text().contains("Alice Liddell") && bobs.answer.text().contains("Bob Builder"));
    assert_eq!(who(&client, &browser.press(&alices, "consent-allow", &[]).await).await, "alice");
    assert_eq!(who(&client, &browser.press(&bobs, "consent-allow", &[]).await).await, "bob");
    assert_eq!(silently(&client, &mut browser, &[]).await, "bob", "the last choice is current");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_a_question_that_was_put_to_somebody_else_does_not_count() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = browser_of(&app, &["alice", "bob"]).await;
    let consent = browser.open(&client.request().url()).await;
    assert!(consent.answer.text().contains("Bob Builder"), "nobody was chosen in this flow: bob is current");
    let account = browser.open("/account").await;
    browser.press(&account, "switch-to-1", &[]).await;
    let again = browser.press(&consent, "consent-allow", &[]).await;
    assert_eq!(again.shows(), Shows::Consent);
    assert!(again.answer.text().contains("Alice Liddell"), "{}", again.answer.text());
    assert_eq!(silently(&client, &mut browser, &[]).await, "consent_required", "bob's click allowed nothing of hers");
    assert_eq!(who(&client, &browser.press(&again, "consent-allow", &[]).await).await, "alice");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_selects_its_account_also_where_no_page_may_be_shown() {
    let app = TestApp::start().await;
    app.one_more("carol").await;
    let client = own_app(&app).await;
    let mut browser = browser_of(&app, &["alice"]).await;
    let alices = tokens(&client, &mut browser).await.id_token;
    add(&app, &mut browser, "bob").await;
    assert_eq!(silently(&client, &mut browser, &[("id_token_hint", &alices)]).await, "alice");
    assert_eq!(silently(&client, &mut browser, &[]).await, "bob", "that makes nobody current");
    let carols = client.sign_in_for("carol", "openid").await.id_token;
    assert_eq!(silently(&client, &mut browser, &[("id_token_hint", &carols)]).await, "login_required");
    // With pages, a request for alice goes on with her, and its code is of her session.
    let page = browser.open(&client.request().with("id_token_hint", &alices).url()).await;
    assert_eq!(who(&client, &page).await, "alice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_selects_whoever_it_names_and_otherwise_the_person_is_asked() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let mut browser = browser_of(&app, &["alice", "bob"]).await;
    for (hint, told) in
        [("alice", "alice"), ("ALICE@example.com", "alice"), ("bob", "bob"), ("carol", "bob"), ("x", "bob")]
    {
        assert_eq!(silently(&client, &mut browser, &[("login_hint", hint)]).await, told, "{hint}");
    }
    // Whether somebody has an account makes no difference.
    for hint in ["carol", "nobody@example.com"] {
        let page = browser.open(&client.request().with("login_hint", hint).url()).await;
        assert_eq!(page.shows(), Shows::ChooseAccount, "{hint}");
        let login = browser.press(&page, "account-other", &[]).await;
        let username = login.form("login-submit").inputs.into_iter().find(|(name, _)| name == "username");
        assert_eq!(username.unwrap().1, hint, "filled in");
        let page = browser.press(&page, "account-2", &[]).await;
        assert_eq!(who(&client, &page).await, "alice", "whoever is chosen need not be whom the hint names");
        let account = browser.open("/account").await;
        browser.press(&account, "switch-to-1", &[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_account_is_signed_out_and_the_others_stay() {
    let app = TestApp::start().await;
    app.one_more("carol").await;
    let client = own_app(&app).await;
    let mut browser = browser_of(&app, &["alice"]).await;
    let alices = tokens(&client, &mut browser).await;
    add(&app, &mut browser, "bob").await;
    let bobs = tokens(&client, &mut browser).await;
    add(&app, &mut browser, "carol").await;

    let question = browser.open("/logout").await;
    assert_page("logout-of-several", &question);
    let done = browser.press(&question, "logout-2", &[]).await;
    assert_eq!(done.shows(), Shows::OneSignedOut);
    assert_page("one-signed-out", &done);
    client.refresh(&bobs.refresh_token).await.refused("invalid_grant");
    assert_eq!(silently(&client, &mut browser, &[]).await, "carol");

    // The current one, by the switcher: whoever was current before is so again.
    let page = browser.open("/account/sessions").await;
    let left = browser.press(&page, "sign-out-this", &[]).await;
    assert!(left.answer.text().contains("The account was signed out."), "{}", left.answer.text());
    assert_eq!(silently(&client, &mut browser, &[]).await, "alice");
    client.refresh(&alices.refresh_token).await.ok();
    assert_eq!(ended(&app).await, 2);
    let page = browser.open("/logout").await;
    assert_eq!(browser.press(&page, "logout-confirm", &[]).await.shows(), Shows::SignedOut);
    assert_eq!(ended(&app).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_accounts_are_signed_out_at_once() {
    let app = TestApp::start().await;
    app.one_more("carol").await;
    let client = app.client().create().await;
    for (n, way) in ["/logout", "/account", "/choose-account"].into_iter().enumerate() {
        let mut browser = browser_of(&app, &["alice", "bob", "carol"]).await;
        let (before, thief) = (ended(&app).await, browser.clone());
        let shows = match way {
            "/logout" => {
                let page = browser.open(way).await;
                browser.press(&page, "logout-all", &[]).await.shows()
            }
            "/account" => {
                let page = browser.open(way).await;
                browser.press(&page, "sign-out-all", &[]).await.shows()
            }
            _ => {
                let page = browser.open(&client.request().with("prompt", "select_account").url()).await;
                let login = browser.press(&page, "account-sign-out-all", &[]).await;
                assert_eq!(login.shows(), Shows::Login, "the request still waits");
                let consent = browser.sign_in(&login, "alice").await;
                browser.press(&consent, "consent-allow", &[]).await.code();
                browser = thief.clone();
                Shows::SignedOut
            }
        };
        assert_eq!((shows, ended(&app).await - before), (Shows::SignedOut, 3), "{n}");
        for mut browser in [browser, thief] {
            assert_eq!(silently(&client, &mut browser, &[]).await, "login_required", "{way}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_signs_out_the_account_that_its_id_token_names_and_nobody_else() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let mut browser = browser_of(&app, &["alice"]).await;
    let alices = tokens(&client, &mut browser).await.id_token;
    add(&app, &mut browser, "bob").await;
    let bobs = tokens(&client, &mut browser).await.id_token;

    let page = browser.open(&logout(&[("id_token_hint", &alices), ("post_logout_redirect_uri", AFTER)])).await;
    assert_eq!(page.target(), AFTER, "without a question, although bob is current");
    assert_eq!(silently(&client, &mut browser, &[]).await, "bob");
    assert_eq!(silently(&client, &mut browser, &[("id_token_hint", &alices)]).await, "login_required");
    assert_eq!(ended(&app).await, 1);
    // It names nobody who is here any more: the person is asked.
    let page = browser.open(&logout(&[("id_token_hint", &alices)])).await;
    assert_eq!(page.shows(), Shows::LogoutQuestion);
    assert_eq!(browser.press(&page, "logout-stay", &[]).await.shows(), Shows::StillSignedIn);
    assert_eq!(browser.open(&logout(&[("id_token_hint", &bobs)])).await.shows(), Shows::SignedOut);
    assert_eq!(silently(&client, &mut browser, &[]).await, "login_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_id_token_an_application_has_the_person_say_whom_to_sign_out() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let mut browser = browser_of(&app, &["alice", "bob"]).await;
    let pairs = [("client_id", &*client.id), ("post_logout_redirect_uri", AFTER), ("state", "s")];
    let page = browser.open(&logout(&pairs)).await;
    assert!(
        page.answer.text().contains("Sign out Alice Liddell") && page.answer.text().contains("Sign out Bob Builder")
    );
    assert_eq!(browser.press(&page, "logout-2", &[]).await.target(), format!("{AFTER}?state=s"));
    assert_eq!(silently(&client, &mut browser, &[]).await, "bob");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sixth_account_signs_out_the_one_that_was_not_used_for_the_longest_time() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let names = ["alice", "bob", "carol", "dave", "erin"];
    for name in ["carol", "dave", "erin", "frank"] {
        app.one_more(name).await;
    }
    let mut browser = browser_of(&app, &names).await;
    assert_eq!(browser.open("/account").await.answer.text().matches("name=\"account\"").count(), 4);
    // alice signed in first, but bob is the one who was not current for longest.
    let page = browser.open("/account").await;
    browser.press(&page, "switch-to-4", &[]).await;
    assert_eq!(silently(&client, &mut browser, &[]).await, "alice");
    assert_eq!(ended(&app).await, 0);
    let page = add(&app, &mut browser, "frank").await;
    let text = page.answer.text();
    assert_eq!(text.matches("name=\"account\"").count(), 4);
    assert!(text.contains("Switch to Alice") && !text.contains("Switch to Bob"), "{text}");
    assert_eq!(ended(&app).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_ended_elsewhere_is_not_offered_and_signs_in_again_by_name() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let mut browser = browser_of(&app, &["alice", "bob"]).await;
    let stale = browser.open("/account").await;
    let choice = browser.open(&client.request().with("prompt", "select_account").url()).await;
    let mut phone = browser_of(&app, &["alice"]).await;
    let page = phone.open("/account/sessions").await;
    phone.press(&page, "sign-out-everywhere", &[]).await;

    let page = browser.open("/account").await;
    assert!(!page.answer.text().contains("switch-to-1"), "alice is not signed in here any more");
    for (page, button) in [(&stale, "switch-to-1"), (&choice, "account-2")] {
        let login = browser.press(page, button, &[]).await;
        assert_eq!(login.shows(), Shows::Login, "{button}");
        let username = login.form("login-submit").inputs.into_iter().find(|(name, _)| name == "username");
        assert_eq!(username.unwrap().1, "alice", "{button}");
        assert_eq!(silently(&client, &mut browser, &[]).await, "bob", "{button}: nothing has changed yet");
    }
    let login = browser.press(&choice, "account-2", &[]).await;
    assert_eq!(who(&client, &browser.sign_in(&login, "alice").await).await, "alice");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_the_place_of_whoever_was_current_without_being_asked() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let mut browser = browser_of(&app, &["alice", "bob"]).await;
    app.disable_user("bob").await;
    assert_eq!(silently(&client, &mut browser, &[]).await, "account_selection_required");
    assert_eq!(silently(&client, &mut browser, &[("login_hint", "alice")]).await, "alice");
    let page = browser.open("/account").await;
    assert_eq!(page.shows(), Shows::ChooseAccount);
    assert!(!page.answer.text().contains("Bob Builder"));
    assert_page("choose-account-of-ours", &page);
    let page = browser.press(&page, "account-continue", &[]).await;
    assert_eq!((page.shows(), &*page.url), (Shows::Account, "/account"));
    assert_eq!(silently(&client, &mut browser, &[]).await, "alice");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_out_everywhere_or_deletes_the_account_leaves_the_others_signed_in() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let mut browser = browser_of(&app, &["alice", "bob"]).await;
    let page = browser.open("/account/sessions").await;
    let page = browser.press(&page, "sign-out-everywhere", &[]).await;
    assert_eq!((page.shows(), page.answer.text().contains("Alice Liddell")), (Shows::Account, true));
    assert_eq!(silently(&client, &mut browser, &[]).await, "alice");
    add(&app, &mut browser, "bob").await;
    let page = browser.open("/account/password").await;
    let typed = [("current_password", crate::harness::PASSWORD), ("password", "tangerine orbit lantern")];
    let page = browser.press(&page, "password-submit", &typed).await;
    assert!(page.answer.text().contains("Your password was changed"), "{}", page.answer.text());
    assert!(page.answer.text().contains("Switch to Alice Liddell"), "alice is signed in beside the new session");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_account_for_a_browser_is_as_it_was() {
    let app = TestApp::configured().toml("[login]\naccounts_per_browser = 1").start().await;
    let client = own_app(&app).await;
    let mut browser = app.browser();
    let page = add(&app, &mut browser, "alice").await;
    assert!(!page.answer.text().contains("switch-account") && !page.answer.text().contains("add-account"));
    let page = browser.open(&client.request().with("login_hint", "bob").url()).await;
    assert_eq!(who(&client, &page).await, "alice", "a hint does not stop anybody");
    add(&app, &mut browser, "bob").await;
    assert_eq!(ended(&app).await, 1);
    let question = browser.open("/logout").await;
    assert!(!question.answer.text().contains("logout-all"));
    assert_eq!(browser.press(&question, "logout-confirm", &[]).await.shows(), Shows::SignedOut);

    // What a larger number left behind is not used any more.
    let app = TestApp::start().await;
    let mut browser = browser_of(&app, &["alice", "bob"]).await;
    let one = app.another_with_toml("[login]\naccounts_per_browser = 1").await;
    browser.now_talks_to(&one);
    let page = browser.open("/logout").await;
    assert!(!page.answer.text().contains("Alice"), "{}", page.answer.text());
}
