//! For which API an access token is, and what it says there (RFC 8707 §2.2).

use std::collections::BTreeSet;
use std::time::Duration;

use super::audience::Audience;
use super::resource::{Resources, among, asked_for};
use super::scope::{OPERATION, Scope};
use crate::domain::oauth::client::{Client, GrantType, TokenFormat};
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::params::Params;
use crate::foundation::url::Issuer;

/// For what a token is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Whatever its client is registered for: no request has named a resource.
    Registered,
    /// All that the authorization request had named. With `openid` it is for userinfo too, as ever.
    Granted(Vec<String>),
    /// These, and nothing else.
    These(Vec<String>),
}

impl Wanted {
    /// All that was granted.
    pub fn all_of(granted: &[String]) -> Self {
        if granted.is_empty() { Self::Registered } else { Self::Granted(granted.to_vec()) }
    }
}

/// What an access token is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Who it is for.
    pub audience: Audience,
    /// What it allows there.
    pub scope: Scope,
    /// What it looks like.
    pub format: TokenFormat,
    /// How long it lives.
    pub lifetime: Duration,
}

impl Target {
    /// The same, unless a request asks for a scope in so many words and gets nothing of it.
    ///
    /// # Errors
    /// `invalid_scope`.
    pub fn with_something_left(self, scope: &Scope, params: &Params) -> Result<Self, Refusal> {
        let in_vain = self.scope.is_empty() && !scope.is_empty() && params.get("scope").is_some();
        match in_vain {
            true => Err(none_of_the_resource(self.audience.iter(), scope)),
            false => Ok(self),
        }
    }
}

/// One client at this server, with the resources that there are.
#[derive(Clone, Copy, Debug)]
pub struct Targets<'a> {
    /// The resources.
    pub resources: &'a Resources,
    /// Our issuer, which stands for userinfo and our API.
    pub issuer: &'a Issuer,
    /// The client.
    pub client: &'a Client,
}

impl Targets<'_> {
    /// The resources of an authorization request, and what of its scope is left: scopes of resources that it does not name would
    /// be allowed in vain. `scope` is what the client may have of what it asks for.
    ///
    /// # Errors
    /// `invalid_target` for one that does not exist, that the client may not ask for, or of which no scope is asked for;
    /// `invalid_scope` when no scope is left.
    pub fn of_request(self, params: &Params, scope: Scope) -> Result<(Vec<String>, Scope), Refusal> {
        self.asked_again(asked_for(params)?, scope)
    }

    /// The same of a request that was looked at before, whose client may have changed.
    ///
    /// # Errors
    /// As [`Self::of_request`].
    pub fn asked_again(self, asked: Vec<String>, scope: Scope) -> Result<(Vec<String>, Scope), Refusal> {
        if asked.is_empty() {
            return Ok((asked, scope));
        }
        self.permit(&asked, &scope)?;
        let us = self.issuer.as_str();
        let left = scope.filter(|token| asked.iter().map(String::as_str).chain([us]).any(|one| self.has(one, token)));
        match left.is_empty() {
            true => Err(none_of_the_resource(asked.iter().map(String::as_str), &scope)),
            false => Ok((asked, left)),
        }
    }

    /// For what a token request asks whose grant has these resources and this scope: for one or more of them, or for all. A grant
    /// without any is for whatever its scope is of.
    ///
    /// # Errors
    /// `invalid_target` for a resource that was not granted, or that the client may no longer have.
    pub fn of_grant(self, params: &Params, granted: &[String], scope: &Scope) -> Result<Wanted, Refusal> {
        let asked = asked_for(params)?;
        if !granted.is_empty() {
            among(&asked, granted)?;
        }
        if !asked.is_empty() {
            self.permit(&asked, scope)?;
            return Ok(Wanted::These(asked));
        }
        let left: Vec<_> = granted.iter().filter(|one| self.may_have(one, scope)).cloned().collect();
        match (granted.first(), left.is_empty()) {
            (None, _) => Ok(Wanted::Registered),
            (Some(_), false) => Ok(Wanted::Granted(left)),
            (Some(one), true) => Err(unknown(one, self.client, scope)),
        }
    }

    /// The token: for one resource it holds only the scopes that this resource has. `scope` is what was allowed, `usual` how long
    /// the client's tokens live.
    pub fn token(self, wanted: &Wanted, scope: &Scope, usual: Duration) -> Target {
        let (us, format) = (self.issuer.as_str(), self.client.metadata.access_token_format);
        let mut audience: Vec<String> = match wanted {
            Wanted::Registered => self.client.metadata.audience.clone(),
            // Of those, the ones that this token has a scope for.
            Wanted::Granted(these) => these.iter().filter(|one| self.may_have(one, scope)).cloned().collect(),
            Wanted::These(these) => these.clone(),
        };
        if audience.is_empty() || (!matches!(wanted, Wanted::These(_)) && self.is_for_us(scope)) {
            audience.push(us.to_owned());
        }
        let mut seen = BTreeSet::new();
        audience.retain(|one| seen.insert(one.clone()));
        if *wanted == Wanted::Registered {
            return Target { audience: audience.into(), scope: scope.clone(), format, lifetime: usual };
        }
        let left = scope.filter(|token| audience.iter().any(|one| self.has(one, token)));
        let known: Vec<_> = audience.iter().filter(|one| *one != us).map(|one| self.resources.find(one)).collect();
        let wanted: Vec<_> = known.iter().map(|one| one.and_then(|one| one.access_token_format)).collect();
        let lifetime = known.iter().flatten().filter_map(|one| one.access_token_lifetime).fold(usual, Duration::min);
        // What is to end at once wherever it was sent, does so also where it was sent to others too.
        let format = if wanted.contains(&Some(TokenFormat::Opaque)) {
            TokenFormat::Opaque
        } else if !wanted.is_empty() && wanted.iter().all(|one| *one == Some(TokenFormat::Jwt)) {
            TokenFormat::Jwt
        } else {
            format
        };
        Target { audience: audience.into(), scope: left, format, lifetime }
    }

    fn permit(self, asked: &[String], scope: &Scope) -> Result<(), Refusal> {
        match asked.iter().find(|one| !self.may_have(one, scope)) {
            None => Ok(()),
            Some(one) => Err(unknown(one, self.client, scope)),
        }
    }

    /// Whether it may have tokens for this: for us, for what its registration names, and for whatever it has a scope of.
    fn may_have(self, identifier: &str, scope: &Scope) -> bool {
        identifier == self.issuer.as_str()
            || self.is_registered(identifier)
            || self.resources.find(identifier).is_some_and(|known| !known.scopes.intersection(scope).is_empty())
    }

    /// Whether its tokens are for this when no request names a resource.
    fn is_registered(self, identifier: &str) -> bool {
        match self.client.metadata.audience.as_slice() {
            [] => identifier == self.issuer.as_str(),
            registered => registered.iter().any(|one| one == identifier),
        }
    }

    /// Whether a scope means something there. What no resource has in the configuration is of those that the client is registered
    /// for.
    fn has(self, identifier: &str, scope: &str) -> bool {
        if OPERATION.contains(&scope) {
            return identifier == self.issuer.as_str();
        }
        let people = [GrantType::AuthorizationCode, GrantType::Implicit];
        let acts_for_people = people.iter().any(|grant| self.client.allows(*grant));
        let is_ours = acts_for_people && self.resources.is_ours(scope);
        match self.resources.with_scope(scope) {
            Some(owner) if owner.identifier == identifier => true,
            // A scope may release claims here and mean something there.
            owner => match is_ours {
                true => identifier == self.issuer.as_str(),
                false => owner.is_none() && self.is_registered(identifier),
            },
        }
    }

    /// Whether a token with this scope is needed here.
    fn is_for_us(self, scope: &Scope) -> bool {
        scope.contains("openid")
            || !scope.of_upstream().is_empty()
            || !scope.of_operation().is_empty()
            || (self.client.metadata.first_party && !scope.of_own_account().is_empty())
    }
}

fn unknown(resource: &str, client: &Client, scope: &Scope) -> Refusal {
    let description = "There is no such resource, or this client may not have tokens for it with these scopes.";
    Refusal::new(ErrorCode::InvalidTarget, description)
        .of(Kind::Resource)
        .with("resource", resource)
        .with("client", &client.id)
        .with("scope", scope)
        .with("registered audience", client.metadata.audience.join(" "))
}

fn none_of_the_resource<'a>(asked: impl Iterator<Item = &'a str>, scope: &Scope) -> Refusal {
    Refusal::new(ErrorCode::InvalidScope, "None of these scopes is one of the resource.")
        .of(Kind::Resource)
        .with("resource", asked.collect::<Vec<_>>().join(" "))
        .with("scope", scope)
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
