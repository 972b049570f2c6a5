//! Signing out by the application, and telling the others of it.

use axum::http::Request;
use serde_json::{Value, json};

use super::checks::{discovery, lists};
use super::plan::Plan;
use super::suite::{Brought, Module};
use crate::harness::{Browser, Client, PASSWORD, Page, Receiver, Shows, TestApp, body, encode, jwt};

/// Where the suite's clients go after a logout.
pub const AFTER: &str = "https://suite.test/test/a/latchkey/post_logout_redirect";
const FRAME: &str = "https://suite.test/test/a/latchkey/frontchannel_logout";

/// What clients of these plans register.
pub fn members() -> Value {
    json!({"post_logout_redirect_uris": [AFTER]})
}

/// What somebody may be told who is not signed in any more.
pub const SIGNED_OUT: [&str; 4] =
    ["login_required", "interaction_required", "account_selection_required", "consent_required"];

#[tokio::test]
async fn every_way_to_sign_out_is_in_discovery() {
    let document = discovery(&TestApp::registering().await).await;
    for member in ["end_session_endpoint", "check_session_iframe"] {
        assert!(document[member].as_str().is_some_and(|url| url.starts_with("https://")), "{member}");
    }
    for member in [
        "backchannel_logout_supported",
        "backchannel_logout_session_supported",
        "frontchannel_logout_supported",
        "frontchannel_logout_session_supported",
    ] {
        assert_eq!(document[member], true, "{member}");
    }
    assert!(lists(&document, "prompt_values_supported", "none"));
}

#[tokio::test]
async fn each_member_about_logout_is_registered_and_told_again() {
    let receiver = Receiver::start().await;
    let toml = format!("[registration]\ndynamic = \"open\"\n{}", Receiver::toml(&[&receiver]));
    let app = TestApp::configured().toml(&toml).start().await;
    let members = json!({
        "post_logout_redirect_uris": [AFTER],
        "frontchannel_logout_uri": FRAME,
        "frontchannel_logout_session_required": true,
        "backchannel_logout_uri": receiver.url("/backchannel_logout"),
        "backchannel_logout_session_required": true,
    });
    for plan in Plan::types() {
        let module = Module::with(&app, plan, members.clone()).await;
        let told = module.registered.read().await.success();
        for (name, value) in members.as_object().unwrap() {
            assert_eq!(&told[name], value, "{name}");
        }
    }
}

/// `oidcc-backchannel-rp-initiated-logout`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_backchannel_rp_initiated_logout() {
    let receiver = Receiver::start().await;
    let toml = format!("[registration]\ndynamic = \"open\"\n{}", Receiver::toml(&[&receiver]));
    let app = TestApp::configured().toml(&toml).start().await;
    for (runs, plan) in Plan::types().enumerate() {
        let mut members = members();
        members["backchannel_logout_uri"] = json!(receiver.url("/backchannel_logout"));
        members["backchannel_logout_session_required"] = json!(true);
        let mut module = Module::with(&app, plan, members).await;
        let request = module.request();
        let brought = module.runs(request).await;
        signs_out(&mut module, &brought).await.target();
        app.work().await;
        let told = receiver.told();
        assert_eq!(told.len(), runs + 1);
        let call = &told[runs];
        assert_eq!(call.content_type, "application/x-www-form-urlencoded");
        let [(name, token)] = call.form.as_slice() else { panic!("one parameter: {:?}", call.form) };
        assert_eq!(name, "logout_token");
        let token = jwt::verify(&app, token).await;
        let claims = &token.claims;
        assert_eq!(token.header["alg"], "RS256");
        let event = "http://schemas.openid.net/event/backchannel-logout";
        assert_eq!(claims["events"], json!({ event: {} }));
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!("https://id.test"), &json!(module.client().id)));
        assert!((app.clock.now().as_secs() - claims["iat"].as_i64().unwrap()).abs() <= 300);
        assert!(claims["jti"].as_str().is_some_and(|jti| !jti.is_empty()));
        assert_eq!(claims.get("nonce"), None);
        let id_token = brought.id_token();
        assert!(id_token["sid"].is_string());
        assert_eq!((&claims["sub"], &claims["sid"]), (&id_token["sub"], &id_token["sid"]));
    }
}

/// `oidcc-frontchannel-rp-initiated-logout`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_frontchannel_rp_initiated_logout() {
    let app = TestApp::registering().await;
    for plan in Plan::types() {
        let mut members = members();
        members["frontchannel_logout_uri"] = json!(FRAME);
        members["frontchannel_logout_session_required"] = json!(true);
        let mut module = Module::with(&app, plan, members).await;
        let request = module.request();
        let brought = module.runs(request).await;
        let page = signs_out(&mut module, &brought).await;
        assert_eq!(page.shows(), Shows::SignedOut);
        let html = page.answer.text();
        let sid = brought.id_token()["sid"].as_str().unwrap();
        let frame = format!("{FRAME}?{}", encode(&[("iss", "https://id.test"), ("sid", sid)])).replace('&', "&#38;");
        assert_eq!(html.matches("<iframe").count(), 1);
        assert!(html.contains(&format!("<iframe src=\"{frame}\"")), "{html}");
        let onward = format!("{AFTER}?{}", encode(&[("state", STATE)]));
        assert!(html.contains(&format!("<meta http-equiv=\"refresh\" content=\"4;url={onward}\">")), "{html}");
        let script = html.split("<script").nth(1).and_then(|rest| rest.split("</script>").next()).unwrap();
        assert!(!["const ", "let ", "=>", "`"].iter().any(|later| script.contains(later)), "{script}");
        is_signed_out(&mut module).await;
    }
}

/// The state of every logout: long, with every character that a URL has unencoded.
pub const STATE: &str = "01234567890123456789012345678901234567890123456789-._~abcdefghijklmnopqrstuvwxyz-._~ABCDEFGHIJKLMNOPQRSTUVWXYZ-._~";

/// Sends the person to sign out with the usual parameters.
pub async fn signs_out(module: &mut Module, brought: &Brought) -> Page {
    let hint = brought.id_token_text();
    let pairs = [("id_token_hint", hint), ("post_logout_redirect_uri", AFTER), ("state", STATE)];
    module.browser.open(&format!("/logout?{}", encode(&pairs))).await
}

/// Nobody is signed in in this browser any more.
pub async fn is_signed_out(module: &mut Module) {
    let request = module.request().with("prompt", "none");
    let page = module.browser.open(&request.url()).await;
    module.is_told(&page, &request, &SIGNED_OUT);
}

/// What the page in the frame says to a client at this origin that holds this state.
fn frame_says(browser: &Browser, client: &Client, state: &str, origin: &str) -> &'static str {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use sha2::{Digest, Sha256};
    let Some((_, salt)) = state.split_once('.') else { return "error" };
    let cookie = browser.cookies.get("__Host-latchkey-state").map(String::as_str).unwrap_or_default();
    let hash = Sha256::digest(format!("{} {origin} {cookie} {salt}", client.id));
    match format!("{}.{salt}", URL_SAFE_NO_PAD.encode(hash)) == state {
        true => "unchanged",
        false => "changed",
    }
}

/// `oidcc-session-management-rp-initiated-logout`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_session_management_rp_initiated_logout() {
    let app = TestApp::registering().await;
    for plan in Plan::all() {
        let mut module = Module::with(&app, plan, members()).await;
        let request = module.request();
        let brought = module.runs(request).await;
        let state = &brought.response["session_state"];
        assert!(!state.contains(' '), "{state}");
        let client = module.client();
        assert_eq!(frame_says(&module.browser, &client, state, "https://suite.test"), "unchanged");
        signs_out(&mut module, &brought).await;
        assert_eq!(frame_says(&module.browser, &client, state, "https://suite.test"), "changed");
        let request = module.request().with("prompt", "none");
        let page = module.browser.open(&request.url()).await;
        assert!(module.arrives(&page).contains_key("session_state"), "an error has one too");
    }
}

#[tokio::test]
async fn the_frame_runs_in_a_browser_of_the_year_2009_on_any_site() {
    let app = TestApp::registering().await;
    let url = discovery(&app).await["check_session_iframe"].as_str().unwrap().to_owned();
    let answer = app.get(url.strip_prefix("https://id.test").unwrap()).await;
    assert_eq!(answer.status, 200);
    assert!(answer.headers.get("x-frame-options").is_none());
    assert!(!answer.header("content-security-policy").contains("frame-ancestors"));
    let script = answer.text().split("<script>").nth(1).unwrap().split("</script>").next().unwrap();
    for later in ["const ", "let ", "=>", "`", "async ", "await ", "fetch(", "crypto.", "Uint8Array", "TextEncoder"] {
        assert!(!script.contains(later), "{later}");
    }
    assert!(script.contains("document.cookie") && script.contains("postMessage") && script.contains("event.origin"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_of_the_frame_can_be_read_by_it_on_any_site() {
    let app = TestApp::registering().await;
    let mut module = Module::begin(&app, Plan::CODE).await;
    let request = module.request();
    let page = module.browser.open(&request.url()).await;
    let form = page.form("login-submit");
    let typed = form.submit("login-submit", &[("username", "alice"), ("password", PASSWORD)]);
    let answer = module.browser.exchange(body(Request::post(&form.action), encode(&typed))).await;
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().map(|one| one.to_str().unwrap()).collect();
    let cookie = cookies.iter().find(|cookie| cookie.starts_with("__Host-latchkey-state=")).expect("the cookie");
    assert!(cookie.contains("SameSite=None") && cookie.contains("Secure") && !cookie.contains("HttpOnly"), "{cookie}");
}
