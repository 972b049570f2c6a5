//! How often an application changes its registration, and when it may not.

use axum::http::StatusCode;
use futures_util::future::join_all;
use latchkey::domain::access::actor::Actor;
use latchkey::domain::oauth::client::changes::Changes;
use latchkey::domain::operation::audit_event::Action;
use latchkey::services::oauth::client;
use latchkey::services::operation::events::{self, Filter};
use serde_json::{Value, json};

use crate::harness::{REDIRECT, Registered, TestApp, operator, seconds};

async fn registered(app: &TestApp) -> Registered {
    let document = json!({"client_name": "App 0", "redirect_uris": [REDIRECT]});
    app.registered(&app.register(None, &document).await)
}

fn named(own: &Registered, number: usize) -> Value {
    json!({"client_id": own.id(), "client_name": format!("App {number}"), "redirect_uris": [REDIRECT]})
}

async fn recorded(app: &TestApp, action: Action) -> usize {
    events::flush(&app.app, &Actor::system("test")).await.unwrap();
    events::seal(&app.app).await.unwrap();
    let filter = Filter { action: Some(action), ..Filter::default() };
    events::after(&app.app, 0, usize::MAX, &filter).await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_changes_its_registration_sixty_times_an_hour_and_each_is_an_event() {
    let app = TestApp::registering().await;
    let own = registered(&app).await;
    for number in 1..=60 {
        own.replace(&named(&own, number)).await.success();
    }
    let braked = own.replace(&named(&own, 61)).await;
    braked.refused_with(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable");
    assert_eq!(braked.header("retry-after"), "3600");
    assert_eq!(own.read().await.success()["client_name"], "App 60");
    own.replace(&named(&own, 60)).await.success();
    assert_eq!(recorded(&app, Action::ClientUpdated).await, 60);
    app.advance(seconds(3600));
    own.replace(&named(&own, 61)).await.success();
    assert_eq!(own.delete().await.status, StatusCode::NO_CONTENT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_with_many_applications_changes_them_three_hundred_times_an_hour() {
    let app = TestApp::registering().await;
    let all = join_all((0..5).map(|_| {
        let app = app.clone();
        tokio::spawn(async move {
            let own = registered(&app).await;
            for number in 1..=60 {
                own.replace(&named(&own, number)).await.success();
            }
        })
    }));
    assert!(all.await.into_iter().all(|done| done.is_ok()));
    let one_more = registered(&app).await;
    let braked = one_more.replace(&named(&one_more, 1)).await;
    braked.refused_with(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable");
}

#[tokio::test]
async fn a_change_that_changes_nothing_leaves_neither_row_nor_event_however_often_it_is_sent() {
    let app = TestApp::registering().await;
    let own = registered(&app).await;
    let before = client::show(&app.app, &own.client().client_id()).await.unwrap().updated_at;
    app.advance(seconds(10));
    for _ in 0..70 {
        let told = own.replace(&own.told).await.success();
        assert_eq!(told["client_name"], "App 0");
        assert_eq!(told.get("client_secret"), None);
    }
    assert_eq!(client::show(&app.app, &own.client().client_id()).await.unwrap().updated_at, before);
    assert_eq!(recorded(&app, Action::ClientUpdated).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_overtaken_again_and_again_may_try_again_and_is_not_told_that_the_metadata_is_wrong() {
    let app = TestApp::registering().await;
    let own = registered(&app).await;
    let answers = join_all((1..=20).map(|number| {
        let (own, document) = (Registered { app: app.clone(), told: own.told.clone() }, named(&own, number));
        tokio::spawn(async move { own.replace(&document).await })
    }));
    let mut done = 0;
    for answer in answers.await {
        let answer = answer.unwrap();
        match answer.status {
            StatusCode::OK => done += 1,
            _ => answer.unavailable(),
        }
    }
    assert!(done > 0);
    assert_eq!(recorded(&app, Action::ClientUpdated).await, done);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_deletions_at_once_one_is_done_and_recorded() {
    let app = TestApp::registering().await;
    let own = registered(&app).await;
    let answers = join_all((0..20).map(|_| {
        let own = Registered { app: app.clone(), told: own.told.clone() };
        tokio::spawn(async move { own.delete().await.status })
    }));
    let answers: Vec<_> = answers.await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|status| **status == StatusCode::NO_CONTENT).count(), 1);
    assert!(answers.iter().all(|status| [StatusCode::NO_CONTENT, StatusCode::UNAUTHORIZED].contains(status)));
    assert_eq!(recorded(&app, Action::ClientDeleted).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sends_the_codes_of_an_application_that_the_operator_made_first_party_elsewhere() {
    let app = TestApp::registering().await;
    let own = registered(&app).await;
    let id = own.client().client_id();
    let first_party = async |first_party: bool| {
        let changes = Changes { first_party: Some(first_party), ..Changes::default() };
        client::update(&app.app, &operator(), &id, changes).await.unwrap();
    };
    first_party(true).await;
    let mut thief = named(&own, 1);
    thief["redirect_uris"] = json!(["https://thief.example/cb"]);
    for refused in [own.replace(&thief).await, own.replace(&own.told).await, own.delete().await] {
        refused.refused_with(StatusCode::FORBIDDEN, "access_denied");
    }
    assert_eq!(own.read().await.success()["redirect_uris"], json!([REDIRECT]));
    own.client().sign_in_for("alice", "openid").await;

    first_party(false).await;
    own.replace(&thief).await.success();
    assert_eq!(own.delete().await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn what_the_operator_granted_it_sends_back_and_keeps() {
    let app = TestApp::configured()
        .toml("[registration]\ndynamic = \"open\"\n[scopes]\nextra = [\"orders:read\", \"orders:write\"]\n")
        .start()
        .await;
    let own = registered(&app).await;
    let scope = Some("openid orders:read".parse().unwrap());
    let changes = Changes { scope, ..Changes::default() };
    client::update(&app.app, &operator(), &own.client().client_id(), changes).await.unwrap();
    let mut told = own.read().await.success();
    told["client_name"] = json!("App 1");
    let told = own.replace(&told).await.success();
    assert_eq!((told["scope"].as_str(), told["client_name"].as_str()), (Some("openid orders:read"), Some("App 1")));

    let mut more = told.clone();
    more["scope"] = json!("openid orders:read orders:write");
    own.replace(&more).await.refused("invalid_client_metadata");
    let mut less = told;
    less["scope"] = json!("openid");
    own.replace(&less).await.success();
    less["scope"] = json!("openid orders:read");
    own.replace(&less).await.refused("invalid_client_metadata");
}
