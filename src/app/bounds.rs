//! What the settings mean for one client.

use super::Settings;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client::registration::Bounds;
use crate::domain::oauth::token::lifetimes::TokenLifetimes;

impl Settings {
    /// How long this client's tokens live.
    pub fn token_lifetimes(&self, client: &Client) -> TokenLifetimes {
        client.metadata.lifetimes.within(&self.usual_lifetimes, &self.longest_lifetimes)
    }

    /// What clients may be registered with.
    pub fn bounds(&self) -> Bounds<'_> {
        let (usual, most) = (&self.usual_lifetimes, &self.longest_lifetimes);
        let (extra_scopes, upstream_scopes) = (&self.extra_scopes, &self.upstream_scopes);
        let (catalogue, algorithms, rules) = (&self.claims, self.algorithms, self.rules);
        Bounds { extra_scopes, upstream_scopes, catalogue, algorithms, rules, usual, most }
    }
}
