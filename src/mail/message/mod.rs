//! What mails say. A [`Message`] is stored with its values until it is sent; what they become in words, and in which
//! language, is in [`sentences`]; every mail has the same form, `templates/email/letter.txt` and `letter.html`.

mod compose;
mod sentences;

use serde::{Deserialize, Serialize};

use crate::foundation::Timestamp;
use crate::foundation::colour::Scheme;
use crate::foundation::url::{Issuer, OwnLink};

/// What a mail is about, with what has to be said. It is stored sealed: what is added here may be a link by which somebody
/// signs in. Another version may read it, so what is stored does not change its meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum Message {
    /// Shows an operator that mail arrives (`latchkey mail test`).
    Test {
        /// Who wanted to know.
        asked_by: String,
    },
    /// A link by which somebody chooses another password, who has lost theirs.
    Reset {
        /// The path of ours that it leads to, with its secret.
        path: String,
    },
    /// A link and a code by which somebody signs in.
    SignIn {
        /// The path of ours that it leads to, with its secret.
        path: String,
        /// The code.
        code: String,
    },
    /// Another password was chosen by such a link.
    PasswordReset,
    /// Somebody's password is another.
    PasswordChanged(Circumstances),
    /// Somebody has another second factor.
    FactorAdded(Circumstances),
    /// A second factor was removed.
    FactorRemoved(Circumstances),
    /// An administrator removed every second factor.
    FactorsReset(Circumstances),
    /// Somebody has said that a person's second factors are lost.
    LostFactors {
        /// The path of ours by which that is stopped, with its secret.
        path: String,
        /// From when on they can be removed.
        effective_at: Timestamp,
        /// When and where it was said.
        how: Circumstances,
    },
    /// The same once more, before its time comes.
    LostFactorsSoon {
        /// The path of ours by which that is stopped, with its secret.
        path: String,
        /// From when on they can be removed.
        effective_at: Timestamp,
    },
    /// The code by which they are removed.
    LostFactorsCode {
        /// The code.
        code: String,
    },
    /// A passkey of theirs counted backwards: there may be a copy of it.
    PasskeySuspected(Circumstances),
    /// Who they are at a provider was connected to their account.
    IdentityConnected {
        /// How, when and where.
        how: Circumstances,
        /// What the provider is called.
        provider: String,
    },
    /// It was disconnected.
    IdentityRemoved(Circumstances),
    /// Somebody made recovery codes; those from before are void.
    RecoveryCodesMade(Circumstances),
    /// Somebody signed in with a recovery code.
    RecoveryCodeUsed(Circumstances),
    /// Somebody signed in with a browser that had not been used for this account before.
    NewBrowser(Circumstances),
    /// Makes an account, whose address it proves.
    SignUp {
        /// Of the link.
        path: String,
        /// The code, for whoever asked in an application; what the version before wrote has none.
        #[serde(default)]
        code: Option<String>,
    },
    /// Somebody wants an account, or another address for theirs, and gave an address that has an account.
    HasAccount {},
    /// The same with an address that looks like one that has an account.
    LooksLikeAnother {},
    /// Somebody may make an account.
    Invitation {
        /// Of the link.
        path: String,
        /// When it holds no longer.
        until: Timestamp,
    },
    /// Gives an account this address.
    EmailConfirm {
        /// Of the link.
        path: String,
        /// Whose: what they sign in with.
        account: String,
        /// A code that does the same in the application in which it was asked for.
        #[serde(default)]
        code: Option<String>,
    },
    /// The account has another address now than this one.
    EmailChanged {
        /// Of the link that undoes it.
        path: String,
        /// The other one.
        email: String,
        /// When that link holds no longer.
        until: Timestamp,
    },
    /// The account has this address again, since whoever reads its mail undid a change.
    EmailRestored {
        /// When and where that was.
        how: Circumstances,
        /// How many second factors that were added meanwhile are gone.
        factors: usize,
    },
    /// The account no longer has this address, since whoever reads the mail of the one before undid the change.
    EmailTakenBack(Circumstances),
    /// An account is kept that was to be deleted.
    DeletionUndone(Circumstances),
    /// Somebody deletes their account, and can still change their mind.
    DeletionBegun {
        /// When and where they wanted that.
        how: Circumstances,
        /// When it is done.
        at: Timestamp,
    },
}

/// When and where something happened of which a person is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circumstances {
    /// When.
    pub at: Timestamp,
    /// Whether an administrator did it; then nothing is said of where.
    pub by_administrator: bool,
    /// What the browser calls itself.
    pub browser: Option<String>,
    /// The system that it says it runs on.
    pub system: Option<String>,
    /// The address that it came from.
    pub address: Option<String>,
    /// Where that is, in the language of whoever reads it; the version before did not say it.
    #[serde(default)]
    pub place: Option<String>,
}

impl Message {
    /// Its name, in the database and in counters.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Test { .. } => "test",
            Self::Reset { .. } => "reset",
            Self::SignIn { .. } => "sign_in",
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged(_) => "password_changed",
            Self::FactorAdded(_) => "factor_added",
            Self::FactorRemoved(_) => "factor_removed",
            Self::FactorsReset(_) => "factors_reset",
            Self::LostFactors { .. } => "lost_factors",
            Self::LostFactorsSoon { .. } => "lost_factors_soon",
            Self::LostFactorsCode { .. } => "lost_factors_code",
            Self::PasskeySuspected(_) => "passkey_suspected",
            Self::IdentityConnected { .. } => "identity_connected",
            Self::IdentityRemoved(_) => "identity_removed",
            Self::RecoveryCodesMade(_) => "recovery_codes_made",
            Self::RecoveryCodeUsed(_) => "recovery_code_used",
            Self::NewBrowser(_) => "new_browser",
            Self::SignUp { .. } => "sign_up",
            Self::HasAccount {} => "has_account",
            Self::LooksLikeAnother {} => "looks_like_another",
            Self::Invitation { .. } => "invitation",
            Self::EmailConfirm { .. } => "email_confirm",
            Self::EmailChanged { .. } => "email_changed",
            Self::EmailRestored { .. } => "email_restored",
            Self::EmailTakenBack(_) => "email_taken_back",
            Self::DeletionBegun { .. } => "deletion_begun",
            Self::DeletionUndone(_) => "deletion_undone",
        }
    }

    /// The path of ours without which there is nothing to be read in it: a mail that tells of something is sent whatever became of
    /// its link.
    pub fn is_all_about(&self) -> Option<&str> {
        match self {
            Self::Reset { path }
            | Self::SignIn { path, .. }
            | Self::SignUp { path, .. }
            | Self::Invitation { path, .. }
            | Self::EmailConfirm { path, .. } => Some(path),
            _ => None,
        }
    }

    /// Whether it is sent because somebody asked for it who has proved nothing. How often they may ask is counted by place too.
    pub const fn is_for_whoever_asks(&self) -> bool {
        matches!(self, Self::Reset { .. } | Self::SignIn { .. } | Self::SignUp { .. } | Self::EmailConfirm { .. })
    }
}

/// Who writes, and from where: what every mail has at its head and its foot.
#[derive(Clone, Debug)]
pub struct Letterhead {
    /// The name that people know: that of the sender.
    pub name: String,
    /// Where every link leads.
    pub issuer: Issuer,
    /// Colours by day.
    pub light: Scheme,
    /// Colours in the dark.
    pub dark: Scheme,
}

/// What a mail says, in words.
pub(super) struct Content {
    subject: String,
    heading: String,
    paragraphs: Vec<String>,
    button: Option<Button>,
    /// What stands below in small letters: why this came, and what to do if it should not have.
    note: String,
}

/// The one thing that is to be done.
pub(super) struct Button {
    label: String,
    link: OwnLink,
}
