//! `/authorize`: what may be asked, and how the answer travels.

use serde_json::json;

use crate::harness::{ISSUER, REDIRECT, Shows, TestApp, jwt, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_travels_as_asked_with_state_and_issuer() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    for (mode, separator) in [("query", '?'), ("fragment", '#'), ("form_post", ' ')] {
        let page = client.authorize(&mut browser, "alice", client.request().with("response_mode", mode)).await;
        let response = page.response();
        assert_eq!(response.keys().collect::<Vec<_>>(), ["code", "iss", "session_state", "state"], "{mode}");
        assert_eq!((response["state"].as_str(), response["iss"].as_str()), ("st~ate-._1", ISSUER), "{mode}");
        match mode {
            "form_post" => assert_eq!(page.form("response-continue").action, REDIRECT),
            _ => assert!(page.target().starts_with(&format!("{REDIRECT}{separator}")), "{mode}: {}", page.target()),
        }
        client.redeem(&page.code()).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_travels_as_asked_with_state_and_issuer() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    for mode in ["query", "fragment", "form_post"] {
        let request = client.request().with("response_mode", mode).with("prompt", "none");
        let page = browser.open(&request.url()).await;
        page.client_refused("login_required");
        let response = page.response();
        assert_eq!((response["state"].as_str(), response["iss"].as_str()), ("st~ate-._1", ISSUER), "{mode}");
        assert_eq!(page.shows() == Shows::FormPost, mode == "form_post");
        if mode == "fragment" {
            assert!(!page.target().contains('?'), "{}", page.target());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_are_303_and_are_not_kept() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let page = client.authorize(&mut browser, "alice", client.request()).await;
    assert!(page.redirects.iter().all(|status| *status == 303), "{:?}", page.redirects);
    assert_eq!(page.answer.header("cache-control"), "no-store");
    assert_eq!(page.answer.header("referrer-policy"), "no-referrer");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_state_none_comes_back_and_the_query_of_the_redirect_uri_stays() {
    let app = TestApp::start().await;
    let uri = "https://app.test/cb?bar=foo";
    let client = app.client().first_party().redirect(&[uri]).create().await;
    let page = client.authorize(&mut app.browser(), "alice", client.request().without("state")).await;
    assert!(page.target().starts_with("https://app.test/cb?bar=foo&code="), "{}", page.target());
    assert!(!page.response().contains_key("state"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_state_comes_back_byte_for_byte() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    for state in [&format!("{}-._~", "x".repeat(124)), "ü & <b>\"'%41+ =?#", &"s".repeat(2048)] {
        let page = client.authorize(&mut browser, "alice", client.request().with("state", state)).await;
        assert_eq!(&page.response()["state"], state);
    }
    let page = browser.open(&client.request().with("state", &"s".repeat(2049)).url()).await;
    page.client_refused("invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_may_be_posted() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let page = browser.post_from_elsewhere("/authorize", &client.request().form()).await;
    assert_eq!(page.shows(), Shows::Login);
    client.redeem(&browser.through(page, "alice").await.code()).await.ok();
    let again = browser.post_from_elsewhere("/authorize", &client.request().form()).await;
    client.redeem(&again.code()).await.ok();
    let silent = client.request().with("prompt", "none").form();
    client.redeem(&browser.post_from_elsewhere("/authorize", &silent).await.code()).await.ok();
    let stranger = app.browser().post_from_elsewhere("/authorize", &silent).await;
    stranger.client_refused("login_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_needs_pkce_and_nobody_gets_plain() {
    let app = TestApp::start().await;
    let public = app.client().public().create().await;
    let confidential = app.client().confidential().create().await;
    let mut browser = app.browser();
    browser.open(&public.request().without_pkce().url()).await.client_refused("invalid_request");
    assert_eq!(browser.open(&confidential.request().without_pkce().url()).await.shows(), Shows::Login);
    for client in [&public, &confidential] {
        let plain = client.request().with("code_challenge_method", "plain");
        browser.open(&plain.url()).await.client_refused("invalid_request");
        let implied = client.request().without("code_challenge_method");
        browser.open(&implied.url()).await.client_refused("invalid_request");
        for bad in ["short", &"a".repeat(44), &"=".repeat(43), &"é".repeat(43)] {
            browser.open(&client.request().with("code_challenge", bad).url()).await.client_refused("invalid_request");
        }
        let method_alone = client.request().without("code_challenge");
        browser.open(&method_alone.url()).await.client_refused("invalid_request");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_codes_are_given_and_only_to_clients_that_registered_for_them() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    for (kind, error, separator) in [
        ("CODE", "unsupported_response_type", '?'),
        ("none", "unsupported_response_type", '?'),
        ("code code", "unsupported_response_type", '?'),
        // Whoever asks for tokens looks for the answer in the fragment.
        ("token", "unsupported_response_type", '#'),
        ("id_token", "unauthorized_client", '#'),
        ("code id_token", "unauthorized_client", '#'),
    ] {
        let page = browser.open(&client.request().with("response_type", kind).url()).await;
        page.client_refused(error);
        assert!(page.target().starts_with(&format!("{REDIRECT}{separator}")), "{kind}: {}", page.target());
    }
    browser.open(&client.request().without("response_type").url()).await.client_refused("invalid_request");
    for (name, error) in [
        ("request", "invalid_request_object"),
        ("request_uri", "invalid_request_uri"),
        ("registration", "registration_not_supported"),
    ] {
        browser.open(&client.request().with(name, "x").url()).await.client_refused(error);
    }
    for mode in ["web_message", "QUERY"] {
        browser.open(&client.request().with("response_mode", mode).url()).await.client_refused("invalid_request");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_scopes_are_left_out_and_none_is_an_error() {
    let app = TestApp::start().await;
    let client = app.client().first_party().scope("openid email").create().await;
    let mut browser = app.browser();
    let page = client.authorize(&mut browser, "alice", client.request().with("scope", "email openid phone foo")).await;
    assert_eq!(client.redeem(&page.code()).await.ok().scope, "email openid");
    for scope in ["phone", "foo", "openid\u{7}", "open\"id"] {
        browser.open(&client.request().with("scope", scope).url()).await.client_refused("invalid_scope");
    }
    browser.open(&client.request().without("scope").url()).await.client_refused("invalid_scope");
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_nobody_knows_are_ignored() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let request = client.request().and("extra", "foobar").and("display", "popup").and("ui_locales", "se de");
    let request =
        request.and("claims_locales", "se").and("login_hint", "buffy@sunnydale.test").and("acr_values", "1 2");
    client.sign_in_with(&mut app.browser(), "alice", request).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_hint_fills_the_name_in_and_stays_text() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let page = app.browser().open(&client.request().with("login_hint", "\"><b>alice").url()).await;
    assert_eq!(page.hidden("login-submit", "username"), "\"><b>alice");
    assert!(!page.answer.text().contains("<b>alice"));
}

#[tokio::test(flavor = "multi_thread")]
async fn prompt_none_says_what_is_missing_and_never_shows_a_page() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let silent = client.request().with("prompt", "none");
    browser.open(&silent.url()).await.client_refused("login_required");
    assert!(browser.cookies.is_empty(), "nothing was begun");

    let page = browser.open(&client.request().url()).await;
    browser.sign_in(&page, "alice").await;
    browser.open(&silent.url()).await.client_refused("consent_required");
    client.authorize(&mut browser, "alice", client.request()).await;
    client.redeem(&browser.open(&silent.url()).await.code()).await.ok();

    for impossible in ["none login", "login none", "none consent"] {
        browser.open(&client.request().with("prompt", impossible).url()).await.client_refused("invalid_request");
    }
    browser.open(&client.request().with("prompt", "NONE").url()).await.client_refused("invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn prompt_none_is_refused_to_a_disabled_user_and_after_the_session() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    client.authorize(&mut browser, "alice", client.request()).await;
    let silent = client.request().with("prompt", "none").url();
    browser.open(&silent).await.code();
    app.disable_user("alice").await;
    browser.open(&silent).await.client_refused("login_required");
    app.enable_user("alice").await;
    browser.open(&silent).await.code();
    app.end_sessions().await;
    browser.open(&silent).await.client_refused("login_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn prompt_login_asks_for_the_password_again() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let first = client.sign_in_with(&mut browser, "alice", client.request()).await;
    app.advance(seconds(5));
    let page = browser.open(&client.request().with("prompt", "login").url()).await;
    assert_eq!(page.shows(), Shows::Login);
    let second = client.redeem(&browser.sign_in(&page, "alice").await.code()).await.ok();
    let (first, second) = (jwt::claims(&first.id_token), jwt::claims(&second.id_token));
    assert_eq!(second["auth_time"].as_i64(), first["auth_time"].as_i64().map(|time| time + 5));
    assert_eq!(first["sid"], second["sid"], "the session goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn prompt_consent_asks_even_who_has_allowed_before() {
    let app = TestApp::start().await;
    for client in [app.client().create().await, app.client().first_party().create().await] {
        let mut browser = app.browser();
        client.authorize(&mut browser, "alice", client.request()).await;
        app.advance(seconds(1));
        let page = browser.open(&client.request().with("prompt", "consent").url()).await;
        assert_eq!(page.shows(), Shows::Consent);
        browser.press(&page, "consent-allow", &[]).await.code();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_prompts_are_asked_one_after_another() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    client.authorize(&mut browser, "alice", client.request()).await;
    app.advance(seconds(1));
    let page = browser.open(&client.request().with("prompt", "login consent").url()).await;
    let page = browser.sign_in(&page, "alice").await;
    assert_eq!(page.shows(), Shows::Consent);
    browser.press(&page, "consent-allow", &[]).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn max_age_asks_for_a_sign_in_that_is_recent_enough() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let first = client.sign_in_with(&mut browser, "alice", client.request().with("max_age", "15000")).await;
    app.advance(seconds(100));
    let same = client.sign_in_with(&mut browser, "nobody", client.request().with("max_age", "10000")).await;
    let time = |token: &str| jwt::claims(token)["auth_time"].as_i64().unwrap();
    assert_eq!(time(&first.id_token), time(&same.id_token), "no sign-in was asked for");
    browser.open(&client.request().with("max_age", "100").url()).await.code();
    for age in ["99", "1", "0"] {
        assert_eq!(browser.open(&client.request().with("max_age", age).url()).await.shows(), Shows::Login, "{age}");
    }
    let page = browser.open(&client.request().with("max_age", "1").url()).await;
    let fresh = client.redeem(&browser.sign_in(&page, "alice").await.code()).await.ok();
    assert_eq!(time(&fresh.id_token), time(&first.id_token) + 100);
    let silent = client.request().with("prompt", "none");
    app.advance(seconds(50));
    browser.open(&silent.clone().with("max_age", "50").url()).await.code();
    app.advance(seconds(1));
    browser.open(&silent.with("max_age", "50").url()).await.client_refused("login_required");
    for bad in ["-1", "+5", "x", "1.5", "99999999999"] {
        browser.open(&client.request().with("max_age", bad).url()).await.client_refused("invalid_request");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_hint_binds_the_answer_to_its_user() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let hint = client.sign_in_with(&mut browser, "alice", client.request()).await.id_token;
    app.advance(seconds(3600));
    let silent = client.request().with("prompt", "none").with("id_token_hint", &hint);
    browser.open(&silent.url()).await.code();

    let mut bobs = app.browser();
    client.authorize(&mut bobs, "bob", client.request()).await;
    app.advance(seconds(1));
    bobs.open(&silent.url()).await.client_refused("login_required");
    let page = bobs.open(&client.request().with("id_token_hint", &hint).url()).await;
    assert_eq!(page.shows(), Shows::Login);
    app.advance(seconds(1));
    bobs.sign_in(&page, "bob").await.client_refused("login_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_our_own_id_tokens_for_this_client_are_hints() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let other = app.client().first_party().create().await;
    let mut browser = app.browser();
    let tokens = client.sign_in_with(&mut browser, "alice", client.request()).await;
    let foreign = other.sign_in_with(&mut browser, "alice", other.request()).await;
    let elsewhere = TestApp::start().await;
    let stolen = elsewhere.client().first_party().create().await.sign_in("alice").await;
    let (body, signature) = tokens.id_token.rsplit_once('.').unwrap();
    let payload = body.split_once('.').unwrap().1;
    let unsigned = format!("eyJhbGciOiJub25lIn0.{payload}.");
    let cut = format!("{body}.{}", &signature[4..]);
    for bad in [&foreign.id_token, &stolen.id_token, &tokens.access_token, &unsigned, &cut, "x", "a.b.c"] {
        let page = browser.open(&client.request().with("id_token_hint", bad).url()).await;
        page.client_refused("invalid_request");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn single_claims_come_where_they_were_asked_for() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let claims = json!({
        "userinfo": {"name": {"essential": true}, "unheard_of": null},
        "id_token": {"birthdate": null, "email": {"value": "x"}},
    });
    let request = client.request().with("scope", "openid").with("claims", &claims.to_string());
    let mut browser = app.browser();
    let page = browser.open(&request.url()).await;
    let page = browser.sign_in(&page, "alice").await;
    assert_eq!(page.shows(), Shows::Consent);
    assert!(page.answer.text().contains("birth date"), "consent names them");
    let tokens = client.redeem(&browser.through(page, "alice").await.code()).await.ok();
    let id_token = jwt::claims(&tokens.id_token);
    assert_eq!(id_token["birthdate"], "1990-01-31");
    assert!(!id_token.contains_key("name"));
    let userinfo = client.userinfo(&tokens.access_token).await.success();
    assert_eq!(userinfo["name"], "Alice Liddell");
    assert!(userinfo.get("birthdate").is_none() && userinfo.get("unheard_of").is_none(), "{userinfo}");
    let long = format!("{{\"id_token\":{{\"{}\":null}}}}", "x".repeat(5000));
    for bad in ["x", "[]", "{\"id_token\":1}", "{\"id_token\":{\"a\":{\"essential\":\"yes\"}}}", &long] {
        let page = browser.open(&client.request().with("claims", bad).url()).await;
        page.client_refused("invalid_request");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acr_that_cannot_be_reached_is_an_error_only_when_it_is_essential() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    client.authorize(&mut browser, "alice", client.request()).await;
    let supported = app.get("/.well-known/openid-configuration").await.success()["acr_values_supported"][0].clone();
    let ask =
        |acr: serde_json::Value| client.request().with("claims", &json!({"id_token": {"acr": acr}}).to_string()).url();
    let tokens = browser.open(&client.request().with("acr_values", supported.as_str().unwrap()).url()).await.code();
    assert_eq!(jwt::claims(&client.redeem(&tokens).await.ok().id_token)["acr"], supported);
    browser.open(&ask(json!({"values": ["gold"]}))).await.code();
    browser.open(&ask(json!({"essential": true, "values": ["gold", supported]}))).await.code();
    browser
        .open(&ask(json!({"essential": true, "value": "gold"})))
        .await
        .client_refused("unmet_authentication_requirements");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_parameter_is_an_error_for_the_client() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    for name in ["response_type", "scope", "nonce", "code_challenge", "prompt", "max_age", "extra"] {
        let page = browser.open(&client.request().and(name, "x").and(name, "x").url()).await;
        page.client_refused("invalid_request");
        assert_eq!(page.response()["state"], "st~ate-._1", "{name}");
    }
    let page = browser.open(&client.request().and("state", "another").url()).await;
    page.client_refused("invalid_request");
    assert!(!page.response().contains_key("state"), "which of the two would it be?");
    for name in ["client_id", "redirect_uri"] {
        let page = browser.open(&client.request().and(name, "x").url()).await;
        page.is_error_page(400);
    }
    let same = browser.open(&client.request().and("redirect_uri", REDIRECT).url()).await;
    same.is_error_page(400);
}
