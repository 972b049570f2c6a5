//! What is kept for applications that can do no better, and what takes it away: one value, which every rule asks that has to do
//! with it. Today the server's settings make it; it is as good for one client alone.

use std::fmt;

/// Which applications are served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// Old ones too, each with what it is registered for.
    #[default]
    Compatible,
    /// Those that keep to OAuth 2.1 (draft-ietf-oauth-v2-1-16).
    OAuth21,
}

/// Something that is there for old applications only. The sections are those of OAuth 2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Legacy {
    /// Tokens in the answer of the authorization endpoint, where whoever sees the browser's address sees them (§10.1).
    TokensInAnswers,
    /// A client with a secret asks for a code without PKCE. The draft lets a server trust that such a client checks its nonce; we
    /// cannot know that (§7.5.1).
    NoPkce,
    /// Redirect URIs with http in a private network (§1.5).
    PrivateHttp,
    /// Request objects that nobody has signed: they say no more than plain parameters do.
    UnsignedRequests,
    /// The access token as a field of a form at userinfo, which clients should not send (§5.1.2).
    TokenInForm,
    /// A client's assertion that is meant for the URL of an endpoint, which another server can have named (§2.4).
    EndpointAudience,
}

impl Legacy {
    /// Every one of them.
    pub const ALL: [Self; 6] = [
        Self::TokensInAnswers,
        Self::NoPkce,
        Self::PrivateHttp,
        Self::UnsignedRequests,
        Self::TokenInForm,
        Self::EndpointAudience,
    ];

    const fn words(self) -> &'static str {
        match self {
            Self::TokensInAnswers => "answers with tokens (a response type other than code, the grant implicit)",
            Self::NoPkce => "codes without PKCE",
            Self::PrivateHttp => "redirect URIs with http in a private network (private_http)",
            Self::UnsignedRequests => "request objects without a signature (request_object_signing_alg none)",
            Self::TokenInForm => "access tokens in a form",
            Self::EndpointAudience => "assertions for the URL of an endpoint (client_assertion_audience endpoint)",
        }
    }
}

/// What is taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Everything that the profile has not.
    pub profile: Profile,
    /// Answers with tokens, whatever the profile.
    pub only_code: bool,
}

impl Rules {
    /// What takes it away, if anything does.
    pub const fn excluded(self, what: Legacy) -> Option<Excluded> {
        match (self.profile, what) {
            (Profile::OAuth21, _) => Some(Excluded { what, by: "oauth.profile = oauth-2.1" }),
            (Profile::Compatible, Legacy::TokensInAnswers) if self.only_code => {
                Some(Excluded { what, by: "oauth.response_types = code" })
            }
            (Profile::Compatible, _) => None,
        }
    }

    /// Whether it is there.
    pub const fn have(self, what: Legacy) -> bool {
        self.excluded(what).is_none()
    }

    /// Whether anything is taken away.
    pub fn exclude_anything(self) -> bool {
        Legacy::ALL.into_iter().any(|what| !self.have(what))
    }
}

/// Something that is not to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excluded {
    /// What.
    pub what: Legacy,
    /// The setting that says so, with its value.
    pub by: &'static str,
}

/// As a sentence without its end, within the characters of RFC 6749 §5.2.
impl fmt::Display for Excluded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} are excluded by {}", self.what.words(), self.by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::fixtures::is_sendable;

    #[test]
    fn the_profile_takes_everything_away_and_the_other_setting_tokens_alone() {
        for what in Legacy::ALL {
            assert!(Rules::default().have(what), "{what:?}");
            assert!(!Rules { profile: Profile::OAuth21, only_code: false }.have(what), "{what:?}");
            let codes = Rules { only_code: true, ..Rules::default() };
            assert_eq!(codes.have(what), what != Legacy::TokensInAnswers, "{what:?}");
        }
        assert!(!Rules::default().exclude_anything());
        assert!(Rules { only_code: true, ..Rules::default() }.exclude_anything());
    }

    #[test]
    fn what_takes_it_away_is_named_in_characters_that_can_be_sent() {
        let strict = Rules { profile: Profile::OAuth21, only_code: true };
        for what in Legacy::ALL {
            let sentence = strict.excluded(what).unwrap().to_string();
            assert!(sentence.ends_with("are excluded by oauth.profile = oauth-2.1"), "{sentence}");
            assert!(is_sendable(&sentence), "{sentence}");
        }
    }
}
