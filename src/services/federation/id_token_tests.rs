//! Tenants: an issuer for each, and one set of keys for all.

use std::str::FromStr;

use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::EcCurve;
use josekit::jws::{self, ES256, JwsHeader};
use serde_json::json;

use super::*;
use crate::domain::federation::claim_mapping::ClaimMapping;
use crate::domain::federation::policy::ProviderPolicy;
use crate::domain::federation::provider::Mark;
use crate::foundation::SecretString;

const OURS: &str = "9122040d-6c67-4c5b-b112-36a304b66dad";
const THEIRS: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

fn provider(allowed: &[&str]) -> Provider {
    let base = "https://login.example/common/v2.0".to_owned();
    let allowed = allowed.iter().map(|tenant| (*tenant).to_owned()).collect();
    Provider {
        id: "work".into(),
        name: "Work".into(),
        mark: Mark::Other,
        client_id: "us".into(),
        client_secret: SecretString::new("s".into()),
        protocol: Protocol::OpenId { issuer: UpstreamIssuer::Tenants { base, allowed } },
        scopes: vec![],
        posts_answer: false,
        keeps_tokens: false,
        offline_parameter: None,
        claims: ClaimMapping::default(),
        policy: ProviderPolicy {
            creates: true,
            trusts_email: false,
            domains: vec![],
            required_groups: vec![],
            second_factor_amr: vec![],
            updates_profile: false,
        },
    }
}

/// What becomes of a token of this issuer that names this tenant, where these are allowed.
fn verified(allowed: &[&str], iss: &str, tid: Value) -> Result<String, String> {
    let mut key = Jwk::generate_ec_key(EcCurve::P256).unwrap();
    key.set_key_id("one");
    let mut header = JwsHeader::new();
    header.set_key_id("one");
    let now = NOW.as_secs();
    let claims = json!({"iss": iss, "aud": "us", "sub": "s", "nonce": "n", "iat": now, "exp": now + 60, "tid": tid});
    let mut signer = ES256.signer_from_jwk(&key).unwrap();
    signer.remove_key_id();
    let token = jws::serialize_compact(claims.to_string().as_bytes(), &header, &signer).unwrap();
    let mut public = serde_json::to_value(key.to_public_key().unwrap()).unwrap();
    public["kid"] = json!("one");
    let keys = serde_json::from_value(json!({ "keys": [public] })).unwrap();
    let provider = provider(allowed);
    let issuer = "https://login.example/{tenantid}/v2.0";
    let expected = Expected { provider: &provider, issuer, nonce: "n", now: NOW };
    match verify(&UpstreamIdToken::from_str(&token).unwrap(), &keys, &expected) {
        Ok((issuer, _)) => Ok(issuer),
        Err(Invalid::Refused(refusal)) => Err(refusal.to_string()),
        Err(Invalid::UnknownKey) => Err("unknown key".to_owned()),
    }
}

fn issuer_of(tenant: &str) -> String {
    format!("https://login.example/{tenant}/v2.0")
}

#[test]
fn people_of_a_tenant_that_is_let_in_come_from_the_issuer_of_that_tenant() {
    for allowed in [&[][..], &[OURS]] {
        assert_eq!(verified(allowed, &issuer_of(OURS), json!(OURS)), Ok(issuer_of(OURS)));
    }
}

#[test]
fn people_of_another_tenant_stay_out_whatever_issuer_or_tenant_their_token_names() {
    let refused = UpstreamRefusal::Tenant.to_string();
    assert_eq!(verified(&[OURS], &issuer_of(THEIRS), json!(THEIRS)), Err(refused.clone()));
    for odd in [json!(null), json!(7), json!(""), json!("../common"), json!("x".repeat(36))] {
        assert_eq!(verified(&[], &issuer_of(OURS), odd.clone()), Err(refused.clone()), "{odd}");
    }
    // All tenants have the same keys: the issuer has to be that of the tenant which is named.
    let mixed = verified(&[OURS], &issuer_of(THEIRS), json!(OURS)).unwrap_err();
    assert!(mixed.contains("another issuer"), "{mixed}");
    let template = verified(&[], "https://login.example/{tenantid}/v2.0", json!(OURS)).unwrap_err();
    assert!(template.contains("another issuer"), "{template}");
}
