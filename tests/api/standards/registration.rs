//! What applications say of themselves when they register.

use axum::http::StatusCode;
use latchkey::services::oauth::registration::{NewToken, create_token};
use latchkey::services::operation::key_rotation::{Rotation, rotate};
use serde_json::{Value, json};

use super::checks::{are_sound_keys, discovery, is_a_token_error, jwks, lists};
use super::plan::Plan;
use super::suite::{CALLBACK, Module, is_registered, registration};
use crate::harness::signer::{Publisher, Signer};
use crate::harness::{Shows, TestApp, operator, seconds};

/// Nobody is registered like that: the status, and the codes that it may have.
async fn is_refused(more: Value, among: &[&str]) {
    let app = TestApp::registering().await;
    for plan in Plan::types() {
        let answer = app.register(None, &registration(plan, &more)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
        answer.is_not_kept();
        assert!(among.contains(&answer.json()["error"].as_str().unwrap()), "{}", answer.text());
    }
    assert_eq!(app.rows().await["clients"], 0);
}

/// `oidcc-redirect-uri-regfrag`.
#[tokio::test]
async fn oidcc_redirect_uri_regfrag() {
    let members = json!({"redirect_uris": [format!("{CALLBACK}#foobar")]});
    is_refused(members, &["invalid_redirect_uri", "invalid_client_metadata"]).await;
}

/// The login page, before anybody has signed in.
async fn login_page_of(members: Value) -> String {
    let app = TestApp::registering().await;
    let mut module = Module::with(&app, Plan::CODE, members).await;
    let request = module.request();
    let page = module.browser.open(&request.url()).await;
    assert_eq!(page.shows(), Shows::Login);
    let html = page.answer.text().to_owned();
    module.goes_on(page, &request).await;
    html
}

/// `oidcc-registration-logo-uri`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_registration_logo_uri() {
    let html = login_page_of(json!({"logo_uri": "https://suite.test/images/openid.png"})).await;
    let image = html.split("<img").nth(1).and_then(|rest| rest.split('>').next()).expect("an image");
    assert!(image.contains("src=\"https://suite.test/images/openid.png\""), "{image}");
}

/// `oidcc-registration-policy-uri`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_registration_policy_uri() {
    assert!(
        login_page_of(json!({"policy_uri": "https://suite.test/policy"}))
            .await
            .contains("<a href=\"https://suite.test/policy\"")
    );
}

/// `oidcc-registration-tos-uri`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_registration_tos_uri() {
    assert!(login_page_of(json!({"tos_uri": "https://openid.test"})).await.contains("<a href=\"https://openid.test"));
}

/// A client whose keys are at an address of its own.
async fn with_keys_at(publisher: &Publisher, key: &Signer) -> Module {
    let app = that_may_call(publisher).await;
    let grants = ["authorization_code", "refresh_token"];
    let members = json!({"jwks": null, "jwks_uri": publisher.url, "grant_types": grants});
    let module = Module::with(&app, Plan::CODE.by("private_key_jwt"), members).await;
    Module { key: key.clone(), ..module }
}

/// `oidcc-registration-jwks-uri`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_registration_jwks_uri() {
    let key = Signer::new("RS256").named("first");
    let publisher = Publisher::start(key.jwks()).await;
    let mut module = with_keys_at(&publisher, &key).await;
    assert_eq!(module.registered.told["jwks_uri"], publisher.url);
    let request = module.request();
    module.runs(request).await;
    assert_eq!(publisher.asked(), 1);
}

/// `oidcc-refresh-token-rp-key-rotation`: the refresh after a minute is signed with a key that nobody had seen.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_refresh_token_rp_key_rotation() {
    let (first, second) = (Signer::new("RS256").named("first"), Signer::new("RS256").named("second"));
    let publisher = Publisher::start(first.jwks()).await;
    let mut module = with_keys_at(&publisher, &first).await;
    let request = module.request().with("scope", "openid offline_access").with("prompt", "consent");
    let token = module.runs(request).await.tokens.unwrap().refresh_token;
    publisher.answers(200, second.jwks());
    module.app.advance(seconds(60));
    let form = [("grant_type", "refresh_token"), ("refresh_token", &*token)];
    module.key = second;
    let renewed = module.token(&form).await.ok();
    assert_eq!(publisher.asked(), 2);
    module.key = first;
    let form = [("grant_type", "refresh_token"), ("refresh_token", &*renewed.refresh_token)];
    is_a_token_error(&module.token(&form).await, 401, "invalid_client");
}

/// A server of the suite's that has the list of redirect URIs, and ours that may call it.
async fn with_list(list: Value) -> (TestApp, Publisher) {
    let publisher = Publisher::start(list).await;
    (that_may_call(&publisher).await, publisher)
}

async fn that_may_call(publisher: &Publisher) -> TestApp {
    TestApp::configured().toml("[registration]\ndynamic = \"open\"\n").toml(&publisher.toml()).start().await
}

/// `oidcc-registration-sector-uri`: runs only where pairwise subs are listed, as they are.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_registration_sector_uri() {
    let (app, publisher) = with_list(json!([CALLBACK, "https://other.test/callback"])).await;
    assert!(lists(&discovery(&app).await, "subject_types_supported", "pairwise"));
    for plan in Plan::dynamic() {
        let members = json!({"sector_identifier_uri": publisher.url, "subject_type": "pairwise"});
        let mut module = Module::with(&app, plan, members).await;
        let request = module.request();
        let pairwise = module.runs(request).await;
        let mut public = module.second(plan, json!({})).await;
        let request = public.request();
        let public = public.runs(request).await;
        assert_ne!(pairwise.id_token()["sub"], public.id_token()["sub"]);
    }
    assert!(publisher.asked() >= 6, "it is fetched when a client registers");
}

/// `oidcc-registration-sector-bad`.
#[tokio::test]
async fn oidcc_registration_sector_bad() {
    let (app, publisher) = with_list(json!(["https://other.test/callback"])).await;
    for plan in Plan::dynamic() {
        let members = json!({"sector_identifier_uri": publisher.url, "subject_type": "pairwise"});
        let answer = app.register(None, &registration(plan, &members)).await;
        answer.refused("invalid_client_metadata");
    }
    assert_eq!(app.rows().await["clients"], 0);
}

/// `oidcc-server-rotate-keys`: while a client is there, and with tokens of before that stay good.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_server_rotate_keys() {
    let app = TestApp::registering().await;
    let mut module = Module::begin(&app, Plan::CODE).await;
    let before = jwks(&app).await;
    let request = module.request();
    let brought = module.runs(request).await;
    let done = rotate(&app.app, &operator(), None, false).await.unwrap();
    assert!(matches!(done, Rotation::Done(_)));
    let after = jwks(&app).await;
    are_sound_keys(&after);
    assert!(before.iter().all(|key| after.contains(key)), "the old ones are still there");
    let moduli: Vec<_> = before.iter().map(|key| (&key["n"], &key["x"])).collect();
    let new: Vec<_> = after.iter().filter(|key| !before.contains(key)).collect();
    assert!(!new.is_empty() && new.iter().all(|key| !moduli.contains(&(&key["n"], &key["x"]))), "and new numbers");
    module.client().userinfo(brought.access_token().unwrap()).await.success();
    let hint = brought.id_token_text();
    let silent = module.request().with("prompt", "none").with("id_token_hint", hint);
    let later = module.runs_silently(silent).await;
    let kid = |brought: &super::suite::Brought| crate::harness::jwt::header(brought.id_token_text())["kid"].clone();
    assert_ne!(kid(&later), kid(&brought), "the next key signs");
}

/// `oidcc-3rd_party-init-login`.
#[tokio::test]
async fn oidcc_3rd_party_init_login() {
    let app = TestApp::registering().await;
    let uri = "https://suite.test/test/a/latchkey/initiate_login";
    let module = Module::with(&app, Plan::CODE, json!({"initiate_login_uri": uri})).await;
    assert_eq!(module.registered.told["initiate_login_uri"], uri);
    assert_eq!(module.registered.read().await.success()["initiate_login_uri"], uri);
    module.ends().await;
}

/// `oidcc-3rd_party-init-login-nohttps`.
#[tokio::test]
async fn oidcc_3rd_party_init_login_nohttps() {
    is_refused(json!({"initiate_login_uri": "http://suite.test/initiate_login"}), &["invalid_client_metadata"]).await;
}

/// A client that nobody signs in to, as those of CIBA, has an empty list.
#[tokio::test]
async fn a_client_may_have_no_response_types() {
    let app = TestApp::registering().await;
    let token = NewToken { name: "Suite".into(), uses: 1, lifetime: seconds(3600) };
    let (_, token) = create_token(&app.app, &operator(), token).await.unwrap();
    let document = json!({"response_types": [], "grant_types": ["client_credentials"]});
    let answer = app.register(Some(token.expose()), &document).await;
    is_registered(&app, &document, &answer).client().client_credentials().await.success();
}

/// The limits of strangers leave room for a conformance run, which registers from one address all the time and deletes most: with
/// nothing but defaults, twice as many modules within an hour as a plan has.
#[tokio::test(flavor = "multi_thread")]
async fn a_conformance_run_from_one_address_is_not_braked_by_the_usual_limits() {
    let app = TestApp::registering().await;
    let mut left = 0;
    for run in 0..80_usize {
        let plan = Plan::types().nth(run % 6).unwrap();
        let first = Module::begin(&app, plan).await;
        let mut second = first.second(plan, json!({})).await;
        let request = second.request();
        // Some modules end at a page of ours, and one in ten is broken off before it has cleaned up.
        match run % 5 {
            0 => drop(second.runs(request).await),
            1 => drop(second.browser.open(&request.without("redirect_uri").url()).await),
            _ => drop(second.browser.open(&request.with("prompt", "none").url()).await),
        }
        app.advance(seconds(40));
        if run % 10 == 9 {
            left += 1;
            continue;
        }
        first.ends().await;
        second.ends().await;
    }
    assert_eq!((app.rows().await["clients"], left), (16, 8));
}
