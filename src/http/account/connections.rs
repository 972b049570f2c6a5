//! The page of one's identities at other providers.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::entrance::{AccountPage, Admitted, Opened, Sent};
use super::frame::Frame;
use super::notice::Notice;
use crate::app::App;
use crate::domain::federation::identity::Identity;
use crate::domain::federation::provider::{Mark, Provider};
use crate::domain::federation::refusal::UpstreamRefusal;
use crate::domain::sign_in::destination::OwnPage;
use crate::http::extract::browser::Browser;
use crate::http::respond::authorization::see_other;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy, page};
use crate::http::respond::page_error::PageError;
use crate::http::respond::provider_button::ProviderButton;
use crate::http::respond::when::When;
use crate::http::set_out::sign_in_for;
use crate::services::federation::authorization_url::Wishes;
use crate::services::federation::begin::{Begun, Leaving, begin};
use crate::services::federation::connections::{Connected, Disconnected, connect, disconnect, list};
use crate::services::federation::exchange::Described;
use crate::services::federation::waiting::Wanted;
use crate::services::federation::{self, all};
use crate::services::sign_in::own_page::{self, FreshSession};

/// The identities. The forms post `csrf` and either `provider`, to connect one, or `identity`, to disconnect one.
#[derive(Template)]
#[template(path = "account/connections.html")]
pub struct ConnectionsPage {
    /// The shared part.
    pub layout: Layout,
    /// What the account pages share.
    pub frame: Frame,
    /// Each identity, the oldest first.
    pub connected: Vec<ConnectionLine>,
    /// What can be connected.
    pub providers: Vec<ProviderButton>,
}

/// An identity in words.
pub struct ConnectionLine {
    /// Its id.
    pub id: String,
    /// What its provider is called.
    pub provider: String,
    /// What its person is called there.
    pub label: Option<String>,
    /// Since when.
    pub since: When,
    /// When it was last signed in with.
    pub last_used: Option<When>,
}

impl Page for ConnectionsPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        // To the provider.
        Policy { leads_to_client: true, ..Policy::default() }
    }
}

/// The identities as a page.
pub struct Connections;

impl AccountPage for Connections {
    const PAGE: OwnPage = OwnPage::Connections;
    type Who = FreshSession;
}

/// `GET /account/connections`.
pub async fn get(Opened(visit): Opened<Connections>) -> Result<Response, PageError> {
    let now = visit.app.clock.now();
    let name = |identity: &Identity| {
        federation::find(&visit.app, &identity.provider)
            .map_or_else(|| identity.provider.clone(), |one| one.name.clone())
    };
    let connected = list(&visit.app, Admitted::user(&visit.who).id).await?;
    let connected = connected.into_iter().map(|identity| ConnectionLine {
        provider: name(&identity),
        id: identity.id.to_string(),
        since: When::of(identity.created_at, now),
        last_used: identity.last_used_at.map(|at| When::of(at, now)),
        label: identity.label,
    });
    let connected = connected.collect();
    let providers = all(&visit.app).iter().map(ProviderButton::of).collect();
    let (layout, frame) = visit.frame();
    Ok(page(StatusCode::OK, &ConnectionsPage { layout, frame, connected, providers }))
}

/// `POST /account/connections`.
pub async fn post(Sent(visit): Sent<Connections>) -> Result<Response, PageError> {
    let by = visit.browser.actor();
    if let Ok(id) = visit.typed("identity").parse() {
        return match disconnect(&visit.app, &by, &visit.who, id).await? {
            Disconnected::Yes => visit.tell(Notice::IdentityRemoved),
            Disconnected::None => visit.tell(Notice::NoSuchIdentity),
            Disconnected::Last => visit.tell(Notice::LastIdentity),
            Disconnected::Overtaken => visit.tell(Notice::Stale),
        };
    }
    let Some(provider) = federation::find(&visit.app, visit.typed("provider")) else {
        return visit.tell(Notice::NoSuchIdentity);
    };
    let Some(binding) = visit.browser.binding() else { return visit.tell(Notice::Stale) };
    let wanted = Wanted::Connect {
        user: Admitted::user(&visit.who).id.to_string(),
        session: Admitted::session(&visit.who).id.to_string(),
    };
    let (browser, address) = (binding, visit.browser.address());
    // Whoever is signed in there already may mean another of their accounts.
    let leaving = Leaving { wanted, browser, address, wishes: Wishes { chooses: true, ..Wishes::default() } };
    match begin(&visit.app, &by, &provider, leaving).await? {
        Begun::To(url) => Ok(see_other(&url)?),
        Begun::Refused(_) => visit.tell(Notice::ProviderDown),
        Begun::Wait(_) => visit.tell(Notice::TooManyConnections),
    }
}

/// Whoever came back from a provider to which this page had sent them, in a session that is still theirs and fresh.
///
/// # Errors
/// When the database does not answer.
pub async fn come_back(
    app: &App,
    mut browser: Browser,
    provider: &Provider,
    described: Result<Described, UpstreamRefusal>,
    (user, session): (&str, &str),
) -> Result<Response, PageError> {
    let told = |browser: &Browser, notice: Notice| Ok(see_other(&notice.link(app, browser, OwnPage::Connections))?);
    let decided = own_page::decide(app, OwnPage::Connections, browser.accounts(app), None).await?;
    let held = decided.ok().and_then(|(session, user)| FreshSession::admit(app, session, user));
    let Some(held) = held else { return sign_in_for(app, &mut browser, OwnPage::Connections).await };
    let is_same = held.user().id.to_string() == user && held.session().id.to_string() == session;
    if !is_same {
        return told(&browser, Notice::Stale);
    }
    let described = match described {
        Ok(described) => described,
        Err(UpstreamRefusal::Down(_)) => return told(&browser, Notice::ProviderDown),
        Err(_) => return told(&browser, Notice::NotConnected),
    };
    match connect(app, &browser.actor(), &held, provider, described).await? {
        Connected::Yes => told(&browser, Notice::IdentityConnected),
        Connected::Elsewhere => told(&browser, Notice::IdentityElsewhere),
        Connected::TooMany => told(&browser, Notice::TooManyConnections),
        Connected::Overtaken => told(&browser, Notice::Stale),
        Connected::Refused(_) => told(&browser, Notice::NotConnected),
    }
}
