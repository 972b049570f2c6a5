//! `[oauth]`: what is demanded of every client.

use super::login::Switch;
use super::reader::Reader;
use super::setting::choice;

/// What is demanded of every client.
#[derive(Clone, Copy, Debug)]
pub struct OAuth {
    /// Whether every authorization request has to be pushed (RFC 9126).
    pub require_pushed_requests: bool,
    /// Whether answers are codes alone, whatever clients are registered for.
    pub only_code: bool,
    /// Which applications are served.
    pub profile: OAuthProfile,
}

/// What authorization requests are answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ResponseTypes {
    /// Codes, and tokens for clients that are registered for them.
    All,
    /// Codes.
    Code,
}

choice!(ResponseTypes: All = "all" or Code = "code");

/// Which applications are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OAuthProfile {
    /// Old ones too, each with what it is registered for.
    Compatible,
    /// Those that keep to OAuth 2.1.
    OAuth21,
}

choice!(OAuthProfile: Compatible = "compatible" or OAuth21 = "oauth-2.1");

impl OAuth {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let require_pushed_requests: Option<Switch> = from.value("oauth.require_pushed_requests");
        let response_types: Option<ResponseTypes> = from.value("oauth.response_types");
        let profile: Option<OAuthProfile> = from.value("oauth.profile");
        Some(Self {
            require_pushed_requests: require_pushed_requests? == Switch::On,
            only_code: response_types? == ResponseTypes::Code,
            profile: profile?,
        })
    }
}
