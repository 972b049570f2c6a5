//! Each page, each parameter, each way of getting it wrong: what must happen is said for each, and nothing is lost.

use crate::harness::{Browser, PASSWORD, Page, Shows, TestApp, seconds};
use crate::oauth::bad_input::each_spoiled;

/// No longer one reaches the router.
const LONGEST_LINK: usize = 65_000;

/// What a spoiled request must lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leads {
    /// A page that says that this cannot be answered.
    ErrorPage,
    /// Back to the client, with this error.
    Client(&'static str),
    /// To the page itself, as if the parameter had been sound or not been there.
    SamePage,
    /// To the page itself, which says that the name or the password is wrong: it was looked at, once.
    WrongPassword,
    /// To the page itself, made anew, because its token is not that of this browser: nothing was looked at.
    FreshPage,
}
use Leads::{Client, ErrorPage, FreshPage, SamePage, WrongPassword};

/// Whatever cannot be decoded, and what is larger than any request may be, is refused before anything is understood.
fn is_unreadable(how: &str) -> bool {
    let undecodable = ["invalid UTF-8", "overlong UTF-8", "a surrogate", "a NUL"];
    let broken = ["a lone percent", "half an escape", "a bad escape", "huge"];
    undecodable.contains(&how) || broken.contains(&how)
}

fn is_absent(how: &str) -> bool {
    ["missing", "empty", "without a value"].contains(&how)
}

fn is_repeated(how: &str) -> bool {
    how.starts_with("repeated")
}

/// RFC 6749 §4.1.2.1: a page for whatever concerns client and redirect URI, all else is told to the client.
fn authorize(name: &str, how: &str) -> Leads {
    if is_unreadable(how) || ["client_id", "redirect_uri"].contains(&name) {
        return ErrorPage;
    }
    if is_repeated(how) {
        return Client("invalid_request");
    }
    match name {
        "response_type" if !is_absent(how) => Client("unsupported_response_type"),
        "scope" => Client("invalid_scope"),
        "response_type" | "code_challenge" | "code_challenge_method" => Client("invalid_request"),
        // Without them there is nothing to check; whatever they hold is the client's own, if it is text and not too long.
        "state" | "nonce" if ["large", "control characters"].contains(&how) => Client("invalid_request"),
        "state" | "nonce" | "login_hint" => SamePage,
        _ if is_absent(how) => SamePage,
        "prompt" | "max_age" | "response_mode" => Client("invalid_request"),
        // An object whose members nobody knows asks for nothing.
        "claims" if how == "of another type" => SamePage,
        "claims" => Client("invalid_request"),
        other => panic!("what must happen to {other}?"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn authorize_answers_each_spoiled_parameter_as_it_must() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let request = client.request().with("prompt", "login").with("max_age", "60").with("claims", "{}");
    let form = request.with("response_mode", "query").with("login_hint", "alice").form();
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut wrong = Vec::new();
    for (name, how, query) in each_spoiled(&form) {
        let mut browser = app.browser();
        let mut pages = vec![browser.post_text("/authorize", &query).await];
        if query.len() < LONGEST_LINK {
            pages.push(browser.open(&format!("/authorize?{query}")).await);
        }
        let must = authorize(name, how);
        for page in pages {
            let led = match page.shows() {
                Shows::Error => {
                    page.is_error_page(400);
                    "a page".to_owned()
                }
                Shows::Client => page.response()["error"].clone(),
                Shows::Login => "login".to_owned(),
                other => format!("{other:?}"),
            };
            let expected = match must {
                ErrorPage => "a page",
                Client(error) => error,
                _ => "login",
            };
            if led != expected {
                wrong.push(format!("{name} {how}: {expected}, but {led}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    client.sign_in("alice").await;
}

/// The form of a page.
fn form_of(path: &str, name: &str, how: &str) -> Leads {
    if is_unreadable(how) || is_repeated(how) || name == "flow" {
        return ErrorPage;
    }
    match name {
        // The other pages need not say why they are shown again: nothing that was typed is lost.
        "csrf" if path == "/login" => FreshPage,
        "username" | "password" => WrongPassword,
        // The button of an answer: whoever says nothing that we know says nothing.
        _ => SamePage,
    }
}

/// Sends every spoiled form of a page, and looks at what each leads to.
async fn spoil(app: &TestApp, browser: &mut Browser, path: &str, form: &[(String, String)], shows: Shows) {
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut wrong = Vec::new();
    for (name, how, text) in each_spoiled(&form) {
        // Without its button the sign-in form still means what its only purpose is.
        if path == "/login" && name == "action" && !is_unreadable(how) && !is_repeated(how) {
            continue;
        }
        let before = app.app.passwords.computed();
        let page = browser.post_text(path, &text).await;
        let computed = app.app.passwords.computed() - before;
        assert!(!page.answer.header("x-request-id").is_empty());
        let led = led(&page, shows, computed);
        let must = form_of(path, name, how);
        if led != Some(must) {
            wrong.push(format!("{path} {name} {how}: {must:?}, but {led:?} {} {}", page.answer.status, page.url));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn led(page: &Page, shows: Shows, computed: u64) -> Option<Leads> {
    let text = page.answer.text();
    match page.shows() {
        Shows::Error if page.answer.status == 400 && computed == 0 => Some(ErrorPage),
        shown if shown != shows || page.answer.status != 200 => None,
        Shows::Login if text.contains("The username or password is not right.") && computed == 1 => Some(WrongPassword),
        _ if computed > 0 => None,
        _ if page.url.contains("stale=1") => Some(FreshPage),
        _ => Some(SamePage),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_forms_answer_each_spoiled_field_as_they_must_and_lose_nothing() {
    let app = TestApp::configured().toml("[login]\naccount_attempts = 100\n").start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let login = browser.open(&client.request().url()).await;
    let form = login.form("login-submit").submit("login-submit", &[("username", "alice"), ("password", PASSWORD)]);
    spoil(&app, &mut browser, "/login", &form, Shows::Login).await;
    let consent = browser.sign_in(&browser.clone().reload(&login).await, "alice").await;
    assert_eq!(consent.shows(), Shows::Consent);
    let form = consent.form("consent-allow").submit("consent-allow", &[]);
    spoil(&app, &mut browser, "/consent", &form, Shows::Consent).await;
    let consent = browser.reload(&consent).await;
    client.redeem(&browser.press(&consent, "consent-allow", &[]).await.code()).await.ok();

    app.advance(seconds(1));
    let choose = browser.open(&client.request().with("prompt", "select_account").url()).await;
    let form = choose.form("account-continue").submit("account-continue", &[]);
    spoil(&app, &mut browser, "/choose-account", &form, Shows::ChooseAccount).await;
    let page = browser.press(&choose, "account-continue", &[]).await;
    client.redeem(&page.code()).await.ok();

    let logout = browser.open("/logout").await;
    let form = logout.form("logout-confirm").submit("logout-confirm", &[]);
    let csrf: Vec<_> = form.iter().filter(|(name, _)| name == "csrf").cloned().collect();
    spoil(&app, &mut browser, "/logout/confirm", &csrf, Shows::LogoutQuestion).await;
    assert_eq!(browser.press(&logout, "logout-confirm", &[]).await.shows(), Shows::SignedOut);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_of_pages_with_spoiled_parameters_get_a_page() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let login = browser.open(&client.request().url()).await;
    let flow = login.hidden("login-submit", "flow");
    for path in ["/login", "/consent", "/choose-account"] {
        for (_, how, query) in each_spoiled(&[("flow", &flow)]) {
            if query.len() < LONGEST_LINK {
                browser.open(&format!("{path}?{query}")).await.is_error_page(400);
                assert!(!how.is_empty());
            }
        }
    }
    for (_, how, query) in each_spoiled(&[("id_token_hint", "x")]) {
        if query.len() < LONGEST_LINK {
            let page = app.browser().open(&format!("/logout?{query}")).await;
            let refused = is_unreadable(how) || is_repeated(how);
            // Nobody is signed in: there is nothing to ask, whatever the hint says.
            assert_eq!(page.shows(), if refused { Shows::Error } else { Shows::SignedOut }, "{how}");
        }
    }
    assert_eq!(browser.sign_in(&login, "alice").await.shows(), Shows::Consent);
}
