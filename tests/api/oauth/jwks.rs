//! `/jwks`.

use std::collections::BTreeSet;

use crate::harness::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn every_key_has_a_name_of_its_own_and_no_private_part() {
    let app = TestApp::start().await;
    let jwks = app.get("/jwks").await.success();
    let keys = jwks["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 4, "of each algorithm the active key and the next");
    let mut names = BTreeSet::new();
    for key in keys {
        assert!(names.insert(key["kid"].as_str().unwrap().to_owned()));
        assert_eq!(key["use"], "sig");
        let members: BTreeSet<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        let expected: &[&str] = match key["alg"].as_str() {
            Some("RS256") => &["alg", "e", "kid", "kty", "n", "use"],
            Some("ES256") => &["alg", "crv", "kid", "kty", "use", "x", "y"],
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
