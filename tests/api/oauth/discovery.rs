//! `/.well-known/…`.

use axum::http::{Request, header};

use crate::harness::{ISSUER, TestApp};

const DOCUMENTS: [&str; 2] = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

#[tokio::test(flavor = "multi_thread")]
async fn both_documents_say_what_is_there() {
    let app = TestApp::start().await;
    let document = app.get(DOCUMENTS[0]).await.success();
    assert_eq!(app.get(DOCUMENTS[1]).await.success(), document);
    assert_eq!(document["issuer"], ISSUER);
    for (name, path) in [
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/token"),
        ("userinfo_endpoint", "/userinfo"),
        ("jwks_uri", "/jwks"),
        ("introspection_endpoint", "/introspect"),
        ("revocation_endpoint", "/revoke"),
        ("end_session_endpoint", "/logout"),
    ] {
        assert_eq!(document[name], format!("{ISSUER}{path}"), "{name}");
        let answer = app.get(path).await;
        assert_ne!(answer.status, 404, "{path} exists");
    }
    let list = |name: &str| document[name].as_array().unwrap_or_else(|| panic!("{name}")).clone();
    let types = ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"];
    assert_eq!(list("response_types_supported"), types);
    assert_eq!(list("code_challenge_methods_supported"), ["S256"]);
    assert_eq!(list("subject_types_supported"), ["public", "pairwise"]);
    for (name, members) in [
        ("response_modes_supported", &["query", "fragment", "form_post"][..]),
        ("grant_types_supported", &["authorization_code", "refresh_token", "client_credentials"]),
        ("id_token_signing_alg_values_supported", &["RS256", "ES256"]),
        ("token_endpoint_auth_methods_supported", &["client_secret_basic", "client_secret_post", "none"]),
        ("scopes_supported", &["openid", "profile", "email", "phone", "address", "offline_access"]),
        ("claims_supported", &["sub", "name", "email", "address", "birthdate", "auth_time", "acr"]),
    ] {
        let found = list(name);
        assert!(members.iter().all(|member| found.iter().any(|value| value == member)), "{name}: {found:?}");
    }
    assert!(!list("id_token_signing_alg_values_supported").contains(&"none".into()));
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);
    assert_eq!(document["claims_parameter_supported"], true);
    assert_eq!(document["request_parameter_supported"], true);
    assert_eq!(document["request_uri_parameter_supported"], true);
    assert_eq!(document["require_request_uri_registration"], true, "nothing is fetched from where others say");
}

#[tokio::test(flavor = "multi_thread")]
async fn they_may_be_kept_and_asked_about_again() {
    let app = TestApp::start().await;
    for path in DOCUMENTS.into_iter().chain(["/jwks"]) {
        let first = app.get(path).await;
        assert_eq!(first.header("cache-control"), "public, max-age=300");
        let etag = first.header("etag").to_owned();
        assert!(etag.starts_with('"') && etag.len() > 20, "{etag}");
        let again = app.send(Request::get(path).header(header::IF_NONE_MATCH, &etag)).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{path}");
        assert_eq!((again.header("etag"), again.header("cache-control")), (&*etag, "public, max-age=300"));
        let other = app.send(Request::get(path).header(header::IF_NONE_MATCH, "\"x\"")).await;
        assert_eq!((other.status.as_u16(), other.body.clone()), (200, first.body.clone()));
        let head = app.send(Request::head(path)).await;
        assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
        assert!(first.headers.get(header::SET_COOKIE).is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_own_scopes_are_published() {
    let app = TestApp::configured().toml("[scopes]\nextra = [\"orders:read\"]\n").start().await;
    let document = app.get(DOCUMENTS[0]).await.success();
    assert!(document["scopes_supported"].as_array().unwrap().contains(&"orders:read".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_api_says_who_gives_tokens_for_it() {
    let app = TestApp::start().await;
    let answer = app.get("/.well-known/oauth-protected-resource").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let resource = answer.success();
    assert_eq!(resource["resource"], ISSUER);
    assert_eq!(resource["authorization_servers"], serde_json::json!([ISSUER]));
    for scope in resource["scopes_supported"].as_array().unwrap() {
        let metadata = app.get("/.well-known/openid-configuration").await.success();
        assert!(metadata["scopes_supported"].as_array().unwrap().contains(scope), "{scope}");
    }
    let client = app.client().machine("a").create().await;
    let refused = client.userinfo("nonsense").await;
    let challenge = refused.header("www-authenticate").to_owned();
    let expected = format!("resource_metadata=\"{ISSUER}/.well-known/oauth-protected-resource\"");
    assert!(challenge.contains("error=\"invalid_token\"") && challenge.ends_with(&expected), "{challenge}");
}
