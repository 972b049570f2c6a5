//! What somebody has given to prove who they are. A session holds it; what its tokens say of the sign-in (`acr`, `amr`)
//! follows from it, so that no flag can say more than was proved.

use super::method::{Kind, Method};
use crate::foundation::{SecretHash, Timestamp, id::CredentialId};

/// One proof: how, when, and by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// How.
    pub method: Method,
    /// When.
    pub at: Timestamp,
    /// By which of the account's credentials; `None` for a method of which an account has one, as the password.
    pub credential: Option<CredentialId>,
    /// Of a proof through an upstream provider: the hash of the session there, as far as the provider names it.
    pub upstream_session: Option<SecretHash>,
}

impl Proof {
    /// By a method that proves here who somebody is.
    pub const fn by(method: Method, at: Timestamp, credential: Option<CredentialId>) -> Self {
        Self { method, at, credential, upstream_session: None }
    }

    /// The right password was given.
    pub const fn by_password(at: Timestamp) -> Self {
        Self::by(Method::Password, at, None)
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

    /// These and one more.
    #[must_use]
    pub fn and(mut self, proof: Proof) -> Self {
        self.0.push(proof);
        self
    }

    /// What stands in for a second factor, if anything does: the one that was given last.
    pub fn stand_in(&self) -> Option<&Proof> {
        self.0.iter().rev().find(|proof| proof.method.kinds().contains(&Kind::StandIn))
    }

    /// The session at an upstream provider in which these were given.
    pub fn upstream_session(&self) -> Option<SecretHash> {
        self.0.iter().rev().find_map(|proof| proof.upstream_session)
    }

    /// Whether one of them is of this kind.
    pub fn are_of(&self, kind: Kind) -> bool {
        self.iter().any(|proof| proof.method.kinds().contains(&kind))
    }

    /// The `amr` claim (RFC 8176): the words of every method, each once, and `mfa` where they are of two kinds.
    pub fn amr(&self) -> Vec<String> {
        let mut words = Vec::new();
        let both = self.are_of(Kind::Known) && self.are_of(Kind::Had);
        let together: &[&str] = if both { &["mfa"] } else { &[] };
        for word in self.iter().flat_map(|proof| proof.method.amr()).chain(together) {
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

    #[test]
    fn two_kinds_of_proof_are_told_as_such_and_two_of_one_kind_are_not() {
        let password = Proof::by_password(Timestamp::from_secs(1));
        let by = |method| Proof { method, ..password };
        assert_eq!(Proofs::of(password).and(by(Method::Totp)).amr(), ["pwd", "otp", "mfa"]);
        assert_eq!(Proofs::of(password).and(by(Method::RecoveryCode)).amr(), ["pwd", "otp", "mfa"]);
        assert_eq!(Proofs::of(by(Method::Totp)).and(by(Method::RecoveryCode)).amr(), ["otp"]);
        assert_eq!(Proofs::of(password).and(by(Method::RememberedDevice)).amr(), ["pwd"], "it proves nothing");
        assert_eq!(Proofs::of(by(Method::Passkey)).amr(), ["pop", "user", "mfa"], "two kinds in one gesture");
        assert_eq!(Proofs::of(password).and(by(Method::SecurityKey)).amr(), ["pwd", "pop", "user", "mfa"]);
    }
}
