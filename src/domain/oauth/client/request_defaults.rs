//! What a client wants where its authorization request says nothing.

use serde::{Deserialize, Serialize};

/// The members about that (OpenID Connect Registration §2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestDefaults {
    /// The oldest sign-in that it takes, in seconds, where the request has no `max_age`.
    pub default_max_age: Option<u32>,
    /// It needs `auth_time`, which every ID token has.
    pub require_auth_time: bool,
    /// The classes that it would like, where the request has no `acr_values`.
    pub default_acr_values: Vec<String>,
}

impl RequestDefaults {
    /// Its classes as a request would name them.
    pub fn acr_values(&self) -> String {
        self.default_acr_values.join(" ")
    }
}
