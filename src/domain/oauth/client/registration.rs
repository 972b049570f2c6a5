//! Which clients may be registered, and what may be changed of them.

use std::collections::BTreeSet;
use std::time::Duration;

use super::redirect_registration;
use super::registration_error::{RegistrationError, SecretRefused};
use crate::crypto::jwt::Algorithm;
use crate::domain::oauth::client::{AuthMethod, Client, GrantType, Metadata, SecondFactorFor, TokenFormat};
use crate::domain::oauth::token::claim_catalogue::{ClaimCatalogue, GROUPS};
use crate::domain::oauth::token::lifetimes::TokenLifetimes;
use crate::domain::oauth::token::scope::{OWN_ACCOUNT, STANDARD, Scope, provider_of};
use crate::foundation::SecretString;

/// What the configuration lets clients have.
#[derive(Clone, Debug)]
pub struct Bounds<'a> {
    /// The scopes that exist beside the standard ones; empty: any may be registered.
    pub extra_scopes: &'a Scope,
    /// The scopes of providers' tokens that there are.
    pub upstream_scopes: &'a Scope,
    /// The claims that there are, and with them the scopes that release them.
    pub catalogue: &'a ClaimCatalogue,
    /// How long tokens usually live.
    pub usual: &'a TokenLifetimes,
    /// The longest that a client's tokens may live.
    pub most: &'a TokenLifetimes,
}

/// How a client is to authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// By this method and no other.
    Only(AuthMethod),
    /// By its secret, in the header or in the body: for a client without a chosen method.
    AnySecret,
}

/// What to change; `None` leaves a field as it is. An inner `None` or an empty list removes a value, and [`complete`]
/// then fills in what a registration leaves open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the field of Client or Metadata of the same name")]
pub struct Changes {
    pub name: Option<String>,
    pub redirect_uris: Option<Vec<String>>,
    pub post_logout_redirect_uris: Option<Vec<String>>,
    pub grant_types: Option<BTreeSet<GrantType>>,
    pub authentication: Option<Authentication>,
    pub scope: Option<Scope>,
    pub first_party: Option<bool>,
    pub client_uri: Option<Option<String>>,
    pub logo_uri: Option<Option<String>>,
    pub policy_uri: Option<Option<String>>,
    pub tos_uri: Option<Option<String>>,
    pub audience: Option<Vec<String>>,
    pub resources: Option<Vec<String>>,
    pub access_token_format: Option<TokenFormat>,
    pub access_token_signed_response_alg: Option<Algorithm>,
    pub id_token_signed_response_alg: Option<Algorithm>,
    pub id_token_claims: Option<bool>,
    pub access_token_lifetime: Option<Option<Duration>>,
    pub id_token_lifetime: Option<Option<Duration>>,
    pub refresh_token_idle_lifetime: Option<Option<Duration>>,
    pub refresh_token_absolute_lifetime: Option<Option<Duration>>,
    pub localhost_any_port: Option<bool>,
    pub private_http: Option<bool>,
    pub second_factor: Option<SecondFactorFor>,
}

impl Changes {
    /// These changes and the others, which say nothing about the same field.
    ///
    /// # Errors
    /// Names the field that both are about, as `clients show` does.
    pub fn and(self, other: Self) -> Result<Self, &'static str> {
        Ok(Self {
            name: one_of(self.name, other.name, "client_name")?,
            redirect_uris: one_of(self.redirect_uris, other.redirect_uris, "redirect_uris")?,
            post_logout_redirect_uris: one_of(
                self.post_logout_redirect_uris,
                other.post_logout_redirect_uris,
                "post_logout_redirect_uris",
            )?,
            grant_types: one_of(self.grant_types, other.grant_types, "grant_types")?,
            authentication: one_of(self.authentication, other.authentication, "token_endpoint_auth_method")?,
            scope: one_of(self.scope, other.scope, "scope")?,
            first_party: one_of(self.first_party, other.first_party, "first_party")?,
            client_uri: one_of(self.client_uri, other.client_uri, "client_uri")?,
            logo_uri: one_of(self.logo_uri, other.logo_uri, "logo_uri")?,
            policy_uri: one_of(self.policy_uri, other.policy_uri, "policy_uri")?,
            tos_uri: one_of(self.tos_uri, other.tos_uri, "tos_uri")?,
            audience: one_of(self.audience, other.audience, "audience")?,
            resources: one_of(self.resources, other.resources, "resources")?,
            access_token_format: one_of(self.access_token_format, other.access_token_format, "access_token_format")?,
            access_token_signed_response_alg: one_of(
                self.access_token_signed_response_alg,
                other.access_token_signed_response_alg,
                "access_token_signed_response_alg",
            )?,
            id_token_signed_response_alg: one_of(
                self.id_token_signed_response_alg,
                other.id_token_signed_response_alg,
                "id_token_signed_response_alg",
            )?,
            id_token_claims: one_of(self.id_token_claims, other.id_token_claims, "id_token_claims")?,
            access_token_lifetime: one_of(
                self.access_token_lifetime,
                other.access_token_lifetime,
                "lifetimes.access_token",
            )?,
            id_token_lifetime: one_of(self.id_token_lifetime, other.id_token_lifetime, "lifetimes.id_token")?,
            refresh_token_idle_lifetime: one_of(
                self.refresh_token_idle_lifetime,
                other.refresh_token_idle_lifetime,
                "lifetimes.refresh_token_idle",
            )?,
            refresh_token_absolute_lifetime: one_of(
                self.refresh_token_absolute_lifetime,
                other.refresh_token_absolute_lifetime,
                "lifetimes.refresh_token_absolute",
            )?,
            localhost_any_port: one_of(self.localhost_any_port, other.localhost_any_port, "localhost_any_port")?,
            private_http: one_of(self.private_http, other.private_http, "private_http")?,
            second_factor: one_of(self.second_factor, other.second_factor, "second_factor")?,
        })
    }

    /// Makes the changes. The result must be [checked](check) as a whole: old and new values may not fit.
    pub fn apply(self, name: &mut String, metadata: &mut Metadata) {
        set(name, self.name);
        // No field is forgotten: a new one does not compile until it is here.
        let Metadata {
            redirect_uris,
            post_logout_redirect_uris,
            grant_types,
            token_endpoint_auth_method,
            secret_in_header_or_body,
            scope,
            first_party,
            client_uri,
            logo_uri,
            policy_uri,
            tos_uri,
            audience,
            resources,
            access_token_format,
            access_token_signed_response_alg,
            id_token_signed_response_alg,
            id_token_claims,
            lifetimes,
            localhost_any_port,
            private_http,
            second_factor,
        } = metadata;
        set(redirect_uris, self.redirect_uris);
        set(post_logout_redirect_uris, self.post_logout_redirect_uris);
        set(grant_types, self.grant_types);
        match self.authentication {
            None => {}
            Some(Authentication::Only(method)) => {
                (*token_endpoint_auth_method, *secret_in_header_or_body) = (method, false);
            }
            Some(Authentication::AnySecret) => {
                (*token_endpoint_auth_method, *secret_in_header_or_body) = (AuthMethod::ClientSecretBasic, true);
            }
        }
        set(scope, self.scope);
        set(first_party, self.first_party);
        set(client_uri, self.client_uri);
        set(logo_uri, self.logo_uri);
        set(policy_uri, self.policy_uri);
        set(tos_uri, self.tos_uri);
        set(audience, self.audience);
        set(resources, self.resources);
        set(access_token_format, self.access_token_format);
        set(access_token_signed_response_alg, self.access_token_signed_response_alg);
        set(id_token_signed_response_alg, self.id_token_signed_response_alg);
        set(id_token_claims, self.id_token_claims);
        set(&mut lifetimes.access_token, self.access_token_lifetime);
        set(&mut lifetimes.id_token, self.id_token_lifetime);
        set(&mut lifetimes.refresh_token_idle, self.refresh_token_idle_lifetime);
        set(&mut lifetimes.refresh_token_absolute, self.refresh_token_absolute_lifetime);
        set(localhost_any_port, self.localhost_any_port);
        set(private_http, self.private_http);
        set(second_factor, self.second_factor);
    }
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

/// The most bytes of a name.
const NAME_MAX: usize = 200;

/// Fills in what a registration leaves open.
pub fn complete(name: &mut String, metadata: &mut Metadata) {
    *name = name.trim().to_owned();
    if metadata.grant_types.is_empty() {
        metadata.grant_types = match metadata.redirect_uris.is_empty() {
            true => BTreeSet::from([GrantType::ClientCredentials]),
            false => BTreeSet::from([GrantType::AuthorizationCode, GrantType::RefreshToken]),
        };
    }
    if metadata.scope.is_empty() && metadata.grant_types.contains(&GrantType::AuthorizationCode) {
        let offline = metadata.grant_types.contains(&GrantType::RefreshToken);
        let usual = STANDARD.into_iter().chain([GROUPS]);
        metadata.scope = usual.filter(|scope| offline || *scope != "offline_access").collect();
    }
}

/// Decides whether a client may be as `name` and `metadata` say: the same rules when it is registered and whenever it
/// is changed (CVE-2026-15572).
///
/// # Errors
/// Names the first thing that cannot be registered.
pub fn check(name: &str, metadata: &Metadata, bounds: &Bounds<'_>) -> Result<(), RegistrationError> {
    if name.is_empty() || name.len() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(RegistrationError::Name { name: name.to_owned(), most: NAME_MAX });
    }
    for uri in metadata.redirect_uris.iter().chain(&metadata.post_logout_redirect_uris) {
        redirect_registration::check(uri, metadata)
            .map_err(|why| RegistrationError::RedirectUri { uri: uri.clone(), why })?;
    }
    for uri in [&metadata.client_uri, &metadata.logo_uri, &metadata.policy_uri, &metadata.tos_uri].into_iter().flatten()
    {
        if !url::Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "https" | "http")) {
            return Err(RegistrationError::Link { uri: uri.clone() });
        }
    }
    check_grants(metadata)?;
    metadata.lifetimes.check(bounds.usual, bounds.most)?;
    check_scope(metadata, bounds)
}

fn check_grants(metadata: &Metadata) -> Result<(), RegistrationError> {
    let code = metadata.grant_types.contains(&GrantType::AuthorizationCode);
    if code && metadata.redirect_uris.is_empty() {
        return Err(RegistrationError::NowhereForCodes);
    }
    if !code && metadata.grant_types.contains(&GrantType::RefreshToken) {
        return Err(RegistrationError::RefreshWithoutCode);
    }
    let public = metadata.token_endpoint_auth_method == AuthMethod::None;
    if public && metadata.grant_types.contains(&GrantType::ClientCredentials) {
        return Err(RegistrationError::MachineWithoutSecret);
    }
    Ok(())
}

/// Without a list of scopes any may be asked for. A machine's scopes name what its own services understand.
fn check_scope(metadata: &Metadata, bounds: &Bounds<'_>) -> Result<(), RegistrationError> {
    let code = metadata.grant_types.contains(&GrantType::AuthorizationCode);
    let own_account = metadata.scope.of_own_account();
    if code && !own_account.is_empty() && !metadata.first_party {
        return Err(RegistrationError::FirstPartyScope { scope: own_account });
    }
    let upstream = metadata.scope.of_upstream().without(bounds.upstream_scopes);
    if !upstream.is_empty() {
        return Err(RegistrationError::UpstreamScope { scope: upstream });
    }
    let (extra, releasing) = (bounds.extra_scopes, bounds.catalogue.scopes());
    let ours = |scope: &str| STANDARD.contains(&scope) || OWN_ACCOUNT.contains(&scope);
    let known =
        |scope: &str| ours(scope) || provider_of(scope).is_some() || extra.contains(scope) || releasing.contains(scope);
    let unknown = metadata.scope.filter(|scope| !known(scope));
    match unknown.is_empty() || extra.is_empty() || !code {
        true => Ok(()),
        false => Err(RegistrationError::Scope { scope: unknown }),
    }
}

/// The fewest characters of a given secret: 32 hex digits make 128 bits.
const SECRET_MIN: usize = 32;
const SECRET_MAX: usize = 256;
/// The fewest different characters: 32 random hex digits have fewer than ten once in ten thousand times.
const SECRET_KINDS: usize = 10;

/// Decides whether a secret that was made elsewhere can be a client's. It is stored as a plain SHA-256 hash, so it must
/// be impossible to guess: long, and random by its look. Whether it *is* random only its maker knows.
///
/// # Errors
/// The reason, which does not quote it.
pub fn check_secret(secret: &SecretString) -> Result<(), SecretRefused> {
    let text = secret.expose();
    if text.len() < SECRET_MIN {
        return Err(SecretRefused::Short(SECRET_MIN));
    }
    if text.len() > SECRET_MAX {
        return Err(SecretRefused::Long(SECRET_MAX));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(SecretRefused::Character);
    }
    let kinds = text.bytes().collect::<BTreeSet<_>>().len();
    let repeats = (1..=text.len() / 2).any(|period| {
        let bytes = text.as_bytes();
        bytes.iter().zip(bytes.iter().skip(period)).all(|(one, other)| one == other)
    });
    match kinds < SECRET_KINDS || repeats {
        true => Err(SecretRefused::Guessable),
        false => Ok(()),
    }
}

/// What a client gives up by how it is registered, each in a sentence for whoever registers it.
pub fn warnings(client: &Client) -> Vec<&'static str> {
    redirect_registration::warnings(&client.metadata)
}

#[cfg(test)]
#[path = "registration_tests.rs"]
mod tests;
