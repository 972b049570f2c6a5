//! Pushed authorization requests (RFC 9126): what a client is given for one, and what of it travels on.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::params::Params;
use crate::foundation::{Secret, SecretHash, Timestamp};

/// What every `request_uri` of ours begins with (RFC 9126 §2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// How long a browser has to bring it (RFC 9126 §2.2: five seconds to ten minutes). Only the way to us counts: what has arrived
/// lives as long as any other sign-in.
pub const LIVES: Duration = Duration::from_secs(90);

/// The most bytes of a request. With it the room for all of them is bounded.
pub const LONGEST: usize = 16 * 1024;

/// Where a request came from that was pushed; it travels with it, so that it is used up when it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(String, Timestamp)", into = "(String, Timestamp)")]
pub struct Pushed {
    /// The hash that it is stored under.
    pub hash: SecretHash,
    /// Until when a browser can bring it. Whoever did may take longer to sign in.
    pub until: Timestamp,
}

impl From<Pushed> for (String, Timestamp) {
    fn from(pushed: Pushed) -> Self {
        (URL_SAFE_NO_PAD.encode(pushed.hash.as_bytes()), pushed.until)
    }
}

impl TryFrom<(String, Timestamp)> for Pushed {
    type Error = &'static str;

    fn try_from((hash, until): (String, Timestamp)) -> Result<Self, Self::Error> {
        let hash = URL_SAFE_NO_PAD.decode(hash).ok().and_then(|bytes| SecretHash::from_stored(&bytes));
        hash.map(|hash| Self { hash, until }).ok_or("not the hash of a pushed request")
    }
}

/// The `request_uri` that stands for a request.
pub fn request_uri(secret: &Secret) -> String {
    format!("{PREFIX}{}", secret.reveal())
}

/// The hash of a `request_uri`; `None` for one that we cannot have made.
pub fn hash_of(request_uri: &str) -> Option<SecretHash> {
    request_uri.strip_prefix(PREFIX).map(SecretHash::of)
}

/// The parameters to be kept of what was pushed (RFC 9126 §2.1): without those that authenticate the client, which must not be
/// stored.
///
/// # Errors
/// `invalid_request` when they name a request themselves, or are too long.
pub fn kept(params: &Params) -> Result<String, Refusal> {
    params.once()?;
    if params.get("request_uri").is_some() {
        return Err(named_elsewhere());
    }
    let text = params.without(&["client_secret", "client_assertion", "client_assertion_type"]).encode();
    match text.len() > LONGEST {
        true => Err(Refusal::new(ErrorCode::InvalidRequest, "The request is too long.")
            .with("bytes", text.len())
            .with("most", LONGEST)),
        false => Ok(text),
    }
}

/// A pushed request that is to be found elsewhere (RFC 9126 §2.1).
pub fn named_elsewhere() -> Refusal {
    let description = "A pushed request cannot name another one by request_uri.";
    Refusal::new(ErrorCode::InvalidRequest, description)
}

/// A `request_uri` of ours that leads to nothing (RFC 9101 §7 names the code).
pub fn unknown() -> Refusal {
    let description = "The request_uri is unknown, of another client, used or too old.";
    Refusal::new(ErrorCode::InvalidRequestUri, description)
}

/// A client that has to push its requests has not done so (RFC 9126 §4, §5, §6).
pub fn missing() -> Refusal {
    let description =
        "Requests have to be pushed here: send this one to the pushed authorization request endpoint first.";
    Refusal::new(ErrorCode::InvalidRequest, description)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::fixtures::{NOW, form};
    use crate::foundation::Random;

    #[test]
    fn a_request_uri_has_256_random_bits_and_is_found_again() {
        let secret = Secret::generate(&Random::seeded(1));
        let uri = request_uri(&secret);
        assert_eq!(uri.len(), PREFIX.len() + 43);
        assert_eq!(hash_of(&uri), Some(secret.hash()));
        for foreign in ["", "https://app.example/request", "urn:example:1", &secret.reveal()] {
            assert_eq!(hash_of(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn it_travels_and_comes_back() {
        let pushed = Pushed { hash: SecretHash::of("x"), until: NOW };
        let text = serde_json::to_string(&pushed).unwrap();
        assert!(text.len() < 70, "{text}");
        assert_eq!(serde_json::from_str::<Pushed>(&text).unwrap(), pushed);
        assert!(serde_json::from_str::<Pushed>(r#"["AAAA",1]"#).is_err());
    }

    #[test]
    fn nothing_is_kept_that_proves_who_the_client_is() {
        let sent = form(&[
            ("client_id", "web"),
            ("client_secret", "s3cret"),
            ("client_assertion", "a.b.c"),
            ("client_assertion_type", "urn:x"),
            ("scope", "openid email"),
        ]);
        assert_eq!(kept(&sent).unwrap(), "client_id=web&scope=openid+email");
    }

    #[test]
    fn a_request_names_no_other_one_and_is_bounded() {
        let code = |pairs: &[(&str, &str)]| kept(&form(pairs)).unwrap_err().code;
        assert_eq!(code(&[("request_uri", "urn:x")]), ErrorCode::InvalidRequest);
        assert_eq!(code(&[("state", "a"), ("state", "b")]), ErrorCode::InvalidRequest);
        let (fits, long) = ("s".repeat(LONGEST - 6), "s".repeat(LONGEST - 5));
        assert_eq!(kept(&form(&[("state", &fits)])).unwrap().len(), LONGEST);
        assert_eq!(code(&[("state", &long)]), ErrorCode::InvalidRequest);
    }
}
