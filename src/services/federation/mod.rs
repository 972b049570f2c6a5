//! Signing in through other providers.

pub mod authorization_url;
pub mod begin;
pub mod check;
pub mod come_back;
pub mod connections;
pub mod exchange;
pub(in crate::services) mod groups;
pub mod id_token;
pub mod logout;
mod refresh;
pub mod rehearse;
pub mod sign_in;
pub mod tokens;
pub mod waiting;
mod ways_in;

use std::sync::Arc;

use crate::app::App;
use crate::domain::federation::provider::Provider;
use crate::domain::oauth::client::ClientId;

/// A provider as a page shows it.
pub struct Offered {
    /// The provider.
    pub provider: Arc<Provider>,
    /// Whether it has not answered lately.
    pub is_down: bool,
}

/// Every provider: what somebody can connect to their account.
pub fn all(app: &App) -> Vec<Offered> {
    let now = app.clock.now();
    let is_down = |provider: &Provider| app.upstreams.of(&provider.id).is_down(now);
    let all = app.settings.providers.iter();
    all.map(|provider| Offered { provider: Arc::clone(provider), is_down: is_down(provider) }).collect()
}

/// Those that people of this client are offered; `None`: on the way to a page of ours.
pub fn offered(app: &App, client: Option<&ClientId>) -> Vec<Offered> {
    let client = client.map(ClientId::as_str);
    all(app).into_iter().filter(|one| one.provider.offer.is_for(client)).collect()
}

/// Where whoever typed this as their name is sent, if anywhere.
pub fn of_address(app: &App, typed: &str) -> Option<Arc<Provider>> {
    app.settings.providers.iter().find(|provider| provider.offer.takes(typed)).map(Arc::clone)
}

/// Whether any address leads to a provider.
pub fn goes_by_address(app: &App) -> bool {
    app.settings.providers.iter().any(|provider| !provider.offer.email_domains.is_empty())
}

/// The provider of this name.
pub fn find(app: &App, id: &str) -> Option<Arc<Provider>> {
    app.settings.providers.iter().find(|provider| provider.id == id).map(Arc::clone)
}
