//! Microsoft (<https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc>). The address in its tokens is whatever the
//! tenant's administrator wrote there ("nOAuth"), and there is no `email_verified`: it connects nobody.

use super::preset::Preset;
use crate::domain::federation::claim_mapping::ClaimMapping;
use crate::domain::federation::provider::{Mark, Protocol, UpstreamIssuer};

/// The one tenant of all personal accounts. Metadata below `consumers` name it, and not a template.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

pub(super) fn preset(tenant: &str, tenants: &[String]) -> Preset {
    let base = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let issuer = match tenant {
        "organizations" | "common" => UpstreamIssuer::Tenants { base: base(tenant), allowed: tenants.to_vec() },
        "consumers" => UpstreamIssuer::One(base(CONSUMERS)),
        _ => UpstreamIssuer::One(base(tenant)),
    };
    Preset {
        name: "Microsoft",
        mark: Mark::Microsoft,
        protocol: Protocol::OpenId { issuer },
        scopes: &["openid", "email", "profile"],
        claims: ClaimMapping { username: String::new(), picture: String::new(), ..ClaimMapping::default() },
        trusts_email: false,
        posts_answer: false,
        lets_choose: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_accounts_are_one_tenant_whose_metadata_name_it() {
        let named = |tenant: &str, issuer: &str| match preset(tenant, &[]).protocol {
            Protocol::OpenId { issuer: known } => {
                known.is_named(&format!("https://login.microsoftonline.com/{issuer}/v2.0"))
            }
            Protocol::OAuth { .. } => false,
        };
        assert!(named("consumers", CONSUMERS) && !named("consumers", "{tenantid}"));
        assert!(named("common", "{tenantid}") && named("organizations", "{tenantid}"));
        assert!(named("8eaef023-2b34-4da1-9baa-8bc8c9d6a490", "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"));
    }
}
