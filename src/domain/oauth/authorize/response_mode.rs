//! How the authorization response travels.

use serde::{Deserialize, Serialize};

/// How the answer travels (OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode), and in which form (JARM §2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query: the default for codes.
    #[default]
    Query,
    /// In the fragment: the default for tokens.
    Fragment,
    /// As a form that the browser posts.
    FormPost,
    /// As a JWT in the query.
    #[serde(rename = "query.jwt")]
    QueryJwt,
    /// As a JWT in the fragment.
    #[serde(rename = "fragment.jwt")]
    FragmentJwt,
    /// As a JWT in a form.
    #[serde(rename = "form_post.jwt")]
    FormPostJwt,
}

/// As a JWT, in the query or in the fragment, wherever the answer usually is (JARM §2.3.4).
const JWT: &str = "jwt";

impl ResponseMode {
    /// Every mode that exists here.
    pub const ALL: [Self; 6] =
        [Self::Query, Self::Fragment, Self::FormPost, Self::QueryJwt, Self::FragmentJwt, Self::FormPostJwt];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
            Self::QueryJwt => "query.jwt",
            Self::FragmentJwt => "fragment.jwt",
            Self::FormPostJwt => "form_post.jwt",
        }
    }

    /// The names that discovery lists.
    pub fn names() -> Vec<&'static str> {
        Self::ALL.map(Self::as_str).into_iter().chain([JWT]).collect()
    }

    /// Reads its name, for an answer that is in `usual` if nothing else is said.
    pub fn parse(text: &str, usual: Self) -> Option<Self> {
        match (text, usual) {
            (JWT, Self::Query) => Some(Self::QueryJwt),
            (JWT, _) => Some(Self::FragmentJwt),
            _ => Self::ALL.into_iter().find(|mode| mode.as_str() == text),
        }
    }

    /// Where the answer is, whatever its form.
    pub const fn place(self) -> Self {
        match self {
            Self::Query | Self::QueryJwt => Self::Query,
            Self::Fragment | Self::FragmentJwt => Self::Fragment,
            Self::FormPost | Self::FormPostJwt => Self::FormPost,
        }
    }

    /// Whether the answer is a JWT.
    pub const fn is_jwt(self) -> bool {
        matches!(self, Self::QueryJwt | Self::FragmentJwt | Self::FormPostJwt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_mode_reads_back_and_is_the_stored_one() {
        for mode in ResponseMode::ALL {
            assert_eq!(ResponseMode::parse(mode.as_str(), ResponseMode::Query), Some(mode));
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.as_str());
            assert_eq!(mode.is_jwt(), mode.as_str() == format!("{}.jwt", mode.place().as_str()));
        }
        assert_eq!(ResponseMode::parse("Query", ResponseMode::Query), None);
    }

    #[test]
    fn a_jwt_is_where_the_answer_usually_is() {
        assert_eq!(ResponseMode::parse("jwt", ResponseMode::Query), Some(ResponseMode::QueryJwt));
        assert_eq!(ResponseMode::parse("jwt", ResponseMode::Fragment), Some(ResponseMode::FragmentJwt));
    }
}
