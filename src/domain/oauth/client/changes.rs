//! What may be changed of a client: each field once, so that a new one is one line here.

use std::collections::BTreeSet;
use std::time::Duration;

use super::about::ApplicationType;
use super::keys::{AssertionAudience, RegisteredJwks};
use super::request_object::RequestObjectAlgorithm;
use super::subject_type::SubjectType;
use super::translations::Translations;
use super::{AuthMethod, GrantType, Metadata, SecondFactorFor, TokenFormat};
use crate::crypto::foreign::ForeignAlgorithm;
use crate::crypto::jwe::{ContentEncryption, KeyManagement};
use crate::crypto::jwt::Algorithm;
use crate::domain::oauth::authorize::response_type::ResponseType;
use crate::domain::oauth::token::scope::Scope;

/// How a client is to authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// By this method and no other.
    Only(AuthMethod),
    /// By its secret, in the header or in the body: for a client without a chosen method.
    AnySecret,
}

/// Makes [`Changes`]: `field: its type => where it stands in Metadata`.
macro_rules! changes {
    ($($field:ident: $type:ty => $first:ident $(. $second:ident)?;)*) => {
        /// What to change; `None` leaves a field as it is. An inner `None` or an empty list removes a value, and
        /// [`complete`](super::registration::complete) then fills in what a registration leaves open.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is the field of Client or Metadata of the same name")]
        pub struct Changes {
            pub name: Option<String>,
            pub authentication: Option<Authentication>,
            $(pub $field: Option<$type>,)*
        }

        impl Changes {
            /// The members of metadata that can be changed, as `clients show` calls them.
            #[cfg(test)]
            const MEMBERS: &'static [&'static str] = &[$(concat!(stringify!($first) $(, ".", stringify!($second))?)),*];

            /// These changes and the others, which say nothing about the same field.
            ///
            /// # Errors
            /// Names the field that both are about, as `clients show` does.
            pub fn and(self, other: Self) -> Result<Self, &'static str> {
                Ok(Self {
                    name: one_of(self.name, other.name, "client_name")?,
                    authentication: one_of(self.authentication, other.authentication, "token_endpoint_auth_method")?,
                    $($field: one_of(
                        self.$field,
                        other.$field,
                        concat!(stringify!($first) $(, ".", stringify!($second))?),
                    )?,)*
                })
            }

            /// Makes the changes. The result must be [checked](super::registration::check) as a whole: old and new
            /// values may not fit.
            pub fn apply(self, name: &mut String, metadata: &mut Metadata) {
                set(name, self.name);
                let either = match self.authentication {
                    None => None,
                    Some(Authentication::Only(method)) => Some((method, false)),
                    Some(Authentication::AnySecret) => Some((AuthMethod::ClientSecretBasic, true)),
                };
                if let Some((method, any)) = either {
                    (metadata.token_endpoint_auth_method, metadata.secret_in_header_or_body) = (method, any);
                }
                $(set(&mut metadata.$first$(.$second)?, self.$field);)*
            }
        }
    };
}

changes! {
    redirect_uris: Vec<String> => redirect_uris;
    post_logout_redirect_uris: Vec<String> => post_logout_redirect_uris;
    grant_types: BTreeSet<GrantType> => grant_types;
    jwks: Option<RegisteredJwks> => keys.jwks;
    jwks_uri: Option<String> => keys.jwks_uri;
    token_endpoint_auth_signing_alg: Option<ForeignAlgorithm> => keys.token_endpoint_auth_signing_alg;
    client_assertion_audience: AssertionAudience => keys.client_assertion_audience;
    request_object_signing_alg: Option<RequestObjectAlgorithm> => request_objects.request_object_signing_alg;
    request_object_encryption_alg: Option<KeyManagement> => request_objects.request_object_encryption_alg;
    request_object_encryption_enc: Option<ContentEncryption> => request_objects.request_object_encryption_enc;
    require_signed_request_object: bool => request_objects.require_signed_request_object;
    request_uris: Vec<String> => request_objects.request_uris;
    scope: Scope => scope;
    first_party: bool => first_party;
    client_uri: Option<String> => client_uri;
    logo_uri: Option<String> => logo_uri;
    policy_uri: Option<String> => policy_uri;
    tos_uri: Option<String> => tos_uri;
    audience: Vec<String> => audience;
    resources: Vec<String> => resources;
    access_token_format: TokenFormat => access_token_format;
    access_token_signed_response_alg: Algorithm => access_token_signed_response_alg;
    id_token_signed_response_alg: Algorithm => id_token_signed_response_alg;
    userinfo_signed_response_alg: Option<Algorithm> => responses.userinfo_signed_response_alg;
    introspection_signed_response_alg: Option<Algorithm> => responses.introspection_signed_response_alg;
    id_token_encrypted_response_alg: Option<KeyManagement> => encryption.id_token_encrypted_response_alg;
    id_token_encrypted_response_enc: Option<ContentEncryption> => encryption.id_token_encrypted_response_enc;
    userinfo_encrypted_response_alg: Option<KeyManagement> => encryption.userinfo_encrypted_response_alg;
    userinfo_encrypted_response_enc: Option<ContentEncryption> => encryption.userinfo_encrypted_response_enc;
    introspection_encrypted_response_alg: Option<KeyManagement> => encryption.introspection_encrypted_response_alg;
    introspection_encrypted_response_enc: Option<ContentEncryption> => encryption.introspection_encrypted_response_enc;
    authorization_encrypted_response_alg: Option<KeyManagement> => encryption.authorization_encrypted_response_alg;
    authorization_encrypted_response_enc: Option<ContentEncryption> => encryption.authorization_encrypted_response_enc;
    authorization_signed_response_alg: Option<Algorithm> => responses.authorization_signed_response_alg;
    id_token_claims: bool => id_token_claims;
    access_token_lifetime: Option<Duration> => lifetimes.access_token;
    id_token_lifetime: Option<Duration> => lifetimes.id_token;
    refresh_token_idle_lifetime: Option<Duration> => lifetimes.refresh_token_idle;
    refresh_token_absolute_lifetime: Option<Duration> => lifetimes.refresh_token_absolute;
    localhost_any_port: bool => localhost_any_port;
    private_http: bool => private_http;
    second_factor: SecondFactorFor => second_factor;
    response_types: BTreeSet<ResponseType> => requests.response_types;
    require_pushed_authorization_requests: bool => requests.require_pushed_authorization_requests;
    backchannel_logout_uri: Option<String> => logout.backchannel_logout_uri;
    backchannel_logout_session_required: bool => logout.backchannel_logout_session_required;
    frontchannel_logout_uri: Option<String> => logout.frontchannel_logout_uri;
    frontchannel_logout_session_required: bool => logout.frontchannel_logout_session_required;
    subject_type: SubjectType => subjects.subject_type;
    sector_identifier_uri: Option<String> => subjects.sector_identifier_uri;
    contacts: Vec<String> => about.contacts;
    initiate_login_uri: Option<String> => about.initiate_login_uri;
    software_id: Option<String> => about.software_id;
    software_version: Option<String> => about.software_version;
    application_type: Option<ApplicationType> => about.application_type;
    translations: Translations => translations;
    default_max_age: Option<u32> => defaults.default_max_age;
    require_auth_time: bool => defaults.require_auth_time;
    default_acr_values: Vec<String> => defaults.default_acr_values;
}

fn one_of<T>(one: Option<T>, other: Option<T>, field: &'static str) -> Result<Option<T>, &'static str> {
    match (one, other) {
        (Some(_), Some(_)) => Err(field),
        (one, other) => Ok(one.or(other)),
    }
}

fn set<T>(field: &mut T, change: Option<T>) {
    if let Some(value) = change {
        *field = value;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// What [`Changes::authentication`] says of two members.
    const BY_AUTHENTICATION: [&str; 2] = ["token_endpoint_auth_method", "secret_in_header_or_body"];

    #[test]
    fn every_member_of_metadata_can_be_changed() {
        let json = serde_json::to_value(Metadata::default()).unwrap();
        let members: BTreeSet<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        // A group is a member of its own, or its members stand beside the others.
        // These have a member for each language, and none where nothing is translated.
        let named = Changes::MEMBERS.iter().filter(|path| **path != "translations");
        let shown = |path: &&'static str| path.split('.').find(|part| members.contains(part)).unwrap_or(path);
        let changed: BTreeSet<_> = named.map(shown).chain(BY_AUTHENTICATION).collect();
        assert_eq!(members, changed);
    }
}
