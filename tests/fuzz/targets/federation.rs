//! What providers send, through which people sign in here: a provider may be anybody's.

use std::sync::LazyLock;

use latchkey::domain::federation::claim_mapping::ClaimMapping;
use latchkey::domain::federation::client_proof::ClientProof;
use latchkey::domain::federation::logout_token::{self, Expected as ExpectedLogout};
use latchkey::domain::federation::offer::Offer;
use latchkey::domain::federation::policy::ProviderPolicy;
use latchkey::domain::federation::posted_name::PostedName;
use latchkey::domain::federation::provider::{Mark, Protocol, Provider, TENANT, UpstreamIssuer};
use latchkey::foundation::SecretString;
use latchkey::runtime::upstream::Metadata;
use latchkey::services::federation::id_token::{self, Expected, UpstreamIdToken};
use openidconnect::core::CoreJsonWebKeySet;
use serde_json::{Map, Value};

use super::given::{self, JWKS, NOW, says};
use super::jwt::was_signed;

const NONCE: &str = "nonce-of-this-sign-in";
const PROVIDER: &str = "https://idp.example";
const US: &str = "us";

static KEYS: LazyLock<CoreJsonWebKeySet> =
    LazyLock::new(|| serde_json::from_value(JWKS.clone()).expect("a set of keys"));

fn provider(issuer: UpstreamIssuer) -> Provider {
    Provider {
        id: "idp".into(),
        name: "A provider".into(),
        mark: Mark::Other,
        client_id: US.into(),
        proof: ClientProof::Secret(SecretString::new(given::SECRET.into())),
        protocol: Protocol::OpenId { issuer },
        scopes: vec!["openid".into()],
        posts_answer: false,
        lets_choose: false,
        claims: ClaimMapping::default(),
        policy: ProviderPolicy {
            creates: true,
            trusts_email: true,
            domains: vec![],
            required_groups: vec![],
            second_factor_amr: vec![],
            second_factor_acr: vec![],
            updates_profile: false,
        },
        keeps_tokens: false,
        offline_parameter: None,
        offer: Offer::default(),
    }
}

/// An ID token. A first line `sign` has the rest signed: the header, a line break, the claims; `tenants` does so too, where the
/// provider has several tenants.
pub fn id_token(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (mode, rest) = text.split_once('\n').unwrap_or_default();
    let to_sign = matches!(mode, "sign" | "tenants").then(|| rest.split_once('\n')).flatten();
    let token = to_sign.map_or_else(|| text.to_owned(), |(header, claims)| given::sign(header, claims));
    let Ok(parsed) = token.parse::<UpstreamIdToken>() else { return };
    let several = mode == "tenants";
    let (issuer, named) = match several {
        true => {
            let base = format!("{PROVIDER}/organizations");
            (UpstreamIssuer::Tenants { base, allowed: vec![] }, format!("{PROVIDER}/{TENANT}/v2.0"))
        }
        false => (UpstreamIssuer::One(PROVIDER.into()), PROVIDER.to_owned()),
    };
    let provider = provider(issuer);
    let expected = Expected { provider: &provider, issuer: &named, nonce: NONCE, now: NOW };
    let Ok((issuer, claims)) = id_token::verify(&parsed, &KEYS, &expected) else { return };
    assert!(to_sign.is_some() || was_signed(&token), "it was never signed: {token}");
    let claims = Value::Object(claims);
    assert!(says(&claims, "iss", &issuer) && says(&claims, "nonce", NONCE), "{claims}");
    let for_us = |aud: &Value| aud == US;
    assert!(
        claims.get("aud").is_some_and(|aud| for_us(aud) || aud.as_array().is_some_and(|all| all.iter().any(for_us)))
    );
    assert!(claims.get("azp").is_none_or(for_us));
    match several {
        true => assert_eq!(Some(issuer), claims["tid"].as_str().map(|tenant| format!("{PROVIDER}/{tenant}/v2.0"))),
        false => assert_eq!(issuer, PROVIDER),
    }
    if let Ok(arrival) = provider.claims.read(PROVIDER, claims.as_object().expect("an object")) {
        assert_eq!(claims.get("sub"), Some(&Value::String(arrival.subject)));
    }
}

/// The claims of somebody, by the standard names and by others.
pub fn claims(data: &[u8]) {
    let user = std::str::from_utf8(data).ok();
    for (name, value) in PostedName::read(user).claims() {
        assert!(matches!(name, "given_name" | "family_name") && !value.is_empty() && value.len() <= 200);
    }
    let Ok(claims) = serde_json::from_slice::<Map<String, Value>>(data) else { return };
    let other = ClaimMapping {
        subject: "user.id".into(),
        email: "emails.0.address".into(),
        email_verified: "emails.0.verified".into(),
        groups: "groups".into(),
        ..ClaimMapping::default()
    };
    for mapping in [ClaimMapping::default(), other] {
        let Ok(arrival) = mapping.read(PROVIDER, &claims) else { continue };
        assert!((1..=255).contains(&arrival.subject.len()) && arrival.issuer == PROVIDER);
        assert!(!arrival.email_verified || arrival.email.is_some());
        let texts = [&arrival.email, &arrival.username, &arrival.session, &arrival.acr].into_iter().flatten();
        let said = arrival.profile.values().filter_map(Value::as_str);
        for text in texts.map(String::as_str).chain(said) {
            assert!(!text.is_empty() && text.len() <= 2048 && !text.chars().any(char::is_control), "{text:?}");
        }
        assert!(
            arrival.profile.get("picture").is_none_or(|url| url.as_str().is_some_and(|u| u.starts_with("https://")))
        );
        assert!(arrival.groups.as_ref().is_none_or(|groups| groups.len() <= 200) && arrival.amr.len() <= 20);
        if mapping.email_verified == "email_verified" {
            let says_so = claims.get("email_verified") == Some(&Value::Bool(true));
            assert_eq!(arrival.email_verified, arrival.email.is_some() && says_so);
        }
    }
}

/// The claims of a logout token.
pub fn logout_token(data: &[u8]) {
    let Ok(claims) = serde_json::from_slice::<Map<String, Value>>(data) else { return };
    let expected = ExpectedLogout { client_id: US, now: NOW };
    let Ok(token) = logout_token::read(PROVIDER.into(), &claims, expected) else { return };
    let claims = Value::Object(claims);
    assert!(says(&claims, "jti", &token.id) && claims.get("nonce").is_none());
    assert!(claims["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object());
    assert!(token.subject.is_some() || token.session.is_some(), "it names nobody");
    assert!(token.subject.as_ref().is_none_or(|sub| says(&claims, "sub", sub)));
    assert!(token.session.as_ref().is_none_or(|sid| says(&claims, "sid", sid)));
    assert!(token.over > NOW && token.over.since(NOW).as_secs() <= 600 + 120, "its id is kept for so long");
}

/// The metadata of a provider.
pub fn metadata(data: &[u8]) {
    let Ok(document) = serde_json::from_slice::<Value>(data) else { return };
    let one = UpstreamIssuer::One(PROVIDER.into());
    if let Ok(metadata) = Metadata::read(document.clone(), &one) {
        assert_eq!(metadata.issuer, PROVIDER);
        assert!(says(&document, "issuer", PROVIDER));
        let urls = [&metadata.authorization, &metadata.token, &metadata.jwks].into_iter().chain(&metadata.userinfo);
        assert!(urls.into_iter().all(|text| url::Url::parse(text).is_ok()));
        assert!(one.is_of(&metadata.issuer, PROVIDER) && !one.is_of(&metadata.issuer, "https://another.example"));
    }
    let several = UpstreamIssuer::Tenants { base: PROVIDER.into(), allowed: vec![] };
    if let Ok(metadata) = Metadata::read(document, &several) {
        assert!(metadata.issuer.contains(TENANT));
        assert!(!several.is_of(&metadata.issuer, &metadata.issuer), "the place of the tenant is no tenant");
    }
}
