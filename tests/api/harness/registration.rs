//! Applications that register themselves.

use axum::body::Body;
use axum::http::{Request, header};
use latchkey::domain::oauth::client::AuthMethod;
use serde_json::Value;

use super::{Answer, Client, TestApp};

impl TestApp {
    /// A server at which everybody registers applications.
    pub async fn registering() -> Self {
        Self::configured().toml("[registration]\ndynamic = \"open\"\n").start().await
    }

    /// `POST /register` with this document, and with this token if there is one.
    pub async fn register(&self, token: Option<&str>, document: &Value) -> Answer {
        self.call(with_document(Request::post("/register"), token, document)).await
    }

    /// The same, of an application that can be registered.
    #[track_caller]
    pub fn registered(&self, answer: &Answer) -> Registered {
        assert_eq!(answer.status, 201, "{}", answer.text());
        Registered { app: self.clone(), told: answer.json() }
    }
}

/// A request of this kind with a document as JSON.
pub fn with_document(request: axum::http::request::Builder, token: Option<&str>, document: &Value) -> Request<Body> {
    let request = request.header(header::CONTENT_TYPE, "application/json");
    let request = match token {
        Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
        None => request,
    };
    request.body(Body::from(document.to_string())).expect("a request")
}

/// An application that has registered itself.
pub struct Registered {
    pub app: TestApp,
    /// What it was told.
    pub told: Value,
}

impl Registered {
    pub fn id(&self) -> &str {
        self.told["client_id"].as_str().expect("a client_id")
    }

    pub fn token(&self) -> &str {
        self.told["registration_access_token"].as_str().expect("a registration_access_token")
    }

    /// The path of its registration.
    pub fn path(&self) -> &str {
        let uri = self.told["registration_client_uri"].as_str().expect("a registration_client_uri");
        uri.strip_prefix(super::ISSUER).expect("it is ours")
    }

    pub async fn read(&self) -> Answer {
        self.read_with(self.token()).await
    }

    pub async fn read_with(&self, token: &str) -> Answer {
        self.app.send(Request::get(self.path()).header(header::AUTHORIZATION, format!("Bearer {token}"))).await
    }

    pub async fn replace(&self, document: &Value) -> Answer {
        self.app.call(with_document(Request::put(self.path()), Some(self.token()), document)).await
    }

    pub async fn delete(&self) -> Answer {
        let request = Request::delete(self.path()).header(header::AUTHORIZATION, format!("Bearer {}", self.token()));
        self.app.send(request).await
    }

    /// As it goes on.
    pub fn client(&self) -> Client {
        let text = |name: &str| self.told[name].as_str().unwrap_or_default().to_owned();
        Client {
            app: self.app.clone(),
            id: text("client_id"),
            secret: text("client_secret"),
            method: AuthMethod::parse(&text("token_endpoint_auth_method")).expect("a method"),
            redirect_uri: self.told["redirect_uris"][0].as_str().unwrap_or_default().to_owned(),
        }
    }
}
