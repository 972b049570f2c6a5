//! What the settings mean for one client.

use super::{App, Settings};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client::registration::Bounds;
use crate::domain::oauth::token::lifetimes::TokenLifetimes;
use crate::domain::oauth::token::target::Targets;

impl App {
    /// For which APIs this client's tokens can be.
    pub fn targets<'a>(&'a self, client: &'a Client) -> Targets<'a> {
        Targets { resources: &self.settings.resources, issuer: &self.issuer, client }
    }
}

impl Settings {
    /// How long this client's tokens live.
    pub fn token_lifetimes(&self, client: &Client) -> TokenLifetimes {
        client.metadata.lifetimes.within(&self.usual_lifetimes, &self.longest_lifetimes)
    }

    /// What clients may be registered with.
    pub fn bounds(&self) -> Bounds<'_> {
        let (usual, most) = (&self.usual_lifetimes, &self.longest_lifetimes);
        let (extra_scopes, upstream_scopes) = (&self.extra_scopes, &self.upstream_scopes);
        let (resources, encryption) = (&self.resources, self.encryption);
        let (catalogue, algorithms, rules) = (&self.claims, self.algorithms, self.rules);
        Bounds { extra_scopes, upstream_scopes, resources, catalogue, algorithms, encryption, rules, usual, most }
    }
}
