//! `[registration]`: applications that register themselves.

use std::time::Duration;

use super::reader::Reader;
use super::scopes::is_scope_token;
use super::setting::{choice, quote};

/// Applications that register themselves.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Whether they do.
    pub dynamic: DynamicRegistration,
    /// The most of them that there may be at a time.
    pub max_clients: u32,
    /// The most that one address may have registered and nobody has used yet.
    pub unused_per_address: u32,
    /// How long an application is waited for that nobody uses.
    pub unused_for: Duration,
    /// The scopes that they may have beside the standard ones.
    pub scopes: Vec<String>,
}

/// Who registers applications without the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DynamicRegistration {
    /// Nobody.
    Off,
    /// Whoever was given a token for it.
    Token,
    /// Everybody.
    Open,
}

choice!(DynamicRegistration: Off = "off", Token = "token" or Open = "open");

const HOUR: Duration = Duration::from_secs(3600);
const YEAR: Duration = Duration::from_secs(365 * 86_400);

impl Registration {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let dynamic = from.value("registration.dynamic");
        // Each may be remembered by the cache of clients, with up to eight kilobytes.
        let max_clients = from.within("registration.max_clients", 1..=100_000);
        let unused_per_address = from.within("registration.unused_per_address", 1..=100_000);
        let unused_for = from.within("registration.unused_for", HOUR..=YEAR);
        let scopes: Option<Vec<String>> = from.value("registration.scopes");
        if let Some(bad) = scopes.iter().flatten().find(|scope| !is_scope_token(scope)) {
            let message = format!("not a scope: {} (printable ASCII without space, quote or backslash)", quote(bad));
            from.refuse("registration.scopes", message);
            return None;
        }
        Some(Self {
            dynamic: dynamic?,
            max_clients: max_clients?,
            unused_per_address: unused_per_address?,
            unused_for: unused_for?,
            scopes: scopes?,
        })
    }
}
