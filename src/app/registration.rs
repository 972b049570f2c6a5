//! Applications that register themselves, as the services need it.

use std::time::Duration;

use crate::config::{DynamicRegistration, Registration};
use crate::domain::oauth::token::scope::Scope;

/// Applications that register themselves.
#[derive(Clone, Debug)]
pub struct RegistrationPolicy {
    /// Whether they do.
    pub dynamic: DynamicRegistration,
    /// The most of them that there may be at a time.
    pub max_clients: u32,
    /// The most that one address may have registered and nobody has used yet.
    pub unused_per_address: u32,
    /// How long an application is waited for that nobody uses.
    pub unused_for: Duration,
    /// The scopes that they may have beside the standard ones.
    pub scopes: Scope,
}

impl RegistrationPolicy {
    /// As configured.
    pub fn new(config: &Registration) -> Self {
        let Registration { dynamic, max_clients, unused_per_address, unused_for, scopes } = config;
        Self {
            dynamic: *dynamic,
            max_clients: *max_clients,
            unused_per_address: *unused_per_address,
            unused_for: *unused_for,
            scopes: scopes.iter().map(String::as_str).collect(),
        }
    }

    /// Whether anybody registers applications without the operator.
    pub fn is_on(&self) -> bool {
        self.dynamic != DynamicRegistration::Off
    }
}
