//! The operator's own APIs, from the settings.

use crate::config::{Config, ResourceSettings, ResourceTokens};
use crate::domain::oauth::client::TokenFormat;
use crate::domain::oauth::token::claim_catalogue::ClaimCatalogue;
use crate::domain::oauth::token::resource::{Resource, ResourceError, Resources};

/// All of them.
///
/// # Errors
/// Names the first that cannot be.
pub fn resources(config: &Config, claims: &ClaimCatalogue) -> Result<Resources, ResourceError> {
    let all = config.resources.iter().map(resource).collect();
    Resources::new(config.issuer.as_str(), all, claims)
}

fn resource(settings: &ResourceSettings) -> Resource {
    Resource {
        identifier: settings.identifier.clone(),
        name: settings.name.clone().unwrap_or_else(|| settings.id.clone()),
        scopes: settings.scopes.iter().map(String::as_str).collect(),
        access_token_format: settings.access_token_format.map(|format| match format {
            ResourceTokens::Jwt => TokenFormat::Jwt,
            ResourceTokens::Opaque => TokenFormat::Opaque,
        }),
        access_token_lifetime: settings.access_token_lifetime,
    }
}
