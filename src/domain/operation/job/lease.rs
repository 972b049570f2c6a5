//! Who may run a job, and when somebody else may.

use std::collections::HashMap;
use std::time::Duration;

use super::{Attempts, Kind};
use crate::foundation::Timestamp;
use crate::foundation::id::JobId;

/// A process that runs a job says so again and again. If it has not for so long, another one takes over.
pub const LEASE: Duration = Duration::from_secs(30);
/// How soon it says so again: at least twice before it has to give up.
pub const RENEW: Duration = Duration::from_secs(8);
/// A process that could not say so for so long ends its run: well before another can have taken over.
pub const SURRENDER: Duration = Duration::from_secs(20);

/// The right to run a job, and to say how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// Which job.
    pub id: JobId,
    /// Which of its runs: a number that no other run of it has.
    pub fence: i64,
}

/// A job that some process runs, as another one sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leased {
    /// Whose run it is.
    pub lease: Lease,
    /// What is done.
    pub kind: Kind,
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
    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn a_lease_runs_out_when_it_was_seen_unchanged_for_long_enough_whatever_its_time_says() {
        let id = JobId::generate(&Random::seeded(1), NOW);
        let attempts = Attempts { begun: 1, most: 5, schedule: None };
        let found = |fence, until| Leased { lease: Lease { id, fence }, kind: Kind::Prune, until, attempts };
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
        assert!(RENEW * 2 + Duration::from_secs(4) <= SURRENDER, "a renewal that fails is tried once more");
    }
}
