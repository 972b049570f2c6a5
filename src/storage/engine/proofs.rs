//! The proofs of a session as one column of JSON.

use serde::{Deserialize, Serialize};

use crate::domain::factor::method::Method;
use crate::domain::factor::proof::{Proof, Proofs};
use crate::foundation::{Timestamp, id::CredentialId};

#[derive(Serialize, Deserialize)]
struct Stored {
    method: String,
    /// Microseconds since 1970.
    at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    credential: Option<CredentialId>,
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
    };
    serde_json::to_string(&proofs.iter().map(stored).collect::<Vec<_>>())
}

/// Reads the column; `None` for what is no list of proofs. A method that only a newer version knows proves nothing to
/// this one.
pub fn read(text: &str) -> Option<Proofs> {
    let stored: Vec<Stored> = serde_json::from_str(text).ok()?;
    let known = stored.into_iter().filter_map(|proof| {
        let method = Method::parse(&proof.method)?;
        Some(Proof { method, at: Timestamp::from_micros(proof.at), credential: proof.credential })
    });
    Some(known.collect())
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
}
