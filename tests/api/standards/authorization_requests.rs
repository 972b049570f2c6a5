//! Authorization requests that lack something or say more than usual.

use serde_json::json;

use super::checks::discovery;
use super::plan::{Place, Plan};
use super::suite::{CALLBACK, Module, arrives_by, said};
use crate::harness::{Shows, TestApp, encode, seconds};

/// `oidcc-response-type-missing`: nobody knows how the answer was to travel, so it is a page, or for somebody who is signed in an
/// answer in the query.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_response_type_missing() {
    let app = TestApp::registering().await;
    for plan in Plan::all() {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request().without("response_type");
        module.browser.open(&request.url()).await.is_error_page(400);
        let usual = module.request();
        module.runs(usual).await;
        let page = module.browser.open(&request.url()).await;
        let place = if plan.form_post { Place::Form } else { Place::Query };
        let told = arrives_by(&page, CALLBACK, place);
        let among = ["invalid_request", "unsupported_response_type"];
        super::checks::is_an_error(&told, said(&request, "state").as_deref(), &among);
    }
}

/// `oidcc-ensure-request-without-nonce-fails`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_ensure_request_without_nonce_fails() {
    let app = TestApp::registering().await;
    for plan in Plan::all().filter(|plan| plan.has("id_token")) {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request().without("nonce");
        module.browser.open(&request.url()).await.is_error_page(400);
        let usual = module.request();
        module.runs(usual).await;
        let page = module.browser.open(&request.url()).await;
        module.is_told(&page, &request, &["invalid_request"]);
    }
}

/// `oidcc-ensure-request-without-nonce-succeeds-for-code-flow`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    let app = TestApp::registering().await;
    for plan in Plan::all().filter(|plan| !plan.has("id_token")) {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request().without("nonce");
        assert_eq!(module.runs(request).await.id_token().get("nonce"), None);
    }
}

/// Each of these is handled or ignored, and never an error.
async fn succeeds_with(parameters: &[(&str, &str)]) {
    let app = TestApp::registering().await;
    for plan in Plan::types() {
        let mut module = Module::begin(&app, plan).await;
        let request = parameters.iter().fold(module.request(), |request, (name, value)| request.with(name, value));
        // Once as a stranger, and once as somebody who has been here.
        module.runs(request.clone()).await;
        module.runs(request).await;
    }
}

/// `oidcc-ensure-request-with-unknown-parameter-succeeds`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_ensure_request_with_unknown_parameter_succeeds() {
    succeeds_with(&[("extra", "foobar")]).await;
}

/// `oidcc-display-page`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_display_page() {
    succeeds_with(&[("display", "page")]).await;
}

/// `oidcc-display-popup`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_display_popup() {
    succeeds_with(&[("display", "popup")]).await;
}

/// `oidcc-ui-locales`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_ui_locales() {
    succeeds_with(&[("ui_locales", "se")]).await;
}

/// `oidcc-claims-locales`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_claims_locales() {
    succeeds_with(&[("claims_locales", "se")]).await;
}

/// `oidcc-login-hint`: of somebody who does not exist.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_login_hint() {
    succeeds_with(&[("login_hint", "buffy@suite.test")]).await;
}

/// `oidcc-alternate-happy-flow`: the order of parameters and of scopes means nothing.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_alternate_happy_flow() {
    let app = TestApp::registering().await;
    for plan in Plan::types() {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request().with("scope", "email openid");
        let backwards: Vec<_> = request.form().into_iter().rev().collect();
        let page = module.browser.open(&format!("/authorize?{}", encode(&backwards))).await;
        let brought = module.goes_on(page, &request).await;
        assert_eq!(brought.claims(&module).await["email"], "alice@example.com");
    }
}

/// `oidcc-ensure-post-request-succeeds`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_ensure_post_request_succeeds() {
    let app = TestApp::registering().await;
    for plan in Plan::all() {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request();
        let page = module.browser.post_from_elsewhere("/authorize", &request.form()).await;
        assert_eq!(page.shows(), Shows::Login);
        app.advance(seconds(29));
        module.goes_on(page, &request).await;
    }
}

/// `oidcc-ensure-request-with-acr-values-succeeds`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_ensure_request_with_acr_values_succeeds() {
    let app = TestApp::registering().await;
    let document = discovery(&app).await;
    let listed: Vec<_> =
        document["acr_values_supported"].as_array().unwrap().iter().map(|acr| acr.as_str().unwrap()).collect();
    for plan in Plan::types() {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request().with("acr_values", &listed.join(" "));
        let brought = module.runs(request).await;
        let acr = brought.id_token()["acr"].as_str().unwrap();
        assert!(listed.contains(&acr), "{plan:?}: {acr}");
    }
}

/// Browsers that test run scripts of the year 2009, and forget about those that they cannot read: what leads on by itself has to be
/// among the former, and everything else is a form that needs none.
#[tokio::test(flavor = "multi_thread")]
async fn every_page_on_the_way_is_a_form_and_what_leads_on_runs_everywhere() {
    let app = TestApp::registering().await;
    let mut module = Module::begin(&app, Plan { form_post: true, ..Plan::CODE }).await;
    let request = module.request();
    let login = module.browser.open(&request.url()).await;
    let consent = module.browser.sign_in(&login, "alice").await;
    for (page, shows, path, ids) in [
        (&login, Shows::Login, "/login", ["login-submit", "login-cancel"]),
        (&consent, Shows::Consent, "/consent", ["consent-allow", "consent-deny"]),
    ] {
        assert_eq!((page.shows(), page.url.split('?').next()), (shows, Some(path)));
        for id in ids {
            let form = page.form(id);
            assert_eq!(form.action, path, "{id}");
        }
        assert!(!page.answer.text().contains("onsubmit"));
    }
    let typed = |name: &str| login.form("login-submit").inputs.iter().any(|(known, _)| known == name);
    assert!(typed("username") && typed("password"));
    let last = module.browser.press(&consent, "consent-allow", &[]).await;
    let script = last.answer.text().split("<script").nth(1).and_then(|rest| rest.split("</script>").next()).unwrap();
    for later in ["const ", "let ", "=>", "`", "?.", "await "] {
        assert!(!script.contains(later), "{later}: {script}");
    }
    module.goes_on(last, &request).await;
}

/// `oidcc-claims-essential`: a claim that is asked for comes where it was asked for.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_claims_essential() {
    let app = TestApp::registering().await;
    for plan in Plan::types() {
        let mut module = Module::begin(&app, plan).await;
        let place = if plan.response_type == "id_token" { "id_token" } else { "userinfo" };
        let asked = json!({place: {"name": {"essential": true}}}).to_string();
        let request = module.request().with("claims", &asked);
        let brought = module.runs(request).await;
        assert_eq!(brought.claims(&module).await["name"], "Alice Liddell", "{plan:?}");
        for claims in brought.front.iter().chain(&brought.back).filter(|_| place == "userinfo") {
            assert_eq!(claims.get("name"), None, "{plan:?}");
        }
    }
}
