//! What is wrong with a field of the sign-up page, in sentences.

use crate::domain::account::identifier::IdentifierError;
use crate::domain::account::sign_up::Wrong;
use crate::http::respond::password_refusal;
use crate::language::{Sentence, sentence};

/// The sentence.
pub fn of(wrong: &Wrong) -> Sentence {
    match wrong {
        Wrong::Email(_) => sentence!("sign-up-email-wrong"),
        Wrong::Domain => sentence!("sign-up-domain-wrong"),
        Wrong::Username(IdentifierError::MixedScripts) => sentence!("sign-up-username-mixed"),
        Wrong::Username(IdentifierError::AtInUsername) => sentence!("sign-up-username-at"),
        Wrong::Username(_) => sentence!("sign-up-username-wrong"),
        Wrong::UsernameMissing => sentence!("sign-up-username-missing"),
        Wrong::UsernameTaken => sentence!("sign-up-username-taken"),
        Wrong::Password(why) => password_refusal::said(why),
    }
}
