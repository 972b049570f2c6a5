//! Tests of reading a document of client metadata.

use std::collections::BTreeSet;

use serde_json::{Map, json};

use super::*;
use crate::crypto::foreign::{ForeignAlgorithm, KeyAlgorithm};
use crate::crypto::jwe::{ContentEncryption, KeyManagement};
use crate::domain::oauth::authorize::response_type::ResponseType;
use crate::domain::oauth::client::LogoutMetadata;
use crate::domain::oauth::client::about::{AboutMetadata, ApplicationType};
use crate::domain::oauth::client::encryption::EncryptionMetadata;
use crate::domain::oauth::client::keys::{AssertionAudience, KeysMetadata};
use crate::domain::oauth::client::request_defaults::RequestDefaults;
use crate::domain::oauth::client::request_object::{RequestObjectAlgorithm, RequestObjectMetadata};
use crate::domain::oauth::client::requests::RequestMetadata;
use crate::domain::oauth::client::responses::ResponsesMetadata;
use crate::domain::oauth::client::subject_type::{SubjectMetadata, SubjectType};
use crate::domain::oauth::token::lifetimes::ClientLifetimes;

fn read_value(document: &Value) -> Result<Document, DocumentError> {
    read(document.to_string().as_bytes())
}

fn changes(document: Value) -> Changes {
    read_value(&document).unwrap().changes
}

fn told(document: Value) -> String {
    read_value(&document).unwrap_err().to_string()
}

/// What is registered when all of it is changed to this.
fn applied(changes: Changes, onto: Metadata) -> (String, Metadata) {
    let (mut name, mut metadata) = ("Before".to_owned(), onto);
    changes.apply(&mut name, &mut metadata);
    (name, metadata)
}

/// Differs from the default in every field.
fn unusual() -> Metadata {
    Metadata {
        redirect_uris: vec!["https://app.example/cb".into(), "http://localhost/cb".into()],
        post_logout_redirect_uris: vec!["https://app.example/bye".into()],
        grant_types: BTreeSet::from([GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::Implicit]),
        token_endpoint_auth_method: AuthMethod::ClientSecretPost,
        secret_in_header_or_body: false,
        keys: KeysMetadata {
            jwks: Some(json!({"keys": [{"kty": "RSA"}]}).into()),
            jwks_uri: Some("https://app.example/jwks".into()),
            token_endpoint_auth_signing_alg: Some(ForeignAlgorithm::Key(KeyAlgorithm::Ps256)),
            client_assertion_audience: AssertionAudience::Issuer,
        },
        request_objects: RequestObjectMetadata {
            request_object_signing_alg: Some(RequestObjectAlgorithm::Key(KeyAlgorithm::Ps256)),
            request_object_encryption_alg: Some(KeyManagement::EcdhEsA256Kw),
            request_object_encryption_enc: Some(ContentEncryption::A256Gcm),
            require_signed_request_object: true,
            request_uris: vec!["https://app.example/r#x".into()],
        },
        scope: Scope::parse("openid email").unwrap(),
        first_party: true,
        client_uri: Some("https://app.example/".into()),
        logo_uri: Some("https://app.example/logo".into()),
        policy_uri: Some("https://app.example/policy".into()),
        tos_uri: Some("https://app.example/tos".into()),
        audience: vec!["https://api.example".into()],
        resources: vec!["https://other.example".into()],
        access_token_format: TokenFormat::Opaque,
        access_token_signed_response_alg: Algorithm::Rs256,
        id_token_signed_response_alg: Algorithm::Es256,
        responses: ResponsesMetadata {
            userinfo_signed_response_alg: Some(Algorithm::Ps256),
            introspection_signed_response_alg: Some(Algorithm::EdDsa),
            authorization_signed_response_alg: Some(Algorithm::Es256),
        },
        encryption: EncryptionMetadata {
            id_token_encrypted_response_alg: Some(KeyManagement::RsaOaep),
            id_token_encrypted_response_enc: Some(ContentEncryption::A128Gcm),
            userinfo_encrypted_response_alg: Some(KeyManagement::RsaOaep256),
            userinfo_encrypted_response_enc: Some(ContentEncryption::A256Gcm),
            introspection_encrypted_response_alg: Some(KeyManagement::EcdhEs),
            introspection_encrypted_response_enc: Some(ContentEncryption::A256CbcHs512),
            authorization_encrypted_response_alg: Some(KeyManagement::EcdhEsA128Kw),
            authorization_encrypted_response_enc: Some(ContentEncryption::A256Gcm),
        },
        id_token_claims: true,
        lifetimes: ClientLifetimes {
            access_token: Some(Duration::from_secs(60)),
            id_token: Some(Duration::from_secs(120)),
            refresh_token_idle: Some(Duration::from_secs(180)),
            refresh_token_absolute: Some(Duration::from_secs(240)),
        },
        localhost_any_port: true,
        private_http: true,
        second_factor: SecondFactorFor::Everybody,
        logout: LogoutMetadata {
            backchannel_logout_uri: Some("https://app.example/backchannel".into()),
            backchannel_logout_session_required: true,
            frontchannel_logout_uri: Some("https://app.example/frontchannel".into()),
            frontchannel_logout_session_required: true,
        },
        requests: RequestMetadata {
            response_types: BTreeSet::from([ResponseType::Code, ResponseType::IdTokenToken]),
            require_pushed_authorization_requests: true,
        },
        subjects: SubjectMetadata {
            subject_type: SubjectType::Pairwise,
            sector_identifier_uri: Some("https://app.example/sector".into()),
        },
        about: AboutMetadata {
            contacts: vec!["ops@app.example".into()],
            initiate_login_uri: Some("https://app.example/begin".into()),
            software_id: Some("4NRB1".into()),
            software_version: Some("2.1".into()),
            application_type: Some(ApplicationType::Native),
        },
        defaults: RequestDefaults {
            default_max_age: Some(60),
            require_auth_time: true,
            default_acr_values: vec!["urn:latchkey:acr:mfa".into()],
        },
        translations: Translations::new([("client_name#de".to_owned(), "Anwendung".to_owned())].into()),
    }
}

#[test]
fn whatever_is_registered_reads_back_as_it_is_shown() {
    let any_secret = Metadata { secret_in_header_or_body: true, ..Metadata::default() };
    let public = Metadata { token_endpoint_auth_method: AuthMethod::None, ..Metadata::default() };
    for metadata in [Metadata::default(), unusual(), any_secret, public] {
        let shown = serde_json::to_value(&metadata).unwrap();
        for before in [Metadata::default(), unusual()] {
            let (lifetimes, translations) = (before.lifetimes, before.translations.clone());
            let (_, after) = applied(changes(shown.clone()), before);
            // Lifetimes that are not shown are as usual, and a file that does not name one leaves it.
            let metadata = match metadata.lifetimes == ClientLifetimes::default() {
                true => Metadata { lifetimes, ..metadata.clone() },
                false => metadata.clone(),
            };
            // The same of members in other languages.
            let metadata = match metadata.translations == Translations::default() {
                true => Metadata { translations, ..metadata },
                false => metadata,
            };
            assert_eq!(after, metadata);
        }
    }
}

#[test]
fn what_is_not_named_stays_and_null_takes_a_value_away() {
    assert_eq!(read_value(&json!({})).unwrap(), Document::default());
    let everything = serde_json::to_value(unusual()).unwrap();
    let nothing: Map<_, _> = everything.as_object().unwrap().keys().map(|name| (name.clone(), Value::Null)).collect();
    let (name, after) = applied(changes(Value::Object(nothing)), unusual());
    // No chosen method, and grant and response types that the registration fills in.
    let mut bare = Metadata { secret_in_header_or_body: true, grant_types: BTreeSet::new(), ..Metadata::default() };
    bare.requests.response_types.clear();
    assert_eq!((name.as_str(), after), ("Before", bare));
    let one = changes(json!({"lifetimes": {"id_token": null, "access_token": 30}}));
    assert_eq!((one.id_token_lifetime, one.access_token_lifetime), (Some(None), Some(Some(Duration::from_secs(30)))));
    assert_eq!(one.refresh_token_idle_lifetime, None);
    assert_eq!(told(json!({"client_name": null})), "client_name must be a text");
}

#[test]
fn a_document_as_libraries_and_vendors_write_it_is_read() {
    let document = read_value(&json!({
        "client_id": "grafana", "client_name": "Grafana", "client_name#de": "Grafana", "application_type": "web",
        "redirect_uris": ["https://grafana.example/login/generic_oauth"], "response_types": ["code"],
        "grant_types": ["authorization_code", "refresh_token"], "token_endpoint_auth_method": "client_secret_basic",
        "scope": "openid email groups", "contacts": ["ops@example.com"], "subject_type": "public",
        "software_id": "4NRB1-0XZABZI9E6-5SM3R", "jwks_uri": "https://grafana.example/jwks",
        "require_auth_time": true, "dpop_bound_access_tokens": false, "userinfo_signed_response_alg": null,
    }));
    let document = document.unwrap();
    assert_eq!(document.id, Some(ClientId::new("grafana")));
    let ignored: BTreeSet<_> = document.ignored.iter().map(String::as_str).collect();
    assert_eq!(ignored, BTreeSet::new());
    assert_eq!(document.changes.contacts, Some(vec!["ops@example.com".to_owned()]));
    let (name, metadata) = applied(document.changes, Metadata::default());
    assert_eq!((name.as_str(), metadata.redirect_uris.len()), ("Grafana", 1));
    assert_eq!(metadata.token_endpoint_auth_method, AuthMethod::ClientSecretBasic);
    assert!(!metadata.secret_in_header_or_body, "the document chose a method");
}

#[test]
fn what_a_client_would_count_on_in_vain_is_refused_by_name() {
    for (name, _) in UNSUPPORTED {
        assert!(told(json!({name: "x"})).starts_with(&format!("{name} is not supported")), "{name}");
        assert_eq!(read_value(&json!({name: null})).unwrap(), Document::default(), "as if it were not there");
    }
    for (name, ..) in SETTLED {
        assert!(told(json!({name: "pairwise"})).starts_with(&format!("{name} must be ")), "{name}");
        assert_eq!(read_value(&json!({name: null})).unwrap(), Document::default());
    }
    for name in IGNORED {
        assert_eq!(read_value(&json!({name: "x"})).unwrap().ignored, [name]);
        assert_eq!(read_value(&json!({name: null})).unwrap(), Document::default());
    }
    for name in ["redirect_uri", "Client_name", "", "contacts#de", "scope#de", "lifetime"] {
        for value in [json!("x"), Value::Null] {
            assert!(told(json!({name: value})).starts_with(&format!("{name:?} is no member")), "{name}");
        }
    }
    assert!(told(json!({"lifetimes": {"session": 1}})).starts_with("\"lifetimes.session\" is no member"));
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_by_name() {
    for (member, value, must) in [
        ("client_id", json!(7), "a text"),
        ("redirect_uris", json!("https://app.example/cb"), "a list of texts"),
        ("redirect_uris", json!(["https://app.example/cb", 7]), "a list of texts"),
        ("grant_types", json!(["password"]), "one of authorization_code, refresh_token, client_credentials, implicit"),
        (
            "response_types",
            json!(["token"]),
            "one of code, id_token, id_token token, code id_token, code token, code id_token token",
        ),
        (
            "token_endpoint_auth_method",
            json!("tls_client_auth"),
            "one of client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt, none",
        ),
        ("jwks", json!("https://app.example/jwks"), "a JWK Set, which is an object"),
        ("client_assertion_audience", json!("all"), "one of endpoint, issuer"),
        ("scope", json!("a\"b"), "scopes separated by spaces"),
        ("scope", json!(["openid"]), "a text"),
        (
            "id_token_signed_response_alg",
            json!("none"),
            "one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA",
        ),
        ("access_token_format", json!("paseto"), "one of jwt, opaque"),
        ("first_party", json!("true"), "true or false"),
        ("lifetimes", json!(60), "an object"),
    ] {
        assert_eq!(told(json!({member: value})), format!("{member} must be {must}"));
    }
    for seconds in [json!(-1), json!("1h"), json!(0.5)] {
        let told = told(json!({"lifetimes": {"id_token": seconds}}));
        assert_eq!(told, "lifetimes.id_token must be a number of seconds");
    }
}

#[test]
fn members_that_contradict_each_other_are_refused() {
    let response = |types: Value, grants: Value| told(json!({"response_types": types, "grant_types": grants}));
    assert!(response(json!(["code"]), json!(["client_credentials"])).contains("contradict"));
    assert!(response(json!([]), json!(["authorization_code"])).contains("contradict"));
    assert!(response(json!(["id_token"]), json!(["authorization_code"])).contains("contradict"));
    assert!(response(json!(["token code"]), json!(["authorization_code"])).contains("contradict"));
    read_value(&json!({"response_types": null, "grant_types": ["authorization_code"]})).unwrap();
    let hybrid = json!(["authorization_code", "implicit"]);
    read_value(&json!({"response_types": ["code id_token"], "grant_types": hybrid})).unwrap();
    read_value(&json!({"response_types": [], "grant_types": ["client_credentials"]})).unwrap();
    let public = json!({"token_endpoint_auth_method": "none", "secret_in_header_or_body": true});
    assert!(told(public).contains("contradict"));
    assert!(told(json!({"secret_in_header_or_body": false})).contains("together with token_endpoint_auth_method"));
    let either = json!({"token_endpoint_auth_method": "client_secret_post", "secret_in_header_or_body": true});
    assert_eq!(changes(either).authentication, Some(Authentication::AnySecret));
}

#[test]
fn what_is_not_one_unambiguous_object_is_refused() {
    for text in
        ["", "[]", "null", "{", r#"{"scope":"a","scope":"b"}"#, r#"{"lifetimes":{"id_token":1,"id_token":2}}"#, "{} {}"]
    {
        assert_eq!(read(text.as_bytes()), Err(DocumentError::NotAnObject), "{text}");
    }
}
