//! `/jwks`.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Request;

use crate::harness::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn every_key_has_a_name_of_its_own_and_no_private_part() {
    let app = TestApp::start().await;
    let jwks = app.get("/jwks").await.success();
    let keys = jwks["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 8, "of each algorithm the active key and the next");
    let mut names = BTreeSet::new();
    for key in keys {
        assert!(names.insert(key["kid"].as_str().unwrap().to_owned()));
        assert_eq!(key["use"], "sig");
        let members: BTreeSet<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        let expected: &[&str] = match key["alg"].as_str() {
            Some("RS256" | "PS256") => &["alg", "e", "kid", "kty", "n", "use"],
            Some("ES256") => &["alg", "crv", "kid", "kty", "use", "x", "y"],
            Some("EdDSA") => &["alg", "crv", "kid", "kty", "use", "x"],
            other => panic!("{other:?}"),
        };
        assert_eq!(members, expected.iter().copied().collect());
        if key["kty"] == "RSA" {
            assert_eq!(key["n"].as_str().unwrap().len(), 342, "2048 bits");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_instance_publishes_the_same() {
    let app = TestApp::start().await;
    let beside = app.another().await;
    assert_eq!(app.get("/jwks").await.body, beside.get("/jwks").await.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn head_says_what_get_would_and_nothing_more() {
    let app = TestApp::start().await;
    for path in ["/jwks", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let got = app.get(path).await;
        let head = app.call(Request::head(path).body(Body::empty()).unwrap()).await;
        assert_eq!((head.status, head.body.len()), (got.status, 0), "{path}");
        for name in ["etag", "cache-control", "content-type", "access-control-allow-origin"] {
            assert_eq!(head.header(name), got.header(name), "{path}: {name}");
        }
        let known = Request::head(path).header("if-none-match", got.header("etag")).body(Body::empty()).unwrap();
        assert_eq!(app.call(known).await.status, 304, "{path}");
        let other = app.call(Request::put(path).body(Body::empty()).unwrap()).await;
        assert_eq!(other.status, 405, "{path}");
    }
}
