//! The end of a session: each client hears of it in its own terms.

use latchkey::domain::oauth::client::subject_type::SubjectType;

use super::{client_at, id, told};
use crate::harness::{Browser, Client, Receiver, Shows, TestApp, encode, jwt};

async fn telling(app: &TestApp, receiver: &Receiver, redirect: &str) -> Client {
    let uri = receiver.url("/logout");
    let client = app.client().first_party().redirect(&[redirect]).with(|m| {
        m.subjects.subject_type = SubjectType::Pairwise;
        m.logout.backchannel_logout_uri = Some(uri);
    });
    client.create().await
}

async fn signs_in(client: &Client, browser: &mut Browser) -> String {
    client.sign_in_with(browser, "alice", client.request().with("scope", "openid")).await.id_token
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_token_has_sub_and_sid_of_the_clients_id_token_and_no_two_sectors_share_either() {
    let (one, two) = (Receiver::start().await, Receiver::start().await);
    let app = TestApp::configured().toml(&Receiver::toml(&[&one, &two])).start().await;
    let first = telling(&app, &one, "https://a.test/cb").await;
    let second = telling(&app, &two, "https://b.test/cb").await;
    let mut browser = app.browser();
    let tokens = [signs_in(&first, &mut browser).await, signs_in(&second, &mut browser).await];
    for claim in ["sub", "sid"] {
        assert_ne!(told(&tokens[0], claim), told(&tokens[1], claim), "{claim}");
    }
    // It is known whose session it is: nobody is asked.
    let page = browser.open(&format!("/logout?{}", encode(&[("id_token_hint", &tokens[1])]))).await;
    assert_eq!(page.shows(), Shows::SignedOut);
    app.work().await;
    let account = id(&app, "alice").await;
    for (receiver, id_token) in [(&one, &tokens[0]), (&two, &tokens[1])] {
        let logout_tokens = receiver.tokens();
        assert_eq!(logout_tokens.len(), 1);
        let token = jwt::verify(&app, &logout_tokens[0]).await;
        for claim in ["sub", "sid", "aud"] {
            assert_eq!(token.claims[claim], *told(id_token, claim), "{claim}");
        }
        assert!(!serde_json::to_string(&token.claims).unwrap().contains(&account));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_names_the_session_as_the_clients_id_token_does() {
    let app = TestApp::start().await;
    let client = app.client().first_party().redirect(&["https://a.test/cb"]).with(|m| {
        m.subjects.subject_type = SubjectType::Pairwise;
        m.logout.frontchannel_logout_uri = Some("https://a.test/out".into());
        m.logout.frontchannel_logout_session_required = true;
    });
    let client = client.create().await;
    let mut browser = app.browser();
    let hint = signs_in(&client, &mut browser).await;
    let page = browser.open(&format!("/logout?{}", encode(&[("id_token_hint", &hint)]))).await;
    assert_eq!(page.shows(), Shows::SignedOut);
    assert!(page.answer.text().contains(&format!("sid={}\"", told(&hint, "sid"))), "{}", page.answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_has_ended_is_not_meant_by_an_older_hint() {
    let app = TestApp::start().await;
    let client = client_at(&app, "https://a.test/cb").await;
    let (mut before, mut browser) = (app.browser(), app.browser());
    let older = signs_in(&client, &mut before).await;
    let newer = signs_in(&client, &mut browser).await;
    assert_ne!(told(&older, "sid"), told(&newer, "sid"));
    let page = browser.open(&format!("/logout?{}", encode(&[("id_token_hint", &older)]))).await;
    assert_eq!(page.shows(), Shows::LogoutQuestion, "that is another session of the same person");
}
