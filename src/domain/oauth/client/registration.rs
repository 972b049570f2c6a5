//! Which clients may be registered.

use std::collections::BTreeSet;

use super::about_registration;
use super::encryption;
use super::excluded::excluded;
use super::key_registration;
use super::link;
use super::logout_registration;
use super::redirect_registration;
use super::registration_error::{RegistrationError, SecretRefused};
use super::request_object_registration;
use super::sector;
use crate::crypto::Algorithms;
use crate::crypto::jwe::KeyManagements;
use crate::domain::oauth::client::{AuthMethod, Client, GrantType, Metadata};
use crate::domain::oauth::profile::Rules;
use crate::domain::oauth::token::claim_catalogue::{ClaimCatalogue, GROUPS};
use crate::domain::oauth::token::lifetimes::TokenLifetimes;
use crate::domain::oauth::token::resource::Resources;
use crate::domain::oauth::token::scope::{OPERATION, OWN_ACCOUNT, STANDARD, Scope, provider_of};
use crate::foundation::SecretString;

/// What the configuration lets clients have.
#[derive(Clone, Debug)]
pub struct Bounds<'a> {
    /// The scopes that exist beside the standard ones; empty: any may be registered.
    pub extra_scopes: &'a Scope,
    /// The scopes of providers' tokens that there are.
    pub upstream_scopes: &'a Scope,
    /// The APIs that there are, each with its scopes.
    pub resources: &'a Resources,
    /// The claims that there are, and with them the scopes that release them.
    pub catalogue: &'a ClaimCatalogue,
    /// What there are keys to sign with.
    pub algorithms: Algorithms,
    /// What no client has here, whatever it is registered for.
    pub rules: Rules,
    /// What can be encrypted to us with.
    pub encryption: KeyManagements,
    /// How long tokens usually live.
    pub usual: &'a TokenLifetimes,
    /// The longest that a client's tokens may live.
    pub most: &'a TokenLifetimes,
}

/// The most bytes of a name.
const NAME_MAX: usize = 200;

/// Fills in what a registration leaves open.
pub fn complete(name: &mut String, metadata: &mut Metadata) {
    *name = name.trim().to_owned();
    if metadata.grant_types.is_empty() {
        let types = metadata.requests.grants();
        metadata.grant_types = match metadata.redirect_uris.is_empty() {
            true => BTreeSet::from([GrantType::ClientCredentials]),
            false if !types.is_empty() && !types.contains(&GrantType::AuthorizationCode) => types,
            false => BTreeSet::from([GrantType::AuthorizationCode, GrantType::RefreshToken]),
        };
    }
    metadata.requests.complete(&mut metadata.grant_types);
    if metadata.scope.is_empty() && has_people(metadata) {
        let offline = metadata.grant_types.contains(&GrantType::RefreshToken);
        let usual = STANDARD.into_iter().chain([GROUPS]);
        metadata.scope = usual.filter(|scope| offline || *scope != "offline_access").collect();
    }
}

/// Whether people sign in to it.
fn has_people(metadata: &Metadata) -> bool {
    [GrantType::AuthorizationCode, GrantType::Implicit].iter().any(|grant| metadata.grant_types.contains(grant))
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
    if let Some(excluded) = excluded(metadata, bounds.rules).next() {
        return Err(RegistrationError::Excluded(excluded));
    }
    for uri in metadata.redirect_uris.iter().chain(&metadata.post_logout_redirect_uris) {
        redirect_registration::check(uri, metadata)
            .map_err(|why| RegistrationError::RedirectUri { uri: uri.clone(), why })?;
    }
    for uri in [&metadata.client_uri, &metadata.logo_uri, &metadata.policy_uri, &metadata.tos_uri].into_iter().flatten()
    {
        if link::read(uri).is_none() {
            return Err(RegistrationError::Link { uri: uri.clone() });
        }
    }
    key_registration::check(metadata)?;
    request_object_registration::check(metadata, bounds.encryption)?;
    logout_registration::check(metadata)?;
    sector::check(metadata)?;
    about_registration::check(metadata)?;
    check_grants(metadata)?;
    check_algorithms(metadata, bounds.algorithms)?;
    encryption::check(&metadata.encryption, &metadata.keys)?;
    metadata.lifetimes.check(bounds.usual, bounds.most)?;
    check_scope(metadata, bounds)
}

fn check_grants(metadata: &Metadata) -> Result<(), RegistrationError> {
    let code = metadata.grant_types.contains(&GrantType::AuthorizationCode);
    if has_people(metadata) && metadata.redirect_uris.is_empty() {
        return Err(RegistrationError::NowhereForCodes);
    }
    if let Some(grant) = metadata.requests.contradicted_by(&metadata.grant_types) {
        return Err(RegistrationError::ResponseTypes { grant });
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

/// Nothing is promised for which there is no key.
fn check_algorithms(metadata: &Metadata, available: Algorithms) -> Result<(), RegistrationError> {
    match metadata.signed_with().find(|(_, algorithm)| !available.contains(*algorithm)) {
        None => Ok(()),
        Some((field, algorithm)) => Err(RegistrationError::Algorithm { field, algorithm, available }),
    }
}

/// Without a list of scopes any may be asked for. A machine's scopes name what its own services understand.
fn check_scope(metadata: &Metadata, bounds: &Bounds<'_>) -> Result<(), RegistrationError> {
    let code = has_people(metadata);
    let own_account = metadata.scope.of_own_account();
    if code && !own_account.is_empty() && !metadata.first_party {
        return Err(RegistrationError::FirstPartyScope { scope: own_account });
    }
    let operation = metadata.scope.of_operation();
    if !operation.is_empty() && !metadata.grant_types.contains(&GrantType::ClientCredentials) {
        return Err(RegistrationError::MachineScope { scope: operation });
    }
    let upstream = metadata.scope.of_upstream().without(bounds.upstream_scopes);
    if !upstream.is_empty() {
        return Err(RegistrationError::UpstreamScope { scope: upstream });
    }
    let (extra, releasing) = (bounds.extra_scopes, bounds.catalogue.scopes());
    let ours = |scope: &str| STANDARD.contains(&scope) || OWN_ACCOUNT.contains(&scope) || OPERATION.contains(&scope);
    let defined = |scope: &str| {
        extra.contains(scope) || releasing.contains(scope) || bounds.resources.with_scope(scope).is_some()
    };
    let known = |scope: &str| ours(scope) || provider_of(scope).is_some() || defined(scope);
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

/// What a client gives up by how it is registered, and what it is registered for in vain, each in a sentence for whoever registers
/// it.
pub fn warnings(client: &Client, rules: Rules) -> Vec<String> {
    let itself = (client.registered_itself && client.metadata.first_party).then_some(REGISTERED_ITSELF);
    let given_up = redirect_registration::warnings(&client.metadata).into_iter().chain(itself).map(str::to_owned);
    given_up.chain(in_vain(client, rules)).collect()
}

/// What a client is registered for in vain: it was registered before the rules took that away.
pub fn in_vain(client: &Client, rules: Rules) -> impl Iterator<Item = String> {
    excluded(&client.metadata, rules).map(|excluded| format!("{excluded}: this client is refused for them"))
}

const REGISTERED_ITSELF: &str = "it registered itself, and codes go to its redirect URIs without asking people: look at each of them. While it is \
     first-party, its registration token reads its registration and neither changes nor deletes it";

#[cfg(test)]
#[path = "registration_tests.rs"]
mod tests;
