//! A client is registered otherwise than before: what it holds goes on as it was.

use latchkey::domain::oauth::client::ClientId;
use latchkey::domain::oauth::client::changes::Changes;
use latchkey::domain::oauth::client::registration_error::RegistrationError;
use latchkey::domain::oauth::client::sector::SectorRefused;
use latchkey::domain::oauth::client::subject_type::SubjectType;
use latchkey::services::ServiceError;
use latchkey::services::oauth::client::{Registration, register, update};

use super::{client_at, id, sub, told};
use crate::harness::{Client, Receiver, Shows, TestApp, encode, jwt, operator};

async fn change(client: &Client, changes: Changes) {
    update(&client.app.app, &operator(), &client.client_id(), changes).await.unwrap();
}

fn to(subject_type: SubjectType) -> Changes {
    Changes { subject_type: Some(subject_type), ..Changes::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refreshed_id_token_has_the_sub_of_the_first_whatever_its_client_has_become() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let public = client.sign_in("alice").await;
    change(&client, to(SubjectType::Pairwise)).await;
    let here = client.sign_in("alice").await;
    assert!(told(&here.id_token, "sub").starts_with("pairwise-"));
    change(&client, Changes { redirect_uris: Some(vec!["https://moved.test/cb".into()]), ..Changes::default() }).await;
    let moved = Client { redirect_uri: "https://moved.test/cb".into(), ..client.clone() };
    let there = moved.sign_in("alice").await;
    assert_ne!(told(&there.id_token, "sub"), told(&here.id_token, "sub"), "it is in another sector");
    change(&client, to(SubjectType::Public)).await;
    assert_eq!(told(&moved.sign_in("alice").await.id_token, "sub"), id(&app, "alice").await);
    for before in [public, here, there] {
        // OpenID Connect Core §12.2, §5.3.2.
        let again = client.refresh(&before.refresh_token).await.ok();
        for claim in ["sub", "sid"] {
            assert_eq!(told(&again.id_token, claim), told(&before.id_token, claim), "{claim}");
        }
        for token in [&before.access_token, &again.access_token] {
            assert_eq!(client.userinfo(token).await.success()["sub"], *told(&before.id_token, "sub"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_told_of_a_logout_by_every_sub_that_it_has_learnt_in_the_session() {
    let receiver = Receiver::start().await;
    let app = TestApp::configured().toml(&Receiver::toml(&[&receiver])).start().await;
    let uri = receiver.url("/");
    let client = app.client().first_party().with(|m| m.logout.backchannel_logout_uri = Some(uri)).create().await;
    let mut browser = app.browser();
    let request = || client.request().with("scope", "openid");
    let first = client.sign_in_with(&mut browser, "alice", request()).await.id_token;
    change(&client, to(SubjectType::Pairwise)).await;
    let second = client.sign_in_with(&mut browser, "alice", request()).await.id_token;
    let page = browser.open(&format!("/logout?{}", encode(&[("id_token_hint", &first)]))).await;
    assert_eq!(page.shows(), Shows::SignedOut, "it is still a hint for the session");
    app.work().await;
    let mut heard: Vec<_> = receiver.tokens().iter().map(|token| jwt::claims(token)["sub"].clone()).collect();
    heard.sort_by_key(ToString::to_string);
    assert_eq!(heard, [told(&first, "sub"), told(&second, "sub")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_client_is_given_an_id_that_is_somebodys_sub() {
    let app = TestApp::start().await;
    let client = client_at(&app, "https://a.test/cb").await;
    let wanted = Some(ClientId::new(sub(&client, "alice").await));
    let metadata = app.client().create().await;
    let before = latchkey::services::oauth::client::show(&app.app, &metadata.client_id()).await.unwrap();
    let registration = Registration { id: wanted, secret: None, name: "X".into(), metadata: before.metadata };
    let refused = register(&app.app, &operator(), registration).await.err().expect("RFC 9700 section 4.15");
    assert!(matches!(refused, ServiceError::Registration(RegistrationError::Id { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_acts_on_accounts_is_told_which_and_so_cannot_be_pairwise() {
    let app = TestApp::start().await;
    let own = app.client().first_party().scope("openid account").create().await;
    let refused = update(&app.app, &operator(), &own.client_id(), to(SubjectType::Pairwise)).await.err().unwrap();
    let ServiceError::Registration(RegistrationError::Sector(why)) = refused else { panic!("{refused:?}") };
    assert!(matches!(why, SectorRefused::OwnAccount { .. }), "{why}");
}
