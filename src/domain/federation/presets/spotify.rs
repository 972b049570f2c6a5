//! Spotify (<https://developer.spotify.com/documentation/web-api/reference/get-current-users-profile>): OAuth 2.0 alone. It says of
//! its addresses that they are not verified.

use super::preset::Preset;
use crate::domain::federation::claim_mapping::ClaimMapping;
use crate::domain::federation::provider::{Mark, Protocol};

pub(super) fn preset() -> Preset {
    Preset {
        name: "Spotify",
        mark: Mark::Spotify,
        protocol: Protocol::OAuth {
            authorization: "https://accounts.spotify.com/authorize".to_owned(),
            token: "https://accounts.spotify.com/api/token".to_owned(),
            userinfo: "https://api.spotify.com/v1/me".to_owned(),
            emails: None,
        },
        scopes: &["user-read-email"],
        claims: ClaimMapping {
            subject: "id".to_owned(),
            email_verified: String::new(),
            username: String::new(),
            name: "display_name".to_owned(),
            given_name: String::new(),
            family_name: String::new(),
            picture: "images.0.url".to_owned(),
            locale: String::new(),
            ..ClaimMapping::default()
        },
        trusts_email: false,
        posts_answer: false,
        lets_choose: false,
    }
}
