//! Why a password may not be chosen, as values: what is shown of them is decided, and translated, where it is shown.

use thiserror::Error;

use super::own_words::Datum;
use super::strength::Strength;
use super::weakness::Weakness;

/// Why a password may not be chosen. The texts say what to do instead, and complete "The password cannot be used: ".
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PasswordRefused {
    /// Fewer characters than the configured minimum.
    #[error(
        "it has {found} characters and needs at least {least}: a few words that do not belong together are long and easy to keep in mind"
    )]
    TooShort {
        /// How many it has.
        found: usize,
        /// How many it needs.
        least: usize,
    },
    /// More bytes than are hashed.
    #[error("it has more than {most} bytes: choose a shorter one")]
    TooLong {
        /// How many it may have.
        most: usize,
    },
    /// It consists of what others know about the person or the service.
    #[error(
        "it is made of {0}, which others try first: choose one that has nothing to do with the person or with this service"
    )]
    OwnData(Datum),
    /// It is on the list of common and breached passwords, or takes no more guesses than those.
    #[error("it is a common password, or guessed as soon as one: choose a few words that do not belong together")]
    Common,
    /// It is one character, one sequence, one word or one name, and nothing else.
    #[error("it is nothing but {0}: choose a few words that do not belong together")]
    Pattern(Weakness),
    /// It takes too few guesses.
    #[error("it is too easy to guess (strength {found} of 4, and {needed} is needed){}: add another word or two", reason(.because))]
    Weak {
        /// How strong it is.
        found: Strength,
        /// How strong it has to be.
        needed: Strength,
        /// What makes most of it easy to guess, if that has a name.
        because: Option<Weakness>,
    },
    /// It is known from breaches of other services.
    #[error(
        "it was found {} among passwords that were stolen elsewhere: choose another, and change it wherever it is used", often(.times)
    )]
    Breached {
        /// How often.
        times: u64,
    },
}

fn often(times: &u64) -> String {
    match times {
        1 => "once".to_owned(),
        times => format!("{times} times"),
    }
}

fn reason(weakness: &Option<Weakness>) -> String {
    weakness.map(|weakness| format!(", because most of it is {weakness}")).unwrap_or_default()
}
