//! Clients: the applications and services that are registered here.

pub mod about;
pub mod about_registration;
pub mod assertion;
pub mod authenticated;
pub mod authentication;
pub mod changes;
pub mod client_id;
pub mod encryption;
pub mod excluded;
pub mod grant_type;
pub mod initial_access_token;
pub mod key_registration;
pub mod keys;
mod link;
pub mod logout;
mod logout_registration;
pub mod metadata_document;
pub mod redirect;
pub mod redirect_registration;
pub mod registration;
pub mod registration_error;
pub mod request_defaults;
pub mod request_object;
pub mod request_object_registration;
pub mod requests;
pub mod responses;
pub mod sector;
pub mod self_registration;
pub mod signing;
pub mod subject_type;
pub mod translations;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use self::about::AboutMetadata;
use self::request_defaults::RequestDefaults;
use self::request_object::RequestObjectMetadata;
use self::requests::RequestMetadata;
use self::subject_type::SubjectMetadata;
use self::translations::Translations;
use crate::crypto::jwt::Algorithm;
pub use crate::domain::oauth::client::client_id::ClientId;
use crate::domain::oauth::client::encryption::EncryptionMetadata;
pub use crate::domain::oauth::client::grant_type::GrantType;
use crate::domain::oauth::client::keys::KeysMetadata;
pub use crate::domain::oauth::client::logout::LogoutMetadata;
use crate::domain::oauth::client::responses::ResponsesMetadata;
use crate::domain::oauth::token::lifetimes::ClientLifetimes;
use crate::domain::oauth::token::scope::Scope;
use crate::foundation::{SecretHash, Timestamp};

/// A registered client.
#[derive(Clone, Debug)]
pub struct Client {
    /// What it calls itself in requests.
    pub id: ClientId,
    /// What people are shown.
    pub name: String,
    /// A disabled client is refused everywhere.
    pub enabled: bool,
    /// `None` for a client that has no secret.
    pub secret_hash: Option<SecretHash>,
    /// The secret itself, sealed, of a client that signs with it: then a hash is not enough.
    pub sealed_secret: Option<Vec<u8>>,
    /// Everything else that was registered.
    pub metadata: Metadata,
    /// Nobody here has looked at it: it registered itself (RFC 7591).
    pub registered_itself: bool,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What a client registered about itself, in the terms of RFC 7591 §2 and OpenID Connect Registration §2 where they
/// have one. Stored as JSON: a field that an older row lacks takes its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// Where browsers may be sent after logout.
    pub post_logout_redirect_uris: Vec<String>,
    /// What it may do at the token endpoint.
    pub grant_types: BTreeSet<GrantType>,
    /// How it proves who it is. Only the next field permits another way.
    pub token_endpoint_auth_method: AuthMethod,
    /// Its secret may come in the header or in the body, whichever is named above: for a client without a chosen
    /// method. Rows from before this field keep to the one method that they were registered with.
    pub secret_in_header_or_body: bool,
    /// Its keys, and what it signs with them.
    #[serde(flatten)]
    pub keys: KeysMetadata,
    /// How it signs what it asks for.
    #[serde(flatten)]
    pub request_objects: RequestObjectMetadata,
    /// Every scope that it may ask for.
    pub scope: Scope,
    /// Belongs to whoever runs this server, so that consent need not be asked.
    pub first_party: bool,
    /// Its home page.
    pub client_uri: Option<String>,
    /// Shown at login and consent.
    pub logo_uri: Option<String>,
    /// Linked at login and consent.
    pub policy_uri: Option<String>,
    /// Linked at login and consent.
    pub tos_uri: Option<String>,
    /// Who its access tokens are for; empty: this server.
    pub audience: Vec<String>,
    /// The audiences that this client, as a resource server, answers for: it may introspect tokens made for them.
    pub resources: Vec<String>,
    /// What its access tokens look like.
    pub access_token_format: TokenFormat,
    /// What its access tokens are signed with, if they are JWTs.
    pub access_token_signed_response_alg: Algorithm,
    /// What its ID tokens are signed with.
    pub id_token_signed_response_alg: Algorithm,
    /// In which form it wants the other answers.
    #[serde(flatten)]
    pub responses: ResponsesMetadata,
    /// Which answers are encrypted to it.
    #[serde(flatten)]
    pub encryption: EncryptionMetadata,
    /// The claims of the granted scopes are in its ID tokens too, not only at userinfo (OpenID Connect Core §5.4).
    pub id_token_claims: bool,
    /// How long its tokens live, where that differs from the usual.
    pub lifetimes: ClientLifetimes,
    /// A redirect URI on `http://localhost` matches whatever its port, as one on 127.0.0.1 does for a public client.
    pub localhost_any_port: bool,
    /// Its redirect URIs may be http on a private network.
    pub private_http: bool,
    /// Who must prove more than a password to it.
    pub second_factor: SecondFactorFor,
    /// How it sends its authorization requests.
    #[serde(flatten)]
    pub requests: RequestMetadata,
    /// How it is told that sessions have ended.
    #[serde(flatten)]
    pub logout: LogoutMetadata,
    /// How it is to know people.
    #[serde(flatten)]
    pub subjects: SubjectMetadata,
    /// What it says of itself.
    #[serde(flatten)]
    pub about: AboutMetadata,
    /// What it wants where a request says nothing.
    #[serde(flatten)]
    pub defaults: RequestDefaults,
    /// What people are shown of it in other languages.
    #[serde(flatten)]
    pub translations: Translations,
}

impl Default for Metadata {
    fn default() -> Self {
        Self {
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            grant_types: BTreeSet::from([GrantType::AuthorizationCode]),
            token_endpoint_auth_method: AuthMethod::ClientSecretBasic,
            secret_in_header_or_body: false,
            keys: KeysMetadata::default(),
            request_objects: RequestObjectMetadata::default(),
            scope: Scope::empty(),
            first_party: false,
            client_uri: None,
            logo_uri: None,
            policy_uri: None,
            tos_uri: None,
            audience: Vec::new(),
            resources: Vec::new(),
            access_token_format: TokenFormat::Jwt,
            // A tenth of the work of RS256, and RFC 9068 §2.1 leaves the choice.
            access_token_signed_response_alg: Algorithm::Es256,
            id_token_signed_response_alg: Algorithm::Rs256,
            responses: ResponsesMetadata::default(),
            encryption: EncryptionMetadata::default(),
            id_token_claims: false,
            lifetimes: ClientLifetimes::default(),
            localhost_any_port: false,
            private_http: false,
            second_factor: SecondFactorFor::Usual,
            requests: RequestMetadata::default(),
            logout: LogoutMetadata::default(),
            subjects: SubjectMetadata::default(),
            about: AboutMetadata::default(),
            defaults: RequestDefaults::default(),
            translations: Translations::default(),
        }
    }
}

impl Metadata {
    /// Everything that is signed for it, and with which algorithm.
    pub fn signed_with(&self) -> impl Iterator<Item = (&'static str, Algorithm)> {
        let always = [
            ("access_token_signed_response_alg", self.access_token_signed_response_alg),
            ("id_token_signed_response_alg", self.id_token_signed_response_alg),
        ];
        always.into_iter().chain(self.responses.signed_with())
    }
}

impl Client {
    /// Whether it has no secret (RFC 6749 §2.1).
    pub fn is_public(&self) -> bool {
        self.metadata.token_endpoint_auth_method == AuthMethod::None
    }

    /// Whether it may authenticate by `method`. The same secret has two places (RFC 6749 §2.3.1).
    pub fn authenticates_by(&self, method: AuthMethod) -> bool {
        let registered = self.metadata.token_endpoint_auth_method;
        let either = self.metadata.secret_in_header_or_body && registered.has_secret() && method.has_secret();
        method == registered || either
    }

    /// Whether somebody who runs this server has looked at it: registered it, or made it an application of their own since.
    pub fn is_vetted(&self) -> bool {
        !self.registered_itself || self.metadata.first_party
    }

    /// Whether it may use `grant`.
    pub fn allows(&self, grant: GrantType) -> bool {
        self.metadata.grant_types.contains(&grant)
    }

    /// The audiences that it may read tokens for: itself and its resources.
    pub fn answers_for(&self, audience: &str) -> bool {
        self.id.as_str() == audience || self.metadata.resources.iter().any(|resource| resource == audience)
    }
}

/// How a client authenticates (RFC 7591 §2, token_endpoint_auth_method).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// HTTP Basic, form-encoded (RFC 6749 §2.3.1).
    ClientSecretBasic,
    /// In the form body.
    ClientSecretPost,
    /// A JWT that it signs with the secret (RFC 7523 §2.2).
    ClientSecretJwt,
    /// A JWT that it signs with a key of its own (RFC 7523 §2.2).
    PrivateKeyJwt,
    /// A public client: it only says who it is.
    None,
}

impl AuthMethod {
    /// Every method that exists here.
    pub const ALL: [Self; 5] =
        [Self::ClientSecretBasic, Self::ClientSecretPost, Self::ClientSecretJwt, Self::PrivateKeyJwt, Self::None];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }

    /// Reads its name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }

    /// Whether a secret is sent.
    pub const fn has_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }

    /// Whether there is a secret.
    pub const fn keeps_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost | Self::ClientSecretJwt)
    }
}

/// What access tokens look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenFormat {
    /// A JWT that any service can check with the JWKS (RFC 9068).
    #[default]
    Jwt,
    /// A random string that only introspection and userinfo understand.
    Opaque,
}

impl TokenFormat {
    /// Reads its name.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "jwt" => Some(Self::Jwt),
            "opaque" => Some(Self::Opaque),
            _ => None,
        }
    }
}

/// Who must prove more than a password to a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SecondFactorFor {
    /// Whoever must anyway: as the installation says.
    #[default]
    #[serde(rename = "usual")]
    Usual,
    /// Everybody.
    #[serde(rename = "required")]
    Everybody,
}

impl SecondFactorFor {
    /// Every one of them.
    pub const ALL: [Self; 2] = [Self::Usual, Self::Everybody];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Usual => "usual",
            Self::Everybody => "required",
        }
    }

    /// Reads its name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|who| who.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::oauth::fixtures::{client, public, scope};

    #[test]
    fn a_row_from_before_a_field_existed_reads_with_its_default() {
        let empty: Metadata = serde_json::from_value(json!({})).unwrap();
        assert_eq!(empty, Metadata::default());
        assert_eq!(empty.id_token_signed_response_alg, Algorithm::Rs256, "OpenID Connect Registration section 2");
        assert_eq!(empty.token_endpoint_auth_method, AuthMethod::ClientSecretBasic, "RFC 7591 section 2");
        assert_eq!(empty.grant_types, BTreeSet::from([GrantType::AuthorizationCode]), "RFC 7591 section 2");
        assert_eq!(empty.access_token_signed_response_alg, Algorithm::Es256, "as all were before there was a choice");
        assert!(!empty.secret_in_header_or_body, "it may have been registered for this one method on purpose");
        assert!(
            !empty.first_party && empty.scope.is_empty() && empty.redirect_uris.is_empty(),
            "nothing is given away"
        );
        assert!(!empty.id_token_claims && !empty.localhost_any_port && !empty.private_http, "every switch is off");
    }

    #[test]
    fn a_row_from_after_a_field_was_dropped_still_reads() {
        let newer: Metadata = serde_json::from_value(json!({"dropped": 1, "first_party": true})).unwrap();
        assert!(newer.first_party);
    }

    #[test]
    fn what_is_stored_reads_back() {
        let mut metadata = client().metadata;
        metadata.access_token_format = TokenFormat::Opaque;
        metadata.audience = vec!["https://api.example".into()];
        metadata.scope = scope("openid a:b");
        metadata.lifetimes.access_token = Some(std::time::Duration::from_secs(90));
        metadata.localhost_any_port = true;
        let json = serde_json::to_value(&metadata).unwrap();
        assert_eq!(serde_json::from_value::<Metadata>(json).unwrap(), metadata);
    }

    #[test]
    fn names_read_back_and_are_the_stored_ones() {
        for grant in GrantType::ALL {
            assert_eq!(GrantType::parse(grant.as_str()), Some(grant));
            assert_eq!(serde_json::to_value(grant).unwrap(), grant.as_str());
        }
        for method in AuthMethod::ALL {
            assert_eq!(AuthMethod::parse(method.as_str()), Some(method));
            assert_eq!(serde_json::to_value(method).unwrap(), method.as_str());
        }
        for format in [TokenFormat::Jwt, TokenFormat::Opaque] {
            assert_eq!(TokenFormat::parse(serde_json::to_value(format).unwrap().as_str().unwrap()), Some(format));
        }
        for who in SecondFactorFor::ALL {
            assert_eq!(SecondFactorFor::parse(who.as_str()), Some(who));
            assert_eq!(serde_json::to_value(who).unwrap(), who.as_str());
        }
        for unknown in ["password", "Implicit", "", "Refresh_Token"] {
            assert_eq!(GrantType::parse(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_client_without_a_secret_is_public() {
        assert!(public().is_public());
        assert!(!client().is_public());
    }

    #[test]
    fn a_client_answers_for_itself_and_its_resources_only() {
        let mut client = client();
        client.metadata.resources = vec!["https://api.example".into()];
        client.metadata.audience = vec!["https://other.example".into()];
        for (audience, expected) in [
            ("web", true),
            ("https://api.example", true),
            ("https://api.example/", false),
            ("https://other.example", false),
            ("", false),
        ] {
            assert_eq!(client.answers_for(audience), expected, "{audience}");
        }
    }
}
