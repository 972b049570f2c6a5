//! How long tokens live, from the configuration and the client.

use std::time::Duration;

use crate::config::Lifetimes;
use crate::domain::oauth::token::lifetimes::TokenLifetimes;
use crate::domain::operation::signing_key::KeyLife;

/// How long tokens live unless their client says otherwise.
pub fn usual_lifetimes(lifetimes: &Lifetimes) -> TokenLifetimes {
    TokenLifetimes {
        access_token: lifetimes.access_token,
        id_token: lifetimes.id_token,
        refresh_token_idle: lifetimes.refresh_token_idle,
        refresh_token_absolute: lifetimes.refresh_token_absolute,
    }
}

/// The longest lifetimes that a client may be registered with. A maximum below the usual lifetime counts as the usual one.
pub fn longest_lifetimes(lifetimes: &Lifetimes) -> TokenLifetimes {
    TokenLifetimes {
        access_token: lifetimes.access_token.max(lifetimes.access_token_max),
        id_token: lifetimes.id_token.max(lifetimes.id_token_max),
        refresh_token_idle: lifetimes.refresh_token_idle.max(lifetimes.refresh_token_idle_max),
        refresh_token_absolute: lifetimes.refresh_token_absolute.max(lifetimes.refresh_token_absolute_max),
    }
}

/// A retired key is published until every token that it signed has expired, and an hour more: for clocks that differ,
/// and for instances that saw the rotation late. It verifies hints for as long as a session, or a refreshed grant, can
/// outlive that.
pub fn retired_key_life(lifetimes: &Lifetimes) -> KeyLife {
    let longest = longest_lifetimes(lifetimes);
    let published = longest.access_token.max(longest.id_token).saturating_add(Duration::from_secs(3600));
    let outlives = lifetimes.session_absolute.max(longest.refresh_token_absolute);
    KeyLife { published, hints: published.saturating_add(outlives) }
}
