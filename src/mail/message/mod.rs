//! What mails say. A [`Message`] is stored with its values until it is sent; what they become in words, and in which
//! language, is in [`sentences`]; every mail has the same form, `templates/email/letter.txt` and `letter.html`.

mod compose;
mod sentences;

use serde::{Deserialize, Serialize};

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
}

impl Message {
    /// Its name, in the database and in counters.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Test { .. } => "test",
            Self::Reset { .. } => "reset",
            Self::SignIn { .. } => "sign_in",
            Self::PasswordReset => "password_reset",
        }
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
