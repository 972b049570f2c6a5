//! `oidcc-discovery-endpoint-verification`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::checks::{discovery, lists};
use crate::harness::TestApp;

const AT: &str = "/.well-known/openid-configuration";

/// The members of metadata that the standards define, by the standard; a suite wonders about all others.
const OF_STANDARDS: [(&str, &[&str]); 14] = [
    (
        "RFC 8414",
        &[
            "issuer",
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "registration_endpoint",
            "scopes_supported",
            "response_types_supported",
            "response_modes_supported",
            "grant_types_supported",
            "token_endpoint_auth_methods_supported",
            "token_endpoint_auth_signing_alg_values_supported",
            "service_documentation",
            "ui_locales_supported",
            "op_policy_uri",
            "op_tos_uri",
            "revocation_endpoint",
            "revocation_endpoint_auth_methods_supported",
            "revocation_endpoint_auth_signing_alg_values_supported",
            "introspection_endpoint",
            "introspection_endpoint_auth_methods_supported",
            "introspection_endpoint_auth_signing_alg_values_supported",
            "code_challenge_methods_supported",
            "signed_metadata",
        ],
    ),
    (
        "OpenID Connect Discovery 1.0",
        &[
            "userinfo_endpoint",
            "acr_values_supported",
            "subject_types_supported",
            "id_token_signing_alg_values_supported",
            "id_token_encryption_alg_values_supported",
            "id_token_encryption_enc_values_supported",
            "userinfo_signing_alg_values_supported",
            "userinfo_encryption_alg_values_supported",
            "userinfo_encryption_enc_values_supported",
            "request_object_signing_alg_values_supported",
            "request_object_encryption_alg_values_supported",
            "request_object_encryption_enc_values_supported",
            "display_values_supported",
            "claim_types_supported",
            "claims_supported",
            "claims_locales_supported",
            "claims_parameter_supported",
            "request_parameter_supported",
            "request_uri_parameter_supported",
            "require_request_uri_registration",
        ],
    ),
    ("RP-Initiated Logout 1.0", &["end_session_endpoint"]),
    ("Session Management 1.0", &["check_session_iframe"]),
    ("Front-Channel Logout 1.0", &["frontchannel_logout_supported", "frontchannel_logout_session_supported"]),
    ("Back-Channel Logout 1.0", &["backchannel_logout_supported", "backchannel_logout_session_supported"]),
    ("Initiating User Registration 1.0", &["prompt_values_supported"]),
    ("RFC 9101", &["require_signed_request_object"]),
    ("RFC 9126", &["pushed_authorization_request_endpoint", "require_pushed_authorization_requests"]),
    ("RFC 9207", &["authorization_response_iss_parameter_supported"]),
    (
        "RFC 9701",
        &[
            "introspection_signing_alg_values_supported",
            "introspection_encryption_alg_values_supported",
            "introspection_encryption_enc_values_supported",
        ],
    ),
    (
        "JARM",
        &[
            "authorization_signing_alg_values_supported",
            "authorization_encryption_alg_values_supported",
            "authorization_encryption_enc_values_supported",
        ],
    ),
    ("OAuth 2.0 for First-Party Applications, a draft", &["authorization_challenge_endpoint"]),
    (
        "RFC 8628, 8705, 9396, 9449",
        &[
            "device_authorization_endpoint",
            "mtls_endpoint_aliases",
            "tls_client_certificate_bound_access_tokens",
            "authorization_details_types_supported",
            "dpop_signing_alg_values_supported",
        ],
    ),
];

/// As an operator has it who lets applications register.
async fn document() -> Value {
    discovery(&TestApp::registering().await).await
}

#[tokio::test]
async fn it_is_json_at_the_place_that_the_issuer_names() {
    let app = TestApp::registering().await;
    let answer = app.get(AT).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    let issuer = answer.json()["issuer"].as_str().unwrap().to_owned();
    assert!(issuer.starts_with("https://") && !issuer.contains(['?', '#']), "{issuer}");
    assert_eq!(format!("{issuer}{AT}"), app.app.issuer.join(AT));
}

#[tokio::test]
async fn every_member_is_one_of_a_standard() {
    let known: BTreeSet<_> = OF_STANDARDS.iter().flat_map(|(_, members)| members.iter().copied()).collect();
    let document = document().await;
    let unknown: Vec<_> = document.as_object().unwrap().keys().filter(|name| !known.contains(name.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[tokio::test]
async fn every_member_has_the_type_that_its_standard_gives_it() {
    for (name, value) in document().await.as_object().unwrap() {
        let words = |value: &Value| value.as_array().is_some_and(|all| all.iter().all(Value::is_string));
        let is_list = ["_values_supported", "_types_supported", "_modes_supported", "_methods_supported"]
            .iter()
            .any(|end| name.ends_with(end));
        let is_list =
            is_list || ["scopes_supported", "claims_supported", "ui_locales_supported"].contains(&name.as_str());
        let sound = match name.as_str() {
            _ if is_list => words(value),
            name if name.ends_with("_supported") || name.starts_with("require_") => value.is_boolean(),
            _ => value.as_str().is_some_and(|text| url::Url::parse(text).is_ok()),
        };
        assert!(sound, "{name}: {value}");
    }
}

#[tokio::test]
async fn every_endpoint_is_reached_by_https() {
    let document = document().await;
    let endpoints: Vec<_> =
        document.as_object().unwrap().iter().filter(|(name, _)| name.ends_with("_endpoint")).collect();
    assert!(endpoints.len() >= 9, "{endpoints:?}");
    let others = ["jwks_uri", "check_session_iframe"].map(|name| &document[name]);
    for url in endpoints.into_iter().map(|(_, url)| url).chain(others) {
        assert!(url.as_str().is_some_and(|url| url.starts_with("https://")), "{url}");
    }
    for member in ["userinfo_endpoint", "registration_endpoint", "end_session_endpoint"] {
        assert!(document[member].is_string(), "{member}");
    }
}

#[tokio::test]
async fn it_lists_what_the_plans_need() {
    let document = document().await;
    for (member, words) in [
        ("response_types_supported", &["code", "id_token", "id_token token"][..]),
        ("grant_types_supported", &["authorization_code", "implicit", "refresh_token"]),
        ("response_modes_supported", &["query", "fragment", "form_post"]),
        ("subject_types_supported", &["public", "pairwise"]),
        ("id_token_signing_alg_values_supported", &["RS256"]),
        ("userinfo_signing_alg_values_supported", &["RS256"]),
        ("request_object_signing_alg_values_supported", &["RS256", "none"]),
        ("scopes_supported", &["openid"]),
        ("claims_supported", &["sub", "iss", "auth_time", "acr", "name", "email", "address", "phone_number"]),
        ("code_challenge_methods_supported", &["S256"]),
    ] {
        for word in words {
            assert!(lists(&document, member, word), "{member} lacks {word}");
        }
    }
    for member in ["claims_parameter_supported", "request_parameter_supported", "request_uri_parameter_supported"] {
        assert_eq!(document[member], true, "{member}");
    }
    let kinds = json!(["public", "pairwise"]);
    for kind in document["subject_types_supported"].as_array().unwrap() {
        assert!(kinds.as_array().unwrap().contains(kind), "{kind}");
    }
}

/// RFC 5646 §2.1.1: languages in small letters, scripts with a capital, regions in capitals.
#[tokio::test]
async fn languages_are_written_as_their_registry_writes_them() {
    for tag in document().await["ui_locales_supported"].as_array().unwrap() {
        let tag = tag.as_str().unwrap();
        for (at, part) in tag.split('-').enumerate() {
            let canonical = match (at, part.len()) {
                (1.., 2) => part.to_ascii_uppercase(),
                (1.., 4) => part[..1].to_ascii_uppercase() + &part[1..].to_ascii_lowercase(),
                _ => part.to_ascii_lowercase(),
            };
            assert_eq!(part, canonical, "{tag}");
        }
    }
}
