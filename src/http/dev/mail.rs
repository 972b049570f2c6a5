//! `/dev/mail`: what would have been sent to people.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::app::App;
use crate::http::extract::named::Named;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, page};
use crate::http::respond::page_error;
use crate::services::operation::mail::{self, Delivered};

/// The mails, the newest first.
#[derive(Template)]
#[template(path = "dev/mail.html")]
pub struct MailPage {
    /// The shared part.
    pub layout: Layout,
    /// What has arrived; `None` when it goes to a mail server.
    pub mails: Option<Vec<Delivered>>,
}

impl Page for MailPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// `GET /dev/mail`.
pub async fn list(State(app): State<App>) -> Response {
    let layout = Layout::new(&app);
    page(StatusCode::OK, &MailPage { layout, mails: mail::delivered(&app) })
}

/// `GET /dev/mail.json`: `to`, `subject`, `text`, `html` and `links` (those that are to be followed) of each.
pub async fn json(State(app): State<App>) -> Response {
    let mails: Vec<Value> = mail::delivered(&app).unwrap_or_default().into_iter().map(object).collect();
    ([(header::CACHE_CONTROL, "no-store")], Json(mails)).into_response()
}

fn object(mail: Delivered) -> Value {
    let Delivered { to, subject, text, html, links, .. } = mail;
    json!({"to": to, "subject": subject, "text": text, "html": html, "links": links})
}

/// `GET /dev/mail/{id}`: a mail as HTML, by itself. Its policy is that of a mail program: its own styles, nothing that is
/// loaded, no script, no form, and nothing of our origin.
pub async fn html(State(app): State<App>, Named(id): Named) -> Response {
    let mails = mail::delivered(&app).unwrap_or_default();
    let Some(mail) = mails.into_iter().find(|mail| mail.id.to_string() == id) else {
        return page_error::not_found(State(app)).await;
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("content-security-policy"),
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
             sandbox allow-popups allow-popups-to-escape-sandbox",
        ),
    ];
    (headers, mail.html).into_response()
}
