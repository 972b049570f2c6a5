//! Signing in through other providers.

pub mod begin;
pub mod check;
pub mod come_back;
pub mod connections;
pub mod exchange;
pub(in crate::services) mod groups;
mod id_token;
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

/// A provider as a page shows it.
pub struct Offered {
    /// The provider.
    pub provider: Arc<Provider>,
    /// Whether it has not answered lately.
    pub is_down: bool,
}

/// The providers through which people sign in.
pub fn offered(app: &App) -> Vec<Offered> {
    let now = app.clock.now();
    let is_down = |provider: &Provider| app.upstreams.of(&provider.id).is_down(now);
    let all = app.settings.providers.iter();
    all.map(|provider| Offered { provider: Arc::clone(provider), is_down: is_down(provider) }).collect()
}

/// The provider of this name.
pub fn find(app: &App, id: &str) -> Option<Arc<Provider>> {
    app.settings.providers.iter().find(|provider| provider.id == id).map(Arc::clone)
}
