//! What cannot be done with an account, and why.

use thiserror::Error;

use super::identifier::{IdentifierError, LoginIdentifier};
use super::password_policy::PasswordRefused;
use super::profile::ProfileError;
use crate::foundation::id::UserId;

/// Why something cannot be done with an account. The text is for the log, so it has nothing that a person typed; whoever
/// shows the refusal has the values.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AccountError {
    /// Nobody has this id, username or e-mail address.
    #[error("no user has this id, username or e-mail address")]
    Unknown {
        /// What was looked for.
        name: String,
    },
    /// The id of one is the username of another.
    #[error("the id of one user is the username of another")]
    Ambiguous {
        /// What was looked for.
        name: String,
        /// Whose id it is.
        id: UserId,
        /// Whose username it is.
        named: UserId,
    },
    /// Deleted since it was found.
    #[error("the user {id} is gone")]
    Gone {
        /// Who it was.
        id: UserId,
    },
    /// No username can be like that.
    #[error("the username {why}")]
    Username {
        /// What it was to be.
        username: String,
        /// What is wrong with it.
        why: IdentifierError,
    },
    /// No e-mail address can be like that.
    #[error("the e-mail address {why}")]
    Email {
        /// What it was to be.
        email: String,
        /// What is wrong with it.
        why: IdentifierError,
    },
    /// Neither a username nor an e-mail address.
    #[error("a user needs a username or an e-mail address")]
    Nameless,
    /// Somebody else signs in with these.
    #[error("a username or e-mail address is taken, or looks like one that is")]
    Taken {
        /// Names of others: those that were wanted, or that the wanted ones look like.
        names: Vec<LoginIdentifier>,
    },
    /// Nobody makes an account for themselves here, whether invited or not.
    #[error("nobody is invited here")]
    NoInvitations,
    /// An address that is not there cannot be verified.
    #[error("there is no e-mail address that could be verified")]
    NothingToVerify,
    /// Nobody can add a second factor here.
    #[error("second factors are switched off")]
    NoSecondFactors,
    /// Not the claims of a person.
    #[error("the claims cannot be used")]
    Claims(#[from] ProfileError),
    /// A password that must not be chosen.
    #[error("the password cannot be used: {0}")]
    Password(#[from] PasswordRefused),
    /// Others were faster, again and again.
    #[error("others keep changing the user {id}")]
    Contended {
        /// Who is being changed.
        id: UserId,
    },
}
