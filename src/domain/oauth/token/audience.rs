//! Whom a token is for (RFC 7519 §4.1.3).

use serde::{Deserialize, Serialize};

/// One audience as a string, several as an array (RFC 7519 §4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// The usual case.
    One(String),
    /// More.
    Many(Vec<String>),
}

impl Audience {
    /// Whether `name` is among them.
    pub fn contains(&self, name: &str) -> bool {
        self.iter().any(|audience| audience == name)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let all = match self {
            Self::One(audience) => std::slice::from_ref(audience),
            Self::Many(audiences) => audiences.as_slice(),
        };
        all.iter().map(String::as_str)
    }
}

/// One is the usual case.
impl From<Vec<String>> for Audience {
    fn from(mut all: Vec<String>) -> Self {
        match (all.pop(), all.is_empty()) {
            (Some(one), true) => Self::One(one),
            (last, _) => Self::Many(all.into_iter().chain(last).collect()),
        }
    }
}
