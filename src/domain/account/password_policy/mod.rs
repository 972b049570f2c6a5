//! Which passwords may be chosen (NIST SP 800-63B-4 §3.1.1.2): length counts and composition does not; common ones and
//! those made of the person's own data are refused, and so is what is easily guessed for another reason.

mod own_words;
mod refusal;
mod strength;
mod weakness;

pub use self::own_words::{Datum, OwnWords, Person};
pub use self::refusal::PasswordRefused;
pub use self::strength::Strength;
pub use self::weakness::Weakness;

use self::strength::Finding;
use crate::crypto::password::{MAX_PASSWORD, prepare};
use crate::foundation::SecretString;
use crate::foundation::url::Issuer;

/// The rules that hold here.
#[derive(Clone, Debug)]
pub struct PasswordPolicy {
    min_length: usize,
    min_strength: Strength,
    /// The host of the issuer, of which the service's name is a part.
    host: String,
}

impl PasswordPolicy {
    /// Passwords of at least `min_length` characters and `min_strength`, at the provider that `issuer` names.
    pub fn new(min_length: usize, min_strength: Strength, issuer: &Issuer) -> Self {
        Self { min_length, min_strength, host: issuer.host() }
    }

    /// The fewest characters.
    pub const fn min_length(&self) -> usize {
        self.min_length
    }

    /// What nobody's password may be made of, and least of all that of `person`.
    pub fn words_of(&self, person: &Person<'_>) -> OwnWords {
        OwnWords::new(person, &self.host)
    }

    /// Decides whether `password` may be chosen by somebody to whom these words belong, and tells how strong it is. A
    /// millisecond of a core, and two seconds at worst.
    ///
    /// # Errors
    /// The reason, with what to do instead.
    pub fn check(&self, password: &SecretString, own: &OwnWords) -> Result<Strength, PasswordRefused> {
        self.check_length(password)?;
        // Whether letters are small or capital makes no difference to any rule: guessers try both.
        let folded = own_words::fold(password.expose());
        if let Some(datum) = own.make_up(&folded) {
            return Err(PasswordRefused::OwnData(datum));
        }
        let estimate = strength::estimate(&folded, own);
        match estimate.finding {
            Some(Finding::Common) => Err(PasswordRefused::Common),
            Some(Finding::OwnWord) => Err(PasswordRefused::OwnData(Datum::Several)),
            Some(Finding::Pattern(weakness)) => Err(PasswordRefused::Pattern(weakness)),
            None if estimate.strength < self.min_strength => Err(PasswordRefused::Weak {
                found: estimate.strength,
                needed: self.min_strength,
                because: estimate.weakness,
            }),
            None => Ok(estimate.strength),
        }
    }

    /// The part of [`PasswordPolicy::check`] that costs nothing. Characters are code points of the text that is hashed:
    /// nothing is gained by typing an accent apart from its letter.
    fn check_length(&self, password: &SecretString) -> Result<(), PasswordRefused> {
        let prepared = prepare(password).ok_or(PasswordRefused::TooLong { most: MAX_PASSWORD })?;
        let found = prepared.chars().count();
        match found < self.min_length {
            true => Err(PasswordRefused::TooShort { found, least: self.min_length }),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
