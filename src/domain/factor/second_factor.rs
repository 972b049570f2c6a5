//! What a person proves beside the password, as it is kept.

use std::time::Duration;

use crate::foundation::text::plain;
use crate::foundation::{SecretHash, Timestamp, id::CredentialId};

/// How long an app may take to be set up.
pub const SET_UP_WITHIN: Duration = Duration::from_secs(15 * 60);
/// Authenticator apps of one person. Each makes a guess likelier by as much.
pub const MOST_APPS: usize = 5;
/// Passkeys of one person.
pub const MOST_PASSKEYS: usize = 10;
/// Characters of a name.
pub const LONGEST_NAME: usize = 60;

/// What kind of factor it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An authenticator app.
    Totp,
    /// A passkey, or a security key.
    Passkey,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Totp, Self::Passkey];

    /// So many a person may have of it.
    pub const fn most(self) -> usize {
        match self {
            Self::Totp => MOST_APPS,
            Self::Passkey => MOST_PASSKEYS,
        }
    }

    /// Whether a person who has `factors` may have another of it.
    pub fn has_room(self, factors: &[SecondFactor]) -> bool {
        factors.iter().filter(|factor| factor.kind == self).count() < self.most()
    }

    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Passkey => "passkey",
        }
    }

    /// Reads the stored word; `None` for a kind that only a newer version knows.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// The name that a factor gets whose owner typed this; `None` where that is none.
pub fn name(typed: &str) -> Option<String> {
    let name = plain(typed.trim(), LONGEST_NAME);
    (!name.is_empty()).then_some(name)
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
    /// What its owner calls it; `None` where they gave it no name.
    pub name: Option<String>,
    /// The shared secret of an app, sealed.
    pub sealed: Option<Vec<u8>>,
    /// The step of the code that was taken last.
    pub last_step: Option<i64>,
    /// The public key and state of a passkey, as it is stored.
    pub credential: Option<String>,
    /// A passkey showed a signature counter that had gone backwards: there may be a copy of it.
    pub suspected_at: Option<Timestamp>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When its owner proved that it works; `None` while it is set up.
    pub confirmed_at: Option<Timestamp>,
    /// When it was used last.
    pub last_used_at: Option<Timestamp>,
}
