//! `/api/v1/openapi.json` describes what there is, and nothing else.

use axum::http::{Request, header};
use latchkey::http::api::v1::path;
use serde_json::Value;

use crate::harness::{Answer, TestApp};

const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

/// Fails unless the description has this call, its answer has the described form, and what was sent and taken has too.
#[track_caller]
pub fn conforms(document: &Value, method: &str, path: &str, sent: Option<&Value>, answer: &Answer) {
    let template = path::of(path).unwrap_or_else(|| panic!("{path} is not ours"));
    let operation = &document["paths"][template][method.to_lowercase()];
    if answer.status.as_u16() == 405 {
        assert!(operation.is_null(), "{method} {template} is described");
        return;
    }
    let status = answer.status.as_u16().to_string();
    let described = &operation["responses"][&status];
    assert!(described.is_object(), "{method} {template} answers {status}, which is not described: {}", answer.text());
    match described["content"].as_object() {
        None => assert!(answer.body.is_empty(), "{method} {template}: {}", answer.text()),
        Some(content) => {
            let schema = &content[answer.header("content-type")]["schema"];
            let value = serde_json::from_slice(&answer.body).expect("JSON");
            check(document, schema, &value, &format!("{method} {template} {status}"));
        }
    }
    let content = operation["requestBody"]["content"].as_object();
    if let (true, Some(sent), Some(content)) = (answer.status.is_success(), sent, content) {
        let schema = &content.values().next().expect("a type")["schema"];
        check(document, schema, sent, &format!("the body of {method} {template}"));
    }
}

/// Fails unless `value` has the form of `schema`, as far as the description uses JSON Schema.
#[track_caller]
fn check(document: &Value, schema: &Value, value: &Value, place: &str) {
    assert!(schema.is_object(), "{place}: no schema");
    if let Some(reference) = schema["$ref"].as_str() {
        let found = document.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference}"));
        return check(document, found, value, place);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        one => vec![one.as_str().expect("a type")],
    };
    assert!(kinds.contains(&kind), "{place}: {kind} instead of {kinds:?}");
    if let Value::Array(items) = value {
        items.iter().for_each(|item| check(document, &schema["items"], item, place));
    }
    let (Value::Object(members), Some(properties)) = (value, schema["properties"].as_object()) else { return };
    for (name, member) in members {
        let property = properties.get(name).unwrap_or_else(|| panic!("{place}: {name} is not described"));
        check(document, property, member, &format!("{place}/{name}"));
    }
    for required in schema["required"].as_array().into_iter().flatten() {
        assert!(members.contains_key(required.as_str().expect("a name")), "{place}: {required} is missing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_path_and_method_is_described_and_everything_described_is_there() {
    let app = TestApp::start().await;
    let document = app.get("/api/v1/openapi.json").await.success();
    let paths = document["paths"].as_object().expect("paths");
    let mut described: Vec<_> = paths.keys().map(String::as_str).collect();
    let mut ours = path::ALL.to_vec();
    described.sort_unstable();
    ours.sort_unstable();
    assert_eq!(described, ours);
    for (path, operations) in paths.iter().filter(|(path, _)| *path != path::OPENAPI) {
        let asked = match path.split_once('{') {
            Some((before, rest)) => format!("{before}x{}", rest.split_once('}').expect("its end").1),
            None => path.clone(),
        };
        for method in METHODS {
            let described = operations.get(method.to_lowercase()).or_else(|| {
                // What can be got can be asked for without its body.
                operations.get("get").filter(|_| method == "HEAD")
            });
            let answer = app.send(Request::builder().method(method).uri(&asked)).await;
            match described {
                Some(_) if method == "HEAD" => assert_eq!(answer.status, 401, "{method} {path}"),
                Some(operation) => {
                    answer.problem(401, "token_missing");
                    for status in ["400", "401", "403", "500", "503"] {
                        assert!(operation["responses"][status].is_object(), "{method} {path} can answer {status}");
                    }
                    if path == path::UPSTREAM_TOKEN {
                        continue;
                    }
                    if path.starts_with(path::KEYS) {
                        assert_eq!(operation["security"][0]["machine"][0], "latchkey:keys", "{method} {path}");
                        continue;
                    }
                    let scope = operation["security"][0]["account"][0].as_str().expect("a scope");
                    let reads = method == "GET" && operation["x-fresh-sign-in-seconds"].is_null();
                    assert_eq!(scope, if reads { "account" } else { "account:write" }, "{method} {path}");
                }
                None => assert_eq!(answer.status, 405, "{method} {path}: {}", answer.text()),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_names_this_server_and_refers_to_what_it_has() {
    let app = TestApp::start().await;
    let answer = app.get("/api/v1/openapi.json").await;
    let document = answer.success();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], crate::harness::ISSUER);
    let flow = &document["components"]["securitySchemes"]["account"]["flows"]["authorizationCode"];
    assert_eq!(flow["tokenUrl"], format!("{}/token", crate::harness::ISSUER));
    let machine = &document["components"]["securitySchemes"]["machine"]["flows"]["clientCredentials"];
    assert_eq!(machine["tokenUrl"], flow["tokenUrl"]);
    let supported = app.get("/.well-known/openid-configuration").await.success();
    for scope in flow["scopes"].as_object().expect("scopes").keys() {
        assert!(supported["scopes_supported"].as_array().unwrap().contains(&Value::from(scope.as_str())), "{scope}");
    }
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    let text = answer.text();
    for name in schemas.keys() {
        assert!(text.contains(&format!("\"#/components/schemas/{name}\"")), "{name} is not used");
    }
    let used = text.split("\"#/components/schemas/").skip(1).map(|rest| rest.split('"').next().expect("a name"));
    used.for_each(|name| assert!(schemas.contains_key(name), "{name} is not there"));
    let known = Request::get("/api/v1/openapi.json").header(header::IF_NONE_MATCH, answer.header("etag"));
    assert_eq!(app.send(known).await.status, 304);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_a_problem_and_no_page() {
    let app = TestApp::start().await;
    for path in ["/api/v1/you", "/api/v1/me/sessions/a/b", "/api/v1/me/"] {
        app.get(path).await.problem(404, "not_found");
    }
    app.post("/api/v1/me", &[]).await.problem(405, "method_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_of_other_origins_may_call_it_and_read_the_answers() {
    let app = TestApp::start().await;
    for (method, path) in [("PATCH", "/api/v1/me"), ("PUT", "/api/v1/me/password"), ("DELETE", "/api/v1/me/sessions")] {
        let preflight = Request::builder().method("OPTIONS").uri(path).header(header::ORIGIN, "https://spa.test");
        let preflight = preflight.header("access-control-request-method", method);
        let answer = app.send(preflight.header("access-control-request-headers", "authorization, if-match")).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.status);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert!(answer.header("access-control-allow-methods").contains(method), "{path}");
        assert!(answer.header("access-control-allow-headers").to_ascii_lowercase().contains("if-match"), "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "", "never with cookies");
    }
    let answer = app.send(Request::get("/api/v1/me").header(header::ORIGIN, "https://spa.test")).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*", "errors too");
    assert!(answer.header("access-control-expose-headers").contains("www-authenticate"));
}
