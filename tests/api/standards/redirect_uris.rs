//! Redirect URIs, which match exactly or lead nowhere.

use serde_json::json;

use super::plan::Plan;
use super::suite::{CALLBACK, Module};
use crate::harness::TestApp;

/// A page says what is wrong, before anybody has signed in and after it; nobody is sent anywhere.
async fn shows_a_page(registered: &[&str], sent: Option<&str>) {
    let app = TestApp::registering().await;
    for plan in Plan::all().chain(Plan::dynamic()) {
        let mut module = Module::with(&app, plan, json!({"redirect_uris": registered})).await;
        let right = module.request();
        let wrong = match sent {
            Some(sent) => right.clone().with("redirect_uri", sent),
            None => right.clone().without("redirect_uri"),
        };
        let page = module.browser.open(&wrong.url()).await;
        page.is_error_page(400);
        assert!(page.redirects.is_empty());
        module.runs(right).await;
        module.browser.open(&wrong.url()).await.is_error_page(400);
        module.browser.open(&wrong.with("prompt", "none").url()).await.is_error_page(400);
    }
}

/// `oidcc-ensure-registered-redirect-uri`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_ensure_registered_redirect_uri() {
    shows_a_page(&[CALLBACK], Some(&format!("{CALLBACK}/not-registered"))).await;
}

/// `oidcc-redirect-uri-query-added`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_redirect_uri_query_added() {
    shows_a_page(&[CALLBACK], Some(&format!("{CALLBACK}?foo=bar"))).await;
}

/// `oidcc-redirect-uri-query-mismatch`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_redirect_uri_query_mismatch() {
    shows_a_page(&[&format!("{CALLBACK}?bar=foo")], Some(&format!("{CALLBACK}?foo=bar"))).await;
}

/// `oidcc-ensure-redirect-uri-in-authorization-request`: of two that are registered none is sent.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_ensure_redirect_uri_in_authorization_request() {
    shows_a_page(&[CALLBACK, &format!("{CALLBACK}/second")], None).await;
}

/// `oidcc-redirect-uri-query-OK`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_redirect_uri_query_ok() {
    let app = TestApp::registering().await;
    let callback = format!("{CALLBACK}?bar=foo");
    for plan in Plan::all().chain(Plan::dynamic()) {
        let mut module = Module::with(&app, plan, json!({"redirect_uris": [callback]})).await;
        let request = module.request();
        module.runs(request).await;
    }
}
