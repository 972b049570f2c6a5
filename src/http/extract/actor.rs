//! Makes the sender of a request an actor: with an address, but nobody, because nothing is proved yet. Only here.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, header};

use super::client_ip;
use crate::app::App;
use crate::domain::access::actor::{Actor, Origin, UserAgent};
use crate::telemetry::request;

/// The sender of a request, before anything is proved.
impl FromRequestParts<App> for Actor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, std::convert::Infallible> {
        Ok(of_service(&parts.extensions, &parts.headers, app))
    }
}

/// A service or application, before it has proved which.
pub fn of_service(extensions: &Extensions, headers: &HeaderMap, app: &App) -> Actor {
    at(client_ip::of_service(extensions, headers, app), headers)
}

/// The sender of a request from this address.
pub fn at(address: IpAddr, headers: &HeaderMap) -> Actor {
    Actor::nobody(Origin {
        address: Some(address),
        user_agent: headers.get(header::USER_AGENT).map(|sent| UserAgent::new(sent.as_bytes())),
        request: request::current(),
        client: None,
    })
}
