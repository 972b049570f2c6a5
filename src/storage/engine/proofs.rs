//! The proofs of a session as one column of JSON.

use serde::{Deserialize, Serialize};

use crate::domain::factor::method::Method;
use crate::domain::factor::proof::{Proof, Proofs};
use crate::foundation::{SecretHash, Timestamp, id::CredentialId};

#[derive(Serialize, Deserialize)]
struct Stored {
    method: String,
    /// Microseconds since 1970.
    at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    credential: Option<CredentialId>,
    /// In hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    upstream_session: Option<String>,
}

/// The text for the column.
///
/// # Errors
/// None in practice.
pub fn write(proofs: &Proofs) -> Result<String, serde_json::Error> {
    let stored = |proof: &Proof| Stored {
        method: proof.method.as_str().to_owned(),
        at: proof.at.as_micros(),
        credential: proof.credential,
        upstream_session: proof.upstream_session.map(hex),
    };
    serde_json::to_string(&proofs.iter().map(stored).collect::<Vec<_>>())
}

/// Reads the column; `None` for what is no list of proofs. A method that only a newer version knows proves nothing to
/// this one.
pub fn read(text: &str) -> Option<Proofs> {
    let stored: Vec<Stored> = serde_json::from_str(text).ok()?;
    let known = stored.into_iter().filter_map(|proof| {
        let method = Method::parse(&proof.method)?;
        let upstream_session = proof.upstream_session.as_deref().and_then(unhex);
        let known = Proof::by(method, Timestamp::from_micros(proof.at), proof.credential);
        Some(Proof { upstream_session, ..known })
    });
    Some(known.collect())
}

fn hex(hash: SecretHash) -> String {
    hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<SecretHash> {
    let byte = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<_>> = (0..text.len()).step_by(2).map(byte).collect();
    SecretHash::from_stored(&bytes?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_version_knows_proves_nothing_and_hides_nothing() {
        let text = r#"[{"method":"telepathy","at":1,"strength":9},{"method":"password","at":2000000}]"#;
        let proofs = read(text).unwrap();
        assert_eq!(proofs, Proofs::of(Proof::by_password(Timestamp::from_secs(2))));
        assert_eq!(write(&proofs).unwrap(), r#"[{"method":"password","at":2000000}]"#);
        assert_eq!(read("[{}]"), None);
    }

    #[test]
    fn the_session_at_a_provider_comes_back() {
        let there = Some(SecretHash::of("there"));
        let proof =
            Proof { method: Method::Upstream, upstream_session: there, ..Proof::by_password(Timestamp::from_secs(2)) };
        let proofs = Proofs::of(proof);
        assert_eq!(read(&write(&proofs).unwrap()), Some(proofs));
        for odd in ["", "0", "zz", "00", "é"] {
            let text = format!(r#"[{{"method":"upstream","at":1,"upstream_session":"{odd}"}}]"#);
            assert_eq!(read(&text).unwrap().upstream_session(), None, "{odd}");
        }
    }
}
