//! How a client is told that somebody has signed out, beside what browsers are sent to after a logout that it asks for.

use serde::{Deserialize, Serialize};

/// What a client registered to be told of the end of sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogoutMetadata {
    /// Where its server is told (OpenID Connect Back-Channel Logout §2.2).
    pub backchannel_logout_uri: Option<String>,
    /// It needs to know which session has ended (§2.2). Each logout token says it anyway.
    pub backchannel_logout_session_required: bool,
    /// What the page after a logout loads in a frame (OpenID Connect Front-Channel Logout §2).
    pub frontchannel_logout_uri: Option<String>,
    /// It is told which session has ended (§2).
    pub frontchannel_logout_session_required: bool,
}
