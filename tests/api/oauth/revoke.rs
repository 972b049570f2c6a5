//! `/revoke`.

use axum::http::Request;

use crate::harness::{TestApp, body, encode, operator, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_ends_with_everything_under_its_grant() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let tokens = client.sign_in("alice").await;
    let answer = client.revoke(&tokens.refresh_token).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
    client.refresh(&tokens.refresh_token).await.refused("invalid_grant");
    client.userinfo(&tokens.access_token).await.bearer_refused(401, "invalid_token");
    assert!(!client.finds_active(&tokens.access_token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_ends_alone_and_stays_ended_until_it_would_have_expired() {
    let app = TestApp::start().await;
    for client in [app.client().create().await, app.client().opaque().create().await] {
        let tokens = client.sign_in("alice").await;
        client.userinfo(&tokens.access_token).await.success();
        assert_eq!(client.revoke(&tokens.access_token).await.status, 200);
        for _ in 0..2 {
            client.userinfo(&tokens.access_token).await.bearer_refused(401, "invalid_token");
            assert!(!client.finds_active(&tokens.access_token).await);
            app.advance(seconds(299));
            latchkey::services::operation::prune::all(&app.app, &operator()).await.unwrap();
        }
        client.userinfo(&tokens.access_token).await.bearer_refused(401, "invalid_token");
        client.userinfo(&client.refresh(&tokens.refresh_token).await.ok().access_token).await.success();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machines_token_can_be_revoked() {
    let app = TestApp::start().await;
    let beside = app.another().await;
    let machine = app.client().machine("a").create().await;
    let token = machine.client_credentials().await.ok().access_token;
    assert!(machine.at(&beside).finds_active(&token).await);
    assert_eq!(machine.revoke(&token).await.status, 200);
    assert!(!machine.at(&beside).finds_active(&token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_clients_tokens_stay() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let stranger = app.client().create().await;
    let tokens = client.sign_in("alice").await;
    stranger.revoke(&tokens.refresh_token).await.refused("invalid_grant");
    stranger.revoke(&tokens.access_token).await.refused("invalid_grant");
    client.userinfo(&tokens.access_token).await.success();
    client.refresh(&tokens.refresh_token).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_no_revoking_is_a_success() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let tokens = client.sign_in("alice").await;
    for token in ["unknown", "a.b.c", &tokens.id_token, &"x".repeat(5000)] {
        assert_eq!(client.revoke(token).await.status, 200, "{token}");
    }
    client.revoke(&tokens.refresh_token).await;
    assert_eq!(client.revoke(&tokens.refresh_token).await.status, 200, "twice is as good as once");
    client.post("/revoke", &[]).await.refused("invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_token_revokes_its_family_too() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let first = client.sign_in("alice").await.refresh_token;
    let second = client.refresh(&first).await.ok();
    assert_eq!(client.revoke(&first).await.status, 200);
    client.refresh(&second.refresh_token).await.refused("invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_needs_the_client_to_authenticate() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let tokens = client.sign_in("alice").await;
    let form = [("token", &*tokens.refresh_token), ("client_id", &*client.id)];
    app.call(body(Request::post("/revoke"), encode(&form))).await.refused("invalid_client");
    client.refresh(&tokens.refresh_token).await.ok();
    let public = app.client().public().create().await;
    let tokens = public.sign_in("alice").await;
    assert_eq!(public.revoke(&tokens.refresh_token).await.status, 200);
    public.refresh(&tokens.refresh_token).await.refused("invalid_grant");
}
