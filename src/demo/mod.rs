//! The demo app: a relying party in the same process, which knows the provider only over HTTP and through the
//! openidconnect crate, as any application would. It shows every request that it makes and every answer it gets.
//!
//! It is a guest in this tree: it uses nothing of ours but `foundation`. `latchkey dev` mounts it at `/demo`.

mod claims;
mod exchange;
#[cfg(test)]
mod flow_tests;
mod handlers;
mod pages;
mod provider;
mod recorder;
mod redirect;
mod session;
mod settings;
mod state;
mod step;
mod steps;
mod verify;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::Method;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, http};

use crate::foundation::url::Issuer;
use redirect::redirect;
use session::Sessions;
pub use settings::{Credentials, DemoSettings};
use state::Demo;

/// The demo app's routes, all under `/demo`; merge them into the provider's own. The provider is asked only when
/// someone signs in, so the router can be built before the server listens.
///
/// # Errors
/// When no HTTP client can be made, which would be a fault of the system.
pub fn router(settings: DemoSettings) -> Result<Router, reqwest::Error> {
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(Duration::from_secs(3))
        .timeout(Duration::from_secs(10))
        .build()?;
    let sessions = Sessions::new(settings.random.clone(), settings.clock.clone());
    let demo = Arc::new(Demo { settings, sessions, http });
    Ok(Router::new()
        .route("/demo", get(handlers::home))
        .route("/demo/", get(handlers::home))
        .route("/demo/style.css", get(handlers::style))
        .route("/demo/icon.svg", get(handlers::icon))
        .route("/demo/login", get(handlers::login))
        .route("/demo/callback", get(handlers::callback))
        .route("/demo/signed-out", get(handlers::signed_out))
        .route("/demo/do/{action}", post(handlers::act))
        .layer(DefaultBodyLimit::max(4096))
        .layer(middleware::from_fn_with_state(demo.clone(), at_the_issuers_origin))
        .with_state(demo))
}

/// Leads a browser that came under another name of this machine (`localhost` for `127.0.0.1`) to the issuer's origin,
/// where the cookie is and where the provider will send it back to; then adds the headers that every answer has.
async fn at_the_issuers_origin(State(demo): State<Arc<Demo>>, request: Request, next: Next) -> Response {
    let issuer = &demo.settings.issuer;
    let authority = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = authority.or_else(|| request.uri().authority().map(http::uri::Authority::as_str));
    if authority.is_some_and(|authority| !is_authority_of(issuer, authority)) {
        let target = match *request.method() {
            Method::GET => request.uri().path_and_query().map_or("/demo", http::uri::PathAndQuery::as_str),
            _ => "/demo",
        };
        return redirect(&issuer.join(target));
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                                       base-uri 'none'; frame-ancestors 'none'";

fn is_authority_of(issuer: &Issuer, authority: &str) -> bool {
    let scheme = if issuer.is_https() { "https" } else { "http" };
    url::Url::parse(&format!("{scheme}://{authority}"))
        .is_ok_and(|url| url.origin().ascii_serialization() == issuer.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_names_of_the_same_machine_are_not_the_issuers_origin() {
        let issuer = Issuer::parse("http://127.0.0.1:8080").unwrap();
        assert!(is_authority_of(&issuer, "127.0.0.1:8080"));
        assert!(!is_authority_of(&issuer, "localhost:8080"));
        assert!(!is_authority_of(&issuer, "127.0.0.1"));
        assert!(is_authority_of(&Issuer::parse("http://localhost").unwrap(), "LOCALHOST:80"));
    }
}
