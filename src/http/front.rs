//! What every request meets, before it is known who will answer it.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::HttpBody;
use axum::extract::Request;
use axum::http::header::{self, HeaderValue};
use axum::http::{StatusCode, Version};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tower::Service;

use super::asked;
use super::documents::Documents;
use super::extract::unread;
use super::oauth::endpoints::Endpoint;
use super::request_id::{self, RequestIds};
use super::respond::oauth_error::fault;
use super::serve::Answers;
use super::under_path::UnderPath;
use crate::app::App;
use crate::domain::oauth::discovery::path;
use crate::domain::oauth::protected_resource::in_challenge;
use crate::foundation::deadline;
use crate::services::ServiceError;
use crate::telemetry::request;

/// The most that a request waits in all, for the database, Redis and the password queue. With its own work, it is
/// answered within five seconds.
const DEADLINE: Duration = Duration::from_millis(4500);

/// RFC 6797 §7.1, ASVS 3.4.1. Sent with every answer: a redirect or an error may be all that a browser ever sees.
const HTTPS_FOR_A_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Where our own API begins.
const API: &str = "/api/v1/";

/// Gives each request an id, answers the public documents and the endpoints that are called for each token, and has the
/// routes answer everything else. Outside of the router, whose layers cost every request a few allocations each.
#[derive(Clone)]
pub struct Front {
    app: App,
    ids: RequestIds,
    documents: Documents,
    routes: Router,
    hsts: bool,
    /// What challenges of our own API say of it.
    resource: Arc<str>,
    /// For an issuer with a path.
    under: Option<Arc<UnderPath>>,
}

impl Front {
    /// Puts it before `routes`. `hsts` tells browsers to use https only.
    pub fn new(app: App, routes: Router, hsts: bool) -> Self {
        let (ids, documents) = (RequestIds::new(&app.random), Documents::new(&app));
        let resource = in_challenge(&app.issuer).into();
        let under = UnderPath::of(&app.issuer).map(Arc::new);
        // Compiled once here rather than on each request.
        Self { app, ids, documents, routes: routes.with_state(()), hsts, resource, under }
    }

    /// A refused token of our own API, or none: whoever comes with nothing but its address learns where to get one (RFC 9728
    /// §5.1).
    fn tell_of_metadata(&self, response: &mut Response) {
        let Some(challenge) = response.headers().get(header::WWW_AUTHENTICATE).and_then(|told| told.to_str().ok())
        else {
            return;
        };
        if let Ok(told) = HeaderValue::from_str(&format!("{challenge}, {}", self.resource)) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, told);
        }
    }

    async fn route(&self, request: Request) -> Response {
        let answer = async {
            match Endpoint::of(&request) {
                Some(endpoint) => Ok(endpoint.answer(&self.app, request).await),
                None => self.routes.clone().call(request).await,
            }
        };
        match AssertUnwindSafe(answer).catch_unwind().await {
            Ok(Ok(response)) => response,
            Ok(Err(impossible)) => match impossible {},
            Err(panic) => panicked(panic.as_ref()),
        }
    }
}

impl Answers for Front {
    async fn answer(&self, mut request: Request) -> Response {
        let id = self.ids.next();
        let seen = tracing::enabled!(tracing::Level::DEBUG)
            .then(|| (request.method().clone(), request.uri().path().to_owned()));
        let document = match &self.under {
            Some(under) if !under.enter(&mut request) => Some(StatusCode::NOT_FOUND.into_response()),
            _ => self.documents.answer(&request),
        };
        let mut response = match document {
            // A document is never refused.
            Some(response) => response,
            None => {
                let asked = asked::of(&self.app, id, &mut request);
                let is_api = request.uri().path() == path::USERINFO || request.uri().path().starts_with(API);
                // HTTP/2 has streams, and no such header (RFC 9113 §8.2.2).
                let may_stay = request.version() <= Version::HTTP_11 && !request.body().is_end_stream();
                let answer = request::scope(id, deadline::scope(DEADLINE, self.route(request)));
                let mut response = if may_stay { unread::scope(answer).await } else { answer.await };
                asked::keep(&self.app, asked, &mut response);
                if is_api && response.status().is_client_error() {
                    self.tell_of_metadata(&mut response);
                }
                response
            }
        };
        if let Some(under) = &self.under {
            response = under.leave(response).await;
        }
        if let Some((method, path)) = seen {
            let status = response.status().as_u16();
            request::sync_scope(id, || tracing::debug!(%method, path, status, "answered"));
        }
        if let Ok(header) = HeaderValue::from_bytes(id.as_str().as_bytes()) {
            response.headers_mut().insert(request_id::HEADER, header);
        }
        if self.hsts {
            response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HTTPS_FOR_A_YEAR);
        }
        response
    }
}

/// The last resort: a panic is a 500 with an id, and the server lives on.
fn panicked(panic: &(dyn Any + Send)) -> Response {
    let text =
        panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref::<String>().cloned());
    fault(&ServiceError::internal(format!("panic: {}", text.unwrap_or_default())))
}
