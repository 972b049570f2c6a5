//! GitHub (<https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps>): OAuth 2.0 alone. Addresses
//! are asked for by themselves, and the primary one counts, if it is verified.

use super::preset::Preset;
use crate::domain::federation::claim_mapping::ClaimMapping;
use crate::domain::federation::provider::{Mark, Protocol};

pub(super) fn preset() -> Preset {
    Preset {
        name: "GitHub",
        mark: Mark::GitHub,
        protocol: Protocol::OAuth {
            authorization: "https://github.com/login/oauth/authorize".to_owned(),
            token: "https://github.com/login/oauth/access_token".to_owned(),
            userinfo: "https://api.github.com/user".to_owned(),
            emails: Some("https://api.github.com/user/emails".to_owned()),
        },
        scopes: &["read:user", "user:email"],
        claims: ClaimMapping {
            subject: "id".to_owned(),
            username: "login".to_owned(),
            picture: "avatar_url".to_owned(),
            given_name: String::new(),
            family_name: String::new(),
            locale: String::new(),
            ..ClaimMapping::default()
        },
        trusts_email: true,
        posts_answer: false,
        lets_choose: false,
    }
}
