//! How recent a sign-in at a provider is, and what that is good for.

use serde_json::{Value, json};

use super::{asked, choose, knowing, through, through_from};
use crate::harness::upstream::Upstream;
use crate::harness::{Browser, PASSWORD, Page, Shows, TestApp, jwt, seconds};

/// Says so many seconds after now that somebody signed in; `None`: nothing.
fn dates(app: &TestApp, upstream: &Upstream, email: impl Into<Value>, after: Option<i64>) {
    let at = after.map_or(Value::Null, |after| json!(app.app.clock.now().as_secs() + after));
    upstream.does(|it| it.claims = vec![("email", email.into()), ("auth_time", at)]);
}

/// Alice, signed in through the provider eleven minutes ago; and the login page that stands before what she wants.
async fn alice_wants_another_password(app: &TestApp, upstream: &Upstream, after: Option<i64>) -> (Browser, Page) {
    let mut browser = app.browser();
    dates(app, upstream, "alice@example.com", after);
    assert_eq!(through(app, upstream, &mut browser).await.shows(), Shows::Account);
    app.advance(seconds(660));
    let page = browser.open("/account/password").await;
    assert_eq!(page.shows(), Shows::Login);
    (browser, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_proof_is_a_sign_in_that_the_provider_has_dated() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let (mut browser, page) = alice_wants_another_password(&app, &upstream, Some(0)).await;
    let away = choose(&mut browser, &page).await;
    assert_eq!(asked(&away, "prompt").as_deref(), Some("login"));
    assert_eq!(asked(&away, "max_age").as_deref(), Some("0"));
    dates(&app, &upstream, "alice@example.com", Some(0));
    let page = browser.open(&upstream.signs_in(&app, &away)).await;
    assert_eq!(page.shows(), Shows::Account, "{}", page.answer.text());
    assert!(page.answer.text().contains("current-password"), "the page that she wanted");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sits_before_a_browser_that_was_left_open_takes_the_prompt_away_in_vain() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let (mut browser, page) = alice_wants_another_password(&app, &upstream, Some(0)).await;
    for said in [Some(-61), Some(-660), None] {
        let away = choose(&mut browser, &page).await;
        dates(&app, &upstream, "alice@example.com", said);
        let back = browser.open(&upstream.signs_in(&app, &away)).await;
        assert_eq!(back.shows(), Shows::Login, "{said:?}");
        assert!(back.answer.text().contains("did not say that you have just signed in"), "{}", back.answer.text());
    }
    // Signing out and in again is no way round it.
    for said in [Some(-660), None] {
        let mut other = app.browser();
        dates(&app, &upstream, "alice@example.com", said);
        assert_eq!(through(&app, &upstream, &mut other).await.shows(), Shows::Account);
        let page = other.open("/account/password").await;
        assert_eq!(page.shows(), Shows::Login, "{said:?}");
    }
    // Who knows the password goes on.
    let page = browser.try_password(&page, "alice", PASSWORD).await;
    assert_eq!(page.shows(), Shows::Account, "{}", page.answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_other_way_in_is_taken_at_their_providers_word() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let of_carl = |after| {
        dates(&app, &upstream, "carl@upstream.test", after);
        upstream.does(|it| it.claims.push(("email_verified", json!(false))));
    };
    // No password, no passkey, and no address that is known to be theirs.
    of_carl(None);
    let mut browser = app.browser();
    assert_eq!(through(&app, &upstream, &mut browser).await.shows(), Shows::Account);
    assert_eq!(browser.open("/account/connections").await.shows(), Shows::Account);
    app.advance(seconds(660));
    let page = browser.open("/account/connections").await;
    assert_eq!(page.shows(), Shows::Login);
    // Unless the provider itself says that it was long ago.
    of_carl(Some(-660));
    assert_eq!(through_from(&app, &upstream, &mut browser, &page).await.shows(), Shows::Login);
    of_carl(None);
    assert_eq!(through_from(&app, &upstream, &mut browser, &page).await.shows(), Shows::Account);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_is_told_when_somebody_signed_in_there_and_how_old_that_may_be_goes_with_them() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().with("max_age", "600").url()).await;
    let away = choose(&mut browser, &page).await;
    assert_eq!((asked(&away, "max_age").as_deref(), asked(&away, "prompt")), (Some("600"), None));
    dates(&app, &upstream, "alice@example.com", Some(-601));
    let back = browser.open(&upstream.signs_in(&app, &away)).await;
    assert_eq!(back.shows(), Shows::Login, "{}", back.answer.text());
    dates(&app, &upstream, "alice@example.com", Some(-590));
    let back = through_from(&app, &upstream, &mut browser, &page).await;
    assert_eq!(back.shows(), Shows::Client, "{}", back.answer.text());
    let told = jwt::claims(&client.redeem(&back.code()).await.ok().id_token);
    assert_eq!(told["auth_time"], json!(app.app.clock.now().as_secs() - 590));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_age_that_an_application_wants_later_is_not_one_that_nobody_knows() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    dates(&app, &upstream, "alice@example.com", None);
    assert_eq!(through(&app, &upstream, &mut browser).await.shows(), Shows::Account);
    assert_eq!(browser.open(&client.request().url()).await.shows(), Shows::Client);
    let page = browser.open(&client.request().with("max_age", "600").url()).await;
    assert_eq!(page.shows(), Shows::Login);
    assert_eq!(browser.sign_in(&page, "alice").await.shows(), Shows::Client);
}
