//! Google (<https://developers.google.com/identity/openid-connect/openid-connect>).

use super::preset::Preset;
use crate::domain::federation::claim_mapping::ClaimMapping;
use crate::domain::federation::provider::{Mark, Protocol, UpstreamIssuer};

pub(super) fn preset() -> Preset {
    Preset {
        name: "Google",
        mark: Mark::Google,
        protocol: Protocol::OpenId { issuer: UpstreamIssuer::One("https://accounts.google.com".to_owned()) },
        scopes: &["openid", "email", "profile"],
        claims: ClaimMapping { username: String::new(), ..ClaimMapping::default() },
        trusts_email: true,
        posts_answer: false,
        lets_choose: true,
    }
}
