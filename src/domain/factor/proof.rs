//! What somebody has given to prove who they are. A session holds it; what its tokens say of the sign-in (`acr`, `amr`)
//! follows from it, so that no flag can say more than was proved.

use super::method::Method;
use crate::foundation::{Timestamp, id::CredentialId};

/// One proof: how, when, and by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// How.
    pub method: Method,
    /// When.
    pub at: Timestamp,
    /// By which of the account's credentials; `None` for a method of which an account has one, as the password.
    pub credential: Option<CredentialId>,
}

impl Proof {
    /// The right password was given.
    pub const fn by_password(at: Timestamp) -> Self {
        Self { method: Method::Password, at, credential: None }
    }
}

/// The proofs that a session holds, in the order in which they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proofs(Vec<Proof>);

impl Proofs {
    /// This one alone.
    pub fn of(proof: Proof) -> Self {
        Self(vec![proof])
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Proof> {
        self.0.iter()
    }

    /// The `amr` claim (RFC 8176): the words of every method, each once.
    pub fn amr(&self) -> Vec<String> {
        let mut words = Vec::new();
        for word in self.iter().flat_map(|proof| proof.method.amr()) {
            if !words.iter().any(|known| known == word) {
                words.push((*word).to_owned());
            }
        }
        words
    }
}

impl FromIterator<Proof> for Proofs {
    fn from_iter<I: IntoIterator<Item = Proof>>(proofs: I) -> Self {
        Self(proofs.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_said_once() {
        let proof = Proof::by_password(Timestamp::from_secs(1));
        assert_eq!(Proofs::from_iter([proof, proof]).amr(), ["pwd"]);
        assert_eq!(Proofs::default().amr(), Vec::<String>::new());
    }
}
