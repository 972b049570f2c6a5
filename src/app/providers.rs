//! Through whom people sign in, from the settings.

use std::fs;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::config::{Config, ProofSettings, ProviderKind, ProviderSettings, Switch};
use crate::crypto::SigningKey;
use crate::domain::federation::claim_mapping::ClaimMapping;
use crate::domain::federation::client_proof::{ClientProof, SignedSecret};
use crate::domain::federation::offer::Offer;
use crate::domain::federation::policy::ProviderPolicy;
use crate::domain::federation::presets::Known;
use crate::domain::federation::presets::preset::Preset;
use crate::domain::federation::provider::{Mark, Protocol, Provider, UpstreamIssuer};
use crate::domain::oauth::token::scope::Scope;
use crate::outbound::Target;

/// The providers. One whose URLs may never be called would be an outage that nobody ends: it is refused at the start.
///
/// # Errors
/// The URL, and why it may not be called.
pub fn providers(config: &Config, dev: bool) -> Result<Vec<Arc<Provider>>, String> {
    let read = |settings: &ProviderSettings| {
        let provider = provider(settings).map_err(|why| format!("providers.{}: {why}", settings.id))?;
        for url in urls(&provider) {
            Target::parse(&url, &config.outbound.allow, dev)
                .map_err(|refused| format!("providers.{}: {url}: {refused}", settings.id))?;
        }
        Ok(Arc::new(provider))
    };
    let mut in_order: Vec<_> = config.providers.iter().collect();
    in_order.sort_by_key(|settings| settings.position.unwrap_or(u32::MAX));
    in_order.into_iter().map(read).collect()
}

/// The scopes of the tokens that are kept.
pub(super) fn token_scopes(providers: &[Arc<Provider>]) -> Scope {
    let scopes: Vec<_> = providers.iter().filter_map(|provider| provider.token_scope()).collect();
    scopes.iter().map(String::as_str).collect()
}

fn provider(settings: &ProviderSettings) -> Result<Provider, String> {
    let preset = preset(settings);
    let keeps_tokens = settings.keep_tokens == Switch::On;
    // What each of them wants to hear before it gives tokens that outlive the person's visit.
    let (offline_scope, offline_parameter) = match settings.kind {
        ProviderKind::Google => (None, Some(("access_type", "offline"))),
        ProviderKind::Microsoft => (Some("offline_access"), None),
        _ => (None, None),
    };
    let mut claims = preset.claims;
    for (claim, name) in &settings.claims {
        let place = match *claim {
            "subject" => &mut claims.subject,
            "email" => &mut claims.email,
            "email_verified" => &mut claims.email_verified,
            "username" => &mut claims.username,
            "name" => &mut claims.name,
            "given_name" => &mut claims.given_name,
            "family_name" => &mut claims.family_name,
            "picture" => &mut claims.picture,
            "locale" => &mut claims.locale,
            _ => &mut claims.groups,
        };
        name.clone_into(place);
    }
    let usual = || {
        let offline = offline_scope.filter(|_| keeps_tokens);
        preset.scopes.iter().copied().chain(offline).map(str::to_owned).collect()
    };
    let proof = proof(&settings.proof, &preset.protocol)?;
    Ok(Provider {
        id: settings.id.clone(),
        name: settings.name.clone().unwrap_or_else(|| match preset.name {
            "" => settings.id.clone(),
            name => name.to_owned(),
        }),
        mark: preset.mark,
        client_id: settings.client_id.clone(),
        proof,
        protocol: preset.protocol,
        scopes: settings.scopes.clone().unwrap_or_else(usual),
        posts_answer: preset.posts_answer,
        lets_choose: preset.lets_choose,
        keeps_tokens,
        offline_parameter: offline_parameter.filter(|_| keeps_tokens),
        claims,
        policy: ProviderPolicy {
            creates: settings.create_accounts == Switch::On,
            trusts_email: settings.trust_email.map_or(preset.trusts_email, |trust| trust == Switch::On),
            domains: settings.domains.clone(),
            required_groups: settings.required_groups.clone(),
            second_factor_amr: settings.second_factor_amr.clone(),
            second_factor_acr: settings.second_factor_acr.clone(),
            updates_profile: settings.update_profile == Switch::On,
        },
        offer: Offer { clients: settings.clients.clone(), email_domains: settings.email_domains.clone() },
    })
}

/// How we prove who we are. A key that cannot be read would be an outage too.
fn proof(settings: &ProofSettings, protocol: &Protocol) -> Result<ClientProof, String> {
    match settings {
        ProofSettings::Secret(secret) => Ok(ClientProof::Secret(secret.clone())),
        ProofSettings::Signed { team_id, key_id, private_key_file } => {
            let file = private_key_file.display();
            let read = fs::read(private_key_file).map(Zeroizing::new);
            let pem = read.map_err(|error| format!("private_key_file: cannot read {file}: {error}"))?;
            let key =
                SigningKey::of_others(key_id, &pem).map_err(|error| format!("private_key_file: {file}: {error}"))?;
            let audience = match protocol {
                Protocol::OpenId {
                    issuer: UpstreamIssuer::One(issuer) | UpstreamIssuer::Tenants { base: issuer, .. },
                } => issuer.clone(),
                Protocol::OAuth { token, .. } => token.clone(),
            };
            Ok(ClientProof::Signed(SignedSecret { team: team_id.clone(), key, audience }))
        }
    }
}

/// What is known in advance, and what the settings say in its place. Whatever is needed was demanded when they were read.
fn preset(settings: &ProviderSettings) -> Preset {
    let known = match settings.kind {
        ProviderKind::Google => Known::Google,
        ProviderKind::Microsoft => Known::Microsoft,
        ProviderKind::GitHub => Known::GitHub,
        ProviderKind::GitLab => Known::GitLab,
        ProviderKind::Discord => Known::Discord,
        ProviderKind::Spotify => Known::Spotify,
        ProviderKind::Apple => Known::Apple,
        ProviderKind::OpenId => {
            let issuer = settings.issuer.clone().unwrap_or_default();
            let protocol = Protocol::OpenId { issuer: UpstreamIssuer::One(issuer) };
            return other(protocol, &["openid", "email", "profile"]);
        }
        ProviderKind::OAuth => {
            let url = |url: &Option<String>| url.clone().unwrap_or_default();
            let protocol = Protocol::OAuth {
                authorization: url(&settings.authorization_url),
                token: url(&settings.token_url),
                userinfo: url(&settings.userinfo_url),
                emails: None,
            };
            return other(protocol, &[]);
        }
    };
    let mut preset = known.preset(settings.tenant.as_deref().unwrap_or("common"), &settings.tenants);
    if let Some(issuer) = &settings.issuer {
        preset.protocol = Protocol::OpenId { issuer: UpstreamIssuer::One(issuer.clone()) };
    }
    preset
}

/// Any other: nothing is known of it, and its word on addresses is not trusted unless the operator says so.
fn other(protocol: Protocol, scopes: &'static [&'static str]) -> Preset {
    let claims = ClaimMapping::default();
    Preset {
        name: "",
        mark: Mark::Other,
        protocol,
        scopes,
        claims,
        trusts_email: false,
        posts_answer: false,
        lets_choose: false,
    }
}

/// Every URL of it that we call by ourselves.
fn urls(provider: &Provider) -> Vec<String> {
    match &provider.protocol {
        Protocol::OpenId { issuer } => vec![issuer.metadata_url()],
        Protocol::OAuth { token, userinfo, emails, .. } => {
            [Some(token), Some(userinfo), emails.as_ref()].into_iter().flatten().cloned().collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::crypto::{Algorithm, GeneratedKey};
    use crate::foundation::Timestamp;

    #[test]
    fn a_key_that_cannot_be_read_is_told_at_the_start() {
        let apple = Protocol::OpenId { issuer: UpstreamIssuer::One("https://appleid.apple.com".to_owned()) };
        let file = tempfile::NamedTempFile::new().unwrap();
        let of = |path: &Path| {
            let (team_id, key_id, private_key_file) = ("T".into(), "K".into(), path.to_owned());
            proof(&ProofSettings::Signed { team_id, key_id, private_key_file }, &apple)
        };
        let gone = of(Path::new("/nowhere/apple.p8")).unwrap_err();
        assert!(gone.contains("private_key_file: cannot read /nowhere/apple.p8"), "{gone}");
        fs::write(file.path(), "a secret that is no key").unwrap();
        let odd = of(file.path()).unwrap_err();
        assert!(odd.contains("P-256") && !odd.contains("a secret that"), "{odd}");
        let key = STANDARD.encode(&*GeneratedKey::generate(Algorithm::Es256).unwrap().private_der);
        fs::write(file.path(), format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n")).unwrap();
        let made = of(file.path()).unwrap().secret("c", Timestamp::from_secs(1)).unwrap();
        assert_eq!(made.expose().split('.').count(), 3);
    }
}
