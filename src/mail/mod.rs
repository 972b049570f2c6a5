//! Mail to people: over SMTP, or into a mailbox that developers look into. What a mail says is in [`message`].

mod by_line;
mod error;
mod letter;
mod mailbox;
pub mod message;
mod smtp;

#[cfg(test)]
mod tests;

pub use self::error::{MailError, Reason, Step};
pub use self::letter::{Accepted, Letter};
pub use self::mailbox::{Delivered, Mailbox};
pub use self::smtp::{Security, Smtp, SmtpSettings};

/// The longest that a mail may be, in bytes of its text and its HTML together.
pub const LONGEST: usize = 256 * 1024;

/// Where mail goes.
pub enum Mail {
    /// Nowhere: no server is configured.
    Off,
    /// To a mail server.
    Smtp(Box<Smtp>),
    /// Into memory: `latchkey dev`.
    Mailbox(Mailbox),
}

impl Mail {
    /// Whether there is anywhere to send mail to. Whatever needs mail asks before it offers itself.
    pub fn is_configured(&self) -> bool {
        !matches!(self, Self::Off)
    }

    /// Sends a mail. When the answer to it is lost, it may have arrived all the same: whoever tries again sends the same
    /// [`Letter::id`].
    ///
    /// # Errors
    /// Says which part of the conversation failed, and whether trying again can help ([`MailError::is_for_good`]).
    pub async fn send(&self, letter: &Letter) -> Result<Accepted, MailError> {
        if letter.text.len() + letter.html.len() > LONGEST {
            return Err(MailError::unfit("the mail is longer than any of ours can be"));
        }
        match self {
            Self::Off => Err(MailError::off()),
            Self::Smtp(smtp) => smtp.send(letter).await,
            Self::Mailbox(mailbox) => Ok(mailbox.put(letter)),
        }
    }
}
