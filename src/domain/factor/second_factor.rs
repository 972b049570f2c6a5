//! What a person proves beside the password, as it is kept.

use std::time::Duration;

use crate::foundation::{SecretHash, Timestamp, id::CredentialId};

/// How long an app may take to be set up.
pub const SET_UP_WITHIN: Duration = Duration::from_secs(15 * 60);
/// Authenticator apps of one person. Each makes a guess likelier by as much.
pub const MOST: usize = 5;
/// Characters of a name.
pub const LONGEST_NAME: usize = 60;

/// What kind of factor it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An authenticator app.
    Totp,
}

impl Kind {
    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
        }
    }

    /// Reads the stored word; `None` for a kind that only a newer version knows.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Totp].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Where an app is set up: it belongs there until it is confirmed, and is not shown anywhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetUpIn {
    /// In the middle of a sign-in: nobody has proved more than a password.
    Half(SecretHash),
    /// In a session.
    Session(SecretHash),
}

impl SetUpIn {
    /// By what it is found again.
    pub const fn place(self) -> SecretHash {
        match self {
            Self::Half(place) | Self::Session(place) => place,
        }
    }
}

/// One factor of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondFactor {
    /// Its id; a session's proof names it.
    pub id: CredentialId,
    /// What it is.
    pub kind: Kind,
    /// What its owner calls it.
    pub name: String,
    /// The shared secret of an app, sealed.
    pub sealed: Option<Vec<u8>>,
    /// The step of the code that was taken last.
    pub last_step: Option<i64>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When its owner proved that it works; `None` while it is set up.
    pub confirmed_at: Option<Timestamp>,
    /// When it was used last.
    pub last_used_at: Option<Timestamp>,
}
