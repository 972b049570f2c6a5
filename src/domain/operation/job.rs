//! Work that happens without a request: what a job is, what follows an attempt, and when a lease has run out.

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;
use thiserror::Error;

use crate::foundation::Timestamp;
use crate::foundation::id::JobId;
use crate::foundation::text::plain;

/// A process that runs a job says so again and again. If it has not for so long, another one takes over.
pub const LEASE: Duration = Duration::from_secs(30);
/// A process that could not say so for so long ends its run: well before another can have taken over.
pub const SURRENDER: Duration = Duration::from_secs(20);
/// How long what is done can be looked at.
const KEEP_DONE: Duration = DAY;
/// How long there is time to mend what has failed for good, and to try it again.
const KEEP_DEAD: Duration = Duration::from_secs(30 * 86_400);
/// The most that a payload may take as JSON, in bytes.
pub const LONGEST_PAYLOAD: usize = 64 * 1024;
/// The longest key, in bytes.
pub const LONGEST_KEY: usize = 200;
/// The most that is kept of an error, in characters.
const LONGEST_ERROR: usize = 500;

const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// Every kind of job that this program knows. A newer one may know more, and leaves rows that we do not touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Deletes what has expired.
    Prune,
    /// Rotates signing keys that have grown old.
    RotateKeys,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Prune, Self::RotateKeys];

    /// Its word, in the database and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prune => "prune",
            Self::RotateKeys => "rotate_keys",
        }
    }

    /// The kind with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// How long after each run the next one is due, for what is done again and again as long as there are servers.
    pub const fn schedule(self) -> Option<Duration> {
        match self {
            Self::Prune => Some(Duration::from_secs(60)),
            Self::RotateKeys => Some(Duration::from_secs(600)),
        }
    }

    /// How long one run may take. Its lease is renewed meanwhile.
    pub const fn time_limit(self) -> Duration {
        match self {
            // The first run on a database that was never pruned: a million rows take minutes.
            Self::Prune => Duration::from_secs(3600),
            Self::RotateKeys => Duration::from_secs(120),
        }
    }

    /// How often a job is tried before it is dead.
    pub const fn max_attempts(self) -> i64 {
        match self {
            Self::Prune | Self::RotateKeys => 5,
        }
    }
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
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// The right to run it.
    pub lease: Lease,
    /// What is to be done.
    pub kind: Kind,
    /// Hand it on to whoever is told of the effect: a job can run again although it had succeeded, when its process ended
    /// before that was written down.
    pub key: String,
    /// What doing it needs to know.
    pub payload: serde_json::Value,
    /// How often it was tried.
    pub attempts: Attempts,
    /// Why the last attempt failed, if it did.
    pub last_error: Option<String>,
}

/// The right to run a job, and to say how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// Which job.
    pub id: JobId,
    /// Which of its runs: a number that no other run of it has.
    pub fence: i64,
}

/// How often a job was tried, and how often it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// Runs that have begun.
    pub begun: i64,
    /// The most.
    pub most: i64,
    /// Whether, and when, it is to be done again.
    pub schedule: Option<Duration>,
}

/// What becomes of a job after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It waits.
    Waits {
        /// Until then.
        run_at: Timestamp,
        /// Runs that count from now on.
        begun: i64,
    },
    /// It succeeded.
    Done {
        /// It is kept until then.
        until: Timestamp,
    },
    /// It has failed for good.
    Dead {
        /// It is kept until then.
        until: Timestamp,
    },
}

impl Attempts {
    /// After a success. What is done again and again waits from now on: runs that were missed are not made up for.
    pub fn succeeded(&self, now: Timestamp) -> Next {
        match self.schedule {
            Some(pause) => Next::Waits { run_at: now.after(pause), begun: 0 },
            None => Next::Done { until: now.after(KEEP_DONE) },
        }
    }

    /// After a failure; a lease that ran out is one, since what killed its process may do so again. `random` spreads
    /// those that failed together. What is done again and again is never dead: it begins anew after its usual pause.
    pub fn failed(&self, now: Timestamp, random: u64) -> Next {
        let pause = pause(self.begun, random);
        match self.schedule {
            _ if self.begun < self.most => {
                Next::Waits { run_at: now.after(pause.min(self.schedule.unwrap_or(pause))), begun: self.begun }
            }
            Some(usual) => Next::Waits { run_at: now.after(usual), begun: 0 },
            None => Next::Dead { until: now.after(KEEP_DEAD) },
        }
    }

    /// After it was given back undone, because its process ends: that was no attempt.
    pub fn given_back(&self, now: Timestamp) -> Next {
        Next::Waits { run_at: now, begun: (self.begun - 1).max(0) }
    }
}

/// How long to wait after so many attempts: twice as long each time, up to an hour, of which a random part of at most a
/// half is left off.
fn pause(attempts: i64, random: u64) -> Duration {
    let whole = FIRST_PAUSE.saturating_mul(1_u32 << attempts.saturating_sub(1).clamp(0, 16)).min(LONGEST_PAUSE);
    let half = u64::try_from(whole.as_micros() / 2).unwrap_or(u64::MAX);
    whole.saturating_sub(Duration::from_micros(random % half.saturating_add(1)))
}

/// An error as it is kept: its beginning, in one line.
pub fn shortened(error: &str) -> String {
    plain(error, LONGEST_ERROR)
}

/// A job that some process runs, as another one sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leased {
    /// Whose run it is.
    pub lease: Lease,
    /// What its process wrote last: it changes each time that it says that it is still there.
    pub until: Timestamp,
    /// How often it was tried.
    pub attempts: Attempts,
}

/// Finds leases that have run out: those that this process has seen unchanged for [`LEASE`] by its own monotonic clock.
///
/// Times that two processes read from two clocks are not compared: a clock that is set would end a lease whose holder is
/// at work, and the job would run twice at the same time; or it would keep one for ever whose holder is gone.
#[derive(Debug, Default)]
pub struct LeaseWatch(HashMap<Lease, Seen>);

#[derive(Debug)]
struct Seen {
    until: Timestamp,
    /// When it was first seen so, by the monotonic clock.
    since: Duration,
}

impl LeaseWatch {
    /// Takes a look at everything that runs elsewhere, read just before the monotonic clock said `now`. Returns what has
    /// run out.
    pub fn look(&mut self, leased: &[Leased], now: Duration) -> Vec<Leased> {
        let mut before = std::mem::take(&mut self.0);
        let mut over = Vec::new();
        for found in leased {
            let seen = before.remove(&found.lease).filter(|seen| seen.until == found.until);
            let seen = seen.unwrap_or(Seen { until: found.until, since: now });
            if now.saturating_sub(seen.since) >= LEASE {
                over.push(*found);
            }
            self.0.insert(found.lease, seen);
        }
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::Random;

    const NOW: Timestamp = Timestamp::from_secs(1_790_000_000);
    const SECOND: Duration = Duration::from_secs(1);
    const MINUTE: Duration = Duration::from_secs(60);

    fn once(begun: i64) -> Attempts {
        Attempts { begun, most: 5, schedule: None }
    }

    fn every_minute(begun: i64) -> Attempts {
        Attempts { schedule: Some(MINUTE), ..once(begun) }
    }

    #[test]
    fn each_pause_is_twice_as_long_as_the_one_before_up_to_an_hour() {
        let pauses = [1, 2, 3, 4, 10, 11, 12, i64::MAX].map(|attempts| pause(attempts, 0).as_secs());
        assert_eq!(pauses, [5, 10, 20, 40, 2560, 3600, 3600, 3600]);
        assert_eq!(pause(0, 0), FIRST_PAUSE);
    }

    #[test]
    fn chance_takes_at_most_half_of_a_pause() {
        let half = u64::try_from(FIRST_PAUSE.as_micros() / 2).unwrap();
        assert_eq!(pause(1, half), FIRST_PAUSE / 2);
        assert_eq!(pause(1, half + 1), FIRST_PAUSE);
        for random in [1, 77_777, u64::MAX] {
            assert!((FIRST_PAUSE / 2..FIRST_PAUSE).contains(&pause(1, random)), "{random}");
        }
    }

    #[test]
    fn what_is_to_be_done_once_is_done_tried_again_or_dead() {
        assert_eq!(once(1).succeeded(NOW), Next::Done { until: NOW.after(DAY) });
        assert_eq!(once(4).failed(NOW, 0), Next::Waits { run_at: NOW.after(SECOND * 40), begun: 4 });
        assert_eq!(once(5).failed(NOW, 0), Next::Dead { until: NOW.after(DAY * 30) });
        // A row whose limit was lowered meanwhile.
        assert_eq!(once(9).failed(NOW, 0), Next::Dead { until: NOW.after(DAY * 30) });
    }

    #[test]
    fn what_is_done_again_and_again_waits_from_its_end_and_never_dies() {
        assert_eq!(every_minute(3).succeeded(NOW), Next::Waits { run_at: NOW.after(MINUTE), begun: 0 });
        assert_eq!(every_minute(2).failed(NOW, 0), Next::Waits { run_at: NOW.after(SECOND * 10), begun: 2 });
        assert_eq!(every_minute(5).failed(NOW, 0), Next::Waits { run_at: NOW.after(MINUTE), begun: 0 });
        let rarely_failing = Attempts { most: 50, ..every_minute(40) };
        assert_eq!(rarely_failing.failed(NOW, 0), Next::Waits { run_at: NOW.after(MINUTE), begun: 40 }, "no later");
    }

    #[test]
    fn what_is_given_back_has_not_been_tried() {
        assert_eq!(once(3).given_back(NOW), Next::Waits { run_at: NOW, begun: 2 });
        assert_eq!(once(0).given_back(NOW), Next::Waits { run_at: NOW, begun: 0 });
    }

    #[test]
    fn a_lease_runs_out_when_it_was_seen_unchanged_for_long_enough_whatever_its_time_says() {
        let id = JobId::generate(&Random::seeded(1), NOW);
        let found = |fence, until| Leased { lease: Lease { id, fence }, until, attempts: once(1) };
        for until in [NOW.before(DAY * 3650), NOW, NOW.after(DAY * 3650)] {
            let mut watch = LeaseWatch::default();
            let (same, start) = (found(1, until), MINUTE);
            assert_eq!(watch.look(&[same], start), []);
            assert_eq!(watch.look(&[same], start + LEASE - SECOND), []);
            assert_eq!(watch.look(&[same], start + LEASE), [same]);
        }
        let mut watch = LeaseWatch::default();
        for beats in 0..20 {
            assert_eq!(watch.look(&[found(1, NOW.after(SECOND * beats))], LEASE / 2 * beats), [], "it is renewed");
        }
        let mut watch = LeaseWatch::default();
        watch.look(&[found(1, NOW)], MINUTE);
        assert_eq!(watch.look(&[found(2, NOW)], MINUTE + LEASE), [], "another run");
        watch.look(&[], MINUTE + LEASE * 2);
        assert_eq!(watch.look(&[found(2, NOW)], MINUTE + LEASE * 2), [], "forgotten when it has ended");
    }

    #[test]
    fn a_process_gives_up_before_another_can_take_over() {
        // A renewal that was sent at the last moment may take as long as a transaction may to arrive.
        assert!(SURRENDER + Duration::from_secs(5) < LEASE);
    }

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
}
