//! Who calls. A handler says by the type of its argument what its call does, and runs only for a token that may do it.

use std::net::{IpAddr, Ipv4Addr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::app::App;
use crate::domain::access::actor::{Actor, Origin};
use crate::http::extract::actor::of_service;
use crate::http::extract::bearer::bearer;
use crate::http::respond::problem::Problem;
use crate::services::oauth::key_manager::{self, KeyManager};
use crate::services::oauth::own_account::{self, Admitted, Author, Owner, Reader};

/// A caller whose token was checked for what the call does. Checking it costs a look into the database at most, and stores
/// nothing; a token that does not hold is counted, as at the userinfo endpoint.
pub struct Called<W> {
    /// The server.
    pub app: App,
    /// Who calls.
    pub who: W,
}

/// Whoever a token can make.
pub trait Caller: Send + Sized {
    /// Made of the token.
    fn admit(app: &App, from: &Origin, token: &str) -> impl Future<Output = Admitted<Self>> + Send;
}

impl Caller for Reader {
    async fn admit(app: &App, from: &Origin, token: &str) -> Admitted<Self> {
        own_account::reader(app, from, token).await
    }
}

impl Caller for Author {
    async fn admit(app: &App, from: &Origin, token: &str) -> Admitted<Self> {
        own_account::author(app, from, token).await
    }
}

impl Caller for Owner {
    async fn admit(app: &App, from: &Origin, token: &str) -> Admitted<Self> {
        own_account::owner(app, from, token).await
    }
}

impl Caller for KeyManager {
    async fn admit(app: &App, from: &Origin, token: &str) -> Admitted<Self> {
        key_manager::admit(app, from, token).await.map(Ok)
    }
}

impl<W: Caller> FromRequestParts<App> for Called<W> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let from = of_service(&parts.extensions, &parts.headers, app).origin;
        let Some(token) = bearer(&parts.headers)? else { return Err(Problem::token_missing()) };
        match W::admit(app, &from, &token).await? {
            Ok(who) => Ok(Self { app: app.clone(), who }),
            Err(missing) => Err(Problem::step_up(missing)),
        }
    }
}

/// Where somebody calls from.
pub fn address(by: &Actor) -> IpAddr {
    by.origin.address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}
