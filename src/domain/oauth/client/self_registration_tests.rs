//! Tests of what clients that register themselves may say.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::crypto::Algorithms;
use crate::crypto::jwe::KeyManagements;
use crate::domain::oauth::client::{AuthMethod, ClientId};
use crate::domain::oauth::fixtures::{self, catalogue, scope};
use crate::domain::oauth::profile::Rules;
use crate::domain::oauth::token::lifetimes::TokenLifetimes;
use crate::domain::oauth::token::resource::Resources;

fn document(members: Value) -> Result<OwnDocument, RegistrationError> {
    read(members.to_string().as_bytes())
}

fn made(members: Value) -> (String, Metadata) {
    described(document(members).unwrap().changes, None, "client-1").unwrap()
}

fn checked(members: Value, credited: bool) -> Result<(), RegistrationError> {
    checked_after(members, credited, None)
}

fn checked_after(members: Value, credited: bool, before: Option<&Client>) -> Result<(), RegistrationError> {
    let (name, metadata) = made(members);
    let (none, upstream) = (Scope::empty(), scope("upstream:google"));
    let (catalogue, own) = (catalogue(&[("floor", "hr")]), scope("reports:read latchkey:keys"));
    let all = Bounds {
        extra_scopes: &none,
        upstream_scopes: &upstream,
        resources: &Resources::default(),
        catalogue: &catalogue,
        usual: &LIFETIMES,
        most: &LIFETIMES,
        algorithms: Algorithms::ALWAYS,
        rules: Rules::default(),
        encryption: KeyManagements::default(),
    };
    check(&name, &metadata, &OwnBounds { all, scopes: &own, credited, before })
}

const DAY: Duration = Duration::from_secs(86_400);
const LIFETIMES: TokenLifetimes =
    TokenLifetimes { access_token: DAY, id_token: DAY, refresh_token_idle: DAY, refresh_token_absolute: DAY };
const URIS: [&str; 1] = ["https://app.example/cb"];

#[test]
fn members_that_are_left_out_take_the_defaults_of_rfc_7591_section_2() {
    let (name, metadata) = made(json!({"redirect_uris": URIS}));
    assert_eq!(metadata.token_endpoint_auth_method, AuthMethod::ClientSecretBasic);
    assert_eq!(metadata.grant_types, BTreeSet::from([GrantType::AuthorizationCode]));
    assert!(!metadata.secret_in_header_or_body, "the registered method only");
    assert_eq!(name, "app.example", "something to show");
    assert!(metadata.scope.contains("openid") && !metadata.scope.contains("offline_access"));
}

#[test]
fn unknown_members_are_ignored_and_what_only_an_operator_says_too() {
    let (_, metadata) = made(json!({
        "redirect_uris": URIS, "software_statement": "ey", "of_tomorrow": [1], "first_party": true, "private_http": true,
        "audience": ["https://api.example"], "resources": ["https://api.example"], "lifetimes": {"access_token": 9},
        "second_factor": "usual", "secret_in_header_or_body": true, "localhost_any_port": "not even a flag",
    }));
    assert_eq!(metadata, made(json!({"redirect_uris": URIS})).1);
}

#[test]
fn values_that_we_do_not_know_are_refused_by_the_name_of_their_member() {
    for (member, value) in [
        ("token_endpoint_auth_method", json!("telepathy")),
        ("grant_types", json!(["password"])),
        ("redirect_uris", json!("https://app.example/cb")),
        ("client_name", json!(7)),
        ("id_token_signed_response_alg", json!("none")),
    ] {
        let mut members = json!({"redirect_uris": URIS});
        members[member] = value;
        let refused = document(members).unwrap_err();
        assert!(matches!(refused, RegistrationError::Document(_)) && refused.to_string().contains(member), "{refused}");
    }
    for text in ["[]", "{", "{\"client_name\": \"a\", \"client_name\": \"b\"}"] {
        assert_eq!(read(text.as_bytes()).unwrap_err(), RegistrationError::Document(DocumentError::NotAnObject));
    }
}

#[test]
fn every_member_of_the_standards_is_known_to_the_reader_of_documents() {
    for name in OF_STANDARDS {
        let name = if name.ends_with('#') { format!("{name}de") } else { name.to_owned() };
        let members = Map::from_iter([(name.clone(), Value::Null)]);
        let read = metadata_document::read_members(&members);
        assert!(!matches!(read, Err(DocumentError::Unknown(_))), "{name}");
    }
}

#[test]
fn a_stranger_gets_no_scope_of_an_operator_and_no_token_for_itself() {
    let with = |scope: &str| json!({"redirect_uris": URIS, "scope": scope});
    for allowed in ["openid email", "groups hr", "reports:read openid"] {
        assert_eq!(checked(with(allowed), false), Ok(()), "{allowed}");
    }
    for refused in ["admin", "account", "account:write", "upstream:google", "openid reports:write"] {
        assert!(checked(with(refused), true).is_err(), "{refused}");
    }
    let machine = json!({"grant_types": ["client_credentials"], "client_name": "M"});
    assert_eq!(checked(machine.clone(), false), Err(RegistrationError::MachineOfNobody));
    assert_eq!(checked(machine, true), Ok(()));
    // Even where the configuration lets such clients have it, and somebody lets this one in.
    let manager = json!({"grant_types": ["client_credentials"], "client_name": "M", "scope": "latchkey:keys"});
    assert_eq!(checked(manager, true), Err(RegistrationError::OperatorsScope { scope: scope("latchkey:keys") }));
}

#[test]
fn response_types_without_grant_types_stand_for_their_own_rfc_7591_section_2_1() {
    let (_, metadata) = made(json!({"redirect_uris": URIS, "response_types": ["id_token token"]}));
    assert_eq!(metadata.grant_types, BTreeSet::from([GrantType::Implicit]));
    let (_, metadata) = made(json!({"redirect_uris": URIS, "response_types": ["code id_token"]}));
    assert_eq!(metadata.grant_types, BTreeSet::from([GrantType::AuthorizationCode, GrantType::Implicit]));
}

#[test]
fn an_application_of_the_web_gets_tokens_through_the_browser_by_https_and_not_on_localhost() {
    let with = |uri: &str, kind: &str| {
        let mut members = json!({"redirect_uris": [uri], "response_types": ["id_token"], "application_type": kind});
        members["token_endpoint_auth_method"] = json!("none");
        checked(members, false)
    };
    assert_eq!(with(URIS[0], "web"), Ok(()));
    for uri in ["http://localhost/cb", "https://localhost/cb", "http://127.0.0.1/cb"] {
        assert!(matches!(with(uri, "web"), Err(RegistrationError::RedirectUri { .. })), "{uri}");
    }
    assert_eq!(with("http://127.0.0.1/cb", "native"), Ok(()));
}

#[test]
fn what_is_kept_of_a_stranger_is_bounded_and_its_name_hides_nothing() {
    let long: Vec<_> = (0..100).map(|n| format!("https://app.example/{n}/{}", "x".repeat(100))).collect();
    assert_eq!(checked(json!({"redirect_uris": long}), true), Err(RegistrationError::TooLong { most: LONGEST }));
    let hidden = json!({"redirect_uris": URIS, "client_name": "Bank\u{202e}knaB"});
    assert!(matches!(checked(hidden, false), Err(RegistrationError::HiddenCharacter { .. })));
}

#[test]
fn a_change_replaces_the_whole_but_for_what_the_operator_has_said() {
    let mut client = fixtures::client();
    client.metadata.first_party = true;
    client.metadata.resources = vec!["https://api.example".into()];
    client.metadata.logo_uri = Some("https://app.example/logo.png".into());
    let changes = document(json!({"redirect_uris": URIS, "client_name": "New"})).unwrap().changes;
    let (name, metadata) = described(changes, Some(&client), "x").unwrap();
    assert_eq!((name.as_str(), metadata.logo_uri), ("New", None), "RFC 7592 section 2.2");
    assert_eq!(metadata.grant_types, BTreeSet::from([GrantType::AuthorizationCode]));
    assert!(metadata.first_party && metadata.resources == ["https://api.example"]);
}

#[test]
fn a_change_names_its_own_client_and_no_other_secret() {
    let client = fixtures::client();
    for (id, secret, right) in [
        (json!("web"), Value::Null, true),
        (json!("web"), json!("secret"), true),
        (json!("web"), json!("chosen"), false),
        (json!("other"), Value::Null, false),
        (Value::Null, Value::Null, false),
    ] {
        let sent = document(json!({"client_id": id, "client_secret": secret, "redirect_uris": URIS})).unwrap();
        assert_eq!(check_own(&sent, &client).is_ok(), right, "{id} {secret}");
    }
}

#[test]
fn a_client_is_told_what_is_registered_of_it_in_the_terms_of_the_standards() {
    let mut client = fixtures::client();
    client.id = ClientId::new("client-1");
    client.metadata.first_party = true;
    let told = told(&client);
    assert_eq!(told["client_id"], "client-1");
    assert_eq!(told["response_types"], json!(["code"]));
    assert_eq!(told["id_token_signed_response_alg"], "RS256");
    assert!(told.values().all(|value| !value.is_null()));
    assert_eq!(told.keys().find(|name| ["first_party", "lifetimes", "resources"].contains(&name.as_str())), None);
}

/// Found by fuzzing: an app with a scheme of its own was told `web`, which it could not say again.
#[test]
fn what_a_client_is_told_it_can_register_again() {
    for (uri, kind) in
        [("com.example.app:/cb", "native"), ("http://127.0.0.1/cb", "web"), ("https://app.example/cb", "web")]
    {
        let (name, metadata) = made(json!({"redirect_uris": [uri], "token_endpoint_auth_method": "none"}));
        let client = Client { name, metadata, ..fixtures::public() };
        let told = Value::Object(told(&client));
        assert_eq!(told["application_type"], kind);
        assert_eq!(checked(told, false), Ok(()), "{uri}");
    }
}

#[test]
fn what_an_operator_has_given_a_client_is_no_fault_of_its_own() {
    let beyond = |members: Value| {
        let (name, metadata) = made(members.clone());
        let before = Client { name, metadata, registered_itself: true, ..fixtures::client() };
        assert!(checked(members.clone(), false).is_err(), "{members}");
        assert_eq!(checked_after(members, false, Some(&before)), Ok(()));
        before
    };
    let granted = beyond(json!({"redirect_uris": URIS, "scope": "openid upstream:google"}));
    beyond(json!({"redirect_uris": URIS, "client_name": "Their\u{200b}App"}));
    let long: Vec<_> = (0..40).map(|n| format!("https://app.example/{n}/{}", "x".repeat(300))).collect();
    beyond(json!({"redirect_uris": long}));
    let in_browser =
        json!({"redirect_uris": ["http://localhost/cb"], "response_types": ["id_token"], "grant_types": ["implicit"]});
    beyond(in_browser);

    let more = json!({"redirect_uris": URIS, "scope": "openid upstream:google accounts"});
    assert!(checked_after(more, false, Some(&granted)).is_err(), "no more than that");
    let hidden = json!({"redirect_uris": URIS, "client_name": "Another\u{200b}App"});
    assert!(matches!(checked_after(hidden, false, Some(&granted)), Err(RegistrationError::HiddenCharacter { .. })));
}
