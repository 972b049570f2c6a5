//! The endpoints that applications and services call for each token. They are answered before the router is asked, as the
//! documents are: its layers cost a few percent of a machine's token (docs/speed.md). What else is sent to the same paths,
//! such as a preflight of CORS or a wrong method, is the router's.

use axum::extract::Request;
use axum::handler::Handler;
use axum::http::Method;
use axum::response::Response;

use super::{introspect, revoke, token, userinfo};
use crate::app::App;
use crate::domain::oauth::discovery::path;
use crate::http::layers;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `POST /token`.
    Token,
    /// `GET|POST /userinfo`.
    Userinfo,
    /// `POST /introspect`.
    Introspect,
    /// `POST /revoke`.
    Revoke,
}

impl Endpoint {
    /// The one that answers this request.
    pub fn of(request: &Request) -> Option<Self> {
        let method = request.method();
        match request.uri().path() {
            path::TOKEN if method == Method::POST => Some(Self::Token),
            path::USERINFO if method == Method::GET || method == Method::POST => Some(Self::Userinfo),
            path::INTROSPECT if method == Method::POST => Some(Self::Introspect),
            path::REVOKE if method == Method::POST => Some(Self::Revoke),
            _ => None,
        }
    }

    /// The answer, with the headers that the router's layers would add.
    pub async fn answer(self, app: &App, request: Request) -> Response {
        let app = app.clone();
        let response = match self {
            Self::Token => token::token.call(request, app).await,
            Self::Userinfo => userinfo::userinfo.call(request, app).await,
            Self::Introspect => introspect::introspect.call(request, app).await,
            Self::Revoke => revoke::revoke.call(request, app).await,
        };
        let response = layers::no_store(response);
        match self {
            Self::Introspect => response,
            Self::Token | Self::Userinfo | Self::Revoke => layers::open_to_scripts(response),
        }
    }
}
