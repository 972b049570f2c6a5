//! How a client sends its authorization requests.

use serde::{Deserialize, Serialize};

/// The members about that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestMetadata {
    /// It pushes them, and what a browser brings from elsewhere is refused (RFC 9126 §6).
    pub require_pushed_authorization_requests: bool,
}
