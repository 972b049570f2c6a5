//! Apple (<https://developer.apple.com/documentation/signinwithapplerestapi>). It answers with a form as soon as an address is
//! asked for, and takes a JWT of ours as secret ([`ClientProof`](crate::domain::federation::client_proof::ClientProof)).

use super::preset::Preset;
use crate::domain::federation::claim_mapping::ClaimMapping;
use crate::domain::federation::provider::{Mark, Protocol, UpstreamIssuer};

pub(super) fn preset() -> Preset {
    Preset {
        name: "Apple",
        mark: Mark::Apple,
        protocol: Protocol::OpenId { issuer: UpstreamIssuer::One("https://appleid.apple.com".to_owned()) },
        scopes: &["openid", "email"],
        claims: ClaimMapping { username: String::new(), ..ClaimMapping::default() },
        trusts_email: true,
        posts_answer: true,
        lets_choose: false,
    }
}
