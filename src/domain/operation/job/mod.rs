//! Work that happens without a request: what a job is, what follows an attempt, and when a lease has run out.

mod attempt;
mod kind;
mod lease;

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

pub use self::attempt::{Attempts, Failure, Next};
pub use self::kind::Kind;
pub use self::lease::{LEASE, Lease, LeaseWatch, Leased, RENEW, SURRENDER};

use crate::foundation::Timestamp;
use crate::foundation::id::JobId;
use crate::foundation::text::plain;

/// The most that a payload may take as JSON, in bytes.
pub const LONGEST_PAYLOAD: usize = 64 * 1024;
/// The longest key, in bytes.
pub const LONGEST_KEY: usize = 200;
/// The most that is kept of an error, in characters.
const LONGEST_ERROR: usize = 500;

/// Why a job cannot be tried again.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum JobRefusal {
    /// No job has this id.
    #[error("there is no job with the id {id}")]
    Unknown {
        /// What was looked for.
        id: JobId,
    },
    /// Only one that is dead can be.
    #[error("the job {id} is not dead")]
    NotDead {
        /// Which it is.
        id: JobId,
        /// Where it stands.
        state: State,
    },
    /// Another one does what it would do.
    #[error("another job does what the job {id} would do")]
    Superseded {
        /// Which it is.
        id: JobId,
    },
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Until its time comes.
    Waiting,
    /// A process has it.
    Running,
    /// It succeeded.
    Done,
    /// It failed as often as it may, and stays for somebody to look at.
    Dead,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Running, Self::Done, Self::Dead];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }

    /// The state with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A job that cannot be, because of whoever wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unfit {
    /// Of so many bytes.
    #[error("the payload of a job takes {0} bytes, and {LONGEST_PAYLOAD} are the most")]
    Payload(usize),
    /// Of so many bytes.
    #[error("the key of a job has {0} bytes; 1 to {LONGEST_KEY} may be")]
    Key(usize),
}

/// A job to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// What is to be done.
    pub kind: Kind,
    /// What it is about.
    pub key: Key,
    /// What doing it needs to know.
    pub payload: Payload,
    /// Not before this.
    pub run_at: Timestamp,
    /// Whether, and when, it is to be done again.
    pub schedule: Option<Duration>,
    /// Who wants it.
    pub created_by: String,
}

impl NewJob {
    /// The one job of a kind that is done again and again, due at once. `None` for the other kinds.
    pub fn scheduled(kind: Kind, now: Timestamp) -> Option<Self> {
        let schedule = Some(kind.schedule()?);
        let (key, payload) = (Key(kind.as_str().to_owned()), Payload("null".to_owned()));
        Some(Self { kind, key, payload, run_at: now, schedule, created_by: "system".to_owned() })
    }
}

/// What a job is about: while one of its kind waits or runs, another with the same key is not added. It stays the same in
/// every attempt, so whoever is told of an effect can tell a repetition by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// A key.
    ///
    /// # Errors
    /// When it is empty or too long.
    pub fn new(text: impl Into<String>) -> Result<Self, Unfit> {
        let text = text.into();
        match (1..=LONGEST_KEY).contains(&text.len()) {
            true => Ok(Self(text)),
            false => Err(Unfit::Key(text.len())),
        }
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What doing a job needs to know, as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload(String);

impl Payload {
    /// What `value` is as JSON.
    ///
    /// # Errors
    /// When it is too long.
    pub fn new(value: &impl Serialize) -> Result<Self, Unfit> {
        // What has no JSON form (a map whose keys are no texts) is a fault of the program: nothing would be left of it.
        let text = serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
        match text.len() {
            1..=LONGEST_PAYLOAD => Ok(Self(text)),
            length => Err(Unfit::Payload(length)),
        }
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A job that this process runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The right to run it.
    pub lease: Lease,
    /// What is to be done.
    pub kind: Kind,
    /// Hand it on to whoever is told of the effect: a job can run again although it had succeeded, when its process ended
    /// before that was written down.
    pub key: String,
    /// What doing it needs to know, as JSON: see [`Job::read`].
    pub payload: String,
    /// How often it was tried.
    pub attempts: Attempts,
    /// Why the last attempt failed, if it did.
    pub last_error: Option<String>,
}

impl Job {
    /// What doing it needs to know.
    ///
    /// # Errors
    /// For good when it cannot be read. The text says where, and nothing of what stands there.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_str(&self.payload).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Failure::ForGood(format!("its payload cannot be read: line {line}, column {column}"))
        })
    }
}

/// An error as it is kept: its beginning, in one line.
pub fn shortened(error: &str) -> String {
    plain(error, LONGEST_ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::Random;
    use crate::foundation::id::JobId;

    #[test]
    fn words_read_back_and_others_are_nothing() {
        assert!(Kind::ALL.into_iter().all(|kind| Kind::parse(kind.as_str()) == Some(kind)));
        assert!(State::ALL.into_iter().all(|state| State::parse(state.as_str()) == Some(state)));
        assert_eq!((Kind::parse("Prune"), State::parse("")), (None, None));
    }

    #[test]
    fn payloads_keys_and_errors_are_bounded() {
        let longest = "a".repeat(LONGEST_PAYLOAD - 2);
        assert!(Payload::new(&longest).is_ok());
        assert_eq!(Payload::new(&format!("{longest}a")), Err(Unfit::Payload(LONGEST_PAYLOAD + 1)));
        assert_eq!(Key::new(""), Err(Unfit::Key(0)));
        assert!(Key::new("k".repeat(LONGEST_KEY)).is_ok());
        assert_eq!(Key::new("k".repeat(LONGEST_KEY + 1)), Err(Unfit::Key(LONGEST_KEY + 1)));
        assert_eq!(shortened("a\nb\0é\u{202e}"), "a\u{fffd}b\u{fffd}é\u{fffd}");
        assert_eq!(shortened(&"é".repeat(900)).chars().count(), LONGEST_ERROR);
    }

    #[test]
    fn a_payload_that_cannot_be_read_is_not_quoted() {
        let lease = Lease { id: JobId::generate(&Random::seeded(1), Timestamp::from_secs(1)), fence: 1 };
        let attempts = Attempts { begun: 1, most: 5, schedule: None };
        let (kind, key) = (Kind::Prune, "k".to_owned());
        let job =
            |payload: &str| Job { lease, kind, key: key.clone(), payload: payload.into(), attempts, last_error: None };
        assert_eq!(job("null").read(), Ok(()));
        assert_eq!(job("[1, 2]").read(), Ok(vec![1, 2]));
        let Err(Failure::ForGood(told)) = job("\"alice@example.com\"").read::<u32>() else { panic!("it was read") };
        assert!(told.contains("column") && !told.contains("alice"), "{told}");
        assert!(job("{").read::<serde_json::Value>().is_err());
    }
}
