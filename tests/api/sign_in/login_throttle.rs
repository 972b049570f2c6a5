//! Guessing gets slower and ends; the owner gets in.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::Request;
use futures_util::future::join_all;
use latchkey::foundation::SecretString;
use latchkey::services::account::set_password;
use latchkey::services::operation::prune;
use latchkey::services::sign_in::login_throttle::unlock;
use latchkey::storage::sign_in::login_throttle::surplus;

use crate::harness::{Browser, Client, PASSWORD, Page, TestApp, body, encode, operator, seconds};

const WRONG: &str = "not-the-password";
/// Six failures delay nothing, the tenth is the last.
const STRICT: &str = "[login]\naccount_attempts = 2\nconsecutive_failures = 10\n";
const DEVICE: &str = "__Host-latchkey-device";

async fn app_with(toml: &str) -> (TestApp, Client) {
    let app = TestApp::configured().toml(toml).start().await;
    let client = app.client().first_party().create().await;
    (app, client)
}

fn place(number: u16) -> IpAddr {
    IpAddr::from([198, 18, (number % 256) as u8, 1])
}

/// The answer to a password from a browser without any cookie.
async fn guess(app: &TestApp, client: &Client, address: IpAddr, name: &str, password: &str) -> Page {
    let mut browser = app.browser();
    browser.address = address;
    let page = browser.open(&client.request().url()).await;
    browser.try_password(&page, name, password).await
}

/// Fails until the account is slowed down, and then each time as soon as it may, from ever other places.
async fn guess_on(app: &TestApp, client: &Client, name: &str, failures: u16) -> Vec<u64> {
    let (mut waits, mut counted) = (Vec::new(), 0);
    for number in 0.. {
        if counted == failures {
            break;
        }
        let page = guess(app, client, place(number), name, WRONG).await;
        match page.answer.status.as_u16() {
            200 => counted += 1,
            429 => {
                let wait = page.answer.header("retry-after").parse().expect("seconds");
                waits.push(wait);
                app.advance(seconds(wait));
            }
            other => panic!("{other}"),
        }
    }
    waits
}

/// A browser in which somebody has signed in, and signed out again.
async fn used_browser(app: &TestApp, client: &Client, name: &str) -> Browser {
    let mut browser = app.browser();
    let id_token = client.sign_in_with(&mut browser, name, client.request()).await.id_token;
    browser.open(&format!("/logout?id_token_hint={id_token}")).await;
    browser.cookies.retain(|name, _| name == DEVICE);
    assert_eq!(browser.cookies.len(), 1, "signing out leaves it");
    browser
}

async fn sign_in(browser: &mut Browser, client: &Client, name: &str) -> Page {
    let page = browser.open(&client.request().with("prompt", "login").url()).await;
    browser.try_password(&page, name, PASSWORD).await
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_in_a_row_slow_down_everybody_and_end_at_the_limit() {
    let (app, client) = app_with(STRICT).await;
    assert_eq!(guess_on(&app, &client, "alice", 10).await, [30, 60, 120, 240], "five are free, then each wait doubles");
    for password in [WRONG, PASSWORD] {
        let page = guess(&app, &client, place(900), "alice", password).await;
        assert_eq!(page.answer.status, 429);
        assert_eq!(page.answer.header("retry-after"), "3600");
        assert!(page.answer.text().contains("a browser that you have used here before"), "{}", page.answer.text());
    }
    app.advance(Duration::from_secs(10 * 365 * 86_400));
    let another = app.another().await;
    prune::all(&another.app, &operator()).await.unwrap();
    assert_eq!(guess(&another, &client, place(901), "alice", PASSWORD).await.answer.status, 429, "it is not forgotten");
    guess(&another, &client, place(901), "bob", PASSWORD).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_nobody_has_is_slowed_down_alike() {
    let (app, client) = app_with(STRICT).await;
    let alice = guess_on(&app, &client, "alice", 10).await;
    for name in ["nobody", "nobody@example.com", "no such \u{202e} name"] {
        assert_eq!(guess_on(&app, &client, name, 10).await, alice, "{name}");
    }
    let stopped = |page: Page| (page.answer.status, page.answer.header("retry-after").to_owned());
    let known = stopped(guess(&app, &client, place(900), "alice", WRONG).await);
    assert_eq!(stopped(guess(&app, &client, place(900), "nobody", WRONG).await), known);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_names_of_one_account_share_its_budget_and_show_it_by_that() {
    let (app, client) = app_with(STRICT).await;
    let spellings = ("jos\u{e9}@b\u{fc}cher.example", "jos\u{e9}@xn--bcher-kva.example", 429);
    for (name, other, then) in [("alice", "alice@example.com", 429), ("nobody", "nobody@example.com", 200), spellings] {
        for _ in 0..2 {
            assert_eq!(guess(&app, &client, place(1), name, WRONG).await.answer.status, 200);
        }
        assert_eq!(guess(&app, &client, place(1), name, WRONG).await.answer.status, 429);
        assert_eq!(guess(&app, &client, place(1), other, WRONG).await.answer.status, then, "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_has_signed_in_before_gets_in_whatever_others_do() {
    let (app, client) = app_with(STRICT).await;
    let mut owner = used_browser(&app, &client, "alice").await;
    let mut bobs = used_browser(&app, &client, "bob").await;
    guess_on(&app, &client, "alice", 10).await;
    // Whoever is behind the owner's own address as well.
    for _ in 0..3 {
        guess(&app, &client, owner.address, "alice", WRONG).await;
    }
    assert_eq!(sign_in(&mut bobs, &client, "alice").await.answer.status, 429, "a browser of somebody else");
    sign_in(&mut owner, &client, "alice").await.code();
    guess(&app, &client, place(901), "alice", PASSWORD).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_cookie_has_one_budget_and_uses_up_nobody_elses() {
    let (app, client) = app_with(STRICT).await;
    let mut owner = used_browser(&app, &client, "alice").await;
    let mut thief = owner.clone();
    // Another browser of the owner's, and the same one after a later sign-in: each has a cookie of its own.
    let mut second = used_browser(&app, &client, "alice").await;
    sign_in(&mut owner, &client, "alice").await.code();
    assert_ne!(owner.cookies[DEVICE], thief.cookies[DEVICE]);

    let page = thief.open(&client.request().url()).await;
    let mut waits = Vec::new();
    for number in 0..14 {
        thief.address = place(number);
        let answer = thief.try_password(&page, "alice", WRONG).await.answer;
        if answer.status == 429 {
            waits.push(answer.header("retry-after").to_owned());
            app.advance(seconds(waits.last().unwrap().parse().unwrap()));
        }
    }
    assert_eq!(waits, ["30", "60", "120", "240", "480", "960"], "two are free, wherever they come from");
    sign_in(&mut owner, &client, "alice").await.code();
    sign_in(&mut second, &client, "alice").await.code();
    guess(&app, &client, place(901), "alice", PASSWORD).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_lasts_and_no_script_reads_it() {
    let (app, client) = app_with("").await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    assert!(!browser.cookies.contains_key(DEVICE), "nobody has signed in");
    let form = page.form("login-submit").submit("login-submit", &[("username", "alice"), ("password", WRONG)]);
    let answer = browser.exchange(body(Request::post("/login"), encode(&form))).await;
    assert!(!format!("{:?}", answer.headers).contains(DEVICE), "nor now");
    let form = page.form("login-submit").submit("login-submit", &[("username", "alice"), ("password", PASSWORD)]);
    let answer = browser.exchange(body(Request::post("/login"), encode(&form))).await;
    let cookies = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap().to_owned());
    let device = cookies.into_iter().find(|cookie| cookie.starts_with(DEVICE)).expect("the cookie");
    for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=34560000"] {
        assert!(device.split("; ").any(|part| part == attribute), "{device}");
    }
    assert!(!device.contains("Domain") && !device.contains(&app.user("alice").await.id.to_string()), "{device}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_of_many_networks_has_no_more_budgets_than_fit_a_company() {
    let (app, client) = app_with("").await;
    let before = app.app.passwords.computed();
    for network in 0..64_u16 {
        // Half of them in one /60 after another, half in other /56 of the same /48.
        let address = format!("2001:db8:7:{:x}::1", if network % 2 == 0 { network } else { network << 8 });
        for _ in 0..3 {
            guess(&app, &client, address.parse().unwrap(), "alice", WRONG).await;
        }
    }
    assert_eq!(app.app.passwords.computed() - before, 40, "four times what one place has");
    guess(&app, &client, place(1), "alice", PASSWORD).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_lets_everybody_try_again() {
    let (app, client) = app_with(STRICT).await;
    guess_on(&app, &client, "alice", 10).await;
    let alice = app.user("alice").await.id;
    assert!(app.app.store.transaction("test", async |tx| unlock(tx, alice).await).await.unwrap());
    guess(&app, &client, place(901), "alice", PASSWORD).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_and_a_browser_that_goes_away_are_no_wrong_passwords() {
    let (app, client) = app_with("[login]\naccount_attempts = 1\n").await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    // Every core is busy: whoever comes now waits for a turn.
    let cores = latchkey::app::cores();
    let busy = join_all((0..cores).map(|_| app.app.passwords.turn())).await;
    let is_counted = async || app.app.store.read("test", async |conn| surplus(conn, 0).await).await.unwrap().is_some();
    let waiting = tokio::spawn({
        let (mut browser, page) = (browser.clone(), page.clone());
        async move { browser.try_password(&page, "nobody", WRONG).await }
    });
    while !is_counted().await {
        tokio::task::yield_now().await;
    }
    waiting.abort();
    while is_counted().await {
        tokio::task::yield_now().await;
    }
    // The queue fills up.
    let mut queue: Vec<_> = std::iter::repeat_with(|| Box::pin(app.app.passwords.turn())).take(100 * cores).collect();
    for turn in &mut queue {
        assert!(futures_util::poll!(turn).is_pending() || app.app.passwords.has_room().is_err());
    }
    for _ in 0..3 {
        let answer = browser
            .post(
                "/login",
                &page.form("login-submit").submit("login-submit", &[("username", "nobody"), ("password", WRONG)]),
            )
            .await;
        assert_eq!(answer.answer.status, 503);
        assert!(!is_counted().await);
    }
    drop((busy, queue));
    for status in [200, 429] {
        assert_eq!(browser.try_password(&page, "nobody", WRONG).await.answer.status, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_while_the_clock_was_ahead_holds_up_nobody_after_its_correction() {
    let (app, client) = app_with(STRICT).await;
    let now = app.clock.now();
    app.clock.set(now.after(Duration::from_secs(10 * 365 * 86_400)));
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    for status in [200, 200, 429] {
        assert_eq!(browser.try_password(&page, "alice", WRONG).await.answer.status, status);
    }
    guess_on(&app, &client, "alice", 6).await;
    app.clock.set(now);
    // A browser of now: what the other's cookie leads to is ten years ahead.
    guess(&app, &client, browser.address, "alice", PASSWORD).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_nobody_has_are_forgotten_after_three_months() {
    let (app, client) = app_with("").await;
    guess(&app, &client, place(1), "nobody", WRONG).await;
    let kept = async || {
        prune::all(&app.app, &operator()).await.unwrap();
        app.app.store.read("test", async |conn| surplus(conn, 0).await).await.unwrap().is_some()
    };
    app.advance(seconds(90 * 86_400 - 1));
    assert!(kept().await);
    app.advance(seconds(1));
    assert!(!kept().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_knew_the_old_password_is_a_stranger_after_it_was_changed() {
    let (app, client) = app_with(STRICT).await;
    // As many browsers as they liked, each with a budget of its own.
    let mut thief = used_browser(&app, &client, "alice").await;
    let alice = app.user("alice").await;
    set_password(&app.app, &operator(), &alice, SecretString::new("another-long-password".into())).await.unwrap();
    guess_on(&app, &client, "alice", 10).await;
    let page = thief.open(&client.request().url()).await;
    assert_eq!(thief.try_password(&page, "alice", WRONG).await.answer.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_cookies_of_one_account_are_one_budget() {
    let (app, client) = app_with(STRICT).await;
    let mut browsers = Vec::new();
    for number in 0..10 {
        let mut browser = app.browser();
        browser.address = place(number);
        let page = browser.open(&client.request().url()).await;
        browser.sign_in(&page, "alice").await.code();
        browsers.push(browser);
    }
    let mut looked_at = 0;
    for browser in &mut browsers {
        for _ in 0..2 {
            let page = browser.open(&client.request().with("prompt", "login").url()).await;
            let answer = browser.try_password(&page, "alice", WRONG).await;
            looked_at += usize::from(answer.answer.status == 200);
        }
    }
    // Ten for all browsers that know the account, and what delays nothing for all others.
    assert_eq!(looked_at, 16, "twenty would be two for each cookie");
}
