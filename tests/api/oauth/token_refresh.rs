//! `grant_type=refresh_token`.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;

use crate::harness::{TestApp, jwt, seconds};

const MICROSECOND: Duration = Duration::from_micros(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_yields_new_tokens_of_the_same_sign_in() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let first = client.sign_in("alice").await;
    app.advance(seconds(100));
    let second = client.refresh(&first.refresh_token).await.ok();
    assert_ne!(first.refresh_token, second.refresh_token);
    assert_ne!(first.access_token, second.access_token);
    assert_eq!(first.scope, second.scope);
    let (old, new) = (jwt::claims(&first.id_token), jwt::verify(&app, &second.id_token).await.claims);
    for same in ["iss", "sub", "aud", "auth_time", "sid", "acr"] {
        assert_eq!(old[same], new[same], "{same}");
    }
    assert_eq!(new["iat"].as_i64().unwrap(), old["iat"].as_i64().unwrap() + 100);
    assert!(!new.contains_key("nonce"), "OpenID Connect Core 12.2");
    client.userinfo(&second.access_token).await.success();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_refresh_token_ends_the_whole_grant() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let first = client.sign_in("alice").await.refresh_token;
    let second = client.refresh(&first).await.ok();
    let third = client.refresh(&second.refresh_token).await.ok();

    client.refresh(&first).await.refused("invalid_grant");
    client.refresh(&third.refresh_token).await.refused("invalid_grant");
    client.userinfo(&third.access_token).await.bearer_refused(401, "invalid_token");
    assert!(!client.finds_active(&second.access_token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn within_ten_seconds_the_same_token_yields_the_same_successor() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let first = client.sign_in("alice").await.refresh_token;
    let second = client.refresh(&first).await.ok().refresh_token;
    app.advance(seconds(10) - MICROSECOND);
    assert_eq!(client.refresh(&first).await.ok().refresh_token, second);
    client.refresh(&second).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn at_ten_seconds_it_is_a_replay() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let first = client.sign_in("alice").await.refresh_token;
    let second = client.refresh(&first).await.ok().refresh_token;
    app.advance(seconds(10));
    client.refresh(&first).await.refused("invalid_grant");
    client.refresh(&second).await.refused("invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn once_the_successor_was_used_the_predecessor_is_a_replay_at_once() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let first = client.sign_in("alice").await.refresh_token;
    let second = client.refresh(&first).await.ok().refresh_token;
    let third = client.refresh(&second).await.ok().refresh_token;
    client.refresh(&first).await.refused("invalid_grant");
    client.refresh(&third).await.refused("invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_parallel_refreshes_get_the_same_successor() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let first = client.sign_in("alice").await.refresh_token;
    let attempts = (0..50).map(|_| {
        let (client, first) = (client.clone(), first.clone());
        tokio::spawn(async move { client.refresh(&first).await.ok().refresh_token })
    });
    let successors: BTreeSet<_> = join_all(attempts).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(successors.len(), 1, "{successors:?}");
    client.refresh(successors.first().unwrap()).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_that_rotate_one_token_agree_on_its_successor() {
    let app = TestApp::start().await;
    let beside = app.another().await;
    let client = app.client().confidential().create().await;
    let first = client.sign_in("alice").await.refresh_token;
    let second = client.refresh(&first).await.ok().refresh_token;
    assert_eq!(client.at(&beside).refresh(&first).await.ok().refresh_token, second);
    let third = client.at(&beside).refresh(&second).await.ok();
    client.userinfo(&third.access_token).await.success();
    client.refresh(&first).await.refused("invalid_grant");
    client.at(&beside).refresh(&third.refresh_token).await.refused("invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_survives_a_restart() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let first = client.sign_in("alice").await.refresh_token;
    let second = client.refresh(&first).await.ok().refresh_token;
    let restarted = client.at(&app.another().await);
    assert_eq!(restarted.refresh(&first).await.ok().refresh_token, second, "the answer may have been lost");
    // Ten seconds, and a minute because it is another process, which may have another clock.
    app.advance(seconds(70));
    restarted.refresh(&first).await.refused("invalid_grant");
    restarted.refresh(&second).await.refused("invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrower_scope_does_not_stick() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let first = client.sign_in("alice").await;
    let narrow = client.refresh_for(&first.refresh_token, "openid").await.ok();
    assert_eq!(narrow.scope, "openid");
    let userinfo = client.userinfo(&narrow.access_token).await.success();
    assert!(userinfo.get("email").is_none() && userinfo.get("name").is_none(), "{userinfo}");
    let whole = client.refresh(&narrow.refresh_token).await.ok();
    assert_eq!(whole.scope, first.scope);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wider_scope_is_refused_and_costs_nothing() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let first = client.sign_in_for("alice", "openid email offline_access").await.refresh_token;
    client.refresh_for(&first, "openid email profile").await.refused("invalid_scope");
    client.refresh_for(&first, "openid \"bad\"").await.refused("invalid_scope");
    let narrow = client.refresh_for(&first, "email").await.ok();
    assert_eq!(narrow.id_token, "", "no openid, no ID token");
    client.refresh(&narrow.refresh_token).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_clients_token_is_refused_and_stays_good() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let stranger = app.client().confidential().create().await;
    let first = client.sign_in("alice").await.refresh_token;
    stranger.refresh(&first).await.refused("invalid_grant");
    let second = client.refresh(&first).await.ok().refresh_token;
    stranger.refresh(&first).await.refused("invalid_grant");
    client.refresh(&second).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_used_ends_after_two_weeks() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let idle = seconds(14 * 24 * 3600);
    let first = client.sign_in("alice").await.refresh_token;
    app.advance(idle - MICROSECOND);
    let second = client.refresh(&first).await.ok().refresh_token;
    app.advance(idle);
    client.refresh(&second).await.refused("invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn even_a_token_in_daily_use_ends_after_ninety_days() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let mut token = client.sign_in("alice").await.refresh_token;
    for _ in 0..9 {
        app.advance(seconds(10 * 24 * 3600) - MICROSECOND);
        token = client.refresh(&token).await.ok().refresh_token;
    }
    app.advance(MICROSECOND * 9);
    client.refresh(&token).await.refused("invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_offline_access_a_token_ends_with_its_session() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let online = client.sign_in_for("alice", "openid").await;
    let offline = client.sign_in_for("bob", "openid offline_access").await;
    app.end_sessions().await;
    client.refresh(&online.refresh_token).await.refused("invalid_grant");
    client.userinfo(&online.access_token).await.bearer_refused(401, "invalid_token");
    client.refresh(&offline.refresh_token).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_offline_access_the_sessions_absolute_limit_holds_too() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let token = client.sign_in_for("alice", "openid").await.refresh_token;
    app.advance(seconds(24 * 3600) - MICROSECOND);
    let token = client.refresh(&token).await.ok().refresh_token;
    app.advance(MICROSECOND);
    client.refresh(&token).await.refused("invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn user_and_client_are_looked_at_again_at_each_refresh() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let tokens = client.sign_in("alice").await;
    app.disable_user("alice").await;
    client.refresh(&tokens.refresh_token).await.refused("invalid_grant");
    client.userinfo(&tokens.access_token).await.bearer_refused(401, "invalid_token");
    assert!(!client.finds_active(&tokens.access_token).await);
    app.enable_user("alice").await;
    let token = client.refresh(&tokens.refresh_token).await.ok().refresh_token;
    app.disable_client(&client.id).await;
    client.refresh(&token).await.refused("invalid_client");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_no_refresh_token_and_an_access_token_is_neither() {
    let app = TestApp::start().await;
    let client = app.client().confidential().opaque().create().await;
    let code = client.code("alice").await;
    client.refresh(&code).await.refused("invalid_grant");
    let tokens = client.redeem(&code).await.ok();
    client.refresh(&tokens.access_token).await.refused("invalid_grant");
    client.redeem(&tokens.refresh_token).await.refused("invalid_grant");
    client.userinfo(&tokens.refresh_token).await.bearer_refused(401, "invalid_token");
    let cut = &tokens.refresh_token[..tokens.refresh_token.len() - 1];
    client.refresh(cut).await.refused("invalid_grant");
    client.refresh(&format!("{}A", tokens.refresh_token)).await.refused("invalid_grant");
    client.refresh(&tokens.refresh_token).await.ok();
}
