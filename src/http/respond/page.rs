//! The one place that turns a page into a response, with the headers that keep it from being framed, cached, indexed
//! or made to load something foreign.

use askama::Template;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::http::respond::layout::Layout;

/// The `Permissions-Policy`: browser features that a sign-in page never uses are switched off.
const PERMISSIONS: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

/// A page: a template, and what the browser may do with it.
pub trait Page: Template {
    /// The part that all pages share; it holds the nonce.
    fn layout(&self) -> &Layout;

    /// What this page needs beyond the strictest policy.
    fn policy(&self) -> Policy {
        Policy::default()
    }
}

/// What a page needs beyond the strictest policy. The default needs nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The origin of the client's logo, the only foreign thing that a page may load.
    pub logo_origin: Option<String>,
    /// Whether a form's answer may lead to a client. Chromium applies `form-action` to every redirect that follows,
    /// and a client may redirect further, so no list of origins is long enough: the directive is left out.
    pub leads_to_client: bool,
    /// Whether the page carries its one constant script, by nonce.
    pub script: bool,
    /// Whether another site may have opened the page as a popup and wait for its answer. Any other opener policy than
    /// the default would cut that tie, and end such a sign-in without a word.
    pub popup: bool,
    /// The origins of the frames that the page shows.
    pub frames: Vec<String>,
}

impl Policy {
    /// The `Content-Security-Policy` of a page with this nonce.
    fn content_security_policy(&self, nonce: &str) -> String {
        let mut csp = format!("default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self'");
        if let Some(origin) = &self.logo_origin {
            csp.push(' ');
            csp.push_str(origin);
        }
        if self.script {
            csp.push_str(&format!("; script-src 'nonce-{nonce}'"));
        }
        if !self.frames.is_empty() {
            csp.push_str("; frame-src ");
            csp.push_str(&self.frames.join(" "));
        }
        if !self.leads_to_client {
            csp.push_str("; form-action 'self'");
        }
        csp.push_str("; base-uri 'none'; frame-ancestors 'none'");
        csp
    }
}

/// Answers with `page`. A template that cannot be rendered is our fault: 500, without a body.
pub fn page<P: Page>(status: StatusCode, page: &P) -> Response {
    let html = match page.render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let policy = page.policy();
    let mut headers = HeaderMap::with_capacity(11);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let language = page.layout().language().tag();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language));
    // A page is not stored; whoever keeps it all the same is told what it depends on.
    headers.insert(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("permissions-policy"), HeaderValue::from_static(PERMISSIONS));
    if !policy.popup {
        let name = HeaderName::from_static("cross-origin-opener-policy");
        headers.insert(name, HeaderValue::from_static("same-origin"));
    }
    match HeaderValue::try_from(policy.content_security_policy(&page.layout().nonce)) {
        Ok(csp) => headers.insert(header::CONTENT_SECURITY_POLICY, csp),
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    (status, headers, html).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_policy_allows_nothing_foreign_and_no_script() {
        let csp = Policy::default().content_security_policy("n");
        assert_eq!(
            csp,
            "default-src 'none'; style-src 'nonce-n'; img-src 'self'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'"
        );
    }

    #[test]
    fn only_the_logos_origin_is_added_and_a_page_that_leads_to_a_client_has_no_form_action() {
        let policy = Policy {
            logo_origin: Some("https://app.example".into()),
            leads_to_client: true,
            script: true,
            popup: true,
            frames: vec!["https://a.example".into(), "https://b.example:8443".into()],
        };
        let csp = policy.content_security_policy("n");
        assert!(csp.contains("img-src 'self' https://app.example;"));
        assert!(csp.contains("script-src 'nonce-n'"));
        assert!(!csp.contains("form-action"));
        assert!(csp.contains("; frame-src https://a.example https://b.example:8443;"));
    }
}
