//! Clients that register themselves (RFC 7591, OpenID Connect Dynamic Client Registration 1.0): what they may say of themselves,
//! and what they are told. Nobody has looked at them, so they get less than those of an operator.

use serde_json::{Map, Value, json};

use super::about::ApplicationType;
use super::about_registration::where_it_runs;
use super::metadata_document::{self, DocumentError};
use super::redirect_registration::UriRefused;
use super::registration::{self, Bounds};
use super::registration_error::RegistrationError;
use super::{Client, GrantType, Metadata};
use crate::domain::oauth::client::changes::Changes;
use crate::domain::oauth::token::scope::{OPERATION, STANDARD, Scope};
use crate::foundation::url::is_loopback;
use crate::foundation::{SecretHash, text};

/// The most bytes that everything may have which a client registered: it is stored, and kept in memory while it is used.
const LONGEST: usize = 8 * 1024;

/// The members of the standards (IANA, OAuth Dynamic Client Registration Metadata). What is not among them is of our own and an
/// operator's to say, or of nobody's: it is ignored, as RFC 7591 §2 demands, and a change of its registration leaves it as it is.
const OF_STANDARDS: [&str; 65] = [
    "application_type",
    "authorization_details_types",
    "authorization_encrypted_response_alg",
    "authorization_encrypted_response_enc",
    "authorization_signed_response_alg",
    "backchannel_authentication_request_signing_alg",
    "backchannel_client_notification_endpoint",
    "backchannel_logout_session_required",
    "backchannel_logout_uri",
    "backchannel_token_delivery_mode",
    "backchannel_user_code_parameter",
    "client_name",
    "client_uri",
    "contacts",
    "default_acr_values",
    "default_max_age",
    "dpop_bound_access_tokens",
    "frontchannel_logout_session_required",
    "frontchannel_logout_uri",
    "grant_types",
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "id_token_signed_response_alg",
    "initiate_login_uri",
    "introspection_encrypted_response_alg",
    "introspection_encrypted_response_enc",
    "introspection_signed_response_alg",
    "jwks",
    "jwks_uri",
    "logo_uri",
    "policy_uri",
    "post_logout_redirect_uris",
    "redirect_uris",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "request_object_signing_alg",
    "request_uris",
    "require_auth_time",
    "require_pushed_authorization_requests",
    "require_signed_request_object",
    "response_modes",
    "response_types",
    "scope",
    "sector_identifier_uri",
    "software_id",
    "software_version",
    "subject_type",
    "tls_client_auth_san_dns",
    "tls_client_auth_san_email",
    "tls_client_auth_san_ip",
    "tls_client_auth_san_uri",
    "tls_client_auth_subject_dn",
    "tls_client_certificate_bound_access_tokens",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "tos_uri",
    "use_mtls_endpoint_aliases",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "userinfo_signed_response_alg",
    // With a language behind it each of these is another member (RFC 7591 §2.2).
    "client_name#",
    "client_uri#",
    "logo_uri#",
    "policy_uri#",
    "tos_uri#",
];

/// What a client says of itself.
#[derive(Debug, Default)]
pub struct OwnDocument {
    /// What is to be registered; what is left out takes its default.
    pub changes: Changes,
    /// The `client_id`, where it names one: to register it is not its to choose.
    pub id: Option<String>,
    /// The `client_secret`, where it names one: the same.
    pub secret: Option<String>,
}

/// What the configuration lets such a client have, beside what holds for all.
#[derive(Clone, Debug)]
pub struct OwnBounds<'a> {
    /// What holds for all clients.
    pub all: Bounds<'a>,
    /// The scopes that are not standard and that it may have.
    pub scopes: &'a Scope,
    /// Whether a token of the operator let it in.
    pub credited: bool,
    /// The client as it is, if it is there: what an operator has given it beyond the rest is no fault of its own.
    pub before: Option<&'a Client>,
}

/// Reads what a client says of itself. Members that we do not know are ignored, and so are those of our own (RFC 7591 §2); values
/// that we do not know, and what a client would count on in vain, are refused.
///
/// # Errors
/// Names the first member that cannot be registered.
pub fn read(json: &[u8]) -> Result<OwnDocument, RegistrationError> {
    let Some(mut members) = metadata_document::object(json) else { return Err(DocumentError::NotAnObject.into()) };
    let mut said = |name: &str| match members.shift_remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(DocumentError::Value(name.to_owned(), "a text".to_owned())),
    };
    let (id, secret) = (said("client_id")?, said("client_secret")?);
    members.retain(|name, value| is_of_standards(name) && !value.is_null());
    let document = metadata_document::read_members(&members)?;
    Ok(OwnDocument { changes: document.changes, id, secret })
}

fn is_of_standards(name: &str) -> bool {
    let known = |name: &str| OF_STANDARDS.contains(&name);
    match name.find('#') {
        Some(at) => name.get(..=at).is_some_and(known),
        None => known(name),
    }
}

/// What a client is whose document says this. What the document leaves out takes the default of its standard: a change replaces
/// the whole (RFC 7592 §2.2). What only operators say stays as it is at the client, if there is one yet.
///
/// # Errors
/// When what is stored of the client cannot be read.
pub fn described(
    changes: Changes,
    client: Option<&Client>,
    name_otherwise: &str,
) -> Result<(String, Metadata), serde_json::Error> {
    let mut metadata = match client {
        None => Metadata::default(),
        Some(client) => of_operator(&client.metadata)?,
    };
    let mut name = String::new();
    let names_grants = changes.grant_types.is_some();
    changes.apply(&mut name, &mut metadata);
    if !names_grants && !metadata.requests.grants().is_empty() {
        // The default is the grant of the default response type; whoever names another means that of its own (RFC 7591 §2.1).
        metadata.grant_types = metadata.requests.grants();
    }
    registration::complete(&mut name, &mut metadata);
    if name.is_empty() {
        let host =
            metadata.redirect_uris.iter().find_map(|uri| url::Url::parse(uri).ok()?.host_str().map(str::to_owned));
        name = host.unwrap_or_else(|| name_otherwise.to_owned());
    }
    Ok((name, metadata))
}

/// The defaults, with what an operator has said of this client in members of our own.
fn of_operator(metadata: &Metadata) -> Result<Metadata, serde_json::Error> {
    let (mut fresh, registered) = (json!(Metadata::default()), serde_json::to_value(metadata)?);
    if let (Some(fresh), Value::Object(registered)) = (fresh.as_object_mut(), registered) {
        fresh.extend(registered.into_iter().filter(|(name, _)| !is_of_standards(name)));
    }
    serde_json::from_value(fresh)
}

/// Decides whether a client that registers itself may be like that: by the rules of all clients, and by some of its own.
///
/// # Errors
/// Names the first thing that cannot be registered.
pub fn check(name: &str, metadata: &Metadata, bounds: &OwnBounds<'_>) -> Result<(), RegistrationError> {
    registration::check(name, metadata, &bounds.all)?;
    let had = |has: &dyn Fn(&Client) -> bool| bounds.before.is_some_and(has);
    // A name that looks like another, or writes from right to left into the sentence round it.
    let named = |client: &Client, name: &str| {
        client.metadata.translations.names().any(|known| known == name) || client.name == name
    };
    let mut names = metadata.translations.names().chain([name]);
    if let Some(name) = names.find(|name| text::in_path(name).is_some() && !had(&|client| named(client, name))) {
        return Err(RegistrationError::HiddenCharacter { name: name.to_owned() });
    }
    let gets_tokens_on_the_web = |metadata: &Metadata| {
        metadata.grant_types.contains(&GrantType::Implicit)
            && metadata.about.application_type != Some(ApplicationType::Native)
    };
    let had_there = |uri: &String| {
        had(&|client| gets_tokens_on_the_web(&client.metadata) && client.metadata.redirect_uris.contains(uri))
    };
    if gets_tokens_on_the_web(metadata)
        && let Some(uri) = metadata.redirect_uris.iter().find(|uri| !is_of_the_web(uri) && !had_there(uri))
    {
        return Err(RegistrationError::RedirectUri { uri: uri.clone(), why: UriRefused::ImplicitOnDevice });
    }
    // A service that trusts whatever is signed here would take its token for that of a machine of the operator's.
    if metadata.grant_types.contains(&GrantType::ClientCredentials) && !bounds.credited {
        return Err(RegistrationError::MachineOfNobody);
    }
    let releasing = bounds.all.catalogue.scopes();
    let may = |scope: &str| STANDARD.contains(&scope) || releasing.contains(scope) || bounds.scopes.contains(scope);
    let has = |scope: &str| had(&|client| client.metadata.scope.contains(scope));
    // Whatever the configuration says: nobody lets themselves administer this server.
    let others = metadata.scope.filter(|scope| !has(scope) && (!may(scope) || OPERATION.contains(&scope)));
    if !others.is_empty() {
        return Err(RegistrationError::OperatorsScope { scope: others });
    }
    // What an operator has said of it is not its to shorten.
    let most = bounds.before.map_or(LONGEST, |client| LONGEST.max(length(&client.metadata)));
    match length(metadata) > most {
        true => Err(RegistrationError::TooLong { most: LONGEST }),
        false => Ok(()),
    }
}

/// The bytes that are stored of it.
fn length(metadata: &Metadata) -> usize {
    serde_json::to_vec(metadata).map_or(usize::MAX, |stored| stored.len())
}

/// Whether tokens may be sent there through a browser: to a server, by https (OpenID Connect Registration §2, application_type).
fn is_of_the_web(uri: &str) -> bool {
    url::Url::parse(uri).is_ok_and(|url| url.scheme() == "https" && !is_loopback(&url))
}

/// Decides whether a change is by and about this client: it names itself, and does not choose its secret (RFC 7592 §2.2).
///
/// # Errors
/// Names what is not its own.
pub fn check_own(document: &OwnDocument, client: &Client) -> Result<(), RegistrationError> {
    if document.id.as_deref() != Some(client.id.as_str()) {
        return Err(RegistrationError::OtherId { id: client.id.clone() });
    }
    let right = |secret: &String| client.secret_hash.is_some_and(|hash| hash.matches(&SecretHash::of(secret)));
    match document.secret.as_ref().is_none_or(right) {
        true => Ok(()),
        false => Err(RegistrationError::ChosenSecret),
    }
}

/// Everything that is registered of a client, as it is told itself (RFC 7591 §3.2.1): in the terms of the standards, without what
/// has no value.
pub fn told(client: &Client) -> Map<String, Value> {
    let mut members = match serde_json::to_value(&client.metadata) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    let says_nothing = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    members.retain(|name, value| is_of_standards(name) && !says_nothing(value));
    let uses_codes = client.metadata.grant_types.contains(&GrantType::AuthorizationCode);
    let types: &[&str] = if uses_codes { &["code"] } else { &[] };
    members.entry("response_types").or_insert_with(|| json!(types));
    members.insert("application_type".to_owned(), json!(where_it_runs(&client.metadata).as_str()));
    members.insert("client_id".to_owned(), json!(client.id));
    members.insert("client_id_issued_at".to_owned(), json!(client.created_at.as_secs()));
    members.insert("client_name".to_owned(), json!(client.name));
    members
}

#[cfg(test)]
#[path = "self_registration_tests.rs"]
mod tests;
