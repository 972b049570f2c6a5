//! The options that say how a client is registered: the same for `create` and `update`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::Value;

use crate::cli::CliError;
use crate::config;
use crate::crypto::Algorithm;
use crate::crypto::foreign::ForeignAlgorithm;
use crate::crypto::strict_json::is_unambiguous_object;
use crate::domain::oauth::authorize::response_type::ResponseType;
use crate::domain::oauth::client::changes::{Authentication, Changes};
use crate::domain::oauth::client::keys::{AssertionAudience, RegisteredJwks};
use crate::domain::oauth::client::subject_type::SubjectType;
use crate::domain::oauth::client::{AuthMethod, ClientId, GrantType, SecondFactorFor, TokenFormat, metadata_document};
use crate::domain::oauth::token::scope::Scope;
use crate::services::ServiceError;

/// A client that may send its secret in the header or in the body.
const ANY: &str = "any";
const AUTH: [&str; 6] = [
    AuthMethod::ClientSecretBasic.as_str(),
    AuthMethod::ClientSecretPost.as_str(),
    AuthMethod::ClientSecretJwt.as_str(),
    AuthMethod::PrivateKeyJwt.as_str(),
    AuthMethod::None.as_str(),
    ANY,
];

/// How a client is registered.
#[derive(Args)]
pub struct Fields {
    /// Where codes may be sent; compared byte for byte. May be repeated.
    #[arg(long, value_name = "URI")]
    redirect_uri: Option<Vec<String>>,
    /// Where browsers may be sent after logout. May be repeated.
    #[arg(long, value_name = "URI")]
    post_logout_redirect_uri: Option<Vec<String>>,
    /// What it may do. May be repeated. Default: authorization_code and refresh_token with a redirect URI, else
    /// client_credentials.
    #[arg(long, value_name = "TYPE", value_parser = PossibleValuesParser::new(GrantType::ALL.map(GrantType::as_str)))]
    grant: Option<Vec<String>>,
    /// What it may be answered with at /authorize, as in "code id_token". May be repeated. Beyond code for old applications
    /// only: tokens travel through the browser. Default: code.
    #[arg(long, value_name = "TYPE", value_parser = PossibleValuesParser::new(ResponseType::ALL.map(ResponseType::as_str)))]
    response_type: Option<Vec<String>>,
    /// How it authenticates, and no other way. Default: any, its secret in the header or in the body. private_key_jwt: by what
    /// it signs with a key of its own (--jwks-uri or --jwks). none: a public client without a secret, such as an app on a phone or
    /// in a browser.
    #[arg(long, value_name = "METHOD", value_parser = PossibleValuesParser::new(AUTH))]
    auth: Option<String>,
    /// Where its public keys are, as a JWK Set: https, or http where outbound.allow names the server.
    #[arg(long, value_name = "URL", conflicts_with = "jwks")]
    jwks_uri: Option<String>,
    /// Its public keys: a file with a JWK Set.
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// What it signs with to authenticate. Default: any algorithm of its method.
    #[arg(long, value_name = "ALG", value_parser = PossibleValuesParser::new(ForeignAlgorithm::names()))]
    auth_alg: Option<String>,
    /// For whom its assertions must be: endpoint, our issuer or the URL that is asked; issuer, nobody but our issuer. Default:
    /// endpoint.
    #[arg(long, value_name = "WHOM", value_parser = PossibleValuesParser::new(AssertionAudience::ALL.map(AssertionAudience::as_str)))]
    assertion_audience: Option<String>,
    /// Scopes that it may ask for, separated by spaces. Default: all standard ones for applications, none for machines.
    #[arg(long, value_name = "SCOPES")]
    scope: Option<String>,
    /// It is run by whoever runs this server: people are not asked for consent.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    first_party: Option<bool>,
    /// Who its access tokens are for. May be repeated. Default: this server.
    #[arg(long, value_name = "URI")]
    audience: Option<Vec<String>>,
    /// An audience that it answers for as a resource server: it may introspect tokens made for it. May be repeated.
    #[arg(long, value_name = "URI")]
    resource: Option<Vec<String>>,
    /// What its access tokens look like. Default: jwt.
    #[arg(long, value_name = "FORMAT", value_parser = ["jwt", "opaque"])]
    access_token_format: Option<String>,
    /// What its access tokens are signed with: RS256 for services that can check nothing else. Default: ES256.
    #[arg(long, value_name = "ALG", value_parser = PossibleValuesParser::new(Algorithm::ALL.map(Algorithm::name)))]
    access_token_alg: Option<String>,
    /// What its ID tokens are signed with. Default: RS256.
    #[arg(long, value_name = "ALG", value_parser = PossibleValuesParser::new(Algorithm::ALL.map(Algorithm::name)))]
    id_token_alg: Option<String>,
    /// Put the claims of the granted scopes (email, groups, …) into its ID tokens too: for applications that never ask
    /// userinfo, such as kube-apiserver.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    id_token_claims: Option<bool>,
    /// How long its access tokens live, as in 30m. Default: lifetimes.access_token; at most lifetimes.access_token_max.
    #[arg(long, value_name = "TIME", value_parser = config::duration)]
    access_token_lifetime: Option<Duration>,
    /// How long its ID tokens live: longer for applications whose session is the ID token, such as Argo CD. Default:
    /// lifetimes.id_token; at most lifetimes.id_token_max.
    #[arg(long, value_name = "TIME", value_parser = config::duration)]
    id_token_lifetime: Option<Duration>,
    /// How long its refresh tokens may lie unused. Default: lifetimes.refresh_token_idle.
    #[arg(long, value_name = "TIME", value_parser = config::duration)]
    refresh_token_idle_lifetime: Option<Duration>,
    /// How long after a sign-in its refresh tokens end, used or not. Default: lifetimes.refresh_token_absolute.
    #[arg(long, value_name = "TIME", value_parser = config::duration)]
    refresh_token_lifetime: Option<Duration>,
    /// Let a redirect URI on http://localhost have any port, as RFC 8252 allows for http://127.0.0.1. Less safe: the
    /// name can be made to lead elsewhere.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    localhost_any_port: Option<bool>,
    /// Allow redirect URIs with http in a private network: an address such as 192.168.1.2, a name without a dot or
    /// under .local, .internal or .home.arpa. Only with a secret. Less safe: codes travel in clear text.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    private_http: Option<bool>,
    /// Who must prove more than a password to it: usual, those who must anyway (factors.second_factor); required,
    /// everybody.
    #[arg(long, value_name = "WHO", value_parser = PossibleValuesParser::new(SecondFactorFor::ALL.map(SecondFactorFor::as_str)))]
    second_factor: Option<String>,
    /// Take its authorization requests only if it has pushed them to /par (RFC 9126).
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    require_par: Option<bool>,
    /// What it knows people by: public, the id of their account; pairwise, a name that only the clients of its sector have, so that
    /// others cannot find out together whom they know. Default: public.
    #[arg(long, value_name = "TYPE", value_parser = PossibleValuesParser::new(SubjectType::ALL.map(SubjectType::as_str)))]
    subject_type: Option<String>,
    /// Where a JSON array of redirect URIs is that has all of its own: the clients in it share a sector, and its host is the sector.
    /// https, or http where outbound.allow names the server; it is read now. Needed for pairwise where the redirect URIs are not
    /// all on one host of the web.
    #[arg(long, value_name = "URL")]
    sector_identifier_uri: Option<String>,
    /// Its home page.
    #[arg(long, value_name = "URL")]
    client_uri: Option<String>,
    /// Its logo, shown at sign-in.
    #[arg(long, value_name = "URL")]
    logo_uri: Option<String>,
    /// Its privacy policy, linked at sign-in.
    #[arg(long, value_name = "URL")]
    policy_uri: Option<String>,
    /// Its terms of service, linked at sign-in.
    #[arg(long, value_name = "URL")]
    tos_uri: Option<String>,
    /// A JSON object of client metadata (RFC 7591), as its maker hands it out or as `clients show --json` prints it. What
    /// it says cannot be said by an option too.
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,
}

/// What the options and the file say together.
pub struct Given {
    /// What is to be registered.
    pub changes: Changes,
    /// The client_id that the file names.
    pub id: Option<ClientId>,
    /// Members of the file that have no effect here.
    pub ignored: Vec<String>,
}

impl Fields {
    /// What they change, with the name, and with what the file says.
    pub fn given(mut self, name: Option<String>) -> Result<Given, CliError> {
        let path = self.metadata.take();
        let options = Changes { name, ..self.changes()? };
        let Some(path) = path else { return Ok(Given { changes: options, id: None, ignored: Vec::new() }) };
        let problem = |what: String| CliError::Other(format!("{}: {what}", path.display()));
        let json = std::fs::read(&path).map_err(|error| problem(error.to_string()))?;
        let document = metadata_document::read(&json).map_err(|why| problem(why.to_string()))?;
        let twice = |member| problem(format!("{member} is given by an option too: keep one of the two"));
        Ok(Given { changes: document.changes.and(options).map_err(twice)?, id: document.id, ignored: document.ignored })
    }

    /// What the options change.
    fn changes(self) -> Result<Changes, CliError> {
        let grants = self.grant.map(|grants| grants.iter().map(|grant| GrantType::parse(grant)).collect());
        let algorithm =
            |text: Option<String>, option| text.map(|text| text.parse().map_err(|_| unknown(option))).transpose();
        let authentication = self.auth.as_deref().map(|auth| match auth {
            ANY => Ok(Authentication::AnySecret),
            method => AuthMethod::parse(method).map(Authentication::Only).ok_or_else(|| unknown("--auth")),
        });
        let format = self.access_token_format.as_deref();
        let jwks = self.jwks.as_deref().map(jwks).transpose()?;
        Ok(Changes {
            redirect_uris: self.redirect_uri,
            post_logout_redirect_uris: self.post_logout_redirect_uri,
            grant_types: grants.map(|grants: Option<_>| grants.ok_or_else(|| unknown("--grant"))).transpose()?,
            authentication: authentication.transpose()?,
            // Keys stand in one place, so that naming the one takes the other away.
            jwks: jwks.map(Some).or_else(|| self.jwks_uri.is_some().then_some(None)),
            jwks_uri: self.jwks_uri.map(Some).or_else(|| self.jwks.is_some().then_some(None)),
            token_endpoint_auth_signing_alg: self
                .auth_alg
                .as_deref()
                .map(|text| ForeignAlgorithm::parse(text).map(Some).ok_or_else(|| unknown("--auth-alg")))
                .transpose()?,
            client_assertion_audience: self
                .assertion_audience
                .as_deref()
                .map(|text| AssertionAudience::parse(text).ok_or_else(|| unknown("--assertion-audience")))
                .transpose()?,
            scope: self.scope.as_deref().map(Scope::parse).transpose().map_err(ServiceError::from)?,
            first_party: self.first_party,
            client_uri: self.client_uri.map(Some),
            logo_uri: self.logo_uri.map(Some),
            policy_uri: self.policy_uri.map(Some),
            tos_uri: self.tos_uri.map(Some),
            audience: self.audience,
            resources: self.resource,
            access_token_format: format
                .map(|text| TokenFormat::parse(text).ok_or_else(|| unknown("--access-token-format")))
                .transpose()?,
            access_token_signed_response_alg: algorithm(self.access_token_alg, "--access-token-alg")?,
            id_token_signed_response_alg: algorithm(self.id_token_alg, "--id-token-alg")?,
            id_token_claims: self.id_token_claims,
            access_token_lifetime: self.access_token_lifetime.map(Some),
            id_token_lifetime: self.id_token_lifetime.map(Some),
            refresh_token_idle_lifetime: self.refresh_token_idle_lifetime.map(Some),
            refresh_token_absolute_lifetime: self.refresh_token_lifetime.map(Some),
            localhost_any_port: self.localhost_any_port,
            private_http: self.private_http,
            second_factor: self
                .second_factor
                .as_deref()
                .map(|text| SecondFactorFor::parse(text).ok_or_else(|| unknown("--second-factor")))
                .transpose()?,
            response_types: self
                .response_type
                .map(|types| types.iter().map(|known| ResponseType::parse(known)).collect::<Option<_>>())
                .map(|types| types.ok_or_else(|| unknown("--response-type")))
                .transpose()?,
            require_pushed_authorization_requests: self.require_par,
            subject_type: self
                .subject_type
                .as_deref()
                .map(|text| SubjectType::parse(text).ok_or_else(|| unknown("--subject-type")))
                .transpose()?,
            sector_identifier_uri: self.sector_identifier_uri.map(Some),
            // The rest is said in a document.
            ..Changes::default()
        })
    }
}

/// The options whose value can be taken away.
pub const CLEARABLE: [&str; 19] = [
    "redirect-uri",
    "post-logout-redirect-uri",
    "grant",
    "jwks",
    "jwks-uri",
    "auth-alg",
    "response-type",
    "scope",
    "audience",
    "resource",
    "access-token-lifetime",
    "id-token-lifetime",
    "refresh-token-idle-lifetime",
    "refresh-token-lifetime",
    "sector-identifier-uri",
    "client-uri",
    "logo-uri",
    "policy-uri",
    "tos-uri",
];

/// Takes the value of one of [`CLEARABLE`] away. An option that is also given a value is a contradiction.
pub fn clear(changes: &mut Changes, name: &str) -> Result<(), CliError> {
    let given = |given: bool| match given {
        true => Err(CliError::Other(format!("--{name} has a value and is to be cleared too: keep one of the two"))),
        false => Ok(()),
    };
    macro_rules! clear {
        ($field:ident, $to:expr) => {{
            given(changes.$field.is_some())?;
            changes.$field = Some($to);
        }};
    }
    match name {
        "redirect-uri" => clear!(redirect_uris, vec![]),
        "post-logout-redirect-uri" => clear!(post_logout_redirect_uris, vec![]),
        "grant" => clear!(grant_types, [].into()),
        "jwks" => clear!(jwks, None),
        "jwks-uri" => clear!(jwks_uri, None),
        "auth-alg" => clear!(token_endpoint_auth_signing_alg, None),
        "response-type" => clear!(response_types, [].into()),
        "scope" => clear!(scope, Scope::empty()),
        "audience" => clear!(audience, vec![]),
        "resource" => clear!(resources, vec![]),
        "access-token-lifetime" => clear!(access_token_lifetime, None),
        "id-token-lifetime" => clear!(id_token_lifetime, None),
        "refresh-token-idle-lifetime" => clear!(refresh_token_idle_lifetime, None),
        "refresh-token-lifetime" => clear!(refresh_token_absolute_lifetime, None),
        "sector-identifier-uri" => clear!(sector_identifier_uri, None),
        "client-uri" => clear!(client_uri, None),
        "logo-uri" => clear!(logo_uri, None),
        "policy-uri" => clear!(policy_uri, None),
        "tos-uri" => clear!(tos_uri, None),
        _ => return Err(unknown("--clear")),
    }
    Ok(())
}

/// The keys in a file.
fn jwks(path: &Path) -> Result<RegisteredJwks, CliError> {
    let problem = |what: String| CliError::Other(format!("{}: {what}", path.display()));
    let json = std::fs::read(path).map_err(|error| problem(error.to_string()))?;
    let set = is_unambiguous_object(&json).then(|| serde_json::from_slice::<Value>(&json).ok()).flatten();
    set.map(RegisteredJwks::from).ok_or_else(|| problem("is no JWK Set: an object with an array \"keys\"".into()))
}

fn unknown(what: &str) -> CliError {
    CliError::Other(format!("unknown {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_can_be_cleared_is_cleared() {
        for name in CLEARABLE {
            let mut changes = Changes::default();
            clear(&mut changes, name).unwrap();
            assert_ne!(changes, Changes::default(), "{name}");
        }
    }

    #[test]
    fn a_value_and_its_absence_contradict_each_other() {
        let mut changes = Changes { logo_uri: Some(Some("https://a.example/".into())), ..Changes::default() };
        assert!(clear(&mut changes, "logo-uri").unwrap_err().to_string().contains("--logo-uri"));
    }
}
