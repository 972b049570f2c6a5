//! The database does not answer: 503 with Retry-After on what needs it, within five seconds, and nothing is lost.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use tokio_postgres::NoTls;

use crate::harness::proxy::Proxy;
use crate::harness::{Shows, TestApp};

/// Somebody who holds what every write needs, until it is dropped.
enum Blockade {
    Sqlite { _conn: SqliteConnection },
    Postgres { _client: tokio_postgres::Client },
}

async fn blockade(app: &TestApp) -> Blockade {
    match app.database.url.strip_prefix("sqlite:") {
        Some(path) => {
            let mut conn = SqliteConnection::establish(path).expect("the database opens");
            conn.batch_execute("BEGIN EXCLUSIVE").expect("the lock");
            Blockade::Sqlite { _conn: conn }
        }
        None => {
            let (client, connection) = tokio_postgres::connect(&app.database.url, NoTls).await.expect("PostgreSQL");
            tokio::spawn(connection);
            let lock = "BEGIN; LOCK TABLE users, clients, grants, authorization_codes, refresh_tokens, sessions, \
                        browser_sessions, authorization_requests, counters, revoked_tokens, signing_keys \
                        IN ACCESS EXCLUSIVE MODE";
            client.batch_execute(lock).await.expect("the lock");
            Blockade::Postgres { _client: client }
        }
    }
}

async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(5), what).await.expect("an answer within five seconds")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_the_database_says_503_and_the_rest_goes_on() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let mut browser = app.browser();
    let tokens = client.sign_in("alice").await;
    let code = client.code("alice").await;
    let login = browser.open(&client.request().url()).await;

    let blockade = blockade(&app).await;
    let (refresh, redeem, revoke) = tokio::join!(
        in_time(client.refresh(&tokens.refresh_token)),
        in_time(client.redeem(&code)),
        in_time(client.revoke(&tokens.access_token)),
    );
    for answer in [refresh, redeem, revoke] {
        answer.unavailable();
        assert_eq!(answer.json()["error"], "temporarily_unavailable");
    }
    let page = in_time(browser.sign_in(&login, "alice")).await;
    page.answer.unavailable();
    assert_eq!(page.shows(), Shows::Error);
    let begun = in_time(app.browser().open(&client.request().url())).await;
    assert_eq!(begun.shows(), Shows::Login, "a sign-in begins without the database");
    let stored = client.request().with("state", &"s".repeat(2000)).url();
    let begun = in_time(app.browser().open(&stored)).await;
    begun.answer.unavailable();
    assert!(begun.answer.text().contains("id=\"restart\""), "a link to try again");
    for path in ["/jwks", "/.well-known/openid-configuration", "/healthz"] {
        tokio::time::timeout(Duration::from_secs(1), app.get(path)).await.expect("at once").success();
    }
    let machine = app.get("/userinfo").await;
    assert_eq!(machine.status, 401, "no token, no database");
    drop(blockade);

    client.redeem(&code).await.ok();
    client.userinfo(&tokens.access_token).await.success();
    client.refresh(&tokens.refresh_token).await.ok();
    let page = browser.sign_in(&login, "alice").await;
    browser.through(page, "alice").await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_database_is_503_within_five_seconds_however_often_a_request_asks_it() {
    let app = TestApp::start().await;
    if app.database.url.starts_with("sqlite:") {
        return;
    }
    let proxy = Proxy::before(&app.database.url).await;
    let far = app.another_by(&proxy.url).await;
    let client = app.client().confidential().create().await.at(&far);
    let mut browser = far.browser();
    let login = browser.open(&client.request().url()).await;

    // None of the dozen round trips of a sign-in is slow enough for a limit of its own.
    proxy.delay(Duration::from_millis(300));
    let page = in_time(browser.sign_in(&login, "alice")).await;
    page.answer.unavailable();
    assert_eq!(page.shows(), Shows::Error);
    proxy.delay(Duration::ZERO);
    proxy.hang(true);
    in_time(browser.sign_in(&login, "alice")).await.answer.unavailable();
    proxy.hang(false);
    let page = browser.sign_in(&login, "alice").await;
    browser.through(page, "alice").await.code();
}

/// Lets a request go on `polls` times; then whoever sent it is gone. Tells whether it was answered before.
async fn abandoned<T>(request: impl Future<Output = T>, polls: usize) -> bool {
    let mut request = pin!(request);
    let mut left = polls;
    poll_fn(|cx| match left {
        0 => Poll::Ready(false),
        _ => {
            left -= 1;
            request.as_mut().poll(cx).map(|_| true)
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_at_any_step_of_its_request_loses_nothing() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let mut token = client.sign_in("alice").await.refresh_token;
    let mut polls = 0;
    loop {
        let answered = abandoned(client.refresh(&token), polls).await;
        // Whether it was rotated or not: the client asks again.
        token = client.refresh(&token).await.ok().refresh_token;
        if answered {
            break;
        }
        polls += 1;
    }
    assert!(polls > 0, "it was abandoned at least before it began");
    client.refresh(&token).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_asks_again_after_a_lost_commit_loses_nothing() {
    let app = TestApp::start().await;
    if app.database.url.starts_with("sqlite:") {
        return;
    }
    let proxy = Proxy::before(&app.database.url).await;
    let far = app.another_by(&proxy.url).await;
    // Opaque tokens are rows, so that there is a transaction to commit.
    let client = app.client().confidential().opaque().create().await.at(&far);
    let tokens = client.sign_in("alice").await;

    proxy.lose_next_commit();
    let lost = client.refresh(&tokens.refresh_token).await;
    lost.unavailable();
    assert!(lost.text().contains("cannot tell whether this was done"), "{}", lost.text());
    let again = client.refresh(&tokens.refresh_token).await.ok();
    client.refresh(&again.refresh_token).await.ok();

    let code = client.code("alice").await;
    proxy.lose_next_commit();
    client.redeem(&code).await.unavailable();
    let again = client.redeem(&code).await;
    again.refused("invalid_grant");
    assert!(again.text().contains("already used") && !again.text().contains("revoked"), "{}", again.text());
}
