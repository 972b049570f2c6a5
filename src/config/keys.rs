//! `[keys]`: the keys that sign, and those that others encrypt to.

use std::time::Duration;

use super::reader::Reader;
use super::setting::{Setting, quote, unreadable};
use crate::crypto::jwe::{KeyManagement, KeyManagements};
use crate::crypto::{Algorithm, Algorithms};

const HOUR: Duration = Duration::from_secs(3600);
const TWO_YEARS: Duration = Duration::from_secs(730 * 86_400);

/// The keys.
#[derive(Clone, Copy, Debug)]
pub struct Keys {
    /// The age at which a key is replaced.
    pub rotate_after: Duration,
    /// What there are keys for.
    pub algorithms: Algorithms,
    /// What others can encrypt to us with: for each there is a key.
    pub encryption: KeyManagements,
}

impl Setting for Algorithm {
    const EXPECTED: &'static str =
        "a signature algorithm (RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA)";
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| unreadable::<Self>(text))
    }
    fn show(&self) -> String {
        quote(self.name())
    }
}

impl Setting for KeyManagement {
    const EXPECTED: &'static str =
        "a key management algorithm (RSA-OAEP, RSA-OAEP-256, ECDH-ES, ECDH-ES+A128KW, ECDH-ES+A256KW)";
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| unreadable::<Self>(text))
    }
    fn show(&self) -> String {
        quote(self.name())
    }
}

impl Keys {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let rotate_after = from.within("keys.rotate_after", HOUR..=TWO_YEARS);
        let algorithms: Algorithms = from.value::<Vec<Algorithm>>("keys.algorithms")?.into_iter().collect();
        let lacking: Vec<_> = Algorithms::ALWAYS.iter().filter(|always| !algorithms.contains(*always)).collect();
        if !lacking.is_empty() {
            let lacking = lacking.into_iter().map(Algorithm::name).collect::<Vec<_>>().join(" and ");
            let why = "OpenID Connect demands RS256, and access tokens are signed with ES256";
            from.refuse("keys.algorithms", format!("must have {lacking}: {why}"));
            return None;
        }
        let encryption = from.value::<Vec<KeyManagement>>("keys.encryption")?.into_iter().collect();
        Some(Self { rotate_after: rotate_after?, algorithms, encryption })
    }
}
