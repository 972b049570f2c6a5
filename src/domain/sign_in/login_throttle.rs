//! How wrong passwords in a row slow down the next one.

use std::time::Duration;

use crate::foundation::Timestamp;

/// The longest wait, whatever is stored.
pub const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// The first wait; each further failure doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// How far the clocks of two instances may differ. A failure further in the future was written by a wrong clock, and
/// delays nobody.
const SKEW: Duration = Duration::from_secs(60);

/// Wrong passwords since the last right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streak {
    /// How many.
    pub failures: u32,
    /// When the last of them was counted.
    pub last_at: Timestamp,
}

/// What a streak may grow to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// So many failures delay nothing.
    pub free: u32,
    /// After so many there is no further attempt.
    pub most: u32,
}

/// When the next attempt may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Now.
    Free,
    /// After this time, which is never longer than [`LONGEST_WAIT`].
    Wait(Duration),
    /// Not before something else has proved the owner.
    Stopped,
}

impl Limits {
    /// For browsers that have not signed in to the account before. `single` is what one place may fail within a window.
    /// The widest network of one holder may fail four times as much ([`super::place`]), and must not delay an owner who
    /// is elsewhere. `most` is at most 100 (NIST SP 800-63B-4 §3.2.2).
    pub fn of_account(single: u32, most: u32) -> Self {
        Self { free: single.saturating_mul(4).min(most / 2), most }
    }

    /// For a browser that has signed in to the account before.
    pub fn of_device(single: u32, most: u32) -> Self {
        Self { free: single.min(most / 2), most }
    }
}

impl Streak {
    /// Decides when the attempt after this streak may be made.
    pub fn pace(self, limits: Limits, now: Timestamp) -> Pace {
        if self.failures >= limits.most {
            return Pace::Stopped;
        }
        let delay = delay_after(self.failures.saturating_sub(limits.free));
        if self.last_at > now.after(SKEW) {
            return Pace::Free;
        }
        match delay.saturating_sub(now.since(self.last_at)) {
            Duration::ZERO => Pace::Free,
            rest => Pace::Wait(rest),
        }
    }
}

/// 30 s, 1 min, 2 min, … up to an hour, for the failures beyond those that are free.
fn delay_after(beyond: u32) -> Duration {
    let Some(doublings) = beyond.checked_sub(1) else {
        return Duration::ZERO;
    };
    FIRST_WAIT.saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
    const LIMITS: Limits = Limits { free: 40, most: 100 };

    fn pace(failures: u32, ago: Duration) -> Pace {
        Streak { failures, last_at: NOW.before(ago) }.pace(LIMITS, NOW)
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn failures_that_are_free_delay_nothing_and_each_further_one_doubles_the_wait_up_to_an_hour() {
        assert_eq!(pace(0, Duration::ZERO), Pace::Free);
        assert_eq!(pace(40, Duration::ZERO), Pace::Free);
        let waits = [(41, 30), (42, 60), (43, 120), (47, 1920), (48, 3600), (49, 3600), (99, 3600)];
        for (failures, wait) in waits {
            assert_eq!(pace(failures, Duration::ZERO), Pace::Wait(seconds(wait)), "{failures}");
        }
    }

    #[test]
    fn a_wait_passes_to_the_microsecond() {
        let moment = Duration::from_micros(1);
        assert_eq!(pace(41, seconds(30) - moment), Pace::Wait(moment));
        assert_eq!(pace(41, seconds(30)), Pace::Free);
        assert_eq!(pace(99, seconds(3600) - moment), Pace::Wait(moment));
        assert_eq!(pace(99, seconds(3600)), Pace::Free);
    }

    #[test]
    fn the_hundredth_failure_in_a_row_is_the_last_however_long_ago_it_was() {
        for ago in [Duration::ZERO, seconds(3600), seconds(10 * 365 * 86_400)] {
            assert_eq!(pace(100, ago), Pace::Stopped);
            assert_eq!(pace(u32::MAX, ago), Pace::Stopped);
        }
    }

    #[test]
    fn what_a_wrong_clock_wrote_delays_nobody_and_another_instances_clock_not_beyond_the_longest_wait() {
        let ahead = |failures, ahead: Duration| Streak { failures, last_at: NOW.after(ahead) }.pace(LIMITS, NOW);
        assert_eq!(ahead(41, SKEW), Pace::Wait(seconds(30)));
        assert_eq!(ahead(99, SKEW), Pace::Wait(LONGEST_WAIT));
        assert_eq!(ahead(99, SKEW + Duration::from_micros(1)), Pace::Free);
        assert_eq!(ahead(99, seconds(10 * 365 * 86_400)), Pace::Free);
        assert_eq!(ahead(100, seconds(10 * 365 * 86_400)), Pace::Stopped, "the count itself stays");
    }

    #[test]
    fn however_it_is_configured_an_account_is_delayed_before_it_is_stopped() {
        assert_eq!(Limits::of_account(10, 100), LIMITS);
        assert_eq!(Limits::of_device(10, 100), Limits { free: 10, most: 100 });
        for single in [1, 12, 13, 1_000_000, u32::MAX] {
            for most in [10, 100] {
                assert!(Limits::of_account(single, most).free <= most / 2);
                assert!(Limits::of_device(single, most).free <= most / 2);
            }
        }
        assert_eq!(Limits::of_account(2, 100).free, 8);
    }
}
