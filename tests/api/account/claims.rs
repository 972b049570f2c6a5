//! Groups and the operator's own claims.

use latchkey::services::account::{UserChanges, update};
use serde_json::{Value, json};

use crate::harness::{Shows, TestApp, jwt, operator};

const EXTRA: &str = "[claims.extra]\ndepartment = \"profile\"\ncost_center = \"hr\"\n";

async fn give(app: &TestApp, name: &str, groups: &[&str], claims: Value) {
    let groups = Some(groups.iter().map(ToString::to_string).collect());
    let changes = UserChanges { groups, claims: Some(claims), ..UserChanges::default() };
    update(&app.app, &operator(), app.user(name).await.id, changes).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_at_userinfo_and_in_the_id_token_of_a_client_that_wants_them_there() {
    let app = TestApp::start().await;
    give(&app, "alice", &["ops", "admins"], json!({})).await;
    let kubernetes = app.client().with(|m| m.id_token_claims = true).create().await;
    let tokens = kubernetes.sign_in_for("alice", "openid groups").await;
    assert_eq!(tokens.scope, "groups openid");
    let groups = json!(["admins", "ops"]);
    assert_eq!(jwt::verify(&app, &tokens.id_token).await.claims["groups"], groups);
    assert_eq!(kubernetes.userinfo(&tokens.access_token).await.success()["groups"], groups);
    let usual = app.client().create().await;
    let tokens = usual.sign_in_for("alice", "openid profile groups").await;
    assert_eq!(jwt::claims(&tokens.id_token).get("groups"), None);
    let without = usual.sign_in_for("alice", "openid profile").await;
    assert_eq!(usual.userinfo(&without.access_token).await.success().get("groups"), None);
    let bob = kubernetes.sign_in_for("bob", "openid groups").await;
    assert_eq!(jwt::claims(&bob.id_token).get("groups"), None, "no value, no claim");

    // A change is seen at once, also under a grant from before.
    give(&app, "alice", &["ops"], json!({})).await;
    assert_eq!(usual.userinfo(&tokens.access_token).await.success()["groups"], json!(["ops"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_of_the_operators_own_comes_with_its_scope_and_consent_names_it() {
    let app = TestApp::configured().toml(EXTRA).start().await;
    give(&app, "alice", &[], json!({"department": "R&D", "cost_center": 4711})).await;
    let client = app.client().scope("openid profile hr").create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().with("scope", "openid profile hr").url()).await;
    let page = browser.sign_in(&page, "alice").await;
    assert_eq!(page.shows(), Shows::Consent);
    let text = page.answer.text();
    assert!(text.contains("and: department") && text.contains("cost center"), "{text}");
    let code = browser.press(&page, "consent-allow", &[]).await.code();
    let tokens = client.redeem(&code).await.ok();
    let claims = client.userinfo(&tokens.access_token).await.success();
    assert_eq!((&claims["department"], &claims["cost_center"]), (&json!("R&D"), &json!(4711)));
    assert_eq!(jwt::claims(&tokens.id_token).get("department"), None);

    let less = client.sign_in_for("alice", "openid hr").await;
    let claims = client.userinfo(&less.access_token).await.success();
    assert_eq!((claims.get("department"), &claims["cost_center"]), (None, &json!(4711)));

    let discovery = app.get("/.well-known/openid-configuration").await.success();
    for (member, name) in
        [("scopes_supported", "hr"), ("scopes_supported", "groups"), ("claims_supported", "department")]
    {
        assert!(discovery[member].as_array().unwrap().contains(&json!(name)), "{member} lacks {name}");
    }
    // Whoever no longer names a claim gives it out no longer, whatever is stored.
    let without = app.another_without("department").await;
    let claims = client.at(&without).userinfo(&tokens.access_token).await.success();
    assert_eq!((claims.get("department"), &claims["cost_center"]), (None, &json!(4711)));
}
