//! Client metadata as a JSON document: what an application's maker hands to whoever registers it (RFC 7591 §2, OpenID
//! Connect Dynamic Client Registration 1.0 §2), with the members of our own that `clients show` prints.

mod about;
mod encryption;
mod keys;
mod request_object;
mod subject;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Map, Value};

pub use self::value::DocumentError;
use self::value::{not_among, optional_flag, optional_text, text, texts};
use super::changes::{Authentication, Changes};
use super::requests::grants_of;
use super::translations::{Translations, is_translation};
use super::{AuthMethod, ClientId, GrantType, Metadata, SecondFactorFor, TokenFormat};
use crate::crypto::jwt::Algorithm;
use crate::crypto::strict_json::is_unambiguous_object;
use crate::domain::oauth::authorize::response_type::ResponseType;
use crate::domain::oauth::token::scope::Scope;

/// What a document says.
#[derive(Debug, Default, PartialEq)]
pub struct Document {
    /// The `client_id`, where it names one.
    pub id: Option<ClientId>,
    /// Everything that is to be registered. `null` takes a value away (RFC 7592 §2.2).
    pub changes: Changes,
    /// Members without any effect here, for whoever registers the client.
    pub ignored: Vec<String>,
}

/// Members that may have any value: what `clients show` prints beside the metadata.
const IGNORED: [&str; 4] = ["client_id_issued_at", "enabled", "registered_itself", "warnings"];

/// Whether a value asks for what we do anyway.
type Holds = fn(&Value) -> bool;

/// Members of which some values ask for what we do anyway, and the others for what does not exist here.
const SETTLED: [(&str, Holds, &str); 5] = [
    ("backchannel_user_code_parameter", is_false, NOT_YET),
    ("client_secret_expires_at", |value| *value == 0, "0: secrets do not expire here"),
    ("dpop_bound_access_tokens", is_false, NOT_YET),
    ("tls_client_certificate_bound_access_tokens", is_false, NOT_YET),
    ("use_mtls_endpoint_aliases", is_false, NOT_YET),
];

const NOT_YET: &str = "false: this server does not do that yet";
const LATER: &str = "this server does not do that yet";

/// Members that promise a client something, or ask something of us, that does not exist here.
const UNSUPPORTED: [(&str, &str); 14] = [
    ("authorization_details_types", LATER),
    ("backchannel_authentication_request_signing_alg", LATER),
    ("backchannel_client_notification_endpoint", LATER),
    ("backchannel_token_delivery_mode", LATER),
    ("client_secret", "a secret comes with --secret-file or --secret-stdin"),
    ("registration_access_token", LATER),
    ("registration_client_uri", LATER),
    ("response_modes", LATER),
    ("software_statement", LATER),
    ("tls_client_auth_san_dns", LATER),
    ("tls_client_auth_san_email", LATER),
    ("tls_client_auth_san_ip", LATER),
    ("tls_client_auth_san_uri", LATER),
    ("tls_client_auth_subject_dn", LATER),
];

/// Reads a document. RFC 7591 §2 lets the registration *endpoint* ignore what it does not understand, since the client
/// reads the result in the answer. An operator relies on the whole document, so a misspelt name, or a protection that
/// would silently be missing, is refused.
///
/// # Errors
/// Names the first member that cannot be registered.
pub fn read(json: &[u8]) -> Result<Document, DocumentError> {
    read_members(&object(json).ok_or(DocumentError::NotAnObject)?)
}

/// The members of an object in which none stands twice.
pub(super) fn object(json: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(json) {
        Ok(Value::Object(members)) if is_unambiguous_object(json) => Some(members),
        _ => None,
    }
}

/// The same as [`read`] of members that have been read already.
///
/// # Errors
/// As [`read`].
pub(super) fn read_members(members: &Map<String, Value>) -> Result<Document, DocumentError> {
    let mut reader = Reader::default();
    for (name, value) in members {
        reader.member(name, value)?;
    }
    reader.finish()
}

/// What was read so far: members that mean something only together wait for the end.
#[derive(Default)]
struct Reader {
    document: Document,
    method: Option<Option<AuthMethod>>,
    either: Option<bool>,
    names_types: bool,
    translations: Option<BTreeMap<String, String>>,
}

impl Reader {
    fn member(&mut self, name: &str, value: &Value) -> Result<(), DocumentError> {
        let usual = Metadata::default();
        let changes = &mut self.document.changes;
        match name {
            "client_id" => self.document.id = optional_text(name, value)?.map(ClientId::new),
            "client_name" => changes.name = Some(text(name, value)?),
            "redirect_uris" => changes.redirect_uris = Some(texts(name, value)?),
            "post_logout_redirect_uris" => changes.post_logout_redirect_uris = Some(texts(name, value)?),
            "grant_types" => {
                let grants = texts(name, value)?.iter().map(|grant| GrantType::parse(grant)).collect::<Option<_>>();
                changes.grant_types =
                    Some(grants.ok_or_else(|| not_among(name, &GrantType::ALL.map(GrantType::as_str)))?);
            }
            "response_types" => {
                self.names_types = !value.is_null();
                let types = texts(name, value)?.iter().map(|known| ResponseType::parse(known)).collect::<Option<_>>();
                changes.response_types =
                    Some(types.ok_or_else(|| not_among(name, &ResponseType::ALL.map(ResponseType::as_str)))?);
            }
            "token_endpoint_auth_method" => {
                let known = |text: String| {
                    AuthMethod::parse(&text).ok_or_else(|| not_among(name, &AuthMethod::ALL.map(AuthMethod::as_str)))
                };
                self.method = Some(optional_text(name, value)?.map(known).transpose()?);
            }
            "jwks" | "jwks_uri" | "token_endpoint_auth_signing_alg" | "client_assertion_audience" => {
                keys::read(changes, name, value)?;
            }
            "request_object_signing_alg" | "require_signed_request_object" | "request_uris" => {
                request_object::read(changes, name, value)?;
            }
            "secret_in_header_or_body" => self.either = optional_flag(name, value)?,
            "scope" => {
                let scope = Scope::parse(&optional_text(name, value)?.unwrap_or_default());
                let form = |_| DocumentError::Value(name.to_owned(), "scopes separated by spaces".to_owned());
                changes.scope = Some(scope.map_err(form)?);
            }
            "client_uri" => changes.client_uri = Some(optional_text(name, value)?),
            "logo_uri" => changes.logo_uri = Some(optional_text(name, value)?),
            "policy_uri" => changes.policy_uri = Some(optional_text(name, value)?),
            "tos_uri" => changes.tos_uri = Some(optional_text(name, value)?),
            "audience" => changes.audience = Some(texts(name, value)?),
            "resources" => changes.resources = Some(texts(name, value)?),
            "access_token_format" => {
                let known = |text: String| TokenFormat::parse(&text).ok_or_else(|| not_among(name, &["jwt", "opaque"]));
                changes.access_token_format =
                    Some(optional_text(name, value)?.map(known).transpose()?.unwrap_or_default());
            }
            "access_token_signed_response_alg" => {
                let algorithm = algorithm(name, value)?.unwrap_or(usual.access_token_signed_response_alg);
                changes.access_token_signed_response_alg = Some(algorithm);
            }
            "id_token_signed_response_alg" => {
                let algorithm = algorithm(name, value)?.unwrap_or(usual.id_token_signed_response_alg);
                changes.id_token_signed_response_alg = Some(algorithm);
            }
            "userinfo_signed_response_alg" => changes.userinfo_signed_response_alg = Some(algorithm(name, value)?),
            "authorization_signed_response_alg" => {
                changes.authorization_signed_response_alg = Some(algorithm(name, value)?);
            }
            "introspection_signed_response_alg" => {
                changes.introspection_signed_response_alg = Some(algorithm(name, value)?);
            }
            "id_token_encrypted_response_alg"
            | "id_token_encrypted_response_enc"
            | "userinfo_encrypted_response_alg"
            | "userinfo_encrypted_response_enc"
            | "introspection_encrypted_response_alg"
            | "introspection_encrypted_response_enc"
            | "authorization_encrypted_response_alg"
            | "authorization_encrypted_response_enc"
            | "request_object_encryption_alg"
            | "request_object_encryption_enc" => encryption::read(changes, name, value)?,
            "first_party" => changes.first_party = Some(optional_flag(name, value)?.unwrap_or_default()),
            "id_token_claims" => changes.id_token_claims = Some(optional_flag(name, value)?.unwrap_or_default()),
            "localhost_any_port" => changes.localhost_any_port = Some(optional_flag(name, value)?.unwrap_or_default()),
            "private_http" => changes.private_http = Some(optional_flag(name, value)?.unwrap_or_default()),
            "second_factor" => {
                let known =
                    |text: String| SecondFactorFor::parse(&text).ok_or_else(|| not_among(name, &["usual", "required"]));
                changes.second_factor = Some(optional_text(name, value)?.map(known).transpose()?.unwrap_or_default());
            }
            "require_pushed_authorization_requests" => {
                changes.require_pushed_authorization_requests = Some(optional_flag(name, value)?.unwrap_or_default());
            }
            "backchannel_logout_uri" => changes.backchannel_logout_uri = Some(optional_text(name, value)?),
            "backchannel_logout_session_required" => {
                changes.backchannel_logout_session_required = Some(optional_flag(name, value)?.unwrap_or_default());
            }
            "frontchannel_logout_uri" => changes.frontchannel_logout_uri = Some(optional_text(name, value)?),
            "frontchannel_logout_session_required" => {
                changes.frontchannel_logout_session_required = Some(optional_flag(name, value)?.unwrap_or_default());
            }
            "subject_type" | "sector_identifier_uri" => subject::read(changes, name, value)?,
            "lifetimes" => lifetimes(changes, value)?,
            _ if about::MEMBERS.contains(&name) => about::read(changes, name, value)?,
            _ if is_translation(name) => about::read_translation(&mut self.translations, name, value)?,
            _ => self.of_others(name, value)?,
        }
        Ok(())
    }

    /// Members that are not registered. `null` is as if they were not there (OpenID Connect Registration §2).
    fn of_others(&mut self, name: &str, value: &Value) -> Result<(), DocumentError> {
        if IGNORED.contains(&name) {
            if !value.is_null() {
                self.document.ignored.push(name.to_owned());
            }
            return Ok(());
        }
        let settled = SETTLED.iter().find(|(known, ..)| *known == name);
        let unsupported = UNSUPPORTED.iter().find(|(known, _)| *known == name);
        match (settled, unsupported) {
            (None, None) => Err(DocumentError::Unknown(name.to_owned())),
            _ if value.is_null() => Ok(()),
            (Some((_, holds, _)), _) if holds(value) => Ok(()),
            (Some((_, _, form)), _) => Err(DocumentError::Value(name.to_owned(), (*form).to_owned())),
            (None, Some((_, why))) => Err(DocumentError::Unsupported(name.to_owned(), why)),
        }
    }

    fn finish(mut self) -> Result<Document, DocumentError> {
        let changes = &mut self.document.changes;
        changes.translations = self.translations.map(Translations::new);
        if let (Some(types), Some(grants), true) = (&changes.response_types, &changes.grant_types, self.names_types) {
            let named = |grant| grants.contains(&grant);
            let needed: BTreeSet<_> = types.iter().flat_map(|known| grants_of(*known)).collect();
            // RFC 7591 §2.1.
            if [GrantType::AuthorizationCode, GrantType::Implicit]
                .into_iter()
                .any(|grant| needed.contains(&grant) != named(grant))
            {
                return Err(DocumentError::Contradiction("response_types", "grant_types"));
            }
        }
        const BOTH: DocumentError =
            DocumentError::Contradiction("secret_in_header_or_body", "token_endpoint_auth_method");
        changes.authentication = match (self.method, self.either) {
            (None, None) => None,
            (Some(Some(AuthMethod::None)), Some(true)) => return Err(BOTH),
            // Whichever of the two it names, it may use either.
            (_, Some(true)) => Some(Authentication::AnySecret),
            (Some(Some(method)), _) => Some(Authentication::Only(method)),
            (Some(None), None) => Some(Authentication::AnySecret),
            (None | Some(None), Some(false)) => {
                let form = "given together with token_endpoint_auth_method, or be left out".to_owned();
                return Err(DocumentError::Value("secret_in_header_or_body".to_owned(), form));
            }
        };
        Ok(self.document)
    }
}

fn lifetimes(changes: &mut Changes, value: &Value) -> Result<(), DocumentError> {
    let form = |member: &str| DocumentError::Value(member.to_owned(), "a number of seconds".to_owned());
    let all = [
        ("access_token", &mut changes.access_token_lifetime),
        ("id_token", &mut changes.id_token_lifetime),
        ("refresh_token_idle", &mut changes.refresh_token_idle_lifetime),
        ("refresh_token_absolute", &mut changes.refresh_token_absolute_lifetime),
    ];
    let members = match value {
        Value::Null => None,
        Value::Object(members) => Some(members),
        _ => return Err(DocumentError::Value("lifetimes".to_owned(), "an object".to_owned())),
    };
    if let Some(unknown) = members.into_iter().flatten().find(|(name, _)| !all.iter().any(|(known, _)| known == name)) {
        return Err(DocumentError::Unknown(format!("lifetimes.{}", unknown.0)));
    }
    for (name, field) in all {
        match members.map(|members| members.get(name)) {
            // All are taken away.
            None | Some(Some(Value::Null)) => *field = Some(None),
            Some(None) => {}
            Some(Some(seconds)) => {
                let seconds = seconds.as_u64().ok_or_else(|| form(&format!("lifetimes.{name}")))?;
                *field = Some(Some(Duration::from_secs(seconds)));
            }
        }
    }
    Ok(())
}

fn is_false(value: &Value) -> bool {
    *value == false
}

fn algorithm(name: &str, value: &Value) -> Result<Option<Algorithm>, DocumentError> {
    let known = |text: String| text.parse().map_err(|_| not_among(name, &Algorithm::ALL.map(Algorithm::name)));
    optional_text(name, value)?.map(known).transpose()
}

#[cfg(test)]
#[path = "metadata_document_tests.rs"]
mod tests;
