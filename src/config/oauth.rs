//! `[oauth]`: what is demanded of every client.

use super::login::Switch;
use super::reader::Reader;

/// What is demanded of every client.
#[derive(Clone, Copy, Debug)]
pub struct OAuth {
    /// Whether every authorization request has to be pushed (RFC 9126).
    pub require_pushed_requests: bool,
}

impl OAuth {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let require_pushed_requests: Option<Switch> = from.value("oauth.require_pushed_requests");
        Some(Self { require_pushed_requests: require_pushed_requests? == Switch::On })
    }
}
