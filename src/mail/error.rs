//! Why a mail could not be sent, in which part of the conversation, and whether trying again can help.

use std::fmt;
use std::time::Duration;

use crate::foundation::text::plain;

/// The most that is kept of what a server says, in characters.
const LONGEST_ANSWER: usize = 300;

/// A part of the conversation with a mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Before it began.
    Start,
    /// The connection, TLS if it begins with it, and the greeting.
    Connect,
    /// STARTTLS, and TLS after it.
    StartTls,
    /// Name and password.
    SignIn,
    /// Who writes.
    Sender,
    /// To whom.
    Recipient,
    /// That the mail is to follow.
    Data,
    /// What it says to the mail itself. Whether it has taken it is unknown until it has answered.
    Content,
}

/// What went wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No mail is configured.
    Off,
    /// The mail cannot be sent by anybody, or not by this server.
    Unfit(&'static str),
    /// There was no answer for so long.
    Silence(Duration),
    /// A refusal, with its code (RFC 5321 §4.2) and its words.
    Refused(u16, String),
    /// Connection, TLS or answer cannot be used.
    Broken(String),
    /// It was not asked: a moment ago it could not be reached, for this reason.
    Resting(Box<Reason>),
}

/// Why a mail could not be sent. Its text has no address of a person in it, so it may be logged and kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailError {
    /// Which server; `None` when there is none.
    pub server: Option<String>,
    /// In which part.
    pub step: Step,
    /// What.
    pub reason: Reason,
}

impl MailError {
    pub(super) fn off() -> Self {
        Self { server: None, step: Step::Start, reason: Reason::Off }
    }

    pub(super) fn unfit(why: &'static str) -> Self {
        Self { server: None, step: Step::Start, reason: Reason::Unfit(why) }
    }

    /// Whether it would fail each time: the server will not have this recipient or this mail (5xx, RFC 5321 §4.2.1). A
    /// refusal of ourselves (our name and password, our sender) is mended by the operator, and the mail can wait for that.
    pub fn is_for_good(&self) -> bool {
        match (&self.reason, self.step) {
            (Reason::Unfit(_), _) => true,
            // We have to sign in first, whoever the mail is to (RFC 4954 §6).
            (Reason::Refused(530, _), _) => false,
            (Reason::Refused(code, _), Step::Recipient | Step::Data | Step::Content) => (500..600).contains(code),
            _ => false,
        }
    }

    /// Whether the server could not be reached at all, so that the next mail will not reach it either.
    pub fn is_unreachable(&self) -> bool {
        self.step == Step::Connect
    }

    /// What an operator can do about it.
    pub fn advice(&self) -> &'static str {
        match (&self.reason, self.step) {
            (Reason::Off, _) => "set mail.from and mail.smtp.host",
            (Reason::Unfit(_), _) => "send it to another address",
            (Reason::Silence(_), Step::Connect) => {
                "is mail.smtp.host right, mail.smtp.port open, and mail.smtp.security the one of that port \
                 (\"tls\" for 465, \"starttls\" for 587)?"
            }
            (Reason::Silence(_), _) => "try again; if the server is always so slow, raise mail.smtp.timeout",
            (_, Step::Connect) => {
                "is mail.smtp.host right, the server running, and mail.smtp.security the one of its port (\"tls\" for 465, \
                 \"starttls\" for 587)? A certificate of your own authority needs mail.smtp.extra_ca_file"
            }
            (_, Step::StartTls) => {
                "does the server offer STARTTLS on this port? Port 465 has mail.smtp.security = \"tls\". A certificate of \
                 your own authority needs mail.smtp.extra_ca_file"
            }
            (_, Step::SignIn) => "are mail.smtp.username and mail.smtp.password right?",
            (_, Step::Sender) => {
                "may mail.smtp.username send as mail.from? Does the server ask for a name and a password?"
            }
            (_, Step::Recipient) => {
                "is the address right? A server that will not relay wants a name and a password, or knows this machine"
            }
            (_, Step::Start | Step::Data | Step::Content) => "the server's own log says more",
        }
    }
}

impl fmt::Display for MailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.server {
            Some(server) => write!(f, "mail server {server}: ")?,
            None => f.write_str("mail: ")?,
        }
        self.reason.write(self.step, f)
    }
}

impl Reason {
    /// In words, about this part of the conversation.
    fn write(&self, step: Step, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("no server is configured"),
            Self::Unfit(why) => f.write_str(why),
            Self::Silence(long) => write!(f, "no answer to {step} within {} s", long.as_secs()),
            Self::Refused(code, said) => write!(f, "{step} was refused: {code} {said}"),
            Self::Broken(why) => write!(f, "{step} failed: {why}"),
            Self::Resting(why) => {
                f.write_str("it could not be reached a moment ago, and is not asked again yet: ")?;
                why.write(step, f)
            }
        }
    }
}

impl std::error::Error for MailError {}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "the mail",
            Self::Connect => "the connection",
            Self::StartTls => "STARTTLS",
            Self::SignIn => "the sign-in",
            Self::Sender => "the sender",
            Self::Recipient => "the recipient",
            Self::Data => "the announcement of the mail",
            Self::Content => "the mail",
        })
    }
}

/// What a server says, in one line and without addresses: it is logged, and kept with the job.
pub fn discreet(said: &str) -> String {
    let words = said.split_whitespace().map(|word| if word.contains('@') { "…" } else { word });
    plain(&words.collect::<Vec<_>>().join(" "), LONGEST_ANSWER)
}
