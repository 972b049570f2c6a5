//! What every module checks before and after whatever it is about.

use axum::http::{Request, StatusCode};
use latchkey::services::oauth::registration::{NewToken, create_token};
use latchkey::services::operation::key_rotation::rotate;
use serde_json::{Value, json};

use super::checks::{are_sound_keys, discovery, is_a_token_error, jwks, lists};
use super::plan::Plan;
use super::suite::{CALLBACK, Module, arrives_by, is_registered, registration, said};
use crate::harness::{TestApp, operator, seconds, with_document};

#[tokio::test]
async fn discovery_has_what_every_module_reads() {
    let app = TestApp::registering().await;
    let document = discovery(&app).await;
    for member in ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"] {
        assert!(document[member].as_str().is_some_and(|url| url.starts_with("https://id.test")), "{member}");
    }
}

#[tokio::test]
async fn every_published_key_can_be_told_apart_and_used_before_and_after_a_rotation() {
    let more = "[keys]\nalgorithms = [\"RS256\", \"PS256\", \"ES256\", \"EdDSA\", \"ES384\"]\n";
    let app = TestApp::start().await.another_with_toml(more).await;
    let before = jwks(&app).await;
    are_sound_keys(&before);
    rotate(&app.app, &operator(), None, false).await.unwrap();
    let after = jwks(&app).await;
    are_sound_keys(&after);
    assert!(after.len() > before.len() && before.iter().all(|key| after.contains(key)));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_method_of_authentication_is_listed_by_its_name_and_works() {
    let app = TestApp::registering().await;
    let document = discovery(&app).await;
    for auth in ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"] {
        let plan = Plan::CODE.by(auth);
        assert!(lists(&document, "token_endpoint_auth_methods_supported", plan.auth), "{}", plan.auth);
        let mut module = Module::begin(&app, plan).await;
        let request = match plan.auth {
            // Whoever has no secret needs PKCE.
            "none" => module.request_with_pkce(),
            _ => module.request(),
        };
        module.runs(request).await;
        module.ends().await;
    }
}

#[tokio::test]
async fn a_registration_of_every_response_type_is_answered_with_201_and_everything_that_it_said() {
    let app = TestApp::registering().await;
    for plan in Plan::types() {
        for auth in ["client_secret_basic", "client_secret_post", "private_key_jwt"] {
            let told = Module::begin(&app, plan.by(auth)).await.registered.told;
            assert_eq!(told.get("client_secret").is_some(), auth != "private_key_jwt");
            assert_eq!(told["response_types"], json!([plan.response_type]));
        }
    }
}

#[tokio::test]
async fn an_initial_access_token_is_sent_as_a_bearer_token_where_one_is_needed() {
    let app = TestApp::configured().toml("[registration]\ndynamic = \"token\"\n").start().await;
    let document = registration(Plan::CODE, &json!({}));
    assert_eq!(app.register(None, &document).await.status, StatusCode::UNAUTHORIZED);
    let token = NewToken { name: "Suite".into(), uses: 2, lifetime: seconds(3600) };
    let (_, token) = create_token(&app.app, &operator(), token).await.unwrap();
    let answer = app.register(Some(token.expose()), &document).await;
    is_registered(&app, &document, &answer).read().await.success();
}

#[tokio::test]
async fn what_was_registered_is_read_and_deleted_with_204_at_its_own_address() {
    let app = TestApp::registering().await;
    let module = Module::begin(&app, Plan::CODE).await;
    let told = module.registered.read().await;
    told.is_not_kept();
    assert_eq!(told.success()["client_id"], module.registered.told["client_id"]);
    let answer = module.registered.delete().await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::NO_CONTENT, 0));
    module.registered.read().await.bearer_refused(401, "invalid_token");
    assert_eq!(app.rows().await["clients"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_arrives_where_its_response_type_says_with_its_state_byte_for_byte() {
    let app = TestApp::registering().await;
    let long = format!("{}-._~", app.app.random.readable(124));
    for plan in Plan::all() {
        let mut module = Module::begin(&app, plan).await;
        let short = module.request();
        assert_eq!(said(&short, "state").unwrap().len(), 10);
        module.runs(short).await;
        let request = module.request().with("state", &long);
        let brought = module.runs_silently(request).await;
        assert_eq!(brought.response["state"], long, "{plan:?}");
        module.ends().await;
    }
    assert_eq!(app.rows().await["authorization_requests"], 0, "all of them fit into a URL: there is no room to use up");
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_the_redirect_uri_has_of_its_own_are_kept() {
    let app = TestApp::registering().await;
    let callback = format!("{CALLBACK}?bar=foo&baz=1%2B1");
    for plan in Plan::all() {
        let mut module = Module::with(&app, plan, json!({"redirect_uris": [callback]})).await;
        assert_eq!(module.client().redirect_uri, callback);
        let request = module.request();
        module.runs(request).await;
    }
}

/// [`Module::takes`] looks at every ID token, and whether userinfo answers.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_is_sound_whatever_it_came_with_and_has_a_nonce_only_if_one_was_sent() {
    let app = TestApp::registering().await;
    for plan in Plan::types() {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request();
        let brought = module.runs(request).await;
        assert!(brought.id_token().contains_key("nonce"));
        if !plan.has("id_token") {
            let request = module.request().without("nonce");
            let brought = module.runs_silently(request).await;
            assert!(!brought.id_token().contains_key("nonce"), "{plan:?}");
        }
        module.ends().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_id_token_names_the_key_of_its_client() {
    let app = TestApp::registering().await;
    let mut own = crate::harness::signer::Signer::new("RS256").named("for-encryption").public();
    own["use"] = json!("enc");
    let members = json!({"jwks": {"keys": [own]}, "id_token_encrypted_response_alg": "RSA-OAEP"});
    let mut module = Module::with(&app, Plan::CODE, members).await;
    let request = module.request();
    let page = module.browser.open(&request.url()).await;
    let page = module.browser.through(page, "alice").await;
    let tokens = module.redeems(&module.arrives(&page)["code"], None).await.ok();
    let header = crate::harness::jwt::header(&tokens.id_token);
    assert_eq!((&header["kid"], &header["alg"]), (&json!("for-encryption"), &json!("RSA-OAEP")));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_with_secrets_or_about_people_are_kept_nowhere() {
    let app = TestApp::registering().await;
    let members = json!({"grant_types": ["authorization_code", "refresh_token"]});
    let mut module = Module::with(&app, Plan::CODE, members).await;
    let request = module.request().with("scope", "openid offline_access").with("prompt", "consent");
    let form = request.form();
    let pushed: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let pushed = module.posts("/par", &pushed).await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.text());
    pushed.is_not_kept();
    // Of the token endpoint, of userinfo and of the registration it is looked at each time.
    let brought = module.runs(request).await;
    let token = &brought.tokens.as_ref().unwrap().refresh_token;
    let refreshed = module.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await;
    refreshed.ok();
    is_a_token_error(&module.redeems("none", None).await, 400, "invalid_grant");
}

/// What can be wrong with a request, with characters that no description may have, and what it may be told as.
fn wrong_requests() -> Vec<(&'static str, String, &'static [&'static str])> {
    let odd = "\"\\\r\n\t\u{e9}\u{1f511}";
    let also = |text: &str| format!("{text}{odd}");
    vec![
        ("scope", also("unknown"), &["invalid_scope"][..]),
        ("prompt", also("sing"), &["invalid_request"]),
        ("prompt", "none login".to_owned(), &["invalid_request"]),
        ("max_age", also("-1"), &["invalid_request"]),
        ("claims", also("{"), &["invalid_request"]),
        ("response_mode", also("pigeon"), &["invalid_request"]),
        ("id_token_hint", also("x"), &["invalid_request", "login_required"]),
        ("code_challenge", also("x"), &["invalid_request"]),
        ("nonce", also(""), &["invalid_request"]),
        ("request", also("x"), &["invalid_request_object"]),
        ("request_uri", "https://suite.test/none".to_owned(), &["invalid_request_uri"]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_authorization_endpoint_has_its_state_and_no_more_than_the_standards_list() {
    let app = TestApp::registering().await;
    for plan in Plan::all() {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request();
        module.runs(request).await;
        for (name, value, among) in wrong_requests() {
            let request = module.request().with("state", "\"\\ \u{e9}&=#;-._~").with(name, &value);
            let page = module.browser.open(&request.url()).await;
            // A mode that nobody knows is as if it were not there.
            let plan = if name == "response_mode" { Plan { form_post: false, ..plan } } else { plan };
            let told = arrives_by(&page, CALLBACK, plan.place());
            assert!(told.contains_key("error"), "{plan:?}: {name} {value}: {told:?}");
            super::checks::is_an_error(&told, said(&request, "state").as_deref(), among);
        }
        let request = module.request().and("display", "page").and("display", "popup");
        let page = module.browser.open(&request.url()).await;
        module.is_told(&page, &request, &["invalid_request"]);
        module.ends().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_token_endpoint_has_a_description_that_everybody_can_read() {
    let app = TestApp::registering().await;
    let module = Module::begin(&app, Plan::CODE).await;
    let odd = "\"\\\r\n\t\u{e9}\u{1f511}";
    is_a_token_error(&module.redeems(odd, None).await, 400, "invalid_grant");
    is_a_token_error(&module.redeems("x", Some(odd)).await, 400, "invalid_grant");
    for (grant, error) in
        [(odd, "unsupported_grant_type"), ("password", "unsupported_grant_type"), ("", "invalid_request")]
    {
        is_a_token_error(&module.token(&[("grant_type", grant), ("scope", odd)]).await, 400, error);
    }
    is_a_token_error(&module.token(&[("grant_type", "refresh_token")]).await, 400, "unauthorized_client");
    let stranger = app.post("/token", &[("grant_type", "authorization_code"), ("client_id", odd), ("code", "x")]).await;
    is_a_token_error(&stranger, 401, "invalid_client");
    let twice = module.token(&[("grant_type", odd), ("grant_type", odd)]).await;
    is_a_token_error(&twice, 400, "invalid_request");
    let request = Request::post("/token").header("authorization", module.client().basic());
    is_a_token_error(&app.call(with_document(request, None, &Value::from(odd))).await, 400, "invalid_request");
}
