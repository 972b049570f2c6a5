//! In which form a client wants answers that are no tokens.

use serde::{Deserialize, Serialize};

use crate::crypto::Algorithm;

/// What the answers of userinfo and introspection are signed with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResponsesMetadata {
    /// Userinfo answers are JWTs, signed with this (OpenID Connect Registration §2); `None`: they are plain JSON.
    pub userinfo_signed_response_alg: Option<Algorithm>,
    /// What introspection answers are signed with that are asked for as JWTs (RFC 9701 §6); `None`: RS256, as it says there.
    pub introspection_signed_response_alg: Option<Algorithm>,
    /// What answers of the authorization endpoint are signed with that are asked for as JWTs (JARM §3); `None`: RS256.
    pub authorization_signed_response_alg: Option<Algorithm>,
}

impl ResponsesMetadata {
    /// Each algorithm that was chosen, by its member.
    pub fn signed_with(&self) -> impl Iterator<Item = (&'static str, Algorithm)> {
        let chosen = [
            ("userinfo_signed_response_alg", self.userinfo_signed_response_alg),
            ("introspection_signed_response_alg", self.introspection_signed_response_alg),
            ("authorization_signed_response_alg", self.authorization_signed_response_alg),
        ];
        chosen.into_iter().filter_map(|(member, algorithm)| Some((member, algorithm?)))
    }

    /// What an introspection answer is signed with.
    pub fn introspection(&self) -> Algorithm {
        self.introspection_signed_response_alg.unwrap_or(Algorithm::Rs256)
    }

    /// What an answer of the authorization endpoint is signed with.
    pub fn authorization(&self) -> Algorithm {
        self.authorization_signed_response_alg.unwrap_or(Algorithm::Rs256)
    }
}
