//! What an authorization request is to be answered with (RFC 6749 §3.1.1, OAuth 2.0 Multiple Response Types, OpenID Connect
//! Core §3).

use serde::{Deserialize, Serialize};

use super::response_mode::ResponseMode;

/// Every kind of answer there is. `token` alone is none: an access token that says neither for whom it is nor by whom it was
/// asked for (RFC 9700 §2.1.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ResponseType {
    /// A code, for the token endpoint.
    #[default]
    #[serde(rename = "code")]
    Code,
    /// An ID token in the answer itself.
    #[serde(rename = "id_token")]
    IdToken,
    /// An ID token and an access token.
    #[serde(rename = "id_token token")]
    IdTokenToken,
    /// A code, and an ID token for it.
    #[serde(rename = "code id_token")]
    CodeIdToken,
    /// A code and an access token.
    #[serde(rename = "code token")]
    CodeToken,
    /// All three.
    #[serde(rename = "code id_token token")]
    CodeIdTokenToken,
}

impl ResponseType {
    /// Every one, in the order in which discovery lists them.
    pub const ALL: [Self; 6] =
        [Self::Code, Self::IdToken, Self::IdTokenToken, Self::CodeIdToken, Self::CodeToken, Self::CodeIdTokenToken];

    /// Its name on the wire, in the order in which the standards write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::IdToken => "id_token",
            Self::IdTokenToken => "id_token token",
            Self::CodeIdToken => "code id_token",
            Self::CodeToken => "code token",
            Self::CodeIdTokenToken => "code id_token token",
        }
    }

    /// Reads its name, with the words in any order (RFC 6749 §3.1.1).
    pub fn parse(text: &str) -> Option<Self> {
        let mut sent: Vec<_> = text.split(' ').collect();
        sent.sort_unstable();
        // The standards' order is that of the alphabet.
        let sent = sent.join(" ");
        Self::ALL.into_iter().find(|known| known.as_str() == sent)
    }

    /// Whether a code is in the answer.
    pub const fn code(self) -> bool {
        !matches!(self, Self::IdToken | Self::IdTokenToken)
    }

    /// Whether an ID token is in the answer.
    pub const fn id_token(self) -> bool {
        !matches!(self, Self::Code | Self::CodeToken)
    }

    /// Whether an access token is in the answer.
    pub const fn token(self) -> bool {
        matches!(self, Self::IdTokenToken | Self::CodeToken | Self::CodeIdTokenToken)
    }

    /// Whether a token travels through the browser.
    pub const fn has_tokens(self) -> bool {
        self.id_token() || self.token()
    }

    /// How an answer travels for which nothing else was asked: tokens stay out of the logs of servers (Multiple Response Types
    /// §5).
    pub const fn usual_mode(self) -> ResponseMode {
        if self.has_tokens() { ResponseMode::Fragment } else { ResponseMode::Query }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_in_any_order_and_are_the_stored_ones() {
        for known in ResponseType::ALL {
            assert_eq!(ResponseType::parse(known.as_str()), Some(known));
            let reversed: Vec<_> = known.as_str().split(' ').rev().collect();
            assert_eq!(ResponseType::parse(&reversed.join(" ")), Some(known));
            assert_eq!(serde_json::to_value(known).unwrap(), known.as_str());
        }
        for unknown in
            ["", "token", "none", "Code", "code code", "code  id_token", " code", "code,id_token", "id_token foo"]
        {
            assert_eq!(ResponseType::parse(unknown), None, "{unknown:?}");
        }
    }

    #[test]
    fn each_is_made_of_the_words_of_its_name() {
        for known in ResponseType::ALL {
            let has = |word| known.as_str().split(' ').any(|other| other == word);
            assert_eq!((known.code(), known.id_token(), known.token()), (has("code"), has("id_token"), has("token")));
            assert_eq!(known.usual_mode() == ResponseMode::Query, known == ResponseType::Code);
        }
    }
}
