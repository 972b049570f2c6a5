//! A mail, and what is answered to it.

use crate::foundation::Timestamp;
use crate::foundation::id::MailId;
use crate::foundation::mail_address::MailAddress;

/// A mail, ready to be sent.
#[derive(Clone, Debug)]
pub struct Letter {
    /// To whom, and nobody else.
    pub to: MailAddress,
    /// What stands in the list of mails: one line.
    pub subject: String,
    /// All of it as plain text.
    pub text: String,
    /// All of it as HTML that loads nothing.
    pub html: String,
    /// What only this mail is called, the same each time that it is tried: it becomes the Message-ID, by which servers and
    /// mail programs know a repetition.
    pub id: MailId,
    /// When it was written.
    pub written_at: Timestamp,
}

/// The answer of whoever has taken a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Who: a host and a port.
    pub server: String,
    /// Whether nobody in between could read it.
    pub is_encrypted: bool,
    /// In which words.
    pub answer: String,
}
