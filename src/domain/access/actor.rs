//! Who does something, and where from. Every service that changes anything is told.

use std::fmt;
use std::net::IpAddr;

use crate::domain::oauth::client::ClientId;
use crate::foundation::RequestId;
use crate::foundation::id::{SessionId, UserId};
use crate::foundation::text::plain;

/// Whoever causes a change, for whom, and where from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub who: Who,
    /// Whose affairs it touches, where that is another: a client uses what a person has allowed it.
    pub on_behalf_of: Option<UserId>,
    /// Where from.
    pub origin: Origin,
}

/// Who it is, as far as has been proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever may run our commands on the machine: the operating system's name of the user.
    CommandLine(String),
    /// The server itself, by the name of what it does.
    System(&'static str),
    /// A person who is signed in.
    User {
        /// The person.
        user: UserId,
        /// In which session.
        session: SessionId,
    },
    /// An application or service that has authenticated, or for a public one said who it is.
    Client(ClientId),
    /// A machine of whoever runs this server, which has proved that it may manage the keys.
    KeyManager(ClientId),
    /// Nobody has proved anything yet.
    Nobody,
}

/// Where something comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The address at the other end; none for a command or a job.
    pub address: Option<IpAddr>,
    /// What the browser or program calls itself.
    pub user_agent: Option<UserAgent>,
    /// The id of the request, which its log lines carry too.
    pub request: Option<RequestId>,
    /// The client that a page works for.
    pub client: Option<ClientId>,
}

/// What a browser or program calls itself: anything that it likes, so it is bounded and has no character that could
/// forge a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserAgent(String);

/// Characters that are kept of a user agent, and of any other name of whoever acts. Browsers send about 120.
const LONGEST: usize = 200;

impl UserAgent {
    /// From a header; bytes that are no text are replaced.
    pub fn new(sent: &[u8]) -> Self {
        // More bytes than can be kept need not be looked at.
        let sent = sent.get(..LONGEST * 4).unwrap_or(sent);
        Self(plain(&String::from_utf8_lossy(sent), LONGEST))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Actor {
    /// Somebody at the command line, by the operating system's name for them.
    pub fn command_line(name: &str) -> Self {
        Self::new(Who::CommandLine(plain(name, LONGEST)), Origin::default())
    }

    /// The server itself.
    pub fn system(job: &'static str) -> Self {
        Self::new(Who::System(job), Origin::default())
    }

    /// Who has proved nothing yet.
    pub fn nobody(origin: Origin) -> Self {
        Self::new(Who::Nobody, origin)
    }

    fn new(who: Who, origin: Origin) -> Self {
        Self { who, on_behalf_of: None, origin }
    }

    /// The same, who has proved to be this person.
    #[must_use]
    pub fn signed_in(mut self, user: UserId, session: SessionId) -> Self {
        self.who = Who::User { user, session };
        self
    }

    /// The same, which has proved to be this client.
    #[must_use]
    pub fn authenticated(mut self, client: ClientId) -> Self {
        self.who = Who::Client(client);
        self
    }

    /// The same, which has proved to be this machine, and that it may manage the keys.
    #[must_use]
    pub fn managing_keys(mut self, client: ClientId) -> Self {
        self.who = Who::KeyManager(client);
        self
    }

    /// The same, on a page that works for this client.
    #[must_use]
    pub fn for_client(&self, client: &ClientId) -> Self {
        let mut actor = self.clone();
        actor.origin.client = Some(client.clone());
        actor
    }

    /// The same, using what this person has allowed.
    #[must_use]
    pub fn on_behalf_of(&self, user: UserId) -> Self {
        Self { on_behalf_of: Some(user), ..self.clone() }
    }

    /// The client that acts, or that a page works for.
    pub fn client(&self) -> Option<&ClientId> {
        match &self.who {
            Who::Client(client) | Who::KeyManager(client) => Some(client),
            _ => self.origin.client.as_ref(),
        }
    }
}

impl Who {
    /// What kind of author it is, in a word.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::CommandLine(_) => "command_line",
            Self::System(_) => "system",
            Self::User { .. } => "user",
            Self::Client(_) | Self::KeyManager(_) => "client",
            Self::Nobody => "nobody",
        }
    }

    /// Which one of them; nothing for [`Who::Nobody`].
    pub fn id(&self) -> Option<String> {
        match self {
            Self::CommandLine(name) => Some(name.clone()),
            Self::System(job) => Some((*job).to_owned()),
            Self::User { user, .. } => Some(user.to_string()),
            Self::Client(client) | Self::KeyManager(client) => Some(client.as_str().to_owned()),
            Self::Nobody => None,
        }
    }

    /// In which session.
    pub fn session(&self) -> Option<SessionId> {
        match self {
            Self::User { session, .. } => Some(*session),
            _ => None,
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id() {
            Some(id) => write!(f, "{} {id}", self.kind()),
            None => f.write_str(self.kind()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_is_bounded_and_forges_no_line() {
        assert_eq!(UserAgent::new(b"Mozilla/5.0 (X11)").as_str(), "Mozilla/5.0 (X11)");
        let forged = UserAgent::new("a\r\n42 user.deleted by nobody\u{1b}[2J\u{202e}\u{200b}".as_bytes());
        assert_eq!(forged.as_str(), "a��42 user.deleted by nobody�[2J��");
        let long = UserAgent::new(&[b'x'; 100_000]);
        assert_eq!(long.as_str().chars().count(), LONGEST);
        let wide = UserAgent::new("😀".repeat(10_000).as_bytes());
        assert!(wide.as_str().len() <= LONGEST * 4);
        assert_eq!(UserAgent::new(b"\xff\xfe").as_str(), "��");
    }

    #[test]
    fn the_name_of_an_operator_is_treated_alike() {
        let Who::CommandLine(name) = Actor::command_line("root\nmallory").who else { panic!() };
        assert_eq!(name, "root�mallory");
    }
}
