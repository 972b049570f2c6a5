//! Signing in again, and not being asked at all.

use serde_json::Value;

use super::plan::Plan;
use super::suite::{Brought, Module};
use crate::harness::{Shows, TestApp, seconds};

/// What nobody can be told without a page.
const NEEDS_A_PAGE: [&str; 4] =
    ["login_required", "interaction_required", "account_selection_required", "consent_required"];

fn auth_time(brought: &Brought) -> i64 {
    brought.id_token()["auth_time"].as_i64().expect("auth_time in seconds")
}

/// Somebody has signed in, and then this comes. Whoever has to sign in again sees the login page.
async fn then_signs_in_again(parameter: (&str, &str)) {
    let app = TestApp::registering().await;
    for plan in Plan::types() {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request();
        let first = module.runs(request).await;
        app.advance(seconds(2));
        let request = module.request().with(parameter.0, parameter.1);
        let page = module.browser.open(&request.url()).await;
        assert_eq!(page.shows(), Shows::Login, "{plan:?}");
        let second = module.goes_on(page, &request).await;
        assert!(auth_time(&second) > auth_time(&first), "{plan:?}");
        assert!(app.clock.now().as_secs() - auth_time(&second) < 5, "{plan:?}");
        assert_eq!(second.id_token()["sub"], first.id_token()["sub"]);
    }
}

/// `oidcc-prompt-login`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_prompt_login() {
    then_signs_in_again(("prompt", "login")).await;
}

/// `oidcc-max-age-1`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_max_age_1() {
    then_signs_in_again(("max_age", "1")).await;
}

/// `oidcc-max-age-10000`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_max_age_10000() {
    let app = TestApp::registering().await;
    for plan in Plan::types() {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request().with("max_age", "15000");
        let first = module.runs(request).await;
        app.advance(seconds(3));
        let request = module.request().with("max_age", "10000");
        let second = module.runs_silently(request).await;
        assert_eq!(auth_time(&second), auth_time(&first), "{plan:?}");
        assert_eq!(second.id_token()["sub"], first.id_token()["sub"]);
    }
}

/// `oidcc-prompt-none-not-logged-in`.
#[tokio::test]
async fn oidcc_prompt_none_not_logged_in() {
    let app = TestApp::registering().await;
    let state = format!("{}-._~", app.app.random.readable(124));
    for plan in Plan::all() {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request().with("prompt", "none").with("state", &state);
        let page = module.browser.open(&request.url()).await;
        module.is_told(&page, &request, &NEEDS_A_PAGE);
    }
}

/// `oidcc-prompt-none-logged-in`: consent that was given once is not asked for again.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_prompt_none_logged_in() {
    let app = TestApp::registering().await;
    for plan in Plan::all() {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request();
        let first = module.runs(request).await;
        app.advance(seconds(1));
        let request = module.request().with("prompt", "none");
        let second = module.runs_silently(request).await;
        let said = |brought: &Brought, name: &str| -> Value { brought.id_token()[name].clone() };
        assert_eq!(said(&second, "sub"), said(&first, "sub"), "{plan:?}");
        assert_eq!(said(&second, "auth_time"), said(&first, "auth_time"), "{plan:?}");
    }
}

/// `oidcc-id-token-hint`: also when the hint has expired.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_id_token_hint() {
    let app = TestApp::registering().await;
    for plan in Plan::types() {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request();
        let first = module.runs(request).await;
        for later in [1, 3600] {
            app.advance(seconds(later));
            let hint = first.id_token_text();
            let request = module.request().with("prompt", "none").with("id_token_hint", hint);
            let second = module.runs_silently(request).await;
            assert_eq!(second.id_token()["sub"], first.id_token()["sub"], "{plan:?}");
            assert_eq!(auth_time(&second), auth_time(&first), "{plan:?}");
        }
    }
}
