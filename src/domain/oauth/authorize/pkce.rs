//! Proof Key for Code Exchange (RFC 7636): S256 only, and the verifier if and only if there was a challenge.

use serde::{Deserialize, Serialize};

use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::params::Params;

/// A challenge made with S256: 43 base64url characters (RFC 7636 §4.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// Takes the challenge that oxide-auth let pass ([`state_machine::pkce`](crate::domain::oauth::state_machine::pkce)),
    /// and checks what it does not look at: that a method does not stand alone, and that the challenge can be a digest.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn accepted(challenge: Option<String>, params: &Params) -> Result<Option<Self>, Refusal> {
        let base64url = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        match challenge {
            None if params.get("code_challenge_method").is_some() => Err(invalid(METHOD_ALONE)),
            None => Ok(None),
            Some(challenge) if challenge.len() == 43 && challenge.bytes().all(base64url) => Ok(Some(Self(challenge))),
            Some(_) => Err(invalid("code_challenge is not an S256 digest: 43 base64url characters.")),
        }
    }

    /// A challenge that was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Its text, to store.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const METHOD_ALONE: &str = "code_challenge_method was sent without a code_challenge.";

fn invalid(description: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, description)
}

/// Says why oxide-auth refused the PKCE parameters of an authorization request. No method means `plain` (RFC 7636
/// §4.3), which is refused (RFC 9700 §2.1.1).
pub fn why_no_challenge(params: &Params) -> Refusal {
    match (params.get("code_challenge"), params.get("code_challenge_method")) {
        (None, None) => required(),
        (None, Some(_)) => invalid(METHOD_ALONE),
        (Some(_), method) => invalid("code_challenge_method must be S256.")
            .with("code_challenge_method", method.unwrap_or("not sent, which means plain")),
    }
}

/// What a client that must use PKCE is told when it does not.
pub fn required() -> Refusal {
    invalid("This client must use PKCE: code_challenge is missing.").of(Kind::Pkce)
}

/// Says why oxide-auth refused the verifier of a token request.
pub fn why_no_match(challenge: Option<&CodeChallenge>, verifier: Option<&str>) -> Refusal {
    let description = match (challenge, verifier) {
        (Some(_), None) => "code_verifier is missing: the code was requested with a code_challenge.",
        (None, None) => "This client must use PKCE: the code was requested without a code_challenge.",
        (None, Some(_)) => UNASKED,
        (Some(_), Some(verifier)) if !is_verifier(verifier) => MALFORMED,
        (Some(_), Some(_)) => "code_verifier does not match the code_challenge.",
    };
    let kind = if challenge.is_none() && verifier.is_none() { Kind::Pkce } else { Kind::Application };
    Refusal::new(ErrorCode::InvalidGrant, description).of(kind)
}

const UNASKED: &str = "code_verifier was sent, but the code was requested without a code_challenge.";
const MALFORMED: &str = "code_verifier must be 43 to 128 unreserved characters.";

fn is_verifier(text: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(unreserved)
}

/// Refuses what oxide-auth lets pass: a verifier where there was no challenge, since a code that was asked for without
/// PKCE must not pass for one with it (RFC 9700 §4.8.2), and a verifier that is too short (RFC 7636 §4.1).
///
/// # Errors
/// `invalid_grant` with the reason.
pub fn check_verifier(challenge: Option<&CodeChallenge>, verifier: Option<&str>) -> Result<(), Refusal> {
    let refuse = |description| Err(Refusal::new(ErrorCode::InvalidGrant, description));
    match (challenge, verifier) {
        (None, Some(_)) => refuse(UNASKED),
        (Some(_), Some(verifier)) if !is_verifier(verifier) => refuse(MALFORMED),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::fixtures::{CHALLENGE, VERIFIER, form};

    #[test]
    fn a_challenge_is_a_digest_and_a_method_does_not_stand_alone() {
        let none = form(&[]);
        assert_eq!(CodeChallenge::accepted(None, &none), Ok(None));
        assert!(CodeChallenge::accepted(Some(CHALLENGE.to_owned()), &none).unwrap().is_some());
        for bad in ["short", &format!("{CHALLENGE}A"), &CHALLENGE.replace('-', "+")] {
            assert!(CodeChallenge::accepted(Some(bad.to_owned()), &none).is_err(), "{bad}");
        }
        assert!(CodeChallenge::accepted(None, &form(&[("code_challenge_method", "S256")])).is_err());
    }

    #[test]
    fn a_verifier_is_long_enough_and_answers_a_challenge() {
        let challenge = CodeChallenge::from_stored(CHALLENGE.into());
        assert_eq!(check_verifier(Some(&challenge), Some(VERIFIER)), Ok(()));
        for bad in ["short", &VERIFIER[..42], &"a".repeat(129), &VERIFIER.replace('-', "+")] {
            assert!(check_verifier(Some(&challenge), Some(bad)).is_err(), "{bad}");
        }
        assert!(check_verifier(Some(&challenge), Some(&"a".repeat(128))).is_ok());
        assert!(check_verifier(None, Some(VERIFIER)).is_err(), "CVE-2024-23647");
        assert!(check_verifier(None, None).is_ok());
    }

    #[test]
    fn whoever_must_use_pkce_reads_so_whichever_side_left_it_out() {
        assert!(why_no_match(None, None).description.contains("must use PKCE"));
        assert!(why_no_challenge(&form(&[])).description.contains("must use PKCE"));
    }
}
