//! The form of a `sub` that is not the id of an account (OpenID Connect Core §8.1).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// What each of them begins with, so that nobody takes one for the id of an account, which is a UUID, or for a client's id, which
/// never has this form (RFC 9700 §4.15).
const MARK: &str = "pairwise-";

/// What the clients of one sector call a person: a keyed digest, from which nobody finds the account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PairwiseSub(String);

impl PairwiseSub {
    /// One of a digest.
    pub fn of_digest(digest: &[u8; 32]) -> Self {
        Self(format!("{MARK}{}", URL_SAFE_NO_PAD.encode(digest)))
    }

    /// One that was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Reads a `sub`; `None` for one of another form.
    pub fn parse(text: &str) -> Option<Self> {
        let digest = URL_SAFE_NO_PAD.decode(text.strip_prefix(MARK)?).ok()?;
        (digest.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The beginning of its digest, 132 bits, for where the whole has no room.
    pub fn short(&self) -> &str {
        self.0.get(MARK.len()..MARK.len() + 22).unwrap_or(&self.0)
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PairwiseSub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_back_and_nothing_else_reads_as_one() {
        let sub = PairwiseSub::of_digest(&[7; 32]);
        assert_eq!(PairwiseSub::parse(sub.as_str()), Some(sub.clone()));
        assert!(sub.as_str().is_ascii() && sub.as_str().len() == 52, "at most 255 ASCII characters (section 2): {sub}");
        assert!(sub.as_str().contains(sub.short()) && sub.short().len() == 22);
        for other in
            ["", MARK, "pairwise-x", &sub.as_str()[1..], &format!("{sub}A"), "01a1fc91-c258-7714-8d79-f0f00d6ff732"]
        {
            assert_eq!(PairwiseSub::parse(other), None, "{other}");
        }
    }
}
