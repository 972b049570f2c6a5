//! `/introspect`.

use crate::harness::{ISSUER, TestApp, jwt, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_learns_about_its_own_tokens() {
    let app = TestApp::start().await;
    for client in [app.client().create().await, app.client().opaque().create().await] {
        let tokens = client.sign_in("alice").await;
        let access = client.introspect(&tokens.access_token).await;
        assert_eq!(access["active"], true);
        assert_eq!(access["client_id"], *client.id);
        assert_eq!(access["username"], "alice");
        assert_eq!(access["token_type"], "Bearer");
        assert_eq!(access["scope"], *tokens.scope);
        assert_eq!(access["iss"], ISSUER);
        assert_eq!(access["sub"], jwt::claims(&tokens.id_token)["sub"]);
        assert_eq!(access["exp"], app.clock.now().as_secs() + 600);
        let refresh = client.introspect(&tokens.refresh_token).await;
        assert_eq!((&refresh["active"], &refresh["client_id"]), (&true.into(), &(*client.id).into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_learns_about_tokens_meant_for_it_and_others_nothing() {
    let app = TestApp::start().await;
    let client = app.client().with(|m| m.audience = vec!["https://api.test".into()]).create().await;
    let service = app.client().machine("x").with(|m| m.resources = vec!["https://api.test".into()]).create().await;
    let stranger = app.client().machine("x").with(|m| m.resources = vec!["https://other.test".into()]).create().await;
    let tokens = client.sign_in("alice").await;
    assert!(service.finds_active(&tokens.access_token).await);
    assert!(!stranger.finds_active(&tokens.access_token).await);
    assert!(!service.finds_active(&tokens.refresh_token).await, "refresh tokens are the client's own business");
    assert!(client.finds_active(&tokens.refresh_token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_question_needs_a_client_that_proves_itself() {
    let app = TestApp::start().await;
    let public = app.client().public().create().await;
    let token = public.sign_in("alice").await.access_token;
    public.post("/introspect", &[("token", &token)]).await.refused("invalid_client");
    app.post("/introspect", &[("token", &token)]).await.refused("invalid_client");
    let client = app.client().create().await;
    client.post("/introspect", &[]).await.refused("invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_does_not_hold_is_inactive_and_no_more_is_said() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let first = client.sign_in("alice").await;
    let second = client.refresh(&first.refresh_token).await.ok();
    for dead in [&first.refresh_token, &first.id_token, "x", "a.b.c", &"x".repeat(3000)] {
        assert!(!client.finds_active(dead).await, "{dead}");
    }
    assert!(client.finds_active(&second.access_token).await);
    assert!(client.finds_active(&second.refresh_token).await);
    app.end_sessions().await;
    assert!(client.finds_active(&second.access_token).await, "offline access outlives the session");
    app.disable_user("alice").await;
    assert!(!client.finds_active(&second.access_token).await);
    assert!(!client.finds_active(&second.refresh_token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_of_the_wrong_kind_does_not_mislead() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let tokens = client.sign_in("alice").await;
    for (token, hint) in [
        (&tokens.access_token, "refresh_token"),
        (&tokens.refresh_token, "access_token"),
        (&tokens.access_token, "foo"),
    ] {
        let answer = client.post("/introspect", &[("token", token), ("token_type_hint", hint)]).await.success();
        assert_eq!(answer["active"], true, "{hint}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_ends_at_introspection_on_every_instance_at_once() {
    let app = TestApp::start().await;
    let beside = app.another().await;
    let client = app.client().create().await;
    let tokens = client.sign_in("alice").await;
    assert!(client.at(&beside).finds_active(&tokens.access_token).await);
    client.revoke(&tokens.refresh_token).await;
    assert!(!client.at(&beside).finds_active(&tokens.access_token).await);
    client.at(&beside).userinfo(&tokens.access_token).await.bearer_refused(401, "invalid_token");
    app.advance(seconds(1));
    client.at(&beside).refresh(&tokens.refresh_token).await.refused("invalid_grant");
}
