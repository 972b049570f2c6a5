//! Scopes, userinfo, and the claims of alice, who has all of them.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Map, Value, json};

use super::checks::{discovery, lists};
use super::plan::Plan;
use super::suite::{Brought, Module};
use crate::harness::{Answer, TestApp, body, encode, jwt};

const PROFILE: [&str; 14] = [
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
    "preferred_username",
];

#[tokio::test]
async fn every_standard_scope_is_listed() {
    let document = discovery(&TestApp::start().await).await;
    for scope in ["openid", "profile", "email", "address", "phone", "offline_access"] {
        assert!(lists(&document, "scopes_supported", scope), "{scope}");
    }
}

/// Every claim of the scope is there, well typed: in userinfo, and only without an access token in the ID token.
async fn brings(scope: &str, names: &[&str]) {
    let app = TestApp::registering().await;
    for plan in Plan::types() {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request().with("scope", &format!("openid {scope}"));
        let brought = module.runs(request).await;
        let claims = brought.claims(&module).await;
        for name in names {
            assert!(claims.contains_key(*name), "{plan:?}: {name} of {scope}");
        }
        are_well_typed(&claims, app.clock.now().as_secs());
        let in_tokens = brought.front.iter().chain(&brought.back).any(|token| token.contains_key(names[0]));
        assert_eq!(in_tokens, plan.response_type == "id_token", "{plan:?}: OpenID Connect Core section 5.4");
    }
}

/// OpenID Connect Core §5.1.
#[track_caller]
fn are_well_typed(claims: &Map<String, Value>, now: i64) {
    let text = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty() && text != "null");
    for (name, value) in claims {
        let sound = match name.as_str() {
            "email_verified" | "phone_number_verified" => value.is_boolean(),
            "updated_at" => value.as_i64().is_some_and(|at| (1_000_000_000..=now).contains(&at)),
            "birthdate" => value.as_str().is_some_and(is_a_birthdate),
            "address" => value.as_object().is_some_and(|members| !members.is_empty() && members.values().all(text)),
            name if PROFILE.contains(&name) || ["sub", "email", "phone_number"].contains(&name) => text(value),
            _ => true,
        };
        assert!(sound, "{name}: {value}");
    }
    assert!(claims.contains_key("sub"));
}

fn is_a_birthdate(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let number = |part: &str, digits: usize| {
        (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse::<u16>().ok())
    };
    let year = parts.first().and_then(|year| number(year, 4)).flatten();
    let day = |part: &str, most: u16| number(part, 2).flatten().is_some_and(|day| (1..=most).contains(&day));
    match parts.as_slice() {
        [_] => year.is_some_and(|year| year >= 1850),
        [_, month, of_month] => {
            year.is_some_and(|year| year == 0 || year >= 1850) && day(month, 12) && day(of_month, 31)
        }
        _ => false,
    }
}

/// `oidcc-scope-profile`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_scope_profile() {
    brings("profile", &PROFILE).await;
}

/// `oidcc-scope-email`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_scope_email() {
    brings("email", &["email", "email_verified"]).await;
}

/// `oidcc-scope-address`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_scope_address() {
    brings("address", &["address"]).await;
}

/// `oidcc-scope-phone`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_scope_phone() {
    brings("phone", &["phone_number", "phone_number_verified"]).await;
}

/// `oidcc-scope-all`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_scope_all() {
    let others = ["email", "email_verified", "address", "phone_number", "phone_number_verified"];
    brings("profile email address phone", &[PROFILE.as_slice(), &others].concat()).await;
}

/// Of somebody of whom little is known, what is not known is left out.
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_without_a_value_is_left_out() {
    let app = TestApp::registering().await;
    for plan in Plan::types() {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request().with("scope", "openid profile email address phone");
        let page = module.browser.open(&request.url()).await;
        let page = module.browser.through(page, "bob").await;
        let claims = module.takes(&page, &request).await.claims(&module).await;
        are_well_typed(&claims, app.clock.now().as_secs());
        assert!(claims.contains_key("name") && !claims.contains_key("address"), "{claims:?}");
    }
}

/// Asks userinfo with the access token of each response type that brings one.
async fn asks_userinfo(request: impl Fn(&str) -> Request<Body>) {
    let app = TestApp::registering().await;
    for plan in Plan::types().filter(|plan| plan.response_type != "id_token") {
        let mut module = Module::begin(&app, plan).await;
        let asked = module.request();
        let brought = module.runs(asked).await;
        for token in tokens(&brought) {
            let answer: Answer = app.call(request(token)).await;
            answer.is_not_kept();
            assert_eq!(answer.success()["sub"], brought.id_token()["sub"], "{plan:?}");
        }
    }
}

fn tokens(brought: &Brought) -> impl Iterator<Item = &str> {
    let front = brought.response.get("access_token").map(String::as_str);
    front.into_iter().chain(brought.tokens.as_ref().map(|tokens| tokens.access_token.as_str()))
}

/// `oidcc-userinfo-get`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_userinfo_get() {
    asks_userinfo(|token| {
        let request = Request::get("/userinfo").header(header::AUTHORIZATION, format!("Bearer {token}"));
        request.body(Body::empty()).unwrap()
    })
    .await;
}

/// `oidcc-userinfo-post-header`: with nothing in the body, whatever it says that it is.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_userinfo_post_header() {
    asks_userinfo(|token| {
        let request = Request::post("/userinfo").header(header::AUTHORIZATION, format!("Bearer {token}"));
        request.body(Body::empty()).unwrap()
    })
    .await;
    asks_userinfo(|token| {
        let request = Request::post("/userinfo").header(header::AUTHORIZATION, format!("Bearer {token}"));
        body(request, "")
    })
    .await;
}

/// `oidcc-userinfo-post-body`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_userinfo_post_body() {
    asks_userinfo(|token| body(Request::post("/userinfo"), encode(&[("access_token", token)]))).await;
}

/// `oidcc-userinfo-rs256`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_userinfo_rs256() {
    let app = TestApp::registering().await;
    assert!(lists(&discovery(&app).await, "userinfo_signing_alg_values_supported", "RS256"));
    for plan in Plan::dynamic().filter(|plan| plan.response_type != "id_token") {
        let mut module = Module::with(&app, plan, json!({"userinfo_signed_response_alg": "RS256"})).await;
        let request = module.request().with("scope", "openid email");
        let brought = module.runs(request).await;
        let answer = module.client().userinfo(brought.access_token().unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/jwt"));
        let about = jwt::verify(&app, answer.text()).await;
        assert_eq!(about.header["alg"], "RS256");
        assert_eq!(
            (&about.claims["iss"], &about.claims["aud"]),
            (&json!("https://id.test"), &json!(module.client().id))
        );
        assert_eq!((about.claims.get("nonce"), &about.claims["sub"]), (None, &brought.id_token()["sub"]));
        assert_eq!(about.claims["email"], "alice@example.com");
        let now = app.clock.now().as_secs();
        assert!(about.claims.get("iat").is_none_or(|iat| iat.as_i64().is_some_and(|iat| (now - iat).abs() <= 300)));
        assert!(about.claims.get("exp").is_none_or(|exp| exp.as_i64().is_some_and(|exp| exp > now)));
    }
}

/// Aggregated and distributed claims need sources that match; nobody has any here.
#[tokio::test(flavor = "multi_thread")]
async fn there_are_no_claims_of_other_sources_and_none_are_listed() {
    let app = TestApp::registering().await;
    assert_eq!(discovery(&app).await["claim_types_supported"], json!(["normal"]));
    let mut module = Module::begin(&app, Plan::CODE).await;
    let request = module.request().with("scope", "openid profile email address phone");
    let claims = module.runs(request).await.claims(&module).await;
    assert_eq!((claims.get("_claim_names"), claims.get("_claim_sources")), (None, None));
}
