//! Identifiers of rows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Random, Timestamp};

/// Declares an id type: a version 7 UUID (RFC 9562 §5.7), so that rows made together lie together in an index.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id. Ids are never used twice (CVE-2026-55670).
            pub fn generate(random: &Random, now: Timestamp) -> Self {
                Self(version_7(random, now))
            }

            /// The id with these bits.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// Its bits.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id! {
    /// A user; its text is the `sub` claim of public clients.
    UserId
}
id! {
    /// What a user (or a client for itself) allowed; codes and tokens point to it.
    GrantId
}
id! {
    /// A sign-in session; its text is the `sid` claim.
    SessionId
}
id! {
    /// One of the things by which a person proves who they are.
    CredentialId
}
id! {
    /// Work that happens without a request.
    JobId
}
id! {
    /// What lets somebody register applications.
    InitialTokenId
}
id! {
    /// An entry of the record of who did what.
    EventId
}

id! {
    /// A mail: it becomes its Message-ID, the same each time that it is tried.
    MailId
}

fn version_7(random: &Random, now: Timestamp) -> Uuid {
    let millis = u64::try_from(now.as_micros().div_euclid(1000)).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random.bytes()).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_read_back() {
        let random = Random::seeded(1);
        let early = UserId::generate(&random, Timestamp::from_secs(1));
        let late = UserId::generate(&random, Timestamp::from_secs(2));
        assert!(early < late);
        assert_eq!(early.to_string().parse::<UserId>().unwrap(), early);
    }
}
