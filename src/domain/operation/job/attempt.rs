//! What follows an attempt at a job.

use std::time::Duration;

use thiserror::Error;

use crate::foundation::Timestamp;

/// How long what is done can be looked at.
const KEEP_DONE: Duration = DAY;
/// How long there is time to mend what has failed for good, and to try it again.
const KEEP_DEAD: Duration = Duration::from_secs(30 * 86_400);
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// Why an attempt failed. The text is kept with the job and logged: nothing secret, and no name or address of a person.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Failure {
    /// It may succeed later.
    #[error("{0}")]
    ForNow(String),
    /// It has not begun, because others of its kind are under way: that counts as no attempt.
    #[error("{0}")]
    NotYet(String),
    /// It would fail each time, so it is not tried again by itself.
    #[error("{0}")]
    ForGood(String),
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
    /// It succeeded, and waits for its next turn.
    Again {
        /// Until then.
        run_at: Timestamp,
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
            Some(pause) => Next::Again { run_at: now.after(pause) },
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
            _ => self.hopeless(now),
        }
    }

    /// After a failure that would come again each time. What is done again and again waits for its next turn all the same.
    pub fn hopeless(&self, now: Timestamp) -> Next {
        match self.schedule {
            Some(usual) => Next::Waits { run_at: now.after(usual), begun: 0 },
            None => Next::Dead { until: now.after(KEEP_DEAD) },
        }
    }

    /// After it could not begin, because of others of its kind: that was no attempt.
    pub fn put_off(&self, now: Timestamp, random: u64) -> Next {
        Next::Waits { run_at: now.after(pause(1, random)), begun: (self.begun - 1).max(0) }
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

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(every_minute(3).succeeded(NOW), Next::Again { run_at: NOW.after(MINUTE) });
        assert_eq!(every_minute(2).failed(NOW, 0), Next::Waits { run_at: NOW.after(SECOND * 10), begun: 2 });
        assert_eq!(every_minute(5).failed(NOW, 0), Next::Waits { run_at: NOW.after(MINUTE), begun: 0 });
        let rarely_failing = Attempts { most: 50, ..every_minute(40) };
        assert_eq!(rarely_failing.failed(NOW, 0), Next::Waits { run_at: NOW.after(MINUTE), begun: 40 }, "no later");
    }

    #[test]
    fn what_cannot_succeed_is_not_tried_again() {
        assert_eq!(once(1).hopeless(NOW), Next::Dead { until: NOW.after(DAY * 30) });
        assert_eq!(every_minute(1).hopeless(NOW), Next::Waits { run_at: NOW.after(MINUTE), begun: 0 });
    }

    #[test]
    fn what_is_given_back_has_not_been_tried() {
        assert_eq!(once(3).given_back(NOW), Next::Waits { run_at: NOW, begun: 2 });
        assert_eq!(once(0).given_back(NOW), Next::Waits { run_at: NOW, begun: 0 });
        assert_eq!(once(3).put_off(NOW, 0), Next::Waits { run_at: NOW.after(FIRST_PAUSE), begun: 2 });
    }
}
