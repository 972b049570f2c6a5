//! Microsoft (<https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc>). The address in its tokens is whatever the
//! tenant's administrator wrote there ("nOAuth"), and there is no `email_verified`: it connects nobody.

use super::preset::Preset;
use crate::domain::federation::claim_mapping::ClaimMapping;
use crate::domain::federation::provider::{Mark, Protocol, UpstreamIssuer};

pub(super) fn preset(tenant: &str, tenants: &[String]) -> Preset {
    let base = format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let issuer = match tenant {
        "organizations" | "common" | "consumers" => UpstreamIssuer::Tenants { base, allowed: tenants.to_vec() },
        _ => UpstreamIssuer::One(base),
    };
    Preset {
        name: "Microsoft",
        mark: Mark::Microsoft,
        protocol: Protocol::OpenId { issuer },
        scopes: &["openid", "email", "profile"],
        claims: ClaimMapping { username: String::new(), picture: String::new(), ..ClaimMapping::default() },
        trusts_email: false,
        posts_answer: false,
    }
}
