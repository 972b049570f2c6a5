//! Nothing is ever redirected to a URI that is not proven (threats.md 1.1).

use latchkey::domain::oauth::client::{AuthMethod, Metadata};
use latchkey::services::oauth::client::{Registration, register};

use crate::harness::{REDIRECT, Shows, TestApp, operator};

#[tokio::test(flavor = "multi_thread")]
async fn a_uri_that_differs_in_any_byte_gets_a_page() {
    let app = TestApp::start().await;
    let client =
        app.client().redirect(&[REDIRECT, "https://app.test/cb?bar=foo", "http://localhost:3000/cb"]).create().await;
    let mut browser = app.browser();
    for sent in [
        "https://app.test/callback/",
        "https://app.test/callback?foo=bar",
        "https://app.test/callback#fragment",
        "https://app.test/callback%2F",
        "https://app.test/Callback",
        "https://app.test/%63allback",
        "https://app.test/x/../callback",
        "https://app.test/callback/..;/evil",
        "https://app.test//callback",
        "https://APP.test/callback",
        "HTTPS://app.test/callback",
        "https://app.test:443/callback",
        "https://app.test./callback",
        "http://app.test/callback",
        "https://app.test@evil.test/callback",
        "https://a@b@app.test/callback",
        "https://user:pass@app.test/callback",
        "https://app.test.evil.test/callback",
        "https://evil.test/callback",
        "https://evil.test\\@app.test/callback",
        "https://app.test\t/callback",
        " https://app.test/callback",
        "https://app.test/callback ",
        "https://app.test/callback\r\nSet-Cookie: a=b",
        "//app.test/callback",
        "/callback",
        "javascript:alert(1)//https://app.test/callback",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "https://app.test/cb",
        "https://app.test/cb?bar=fox",
        "https://app.test/cb?bar=foo&baz=1",
        "http://localhost:3001/cb",
        "http://127.0.0.1:3000/cb",
        ".*",
        "https://*.test/callback",
        "x",
        "",
    ] {
        for mode in ["query", "fragment", "form_post", "form_post.jwt"] {
            let request = client.request().with("redirect_uri", sent).with("response_mode", mode);
            let page = browser.open(&request.url()).await;
            page.is_error_page(400);
            assert!(page.answer.header("location").is_empty() && page.redirects.is_empty(), "{sent}");
            assert!(!page.answer.text().contains("evil"), "without dev nothing of it is shown: {sent}");
        }
    }
    let page = browser.open(&client.request().without("redirect_uri").url()).await;
    page.is_error_page(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_or_disabled_client_gets_a_page_whatever_else_is_wrong() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    for id in ["", "nobody", "' OR 1=1 --", "<script>alert(1)</script>"] {
        let page = browser.open(&client.request().with("client_id", id).with("response_type", "x").url()).await;
        page.is_error_page(400);
        assert!(!page.answer.text().contains("<script>alert"));
    }
    browser.open(&client.request().without("client_id").url()).await.is_error_page(400);
    app.disable_client(&client.id).await;
    browser.open(&client.request().url()).await.is_error_page(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_development_the_page_says_what_was_compared_and_it_stays_text() {
    let app = TestApp::configured().explaining().start().await;
    let client = app.client().create().await;
    let sent = "https://app.test/callbock?<script>alert(1)</script>";
    let page = app.browser().open(&client.request().with("redirect_uri", sent).url()).await;
    page.is_error_page(400);
    let text = page.answer.text().replace("<mark title=\"first difference\">", "").replace("</mark>", "");
    assert!(text.contains(REDIRECT) && text.contains("callbock"), "{text}");
    assert!(!text.contains("<script>alert"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_native_client_may_come_back_on_any_port_of_the_loopback_address() {
    let app = TestApp::start().await;
    let uri = "http://127.0.0.1/cb";
    let native = app.client().public().redirect(&[uri, "http://[::1]:7000/cb?x=1"]).create().await;
    let mut browser = app.browser();
    for sent in ["http://127.0.0.1:51000/cb", uri, "http://[::1]:1/cb?x=1"] {
        let page = native.authorize(&mut browser, "alice", native.request().with("redirect_uri", sent)).await;
        assert!(page.target().starts_with(sent), "{}", page.target());
        let code = page.code();
        let mut form = native.redemption(&code);
        form[2].1 = sent;
        native.token(&form).await.ok();
    }
    for sent in [
        "http://127.0.0.1:51000/other",
        "http://127.0.0.1:51000/cb?x=1",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:80@evil.test/cb",
        "http://127.0.0.1.evil.test/cb",
        "http://127.0.0.1:51000.evil.test/cb",
        "http://127.0.0.2:51000/cb",
        "http://localhost:51000/cb",
        "https://127.0.0.1:51000/cb",
        "http://[::1]:7000/cb",
    ] {
        browser.open(&native.request().with("redirect_uri", sent).url()).await.is_error_page(400);
    }
    let confidential = app.client().redirect(&["http://127.0.0.1:4000/cb"]).create().await;
    let sent = confidential.request().with("redirect_uri", "http://127.0.0.1:4001/cb");
    browser.open(&sent.url()).await.is_error_page(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_scheme_takes_the_answer_to_an_app() {
    let app = TestApp::start().await;
    let native = app.client().public().redirect(&["com.example.app:/cb"]).create().await;
    let page = native.authorize(&mut app.browser(), "alice", native.request()).await;
    assert!(page.target().starts_with("com.example.app:/cb?code="), "{}", page.target());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_be_dangerous_cannot_be_registered() {
    let app = TestApp::start().await;
    for uri in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "https://user@app.test/cb",
        "https://app.test/cb#x",
        "https://*.app.test/cb",
        "http://app.test/cb",
        "https://app.test/a b",
        "com.example.app:/cb",
        "/cb",
        "",
    ] {
        let metadata = Metadata { redirect_uris: vec![uri.to_owned()], ..Metadata::default() };
        let registration = Registration { id: None, secret: None, name: "x".into(), metadata: metadata.clone() };
        assert!(register(&app.app, &operator(), registration).await.is_err(), "{uri}");
        let after = Metadata {
            redirect_uris: vec![REDIRECT.into()],
            post_logout_redirect_uris: metadata.redirect_uris,
            token_endpoint_auth_method: AuthMethod::ClientSecretBasic,
            ..Metadata::default()
        };
        // Nothing secret is sent there after logout, and beside https it is an app of this client's.
        if uri == "com.example.app:/cb" {
            continue;
        }
        let registration = Registration { id: None, secret: None, name: "x".into(), metadata: after };
        assert!(register(&app.app, &operator(), registration).await.is_err(), "after logout: {uri}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_uri_that_was_withdrawn_meanwhile_gets_a_page() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    app.sql(&format!(
        "UPDATE clients SET metadata = replace(metadata, '{REDIRECT}', 'https://moved.test/cb') WHERE id = '{}'",
        client.id
    ))
    .await;
    app.advance(crate::harness::seconds(1));
    assert_eq!(page.shows(), Shows::Login);
    browser.sign_in(&page, "alice").await.is_error_page(400);
}
