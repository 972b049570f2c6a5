//! GitLab (<https://docs.gitlab.com/integration/openid_connect_provider/>); `issuer` leads to one's own.

use super::preset::Preset;
use crate::domain::federation::claim_mapping::ClaimMapping;
use crate::domain::federation::provider::{Mark, Protocol, UpstreamIssuer};

pub(super) fn preset() -> Preset {
    Preset {
        name: "GitLab",
        mark: Mark::GitLab,
        protocol: Protocol::OpenId { issuer: UpstreamIssuer::One("https://gitlab.com".to_owned()) },
        scopes: &["openid", "email", "profile"],
        claims: ClaimMapping { username: "nickname".to_owned(), ..ClaimMapping::default() },
        trusts_email: true,
        posts_answer: false,
        lets_choose: false,
    }
}
