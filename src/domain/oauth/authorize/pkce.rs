//! Proof Key for Code Exchange (RFC 7636): S256 only, and the verifier if and only if there was a challenge.

use std::borrow::Cow;

use oxide_auth::code_grant::extensions::Pkce;
use serde::{Deserialize, Serialize};

use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::params::Params;

/// A challenge made with S256: 43 base64url characters (RFC 7636 §4.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// Reads the challenge of an authorization request (RFC 7636 §4.3). Without a method it would be `plain`, which is
    /// refused (RFC 9700 §2.1.1).
    ///
    /// # Errors
    /// `invalid_request` when `required` and missing, when the method is not S256, or when it cannot be a digest.
    pub fn read(params: &Params, required: bool) -> Result<Option<Self>, Refusal> {
        let refuse = |description| Err(Refusal::new(ErrorCode::InvalidRequest, description));
        let (challenge, method) = (params.get("code_challenge"), params.get("code_challenge_method"));
        let Some(challenge) = challenge else {
            return match (method, required) {
                (Some(_), _) => refuse("code_challenge_method was sent without a code_challenge."),
                (None, true) => refuse("This client must use PKCE: code_challenge is missing."),
                (None, false) => Ok(None),
            };
        };
        if method != Some("S256") {
            let refusal = Refusal::new(ErrorCode::InvalidRequest, "code_challenge_method must be S256.");
            return Err(refusal.with("code_challenge_method", method.unwrap_or("not sent, which means plain")));
        }
        let base64url = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        match challenge.len() == 43 && challenge.bytes().all(base64url) {
            true => Ok(Some(Self(challenge.to_owned()))),
            false => refuse("code_challenge is not an S256 digest: 43 base64url characters."),
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

    /// Whether `verifier` made it, compared in constant time by oxide-auth.
    fn matches(&self, verifier: &str) -> bool {
        let pkce = Pkce::required();
        let challenge = pkce.challenge(Some(Cow::Borrowed("S256")), Some(Cow::Borrowed(&self.0)));
        challenge.is_ok_and(|challenge| pkce.verify(challenge, Some(Cow::Borrowed(verifier))).is_ok())
    }
}

/// Checks the verifier of a token request against the challenge of its code: both or neither, so that a code which was
/// asked for without PKCE cannot pass for one with it (RFC 9700 §4.8.2).
///
/// # Errors
/// `invalid_grant` with the reason.
pub fn check_verifier(challenge: Option<&CodeChallenge>, verifier: Option<&str>) -> Result<(), Refusal> {
    let refuse = |description| Err(Refusal::new(ErrorCode::InvalidGrant, description));
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (Some(_), None) => refuse("code_verifier is missing: the code was requested with a code_challenge."),
        (None, Some(_)) => refuse("code_verifier was sent, but the code was requested without a code_challenge."),
        (Some(_), Some(verifier)) if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(unreserved) => {
            refuse("code_verifier must be 43 to 128 unreserved characters.")
        }
        (Some(challenge), Some(verifier)) => match challenge.matches(verifier) {
            true => Ok(()),
            false => refuse("code_verifier does not match the code_challenge."),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn read(text: &str, required: bool) -> Result<Option<CodeChallenge>, Refusal> {
        CodeChallenge::read(&Params::parse(text.as_bytes()).unwrap(), required)
    }

    #[test]
    fn the_example_of_the_rfc_matches() {
        let challenge = read(&format!("code_challenge={CHALLENGE}&code_challenge_method=S256"), true).unwrap();
        assert_eq!(check_verifier(challenge.as_ref(), Some(VERIFIER)), Ok(()));
        let wrong = format!("{}l", &VERIFIER[..42]);
        assert_eq!(check_verifier(challenge.as_ref(), Some(&wrong)).unwrap_err().code, ErrorCode::InvalidGrant);
    }

    #[test]
    fn plain_is_refused_said_or_unsaid() {
        assert!(read(&format!("code_challenge={VERIFIER}&code_challenge_method=plain"), false).is_err());
        assert!(read(&format!("code_challenge={VERIFIER}"), false).is_err());
    }

    #[test]
    fn a_missing_challenge_is_refused_only_where_it_is_required() {
        assert_eq!(read("", false), Ok(None));
        assert!(read("", true).is_err());
        assert!(read("code_challenge_method=S256", false).is_err());
        assert!(read("code_challenge=short&code_challenge_method=S256", false).is_err());
    }

    #[test]
    fn verifier_and_challenge_go_together() {
        let challenge = CodeChallenge::from_stored(CHALLENGE.into());
        assert!(check_verifier(Some(&challenge), None).is_err(), "CVE-2023-48228");
        assert!(check_verifier(None, Some(VERIFIER)).is_err(), "CVE-2024-23647");
        assert!(check_verifier(Some(&challenge), Some("short")).is_err());
        assert!(check_verifier(None, None).is_ok());
    }
}
