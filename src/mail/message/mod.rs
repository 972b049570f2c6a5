//! What mails say. A [`Message`] is stored with its values until it is sent; what they become in words, and in which
//! language, is in [`sentences`]; every mail has the same form, `templates/email/letter.txt` and `letter.html`.

mod compose;
mod sentences;

use serde::{Deserialize, Serialize};

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
}

impl Message {
    /// Its name, in the database and in counters.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Test { .. } => "test",
        }
    }
}

/// A language that mails are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English, for everybody who has no other.
    English,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::English];

    /// The one for a person of this `locale` (BCP 47, as in their profile).
    pub fn of(locale: Option<&str>) -> Self {
        let wanted = locale.and_then(|locale| locale.split(['-', '_']).next()).unwrap_or_default();
        let known = Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(wanted));
        known.unwrap_or(Self::English)
    }

    /// Its tag (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
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
