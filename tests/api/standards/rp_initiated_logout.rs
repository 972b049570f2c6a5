//! Signing out at the wish of the application: where it leads, and where it does not.

use serde_json::Value;

use super::logout_and_session::{AFTER, STATE, is_signed_out, members, signs_out};
use super::plan::Plan;
use super::suite::{Brought, Module};
use crate::harness::signer::Signer;
use crate::harness::{Page, Shows, TestApp, encode, jwt};

/// Somebody who has signed in.
async fn signed_in(app: &TestApp, plan: Plan) -> (Module, Brought) {
    let mut module = Module::with(app, plan, members()).await;
    let request = module.request();
    let brought = module.runs(request).await;
    (module, brought)
}

/// `oidcc-rp-initiated-logout`: back with the same state, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout() {
    let app = TestApp::registering().await;
    for plan in Plan::types() {
        let (mut module, brought) = signed_in(&app, plan).await;
        let page = signs_out(&mut module, &brought).await;
        assert_eq!(page.target().split('?').next(), Some(AFTER));
        let told = page.response();
        assert_eq!((told["state"].as_str(), told.len()), (STATE, 1), "byte for byte");
        is_signed_out(&mut module).await;
    }
}

/// `oidcc-rp-initiated-logout-no-state`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_no_state() {
    let app = TestApp::registering().await;
    for plan in Plan::types() {
        let (mut module, brought) = signed_in(&app, plan).await;
        let pairs = [("id_token_hint", brought.id_token_text()), ("post_logout_redirect_uri", AFTER)];
        let page = module.browser.open(&format!("/logout?{}", encode(&pairs))).await;
        assert_eq!(page.target(), AFTER);
        is_signed_out(&mut module).await;
    }
}

/// An error or a question is shown, and whoever answers it is not led there all the same.
async fn leads_nowhere(pairs: impl Fn(&Brought) -> Vec<(&'static str, String)>) {
    let app = TestApp::registering().await;
    for plan in Plan::types() {
        let (mut module, brought) = signed_in(&app, plan).await;
        let page = module.browser.open(&format!("/logout?{}", encode(&pairs(&brought)))).await;
        assert!(page.redirects.is_empty());
        match page.shows() {
            Shows::Error => page.is_error_page(400),
            _ => confirms(&mut module, page).await,
        }
    }
}

/// The person says yes: they are signed out, and see our own page.
async fn confirms(module: &mut Module, page: Page) {
    let page = match page.shows() {
        Shows::LogoutQuestion => module.browser.press(&page, "logout-confirm", &[]).await,
        _ => page,
    };
    assert_eq!(page.shows(), Shows::SignedOut);
    assert!(!page.answer.text().contains("suite.test/test/a/latchkey/post_logout_redirect"), "no link there either");
    is_signed_out(module).await;
}

fn to(uri: &str) -> (&'static str, String) {
    ("post_logout_redirect_uri", uri.to_owned())
}

fn hint(token: &str) -> (&'static str, String) {
    ("id_token_hint", token.to_owned())
}

fn state() -> (&'static str, String) {
    ("state", STATE.to_owned())
}

/// `oidcc-rp-initiated-logout-bad-post-logout-redirect-uri`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri() {
    leads_nowhere(|brought| vec![hint(brought.id_token_text()), to(&format!("{AFTER}/not-registered")), state()]).await;
}

/// `oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri() {
    leads_nowhere(|brought| vec![hint(brought.id_token_text()), to(&format!("{AFTER}?foo=bar")), state()]).await;
}

/// `oidcc-rp-initiated-logout-no-id-token-hint`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_no_id_token_hint() {
    leads_nowhere(|_| vec![to(AFTER), state()]).await;
}

/// `oidcc-rp-initiated-logout-modified-id-token-hint`: without a signature.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_modified_id_token_hint() {
    let unsigned = |brought: &Brought| {
        let payload = brought.id_token_text().split('.').nth(1).unwrap().to_owned();
        format!("eyJhbGciOiJub25lIn0.{payload}.")
    };
    leads_nowhere(|brought| vec![hint(&unsigned(brought)), to(AFTER), state()]).await;
}

/// `oidcc-rp-initiated-logout-bad-id-token-hint`: with the signature of somebody else, under the name of our key.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_bad_id_token_hint() {
    let foreign = Signer::new("RS256");
    let signed = |brought: &Brought| {
        let header = Value::Object(jwt::header(brought.id_token_text()));
        foreign.sign_with(&header, &Value::Object(brought.id_token().clone()))
    };
    leads_nowhere(|brought| vec![hint(&signed(brought)), to(AFTER), state()]).await;
}

/// With nowhere to go the person sees that they are signed out, once they have said so where nothing proves who asks.
async fn ends_here(pairs: impl Fn(&Brought) -> Vec<(&'static str, String)>) {
    let app = TestApp::registering().await;
    for plan in Plan::types() {
        let (mut module, brought) = signed_in(&app, plan).await;
        let page = module.browser.open(&format!("/logout?{}", encode(&pairs(&brought)))).await;
        confirms(&mut module, page).await;
    }
}

/// `oidcc-rp-initiated-logout-no-params`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_no_params() {
    ends_here(|_| vec![]).await;
}

/// `oidcc-rp-initiated-logout-only-state`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_only_state() {
    ends_here(|_| vec![state()]).await;
}

/// `oidcc-rp-initiated-logout-no-post-logout-redirect-uri`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri() {
    ends_here(|brought| vec![hint(brought.id_token_text()), state()]).await;
}
