//! How a client is to know people (OpenID Connect Core §8, Registration §2).

use serde::{Deserialize, Serialize};

/// The members about that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SubjectMetadata {
    /// Which kind of `sub` it gets.
    pub subject_type: SubjectType,
    /// Where a list of redirect URIs stands whose clients may know people by the same `sub`: its host is their sector (§8.1).
    pub sector_identifier_uri: Option<String>,
}

/// Which kind of `sub` a client gets (OpenID Connect Core §8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// The id of the account, the same for every client of this type.
    #[default]
    Public,
    /// One that the clients of its sector alone have, so that others cannot find out together whom they know.
    Pairwise,
}

impl SubjectType {
    /// Every one of them.
    pub const ALL: [Self; 2] = [Self::Public, Self::Pairwise];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Pairwise => "pairwise",
        }
    }

    /// Reads its name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_read_back_and_are_the_stored_ones() {
        for kind in SubjectType::ALL {
            assert_eq!(SubjectType::parse(kind.as_str()), Some(kind));
            assert_eq!(json!(kind), kind.as_str());
        }
        assert_eq!(SubjectType::parse("Pairwise"), None);
    }
}
