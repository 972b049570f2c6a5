//! `grant_type=authorization_code`.

use axum::http::{Request, header};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use latchkey::domain::oauth::client::{AuthMethod, GrantType};
use sha2::{Digest, Sha256};

use crate::harness::{ISSUER, REDIRECT, TestApp, VERIFIER, body, encode, jwt, operator, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_yields_tokens_that_verify_with_the_published_keys() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let tokens = client.sign_in("alice").await;
    let sub = app.user("alice").await.id.to_string();
    let now = app.clock.now().as_secs();

    assert_eq!((tokens.expires_in, tokens.scope.as_str()), (600, "email offline_access openid profile"));
    let access = jwt::verify(&app, &tokens.access_token).await;
    assert_eq!((&access.header["typ"], &access.header["alg"]), (&"at+jwt".into(), &"ES256".into()));
    assert_eq!(access.claims["iss"], ISSUER);
    assert_eq!(access.claims["aud"], ISSUER);
    assert_eq!(access.claims["sub"], *sub);
    assert_eq!(access.claims["client_id"], *client.id);
    assert_eq!(access.claims["scope"], *tokens.scope);
    assert_eq!((&access.claims["iat"], &access.claims["exp"]), (&now.into(), &(now + 600).into()));
    assert!(access.claims["jti"].as_str().unwrap().len() >= 22);

    let id = jwt::verify(&app, &tokens.id_token).await;
    assert_eq!(id.header["alg"], "RS256", "the default of OpenID Connect Core");
    assert_eq!((&id.claims["iss"], &id.claims["aud"]), (&ISSUER.into(), &(*client.id).into()));
    assert_eq!(id.claims["sub"], *sub);
    assert_eq!(id.claims["nonce"], "n-1");
    assert_eq!((&id.claims["iat"], &id.claims["auth_time"]), (&now.into(), &now.into()));
    assert_eq!(id.claims["amr"], serde_json::json!(["pwd"]));
    assert!(id.claims["acr"].is_string() && id.claims["sid"].is_string());
    let half = URL_SAFE_NO_PAD.encode(&Sha256::digest(&tokens.access_token)[..16]);
    assert_eq!(id.claims["at_hash"], *half);
    for claim in ["name", "email", "birthdate", "phone_number"] {
        assert!(!id.claims.contains_key(claim), "{claim} belongs to userinfo");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_is_given_only_for_openid_and_signed_as_the_client_asked() {
    let app = TestApp::start().await;
    let client =
        app.client().with(|m| m.id_token_signed_response_alg = latchkey::crypto::Algorithm::Es256).create().await;
    let tokens = client.sign_in("alice").await;
    assert_eq!(jwt::verify(&app, &tokens.id_token).await.header["alg"], "ES256");
    let tokens = client.sign_in_for("alice", "profile").await;
    assert_eq!((tokens.id_token.as_str(), tokens.scope.as_str()), ("", "profile"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_the_grant_gets_no_refresh_token() {
    let app = TestApp::start().await;
    let client = app.client().grants(&[GrantType::AuthorizationCode]).create().await;
    assert_eq!(client.sign_in("alice").await.refresh_token, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_and_tokens_are_long_and_never_the_same() {
    let app = TestApp::start().await;
    let client = app.client().first_party().opaque().create().await;
    let mut browser = app.browser();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..5 {
        let code = client.authorize(&mut browser, "alice", client.request()).await.code();
        let tokens = client.redeem(&code).await.ok();
        for secret in [code, tokens.access_token, tokens.refresh_token] {
            assert!(secret.len() >= 43 && secret.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
            assert!(seen.insert(secret), "a secret came twice");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_lives_for_sixty_seconds() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let code = client.authorize(&mut browser, "alice", client.request()).await.code();
    app.advance(seconds(60) - std::time::Duration::from_micros(1));
    client.redeem(&code).await.ok();
    let late = client.authorize(&mut browser, "alice", client.request()).await.code();
    app.advance(seconds(60));
    client.redeem(&late).await.refused("invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_valid_replay_ends_everything_that_the_code_had_given() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let code = client.code("alice").await;
    let tokens = client.redeem(&code).await.ok();
    client.userinfo(&tokens.access_token).await.success();

    app.advance(seconds(30));
    client.redeem(&code).await.refused("invalid_grant");
    client.userinfo(&tokens.access_token).await.bearer_refused(401, "invalid_token");
    assert!(!client.finds_active(&tokens.access_token).await);
    client.refresh(&tokens.refresh_token).await.refused("invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_sent_again_within_ten_seconds_is_refused_and_ends_nothing() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let code = client.code("alice").await;
    let tokens = client.redeem(&code).await.ok();
    app.advance(seconds(10) - std::time::Duration::from_micros(1));
    client.redeem(&code).await.refused("invalid_grant");
    client.redeem(&code).await.refused("invalid_grant");
    let second = client.refresh(&tokens.refresh_token).await.ok();
    client.userinfo(&second.access_token).await.success();

    let code = client.code("alice").await;
    let tokens = client.redeem(&code).await.ok();
    app.advance(seconds(10));
    client.redeem(&code).await.refused("invalid_grant");
    client.refresh(&tokens.refresh_token).await.refused("invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_sent_again_once_its_tokens_are_in_use_ends_them_at_once() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let code = client.code("alice").await;
    let tokens = client.redeem(&code).await.ok();
    let second = client.refresh(&tokens.refresh_token).await.ok();
    client.redeem(&code).await.refused("invalid_grant");
    client.refresh(&second.refresh_token).await.refused("invalid_grant");

    for opaque in [false, true] {
        let builder = app.client().confidential();
        let client = if opaque { builder.opaque() } else { builder }.create().await;
        let code = client.code("alice").await;
        let tokens = client.redeem(&code).await.ok();
        client.userinfo(&tokens.access_token).await.success();
        client.redeem(&code).await.refused("invalid_grant");
        client.userinfo(&tokens.access_token).await.bearer_refused(401, "invalid_token");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_is_recognised_as_long_as_what_it_would_end_may_live() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let code = client.code("alice").await;
    let tokens = client.redeem(&code).await.ok();
    app.advance(seconds(9 * 60));
    latchkey::services::operation::prune::all(&app.app, &operator()).await.unwrap();
    client.redeem(&code).await.refused("invalid_grant");
    client.userinfo(&tokens.access_token).await.bearer_refused(401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_replay_changes_nothing() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let stranger = app.client().confidential().create().await;
    let code = client.code("alice").await;
    let tokens = client.redeem(&code).await.ok();

    stranger.redeem(&code).await.refused("invalid_grant");
    let mut form = client.redemption(&code);
    form[3].1 = "wrong-wrong-wrong-wrong-wrong-wrong-wrong-wrong";
    client.token(&form).await.refused("invalid_grant");
    client.token(&client.redemption(&code)[..3]).await.refused("invalid_grant");
    let mut form = client.redemption(&code);
    form[2].1 = "https://app.test/other";
    client.token(&form).await.refused("invalid_grant");

    client.userinfo(&tokens.access_token).await.success();
    client.refresh(&tokens.refresh_token).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_attempt_does_not_use_the_code_up() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let stranger = app.client().confidential().create().await;
    let code = client.code("alice").await;

    stranger.redeem(&code).await.refused("invalid_grant");
    let mut other = client.redemption(&code);
    other[2].1 = "https://app.test/callback/";
    client.token(&other).await.refused("invalid_grant");
    let mut wrong = client.redemption(&code);
    wrong[3].1 = "wrong-wrong-wrong-wrong-wrong-wrong-wrong-wrong";
    client.token(&wrong).await.refused("invalid_grant");
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:wrong", client.id)));
    let request = Request::post("/token").header(header::AUTHORIZATION, basic);
    app.call(body(request, encode(&client.redemption(&code)))).await.refused("invalid_client");

    client.redeem(&code).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_parallel_redemptions_have_one_winner() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let code = client.code("alice").await;
    let attempts = (0..50).map(|_| {
        let (client, code) = (client.clone(), code.clone());
        tokio::spawn(async move { client.redeem(&code).await })
    });
    let answers: Vec<_> = join_all(attempts).await.into_iter().map(Result::unwrap).collect();
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    lost.iter().for_each(|answer| answer.refused("invalid_grant"));
    client.userinfo(&won[0].ok().access_token).await.success();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verifier_is_needed_exactly_if_there_was_a_challenge() {
    let app = TestApp::start().await;
    let client = app.client().confidential().first_party().create().await;
    let mut browser = app.browser();

    let plain = client.authorize(&mut browser, "alice", client.request().without_pkce()).await.code();
    client.redeem(&plain).await.refused("invalid_grant");
    client.token(&client.redemption(&plain)[..3]).await.ok();

    let bound = client.authorize(&mut browser, "alice", client.request()).await.code();
    client.token(&client.redemption(&bound)[..3]).await.refused("invalid_grant");
    for bad in ["", "short", &"a".repeat(129), &VERIFIER.to_uppercase(), &format!("{VERIFIER}é")] {
        let mut form = client.redemption(&bound);
        form[3].1 = bad;
        let answer = client.token(&form).await;
        assert_eq!(answer.status, 400, "{bad}: {}", answer.text());
    }
    client.redeem(&bound).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_redirect_uri_is_the_one_of_the_request_and_may_be_left_out_only_with_pkce() {
    let app = TestApp::start().await;
    let other = "https://app.test/other";
    let client = app.client().confidential().redirect(&[REDIRECT, other]).create().await;
    let code = client.code("alice").await;
    let mut form = client.redemption(&code);
    form[2].1 = other;
    client.token(&form).await.refused("invalid_grant");
    client.redeem(&code).await.ok();

    let code = client.code("alice").await;
    let mut form = client.redemption(&code);
    form.remove(2);
    client.token(&form).await.ok();

    let page = client.authorize(&mut app.browser(), "alice", client.request().without_pkce()).await;
    let code = page.code();
    let form = &client.redemption(&code)[..3];
    client.token(&form[..2]).await.refused("invalid_request");
    client.token(form).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn user_client_and_session_are_looked_at_again_at_redemption() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;

    let code = client.code("alice").await;
    app.disable_user("alice").await;
    client.redeem(&code).await.refused("invalid_grant");
    app.enable_user("alice").await;

    let code = client.code("alice").await;
    app.end_sessions().await;
    client.redeem(&code).await.refused("invalid_grant");

    let code = client.code("alice").await;
    app.disable_client(&client.id).await;
    client.redeem(&code).await.refused("invalid_client");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_redeems_with_its_id_and_verifier() {
    let app = TestApp::start().await;
    let client = app.client().public().create().await;
    let code = client.code("alice").await;
    app.post("/token", &client.redemption(&code)).await.refused("invalid_client");
    client.redeem(&code).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_sent_in_the_registered_way_and_no_other() {
    let app = TestApp::start().await;
    // What is signed has tests of its own (client_assertion.rs).
    let unsigned = [AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost, AuthMethod::None];
    for registered in unsigned {
        let client = app.client().auth(registered).create().await;
        for sent in unsigned {
            if registered == AuthMethod::None && sent != AuthMethod::None {
                continue;
            }
            let mut pretender = client.clone();
            pretender.method = sent;
            let answer = pretender.refresh("unknown").await;
            answer.refused(if sent == registered { "invalid_grant" } else { "invalid_client" });
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_ways_of_authenticating_at_once_are_one_too_many() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_secret", &*client.secret)];
    client.token(&form).await.refused("invalid_request");
    let twice = Request::post("/token")
        .header(header::AUTHORIZATION, client.basic())
        .header(header::AUTHORIZATION, client.basic());
    app.call(body(twice, encode(&form[..2]))).await.refused("invalid_request");
    client.token(&[form[0], form[1], ("client_id", "somebody-else")]).await.refused("invalid_request");
    client.token(&[form[0], form[1], ("client_id", &*client.id)]).await.refused("invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_uses_only_the_grants_that_it_registered() {
    let app = TestApp::start().await;
    let client = app.client().confidential().grants(&[GrantType::AuthorizationCode]).create().await;
    client.refresh("x").await.refused("unauthorized_client");
    client.client_credentials().await.refused("unauthorized_client");
    client.token(&[("grant_type", "password"), ("username", "alice")]).await.refused("unsupported_grant_type");
    client.token(&[]).await.refused("invalid_request");
}
