//! What we publish about ourselves (RFC 8414 §2, OpenID Connect Discovery §3), made from what really exists.

use serde::Serialize;

use super::client::request_object::RequestObjectAlgorithm;
use super::client::subject_type::SubjectType;
use super::client::{AuthMethod, GrantType};
use crate::crypto::Algorithms;
use crate::crypto::foreign::ForeignAlgorithm;
use crate::crypto::jwe::{ContentEncryption, KeyManagement, KeyManagements};
use crate::domain::factor::class::Class;
use crate::domain::oauth::authorize::request::Prompt;
use crate::domain::oauth::authorize::response_mode::ResponseMode;
use crate::domain::oauth::authorize::response_type::ResponseType;
use crate::domain::oauth::profile::{Legacy, Rules};
use crate::domain::oauth::token::claim_catalogue::ClaimCatalogue;
use crate::domain::oauth::token::resource::Resources;
use crate::domain::oauth::token::scope::{OWN_ACCOUNT, STANDARD, Scope};
use crate::foundation::url::Issuer;

/// Paths of the endpoints: the router and the document below take them from here.
pub mod path {
    /// RFC 6749 §3.1.
    pub const AUTHORIZE: &str = "/authorize";
    /// RFC 6749 §3.2.
    pub const TOKEN: &str = "/token";
    /// OpenID Connect Core §5.3.
    pub const USERINFO: &str = "/userinfo";
    /// RFC 7662.
    pub const INTROSPECT: &str = "/introspect";
    /// RFC 7009.
    pub const REVOKE: &str = "/revoke";
    /// RFC 7591 §3; behind it and a slash, the id of a client (RFC 7592 §2).
    pub const REGISTER: &str = "/register";
    /// OAuth 2.0 for First-Party Applications §4.1.
    pub const CHALLENGE: &str = "/authorize-challenge";
    /// RFC 9126 §2.
    pub const PAR: &str = "/par";
    /// RFC 7517.
    pub const JWKS: &str = "/jwks";
    /// OpenID Connect RP-Initiated Logout §2.
    pub const LOGOUT: &str = "/logout";
    /// OpenID Connect Session Management §3.3.
    pub const CHECK_SESSION: &str = "/check-session";
    /// OpenID Connect Discovery §4.
    pub const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
    /// RFC 8414 §3.
    pub const OAUTH_METADATA: &str = "/.well-known/oauth-authorization-server";
    /// RFC 9728 §3.
    pub const PROTECTED_RESOURCE: &str = "/.well-known/oauth-protected-resource";
}

/// The metadata document.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the members are those of RFC 8414 section 2 and OpenID Connect Discovery section 3")]
pub struct Metadata {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub userinfo_endpoint: String,
    pub jwks_uri: String,
    pub introspection_endpoint: String,
    pub revocation_endpoint: String,
    pub end_session_endpoint: String,
    pub authorization_challenge_endpoint: String,
    pub pushed_authorization_request_endpoint: String,
    pub require_pushed_authorization_requests: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_endpoint: Option<String>,
    pub scopes_supported: Vec<String>,
    pub response_types_supported: Vec<&'static str>,
    pub response_modes_supported: Vec<&'static str>,
    pub grant_types_supported: Vec<&'static str>,
    pub subject_types_supported: [&'static str; 2],
    pub id_token_signing_alg_values_supported: Vec<&'static str>,
    pub id_token_encryption_alg_values_supported: Vec<&'static str>,
    pub id_token_encryption_enc_values_supported: Vec<&'static str>,
    pub userinfo_signing_alg_values_supported: Vec<&'static str>,
    pub userinfo_encryption_alg_values_supported: Vec<&'static str>,
    pub userinfo_encryption_enc_values_supported: Vec<&'static str>,
    pub introspection_signing_alg_values_supported: Vec<&'static str>,
    pub introspection_encryption_alg_values_supported: Vec<&'static str>,
    pub introspection_encryption_enc_values_supported: Vec<&'static str>,
    pub authorization_signing_alg_values_supported: Vec<&'static str>,
    pub authorization_encryption_alg_values_supported: Vec<&'static str>,
    pub authorization_encryption_enc_values_supported: Vec<&'static str>,
    pub token_endpoint_auth_methods_supported: Vec<&'static str>,
    pub token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    pub introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    pub introspection_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    pub revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    pub code_challenge_methods_supported: [&'static str; 1],
    pub acr_values_supported: Vec<&'static str>,
    pub prompt_values_supported: Vec<&'static str>,
    pub claim_types_supported: [&'static str; 1],
    pub claims_supported: Vec<String>,
    pub ui_locales_supported: Vec<&'static str>,
    pub claims_parameter_supported: bool,
    pub request_parameter_supported: bool,
    pub request_uri_parameter_supported: bool,
    pub require_request_uri_registration: bool,
    pub request_object_signing_alg_values_supported: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub request_object_encryption_alg_values_supported: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub request_object_encryption_enc_values_supported: Vec<&'static str>,
    pub authorization_response_iss_parameter_supported: bool,
    pub backchannel_logout_supported: bool,
    pub backchannel_logout_session_supported: bool,
    pub frontchannel_logout_supported: bool,
    pub frontchannel_logout_session_supported: bool,
    pub check_session_iframe: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub protected_resources: Vec<String>,
}

impl Metadata {
    /// The document of the server at `issuer`; `extra` are the operator's own scopes, `algorithms` those that there are keys
    /// for, `languages` those of the pages.
    pub fn new(
        issuer: &Issuer,
        extra: &Scope,
        catalogue: &ClaimCatalogue,
        algorithms: Algorithms,
        languages: Vec<&'static str>,
    ) -> Self {
        let secrets = || {
            AuthMethod::ALL.into_iter().filter(|method| *method != AuthMethod::None).map(AuthMethod::as_str).collect()
        };
        let assertions = || ForeignAlgorithm::names().collect();
        let releasing: Scope = catalogue.scopes().into_iter().collect();
        let own = releasing.union(&extra.filter(|scope| !STANDARD.contains(&scope)));
        let own = own.without(&OWN_ACCOUNT.into_iter().collect());
        let scopes = STANDARD.into_iter().chain(OWN_ACCOUNT).chain(own.tokens()).map(str::to_owned).collect();
        Self {
            issuer: issuer.as_str().to_owned(),
            authorization_endpoint: issuer.join(path::AUTHORIZE),
            token_endpoint: issuer.join(path::TOKEN),
            userinfo_endpoint: issuer.join(path::USERINFO),
            jwks_uri: issuer.join(path::JWKS),
            introspection_endpoint: issuer.join(path::INTROSPECT),
            revocation_endpoint: issuer.join(path::REVOKE),
            end_session_endpoint: issuer.join(path::LOGOUT),
            authorization_challenge_endpoint: issuer.join(path::CHALLENGE),
            pushed_authorization_request_endpoint: issuer.join(path::PAR),
            require_pushed_authorization_requests: false,
            registration_endpoint: None,
            scopes_supported: scopes,
            response_types_supported: ResponseType::ALL.map(ResponseType::as_str).to_vec(),
            response_modes_supported: ResponseMode::names(),
            grant_types_supported: GrantType::ALL.map(GrantType::as_str).to_vec(),
            subject_types_supported: SubjectType::ALL.map(SubjectType::as_str),
            id_token_signing_alg_values_supported: algorithms.names(),
            id_token_encryption_alg_values_supported: KeyManagement::ALL.map(KeyManagement::name).to_vec(),
            id_token_encryption_enc_values_supported: ContentEncryption::ALL.map(ContentEncryption::name).to_vec(),
            userinfo_signing_alg_values_supported: algorithms.names(),
            userinfo_encryption_alg_values_supported: KeyManagement::ALL.map(KeyManagement::name).to_vec(),
            userinfo_encryption_enc_values_supported: ContentEncryption::ALL.map(ContentEncryption::name).to_vec(),
            introspection_signing_alg_values_supported: algorithms.names(),
            introspection_encryption_alg_values_supported: KeyManagement::ALL.map(KeyManagement::name).to_vec(),
            introspection_encryption_enc_values_supported: ContentEncryption::ALL.map(ContentEncryption::name).to_vec(),
            authorization_signing_alg_values_supported: algorithms.names(),
            authorization_encryption_alg_values_supported: KeyManagement::ALL.map(KeyManagement::name).to_vec(),
            authorization_encryption_enc_values_supported: ContentEncryption::ALL.map(ContentEncryption::name).to_vec(),
            token_endpoint_auth_methods_supported: AuthMethod::ALL.map(AuthMethod::as_str).to_vec(),
            token_endpoint_auth_signing_alg_values_supported: assertions(),
            introspection_endpoint_auth_methods_supported: secrets(),
            introspection_endpoint_auth_signing_alg_values_supported: assertions(),
            revocation_endpoint_auth_methods_supported: AuthMethod::ALL.map(AuthMethod::as_str).to_vec(),
            revocation_endpoint_auth_signing_alg_values_supported: assertions(),
            code_challenge_methods_supported: ["S256"],
            acr_values_supported: Class::ALL.map(Class::as_str).to_vec(),
            prompt_values_supported: prompts().filter(|prompt| *prompt != Prompt::Create).map(Prompt::as_str).collect(),
            claim_types_supported: ["normal"],
            claims_supported: catalogue.supported().into_iter().map(str::to_owned).collect(),
            ui_locales_supported: languages,
            claims_parameter_supported: true,
            request_parameter_supported: true,
            request_uri_parameter_supported: true,
            require_request_uri_registration: true,
            request_object_signing_alg_values_supported: RequestObjectAlgorithm::names().collect(),
            request_object_encryption_alg_values_supported: Vec::new(),
            request_object_encryption_enc_values_supported: Vec::new(),
            authorization_response_iss_parameter_supported: true,
            backchannel_logout_supported: true,
            backchannel_logout_session_supported: true,
            frontchannel_logout_supported: true,
            frontchannel_logout_session_supported: true,
            check_session_iframe: issuer.join(path::CHECK_SESSION),
            protected_resources: Vec::new(),
        }
    }
}

impl Metadata {
    /// The same of a server at which applications register themselves (RFC 7591 §3).
    #[must_use]
    pub fn registering_clients(mut self, registers: bool, issuer: &Issuer) -> Self {
        self.registration_endpoint = registers.then(|| issuer.join(path::REGISTER));
        self
    }

    /// The same of a server that has keys to which request objects can be encrypted (OpenID Connect Discovery §3).
    #[must_use]
    pub fn decrypting_request_objects(mut self, with: KeyManagements) -> Self {
        if !with.is_empty() {
            self.request_object_encryption_alg_values_supported = with.names();
            self.request_object_encryption_enc_values_supported =
                ContentEncryption::ALL.map(ContentEncryption::name).to_vec();
        }
        self
    }

    /// The same of a server at which people make accounts for themselves: clients can send them there (Initiating User
    /// Registration via OpenID Connect 1.0 §5).
    #[must_use]
    pub fn offering_accounts(mut self, offers: bool) -> Self {
        if offers {
            self.prompt_values_supported = prompts().map(Prompt::as_str).collect();
        }
        self
    }

    /// The same of a server with these rules: it names nothing that they take away.
    #[must_use]
    pub fn by_rules(mut self, rules: Rules) -> Self {
        if !rules.have(Legacy::TokensInAnswers) {
            self.response_types_supported = vec![ResponseType::Code.as_str()];
            self.grant_types_supported.retain(|grant| *grant != GrantType::Implicit.as_str());
        }
        if !rules.have(Legacy::UnsignedRequests) {
            let none = RequestObjectAlgorithm::None.name();
            self.request_object_signing_alg_values_supported.retain(|name| *name != none);
        }
        self
    }

    /// The same of a server that gives tokens for these APIs, and for its own (RFC 9728 §4).
    #[must_use]
    pub fn giving_tokens_for(mut self, resources: &Resources, issuer: &Issuer) -> Self {
        let others: Vec<_> = resources.identifiers().map(str::to_owned).collect();
        if !others.is_empty() {
            self.protected_resources = others;
            self.protected_resources.insert(0, issuer.as_str().to_owned());
        }
        self
    }

    /// The same of a server that takes no requests but pushed ones, or also others (RFC 9126 §5).
    #[must_use]
    pub fn demanding_pushed_requests(mut self, demands: bool) -> Self {
        self.require_pushed_authorization_requests = demands;
        self
    }
}

fn prompts() -> impl Iterator<Item = Prompt> {
    Prompt::ALL.into_iter()
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::domain::oauth::fixtures::{catalogue, issuer, scope};
    use crate::domain::oauth::profile::Profile;

    fn document() -> Map<String, Value> {
        let custom = catalogue(&[("department", "hr"), ("floor", "profile")]);
        let metadata = Metadata::new(
            &issuer(),
            &scope("reports:read groups openid"),
            &custom,
            Algorithms::ALWAYS,
            vec!["en", "de"],
        );
        let document = serde_json::to_value(metadata).unwrap();
        document.as_object().unwrap().clone()
    }

    #[test]
    fn every_endpoint_is_published_under_the_issuer() {
        let document = document();
        for (member, path) in [
            ("authorization_endpoint", path::AUTHORIZE),
            ("token_endpoint", path::TOKEN),
            ("userinfo_endpoint", path::USERINFO),
            ("jwks_uri", path::JWKS),
            ("introspection_endpoint", path::INTROSPECT),
            ("revocation_endpoint", path::REVOKE),
            ("end_session_endpoint", path::LOGOUT),
            ("check_session_iframe", path::CHECK_SESSION),
            ("authorization_challenge_endpoint", path::CHALLENGE),
            ("pushed_authorization_request_endpoint", path::PAR),
        ] {
            assert_eq!(document.get(member), Some(&json!(format!("https://id.example{path}"))), "{member}");
        }
        assert_eq!(document.get("issuer"), Some(&json!("https://id.example")));
    }

    #[test]
    fn every_url_in_it_is_ours() {
        for (member, value) in document() {
            let text = value.as_str().unwrap_or_default();
            let is_url = member.ends_with("_endpoint") || member.ends_with("_uri") || text.contains("://");
            assert!(!is_url || text.starts_with("https://id.example"), "{member}: {text}");
        }
    }

    #[test]
    fn every_member_is_of_the_type_that_rfc_8414_gives_it() {
        for (member, value) in document() {
            if member.ends_with("_supported") {
                let words = value.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(Value::is_string));
                assert!(words || value.is_boolean(), "{member}: {value}");
            } else if member.starts_with("require_") {
                assert!(value.is_boolean(), "{member}: {value}");
            } else {
                assert!(value.is_string(), "{member}: {value}");
            }
        }
    }

    #[test]
    fn no_list_names_anything_twice() {
        for (member, value) in document() {
            let all = value.as_array().cloned().unwrap_or_default();
            let repeated = all.iter().enumerate().find(|(i, one)| all.iter().skip(i + 1).any(|other| other == *one));
            assert_eq!(repeated, None, "{member}");
        }
    }

    #[test]
    fn it_promises_what_the_standards_demand_and_what_exists() {
        let document = document();
        let holds = |member: &str, word: &str| {
            document.get(member).and_then(Value::as_array).is_some_and(|all| all.contains(&json!(word)))
        };
        for (member, word) in [
            ("id_token_signing_alg_values_supported", "RS256"),
            ("userinfo_signing_alg_values_supported", "RS256"),
            ("introspection_signing_alg_values_supported", "ES256"),
            ("authorization_signing_alg_values_supported", "RS256"),
            ("response_modes_supported", "jwt"),
            ("scopes_supported", "openid"),
            ("scopes_supported", "offline_access"),
            ("scopes_supported", "reports:read"),
            ("claims_supported", "sub"),
            ("scopes_supported", "groups"),
            ("scopes_supported", "hr"),
            ("claims_supported", "groups"),
            ("claims_supported", "department"),
            ("claims_supported", "floor"),
            ("claims_supported", "phone_number_verified"),
            ("grant_types_supported", "refresh_token"),
            ("response_modes_supported", "form_post"),
            ("token_endpoint_auth_methods_supported", "client_secret_basic"),
            ("token_endpoint_auth_methods_supported", "none"),
            ("revocation_endpoint_auth_methods_supported", "none"),
            ("token_endpoint_auth_methods_supported", "private_key_jwt"),
            ("token_endpoint_auth_methods_supported", "client_secret_jwt"),
            ("introspection_endpoint_auth_methods_supported", "private_key_jwt"),
            ("token_endpoint_auth_signing_alg_values_supported", "ES256"),
            ("token_endpoint_auth_signing_alg_values_supported", "PS256"),
            ("request_object_signing_alg_values_supported", "RS256"),
            ("request_object_signing_alg_values_supported", "none"),
            ("request_object_signing_alg_values_supported", "Ed25519"),
        ] {
            assert!(holds(member, word), "{member} lacks {word}");
        }
        assert!(!holds("id_token_signing_alg_values_supported", "none"));
        assert!(!holds("token_endpoint_auth_signing_alg_values_supported", "none"), "RFC 8414 section 2");
        assert!(!holds("introspection_endpoint_auth_methods_supported", "none"), "RFC 7662 section 2.1");
        let types = ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"];
        assert_eq!(document.get("response_types_supported"), Some(&json!(types)));
        assert_eq!(document.get("subject_types_supported"), Some(&json!(["public", "pairwise"])));
        assert_eq!(document.get("code_challenge_methods_supported"), Some(&json!(["S256"])), "plain is refused");
        assert_eq!(document.get("authorization_response_iss_parameter_supported"), Some(&json!(true)), "RFC 9207");
        assert_eq!(document.get("request_parameter_supported"), Some(&json!(true)), "absent, it would mean false");
        assert_eq!(document.get("require_request_uri_registration"), Some(&json!(true)), "absent, it would mean false");
    }

    #[test]
    fn it_names_nothing_that_the_profile_takes_away() {
        let none = Scope::empty();
        let of = |rules| {
            let plain = Metadata::new(&issuer(), &none, &catalogue(&[]), Algorithms::ALWAYS, vec!["en"]);
            serde_json::to_value(plain.by_rules(rules)).unwrap()
        };
        let strict = of(Rules { profile: Profile::OAuth21, only_code: false });
        assert_eq!(strict["response_types_supported"], json!(["code"]));
        let grants = json!(["authorization_code", "refresh_token", "client_credentials"]);
        assert_eq!(strict["grant_types_supported"], grants);
        let algorithms = strict["request_object_signing_alg_values_supported"].as_array().unwrap();
        assert!(!algorithms.contains(&json!("none")) && algorithms.contains(&json!("ES256")));
        assert_eq!(of(Rules { only_code: true, ..Rules::default() })["response_types_supported"], json!(["code"]));
    }
}
