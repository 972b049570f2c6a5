//! The page that shows which applications one has allowed what.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::entrance::{AccountPage, Admitted, Opened, Sent, SignedIn};
use super::frame::Frame;
use super::notice::Notice;
use crate::domain::oauth::client::ClientId;
use crate::domain::sign_in::destination::OwnPage;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, page};
use crate::http::respond::page_error::PageError;
use crate::http::respond::scope_line::ScopeLine;
use crate::http::respond::when::When;
use crate::services::account::{connected_apps, disconnect_app};

/// The applications. Each one's form posts `csrf` and `client` to `/account/apps`.
#[derive(Template)]
#[template(path = "account/apps.html")]
pub struct AppsPage {
    /// The shared part.
    pub layout: Layout,
    /// What the account pages share.
    pub frame: Frame,
    /// Each application, the last used first.
    pub apps: Vec<AppLine>,
}

/// An application in words.
pub struct AppLine {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether whoever runs this server runs it too.
    pub first_party: bool,
    /// Where a sign-in to it begins, for one that said so (OpenID Connect Core §4).
    pub opens: Option<String>,
    /// What it may have.
    pub scopes: Vec<ScopeLine>,
    /// Since when.
    pub since: When,
    /// When it last got anything; `None` when it holds nothing now.
    pub last_used: Option<When>,
}

impl Page for AppsPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// The applications as a page.
pub struct Apps;

impl AccountPage for Apps {
    const PAGE: OwnPage = OwnPage::Apps;
    type Who = SignedIn;
}

/// `GET /account/apps`.
pub async fn get(Opened(visit): Opened<Apps>) -> Result<Response, PageError> {
    let now = visit.app.clock.now();
    let connected = connected_apps(&visit.app, visit.who.user().id).await?;
    let apps = connected.into_iter().map(|one| AppLine {
        id: one.client.id.as_str().to_owned(),
        name: one.client.name.clone(),
        first_party: one.client.metadata.first_party,
        opens: one.client.metadata.about.begins_at(visit.app.issuer.as_str()),
        scopes: ScopeLine::list(
            one.scope.tokens(),
            &visit.app.settings.claims,
            &visit.app.settings.providers,
            &visit.app.settings.resources,
        ),
        since: When::of(one.since, now),
        last_used: one.last_used.map(|at| When::of(at, now)),
    });
    let apps = apps.collect();
    let (layout, frame) = visit.frame();
    Ok(page(StatusCode::OK, &AppsPage { layout, frame, apps }))
}

/// `POST /account/apps`.
pub async fn post(Sent(visit): Sent<Apps>) -> Result<Response, PageError> {
    let client = ClientId::new(visit.typed("client"));
    let (by, user) = (visit.browser.actor(), visit.who.user().id);
    match disconnect_app(&visit.app, &by, user, &client).await? {
        true => visit.tell(Notice::AppDisconnected),
        false => visit.tell(Notice::NoSuchApp),
    }
}
