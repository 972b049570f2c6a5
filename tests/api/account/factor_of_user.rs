//! A second factor that an operator demands of one person.

use latchkey::domain::account::error::AccountError;
use latchkey::foundation::Timestamp;
use latchkey::services::ServiceError;
use latchkey::services::account::{self, UserChanges};
use latchkey::services::operation::events::{self, Filter};

use super::signed_in;
use crate::harness::{Shows, TestApp, operator, seconds};

/// From when on alice needs one.
async fn demand(app: &TestApp, from: Option<Timestamp>) -> Result<(), ServiceError> {
    let changes = UserChanges { second_factor_from: Some(from), ..UserChanges::default() };
    let alice = app.user("alice").await;
    Box::pin(account::update(&app.app, &operator(), alice.id, changes)).await.map(drop)
}

/// What somebody is shown after their password, on the way to an application.
async fn after_password(app: &TestApp, name: &str) -> Shows {
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    browser.sign_in(&page, name).await.shows()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_it_is_demanded_of_adds_one_from_that_day_on_and_nobody_else_does() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut open = signed_in(&app, "alice").await;
    demand(&app, Some(app.app.clock.now().after(seconds(60)))).await.unwrap();
    assert_eq!(after_password(&app, "alice").await, Shows::Client, "not yet");
    app.advance(seconds(60));
    assert_eq!(after_password(&app, "alice").await, Shows::AddFactor);
    assert_eq!(after_password(&app, "bob").await, Shows::Client);

    // Neither does the session of before go on without.
    let refused = open.open(&client.request().with("prompt", "none").url()).await;
    refused.client_refused("interaction_required");
    assert_eq!(open.open("/account").await.shows(), Shows::AddFactor);

    demand(&app, None).await.unwrap();
    assert_eq!(after_password(&app, "alice").await, Shows::Client, "no more than of others");
    assert_eq!(open.open("/account").await.shows(), Shows::Account);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_written_down_and_survives_what_its_person_changes() {
    let app = TestApp::start().await;
    let mut browser = signed_in(&app, "alice").await;
    let from = app.app.clock.now().after(seconds(86_400));
    demand(&app, Some(from)).await.unwrap();
    let page = browser.open("/account/profile").await;
    browser.press(&page, "profile-submit", &[("nickname", "Al")]).await;
    assert_eq!(app.user("alice").await.second_factor_from, Some(from));
    events::seal(&app.app).await.unwrap();
    let all = events::after(&app.app, 0, usize::MAX, &Filter::default()).await.unwrap();
    let changed = all.iter().filter(|event| event.action == "user.updated");
    let told = changed.filter(|event| event.changes.to_string().contains("second_factor_from")).count();
    assert_eq!(told, 1, "{all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_none_can_be_added_it_is_demanded_of_nobody() {
    let app = TestApp::start().await;
    demand(&app, Some(app.app.clock.now())).await.unwrap();
    let off = app.another_with_toml("[factors]\nsecond_factor = \"off\"\n").await;
    assert_eq!(after_password(&off, "alice").await, Shows::Client);
    let refused = demand(&off, Some(app.app.clock.now())).await;
    assert!(matches!(refused, Err(ServiceError::Account(AccountError::NoSecondFactors))), "{refused:?}");
    demand(&off, None).await.unwrap();
}
