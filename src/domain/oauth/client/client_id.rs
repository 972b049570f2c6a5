//! Client identifiers: made here, or given.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::domain::oauth::token::pairwise_sub::PairwiseSub;
use crate::foundation::Random;
use crate::foundation::url::Issuer;

/// A client identifier (RFC 6749 §2.2). Not a secret.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(String);

/// Why a text cannot be a client's id.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ClientIdError {
    /// Empty, or too long.
    #[error("must have 1 to {} characters", ClientId::MAX)]
    Length,
    /// A character that a form encoding, a header or a log would change: an id is sent in all of them.
    #[error("may only have letters, digits and - . _ ~ : / @")]
    Character,
    /// The form of a person's id, and so of the `sub` of their tokens (RFC 9700 §4.15).
    #[error("must not be a UUID: the ids of people are UUIDs, and a service could take the one for the other")]
    Uuid,
    /// The form of a pairwise `sub`: the same.
    #[error("must not have the form of a pairwise sub")]
    Pairwise,
    /// Our issuer: the client could introspect every token that names us as its audience.
    #[error("must not be the issuer")]
    Issuer,
}

impl ClientId {
    /// The longest that can be given.
    pub const MAX: usize = 128;

    /// A new identifier: never one that a user's `sub` could equal (RFC 9700 §4.15).
    pub fn generate(random: &Random) -> Self {
        Self(format!("client-{}", random.readable(20)))
    }

    /// An identifier that a client is to have, for one that comes with its own or moves here from another provider.
    ///
    /// # Errors
    /// The reason, to stand behind the id in a sentence.
    pub fn given(text: &str, issuer: &Issuer) -> Result<Self, ClientIdError> {
        if !(1..=Self::MAX).contains(&text.len()) {
            return Err(ClientIdError::Length);
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/@".contains(&byte)) {
            return Err(ClientIdError::Character);
        }
        if Uuid::try_parse(text).is_ok() {
            return Err(ClientIdError::Uuid);
        }
        if PairwiseSub::parse(text).is_some() {
            return Err(ClientIdError::Pairwise);
        }
        match text.trim_end_matches('/') == issuer.as_str() {
            true => Err(ClientIdError::Issuer),
            false => Ok(Self(text.to_owned())),
        }
    }

    /// An identifier that was sent or stored.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientId({:?})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::fixtures::issuer;
    use crate::foundation::Timestamp;
    use crate::foundation::id::UserId;

    #[test]
    fn a_generated_id_cannot_be_a_subject() {
        let id = ClientId::generate(&Random::seeded(1));
        assert!(id.as_str().starts_with("client-") && id.as_str().len() == 27, "{id}");
        assert!(id.as_str().parse::<UserId>().is_err(), "RFC 9700 section 4.15");
        assert_eq!(ClientId::given(id.as_str(), &issuer()), Ok(id));
    }

    #[test]
    fn the_ids_that_applications_come_with_can_be_given() {
        for id in
            ["grafana", "xdXOt13JKxym1B1QcEncf2XDkLAexMBFwiT9j6EfhhHFJhs2KM9jbjTmf8JBXE69", "https://app.example/"]
        {
            assert_eq!(ClientId::given(id, &issuer()).map(|id| id.to_string()).as_deref(), Ok(id));
        }
    }

    #[test]
    fn what_a_subject_or_another_text_could_equal_is_refused() {
        let sub = UserId::generate(&Random::seeded(2), Timestamp::from_secs(9));
        let simple = sub.as_uuid().simple().to_string();
        for (id, why) in [
            ("", ClientIdError::Length),
            (&*"a".repeat(129), ClientIdError::Length),
            ("a b", ClientIdError::Character),
            ("a+b", ClientIdError::Character),
            ("a%20", ClientIdError::Character),
            ("\u{ff41}pp", ClientIdError::Character),
            ("a\n", ClientIdError::Character),
            (&*sub.to_string(), ClientIdError::Uuid),
            (&*sub.to_string().to_uppercase(), ClientIdError::Uuid),
            (&*simple, ClientIdError::Uuid),
            (&*format!("urn:uuid:{sub}"), ClientIdError::Uuid),
            ("https://id.example", ClientIdError::Issuer),
            ("https://id.example/", ClientIdError::Issuer),
        ] {
            assert_eq!(ClientId::given(id, &issuer()), Err(why), "{id}");
        }
    }
}
