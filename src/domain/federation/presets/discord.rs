//! Discord (<https://discord.com/developers/docs/topics/oauth2>): OAuth 2.0 alone. What it says of an address is `verified`.

use super::preset::Preset;
use crate::domain::federation::claim_mapping::ClaimMapping;
use crate::domain::federation::provider::{Mark, Protocol};

pub(super) fn preset() -> Preset {
    Preset {
        name: "Discord",
        mark: Mark::Discord,
        protocol: Protocol::OAuth {
            authorization: "https://discord.com/oauth2/authorize".to_owned(),
            token: "https://discord.com/api/oauth2/token".to_owned(),
            userinfo: "https://discord.com/api/users/@me".to_owned(),
            emails: None,
        },
        scopes: &["identify", "email"],
        claims: ClaimMapping {
            subject: "id".to_owned(),
            email_verified: "verified".to_owned(),
            username: "username".to_owned(),
            name: "global_name".to_owned(),
            given_name: String::new(),
            family_name: String::new(),
            picture: String::new(),
            ..ClaimMapping::default()
        },
        trusts_email: false,
        posts_answer: false,
        lets_choose: false,
    }
}
