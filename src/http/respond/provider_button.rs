//! The button of an upstream provider.

use crate::domain::federation::provider::Mark;
use crate::services::federation::Offered;

/// A button.
#[derive(Clone, Debug)]
pub struct ProviderButton {
    /// The provider's id, which the form posts.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Whose mark it has.
    pub mark: Mark,
    /// Whether the provider has not answered lately.
    pub is_down: bool,
}

impl ProviderButton {
    /// Of a provider.
    pub fn of(offered: &Offered) -> Self {
        let provider = &offered.provider;
        Self { id: provider.id.clone(), name: provider.name.clone(), mark: provider.mark, is_down: offered.is_down }
    }
}
