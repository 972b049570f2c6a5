//! The API of one's own account. Every answer is compared with the description that the server publishes.

mod bodies;
mod callers;
mod data;
pub mod description;
mod email;
mod factors;
mod password;
mod profile;
mod sessions;

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use crate::harness::{Answer, Browser, Client, TestApp};

/// The scope of an application that does everything here.
pub const ALL: &str = "openid account account:write offline_access";

/// An application of ours, in which somebody is signed in.
pub struct Caller {
    app: TestApp,
    /// The application.
    pub client: Client,
    /// Its access token.
    pub token: String,
    document: Value,
}

/// An application that may do everything here.
pub async fn own_app(app: &TestApp) -> Client {
    app.client().first_party().scope(ALL).create().await
}

impl Caller {
    /// alice, in a new browser and with every right.
    pub async fn alice(app: &TestApp) -> Self {
        let client = own_app(app).await;
        Self::of(app, &client, &mut app.browser(), "alice").await
    }

    /// Somebody, in this browser, in this application.
    pub async fn of(app: &TestApp, client: &Client, browser: &mut Browser, name: &str) -> Self {
        let tokens = client.sign_in_with(browser, name, client.request().with("scope", ALL)).await;
        Self::with(app, client, &tokens.access_token).await
    }

    /// Whoever holds this token.
    pub async fn with(app: &TestApp, client: &Client, token: &str) -> Self {
        let document = app.get("/api/v1/openapi.json").await.success();
        Self { app: app.clone(), client: client.clone(), token: token.to_owned(), document }
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.call("GET", path, None).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub async fn patch(&self, patch: Value) -> Answer {
        self.call("PATCH", "", Some(patch)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call("PUT", path, Some(body)).await
    }

    pub async fn post(&self, path: &str, body: Option<Value>) -> Answer {
        self.call("POST", path, body).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, None).await
    }

    /// A call of `/api/v1/me` and what follows there.
    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.call_with(method, path, body, None).await
    }

    /// The same with `If-Match`.
    pub async fn call_with(&self, method: &str, path: &str, body: Option<Value>, tag: Option<&str>) -> Answer {
        let path = format!("/api/v1/me{path}");
        let mut request = Request::builder().method(method).uri(&path);
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        if let Some(tag) = tag {
            request = request.header(header::IF_MATCH, tag);
        }
        let request = match &body {
            Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        let answer = self.app.call(request.expect("a request")).await;
        description::conforms(&self.document, method, &path, body.as_ref(), &answer);
        answer
    }
}

impl Answer {
    /// A problem (RFC 9457) with this status and code; the request id in it leads to the log.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem: Value = serde_json::from_slice(&self.body).expect("JSON");
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["type"], format!("urn:latchkey:problem:{code}"));
        assert_eq!(problem["request_id"], self.header("x-request-id"), "{problem}");
        self.is_not_kept();
        problem
    }

    /// The person has to sign in again (RFC 9470 §3); returns the challenge.
    #[track_caller]
    pub fn demands_a_sign_in(&self) -> &str {
        self.problem(401, "insufficient_user_authentication");
        let challenge = self.header("www-authenticate");
        assert!(challenge.starts_with("Bearer realm=\"latchkey\", error=\"insufficient_user_authentication\""));
        challenge
    }

    /// Done, and nothing is said.
    #[track_caller]
    pub fn done(&self) {
        assert_eq!((self.status.as_u16(), self.text()), (204, ""));
        self.is_not_kept();
    }

    /// Something new.
    #[track_caller]
    pub fn created(&self) -> Value {
        assert_eq!(self.status.as_u16(), 201, "{}", self.text());
        self.json()
    }
}

/// The places that a problem names.
fn locations(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().map_or_else(Vec::new, |errors| {
        errors.iter().map(|error| error["location"].as_str().expect("a location")).collect()
    })
}

fn new_password(current: &str, new: &str) -> Value {
    json!({"current_password": current, "new_password": new})
}
