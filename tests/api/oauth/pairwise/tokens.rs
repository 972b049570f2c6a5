//! What comes out: everywhere the same `sub`, and nowhere the id of the account.

use latchkey::crypto::Algorithm;
use latchkey::domain::oauth::authorize::response_type::ResponseType;
use latchkey::domain::oauth::client::GrantType;
use latchkey::domain::oauth::client::subject_type::SubjectType;
use latchkey::services::account::show;
use latchkey::services::oauth::client::delete;
use serde_json::Value;

use super::{client_at, id, sub, told};
use crate::harness::{PASSWORD, TestApp, VERIFIER, jwt, operator};
use crate::oauth::challenge::CHALLENGE;

#[tokio::test(flavor = "multi_thread")]
async fn the_clients_of_one_sector_know_a_person_by_one_sub_and_all_others_by_others() {
    let app = TestApp::start().await;
    let (one, two) = (client_at(&app, "https://a.test/cb").await, client_at(&app, "https://A.test:8443/two").await);
    let elsewhere = client_at(&app, "https://b.test/cb").await;
    let public = app.client().first_party().create().await;
    let alice = sub(&one, "alice").await;
    assert!(alice.starts_with("pairwise-") && alice.len() == 52, "{alice}");
    assert_eq!(alice, sub(&one, "alice").await, "it never changes");
    assert_eq!(alice, sub(&two, "alice").await);
    let (there, own) = (sub(&elsewhere, "alice").await, sub(&public, "alice").await);
    assert!(alice != there && alice != own && there != own);
    assert_eq!(own, id(&app, "alice").await);
    assert_ne!(alice, sub(&one, "bob").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_token_and_answer_has_this_sub_and_none_the_id_of_the_account_or_of_the_session() {
    let app = TestApp::start().await;
    let (alice, public) = (id(&app, "alice").await, app.client().first_party().create().await);
    for opaque in [false, true] {
        let client = app.client().first_party().with(|m| m.subjects.subject_type = SubjectType::Pairwise);
        let client = if opaque { client.opaque() } else { client }.create().await;
        let mut browser = app.browser();
        let session = told(&public.sign_in_with(&mut browser, "alice", public.request()).await.id_token, "sid");
        let first = client.sign_in_with(&mut browser, "alice", client.request()).await;
        let sub = told(&first.id_token, "sub");
        let second = client.refresh(&first.refresh_token).await.ok();
        assert_eq!(told(&second.id_token, "sub"), sub, "OpenID Connect Core section 12.2");
        assert_eq!(told(&second.id_token, "sid"), told(&first.id_token, "sid"));
        let mut said = vec![Value::Object(jwt::claims(&first.id_token)), Value::Object(jwt::claims(&second.id_token))];
        for token in [&first.access_token, &second.access_token] {
            if !opaque {
                said.push(Value::Object(jwt::claims(token)));
            }
            said.push(client.userinfo(token).await.success());
            said.push(client.introspect(token).await);
        }
        said.push(client.introspect(&second.refresh_token).await);
        for said in said {
            assert_eq!(said["sub"], *sub, "{said}");
            let text = said.to_string();
            assert!(!text.contains(&alice) && !text.contains(&session), "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_userinfo_answer_that_is_signed_has_it_too() {
    let app = TestApp::start().await;
    let client = app.client().first_party().with(|m| {
        m.subjects.subject_type = SubjectType::Pairwise;
        m.responses.userinfo_signed_response_alg = Some(Algorithm::Es256);
    });
    let client = client.create().await;
    let tokens = client.sign_in("alice").await;
    let signed = client.userinfo(&tokens.access_token).await.text().to_owned();
    assert_eq!(jwt::verify(&app, &signed).await.claims["sub"], *told(&tokens.id_token, "sub"));
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_come_through_the_browser_have_it_and_so_has_what_follows_them() {
    let app = TestApp::start().await;
    let client = app.client().first_party().grants(&[GrantType::AuthorizationCode, GrantType::Implicit]).with(|m| {
        m.subjects.subject_type = SubjectType::Pairwise;
        m.requests.response_types = ResponseType::ALL.into();
    });
    let client = client.create().await;
    let request = client.request().with("response_type", "code id_token token").with("scope", "openid");
    let response = client.authorize(&mut app.browser(), "alice", request).await.response();
    let after = client.redeem(&response["code"]).await.ok();
    let sub = told(&response["id_token"], "sub");
    assert!(sub.starts_with("pairwise-"));
    for token in [&response["access_token"], &after.id_token, &after.access_token] {
        assert_eq!(told(token, "sub"), sub);
    }
    assert_eq!(told(&response["id_token"], "sid"), told(&after.id_token, "sid"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_the_application_itself_leads_to_the_same_sub() {
    let app = TestApp::start().await;
    let client = client_at(&app, "https://a.test/cb").await;
    let form = [
        ("response_type", "code"),
        ("scope", "openid"),
        ("username", "alice"),
        ("password", PASSWORD),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let code = client.post("/authorize-challenge", &form).await.authorization_code();
    let redemption = [("grant_type", "authorization_code"), ("code", &*code), ("code_verifier", VERIFIER)];
    let tokens = client.token(&redemption).await.ok();
    assert_eq!(told(&tokens.id_token, "sub"), sub(&client, "alice").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_sees_the_sub_of_the_token_and_no_name_that_its_scope_does_not_tell() {
    let app = TestApp::start().await;
    let client = app.client().first_party().with(|m| {
        m.subjects.subject_type = SubjectType::Pairwise;
        m.audience = vec!["https://api.test".into()];
    });
    let client = client.create().await;
    let service = app.client().machine("x").with(|m| m.resources = vec!["https://api.test".into()]).create().await;
    let least = client.sign_in_for("alice", "openid offline_access").await;
    let seen = service.introspect(&least.access_token).await;
    assert_eq!(seen["sub"], *told(&least.id_token, "sub"));
    assert_eq!(seen.get("username"), None);
    assert_eq!(client.introspect(&least.refresh_token).await.get("username"), None);
    let more = client.sign_in_for("alice", "openid profile offline_access").await;
    assert_eq!(service.introspect(&more.access_token).await["username"], "alice");
    assert_eq!(client.introspect(&more.refresh_token).await["username"], "alice");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_finds_the_account_by_what_an_application_calls_it_while_it_has_access() {
    let app = TestApp::start().await;
    let client = client_at(&app, "https://a.test/cb").await;
    let alice = sub(&client, "alice").await;
    sub(&client, "bob").await;
    assert_eq!(show(&app.app, &alice).await.unwrap().username.as_deref(), Some("alice"));
    let other = client_at(&app, "https://b.test/cb").await;
    delete(&app.app, &operator(), &other.client_id()).await.unwrap();
    assert!(show(&app.app, &alice).await.is_ok(), "that was another client");
    delete(&app.app, &operator(), &client.client_id()).await.unwrap();
    assert!(show(&app.app, &alice).await.is_err(), "nobody keeps it for longer than what it is for");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_instance_and_every_start_makes_the_same_subs() {
    let app = TestApp::start().await;
    let client = client_at(&app, "https://a.test/cb").await;
    let alice = sub(&client, "alice").await;
    assert_eq!(sub(&client.at(&app.another().await), "alice").await, alice);
    let (one, two) = TestApp::configured().start_two().await;
    one.one_more("alice").await;
    let client = client_at(&one, "https://a.test/cb").await;
    assert_eq!(sub(&client, "alice").await, sub(&client.at(&two), "alice").await, "both began at once");
    assert_ne!(sub(&client, "alice").await, alice, "another installation has another key");
}
