//! How long tokens live: as configured, or as one client needs it.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// How long the tokens of a client live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenLifetimes {
    /// An access token.
    pub access_token: Duration,
    /// An ID token.
    pub id_token: Duration,
    /// A refresh token that is not used.
    pub refresh_token_idle: Duration,
    /// A grant's refresh tokens, used or not.
    pub refresh_token_absolute: Duration,
}

/// Where a client's tokens live longer or shorter than the usual. Stored and shown in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientLifetimes {
    /// See [`TokenLifetimes`].
    #[serde(with = "seconds", skip_serializing_if = "Option::is_none")]
    pub access_token: Option<Duration>,
    /// See [`TokenLifetimes`].
    #[serde(with = "seconds", skip_serializing_if = "Option::is_none")]
    pub id_token: Option<Duration>,
    /// See [`TokenLifetimes`].
    #[serde(with = "seconds", skip_serializing_if = "Option::is_none")]
    pub refresh_token_idle: Option<Duration>,
    /// See [`TokenLifetimes`].
    #[serde(with = "seconds", skip_serializing_if = "Option::is_none")]
    pub refresh_token_absolute: Option<Duration>,
}

/// Why a client cannot have a lifetime.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum LifetimeError {
    /// Zero, or more than the configuration allows any client.
    #[error("the lifetime of its {0} must lie between 1 s and {1} s (lifetimes.{2}), found {3} s")]
    Bounds(&'static str, u64, &'static str, u64),
    /// The idle limit is longer than the absolute one.
    #[error("its refresh tokens would end after {0} s, before they can lie idle for {1} s")]
    IdleIsLonger(u64, u64),
}

impl ClientLifetimes {
    /// The lifetimes of the client's tokens: its own, or the `usual`. Never more than `most`: the configuration may
    /// have been tightened since the client was registered.
    pub fn within(&self, usual: &TokenLifetimes, most: &TokenLifetimes) -> TokenLifetimes {
        let pick = |own: Option<Duration>, usual: Duration, most: Duration| own.unwrap_or(usual).min(most);
        TokenLifetimes {
            access_token: pick(self.access_token, usual.access_token, most.access_token),
            id_token: pick(self.id_token, usual.id_token, most.id_token),
            refresh_token_idle: pick(self.refresh_token_idle, usual.refresh_token_idle, most.refresh_token_idle),
            refresh_token_absolute: pick(
                self.refresh_token_absolute,
                usual.refresh_token_absolute,
                most.refresh_token_absolute,
            ),
        }
    }

    /// Decides whether a client may be registered with these.
    ///
    /// # Errors
    /// Names the first lifetime that it may not have, with the setting that bounds it.
    pub fn check(&self, usual: &TokenLifetimes, most: &TokenLifetimes) -> Result<(), LifetimeError> {
        for (name, own, most, setting) in [
            ("access tokens", self.access_token, most.access_token, "access_token_max"),
            ("ID tokens", self.id_token, most.id_token, "id_token_max"),
            ("idle refresh tokens", self.refresh_token_idle, most.refresh_token_idle, "refresh_token_idle_max"),
            ("refresh tokens", self.refresh_token_absolute, most.refresh_token_absolute, "refresh_token_absolute_max"),
        ] {
            if let Some(own) = own.filter(|own| own.as_secs() == 0 || *own > most) {
                return Err(LifetimeError::Bounds(name, most.as_secs(), setting, own.as_secs()));
            }
        }
        let absolute = self.refresh_token_absolute.unwrap_or(usual.refresh_token_absolute);
        match self.refresh_token_idle.filter(|idle| *idle > absolute) {
            Some(idle) => Err(LifetimeError::IdleIsLonger(absolute.as_secs(), idle.as_secs())),
            None => Ok(()),
        }
    }
}

/// Whole seconds.
mod seconds {
    use super::{Deserialize, Deserializer, Duration, Serialize, Serializer};

    pub fn serialize<S: Serializer>(value: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        value.map(|value| value.as_secs()).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_secs))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::oauth::fixtures::seconds as secs;

    fn all(access: u64, id: u64, idle: u64, absolute: u64) -> TokenLifetimes {
        TokenLifetimes {
            access_token: secs(access),
            id_token: secs(id),
            refresh_token_idle: secs(idle),
            refresh_token_absolute: secs(absolute),
        }
    }

    #[test]
    fn a_client_has_its_own_lifetimes_and_the_usual_ones_for_the_rest() {
        let own = ClientLifetimes { id_token: Some(secs(3600)), ..ClientLifetimes::default() };
        assert_eq!(own.within(&all(600, 600, 10, 20), &all(9000, 9000, 90, 90)), all(600, 3600, 10, 20));
    }

    #[test]
    fn a_bound_that_was_tightened_later_still_holds() {
        let own = ClientLifetimes { access_token: Some(secs(9000)), ..ClientLifetimes::default() };
        assert_eq!(own.within(&all(600, 600, 10, 20), &all(700, 600, 10, 20)).access_token, secs(700));
    }

    #[test]
    fn what_lies_outside_the_bounds_is_refused_and_the_setting_named() {
        let (usual, most) = (all(600, 600, 10, 20), all(900, 900, 50, 50));
        let check = |own: ClientLifetimes| own.check(&usual, &most).map_err(|error| error.to_string());
        let own = ClientLifetimes::default();
        assert_eq!(check(own), Ok(()));
        assert_eq!(check(ClientLifetimes { access_token: Some(secs(900)), ..own }), Ok(()));
        let error = check(ClientLifetimes { access_token: Some(secs(901)), ..own }).unwrap_err();
        assert!(error.contains("lifetimes.access_token_max") && error.contains("901 s"), "{error}");
        assert!(check(ClientLifetimes { id_token: Some(secs(0)), ..own }).is_err());
        let error = check(ClientLifetimes { refresh_token_idle: Some(secs(21)), ..own }).unwrap_err();
        assert!(error.contains("after 20 s") && error.contains("21 s"), "{error}");
        let both =
            ClientLifetimes { refresh_token_idle: Some(secs(21)), refresh_token_absolute: Some(secs(21)), ..own };
        assert_eq!(check(both), Ok(()));
    }

    #[test]
    fn they_are_stored_as_seconds_and_only_where_they_differ() {
        let own = ClientLifetimes { id_token: Some(secs(90)), ..ClientLifetimes::default() };
        let json = serde_json::to_value(own).unwrap();
        assert_eq!(json, json!({"id_token": 90}));
        assert_eq!(serde_json::from_value::<ClientLifetimes>(json).unwrap(), own);
    }
}
