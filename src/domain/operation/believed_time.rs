//! Which time to believe: a clock that is set is not followed at once, because what is deleted by it stays deleted.

use std::time::Duration;

use crate::foundation::clock::Reading;
use crate::foundation::{Timestamp, clock};

/// So far the time of day may move against the monotonic clock, or a start lie after the last use, and be believed.
pub const PLAUSIBLE: Duration = Duration::from_secs(600);

/// A clock that was set, and has gone steadily for so long since, is believed.
pub const CONFIRMED_AFTER: Duration = Duration::from_secs(6 * 3600);

/// The time that is believed: it goes on by the monotonic clock, and follows the time of day as long as both agree.
#[derive(Clone, Copy, Debug)]
pub struct BelievedTime {
    /// The last reading that was believed.
    anchor: Reading,
    /// A clock that stands elsewhere, as it was when it was first seen there.
    doubted: Option<Reading>,
}

/// What an observation changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// The clock has been set, and is not believed.
    Doubted,
    /// The clock agrees with what was believed again.
    Corrected,
    /// The clock that was doubted is believed from now on.
    Confirmed,
}

impl BelievedTime {
    /// At a start. `mark` is the time of the last use.
    pub fn new(reading: Reading, mark: Option<Timestamp>) -> (Self, Change) {
        let wall = mark.unwrap_or(reading.wall);
        let mut new = Self { anchor: Reading { wall, ..reading }, doubted: None };
        let change = new.observe(reading, None);
        (new, change)
    }

    /// What is believed at `monotonic`.
    pub fn at(&self, monotonic: Duration) -> Timestamp {
        goes_on(self.anchor, monotonic)
    }

    /// The time at `monotonic` by the clock that read `made_at`. A clock that is doubted goes all the same: what it opened
    /// ends by it, and not hours later, when it is believed or corrected.
    pub fn by_the_clock_of(&self, made_at: Timestamp, monotonic: Duration) -> Timestamp {
        match self.doubted {
            // A clock that was set forward was set by more than this, so what it read before lies further back.
            Some(first) if made_at.after(PLAUSIBLE / 2) >= first.wall => goes_on(first, monotonic),
            _ => self.at(monotonic),
        }
    }

    /// Whether the clock stands elsewhere than what is believed.
    pub fn is_in_doubt(&self) -> bool {
        self.doubted.is_some()
    }

    /// Takes a look at the clock. `mark` is the time that others believe: where they are ahead of us and our own clock is
    /// too, it is right.
    pub fn observe(&mut self, reading: Reading, mark: Option<Timestamp>) -> Change {
        let own = self.at(reading.monotonic);
        let believed = mark.map_or(own, |mark| mark.min(reading.wall).max(own));
        if apart(reading.wall, believed) <= PLAUSIBLE {
            self.anchor = reading;
            return match self.doubted.take() {
                None => Change::None,
                Some(_) if believed > own => Change::Confirmed,
                Some(_) => Change::Corrected,
            };
        }
        match self.doubted {
            Some(first) if steady(first, reading) => {
                if reading.monotonic.saturating_sub(first.monotonic) < CONFIRMED_AFTER {
                    return Change::None;
                }
                *self = Self { anchor: reading, doubted: None };
                Change::Confirmed
            }
            _ => {
                self.doubted = Some(reading);
                Change::Doubted
            }
        }
    }
}

fn steady(first: Reading, now: Reading) -> bool {
    apart(now.wall, goes_on(first, now.monotonic)) <= PLAUSIBLE
}

/// What a clock that read `from` reads at `monotonic`, if nobody sets it.
fn goes_on(from: Reading, monotonic: Duration) -> Timestamp {
    from.wall.after(monotonic.saturating_sub(from.monotonic))
}

/// How far two times lie apart.
pub fn apart(one: Timestamp, other: Timestamp) -> Duration {
    one.since(other).max(other.since(one))
}

/// Whether something was made later than now, whatever instance of ours made it: `latest` is the latest time that it
/// may be. Nothing is believed that a clock made which stood ahead.
pub fn is_from_the_future(made_at: Timestamp, latest: Timestamp) -> bool {
    made_at > latest.after(clock::SKEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_secs(1_000_000);
    const HOUR: Duration = Duration::from_secs(3600);
    const YEARS: Duration = Duration::from_secs(10 * 365 * 86_400);
    const SECOND: Duration = Duration::from_secs(1);

    fn reading(wall: Timestamp, monotonic: Duration) -> Reading {
        Reading { wall, monotonic }
    }

    fn started() -> BelievedTime {
        BelievedTime::new(reading(START, HOUR), None).0
    }

    #[test]
    fn a_clock_that_goes_is_followed() {
        let mut time = started();
        for hours in 1..100 {
            // A little too fast, for days.
            let now = reading(START.after((HOUR + SECOND) * hours), HOUR + HOUR * hours);
            assert_eq!(time.observe(now, None), Change::None);
            assert_eq!(time.at(now.monotonic), now.wall);
        }
        assert!(!time.is_in_doubt());
    }

    #[test]
    fn a_jump_is_doubted_once_and_forgotten_when_it_is_corrected() {
        for jumped in [START.after(YEARS), START.before(YEARS), START.after(PLAUSIBLE + SECOND * 3)] {
            let mut time = started();
            assert_eq!(time.observe(reading(jumped, HOUR + SECOND), None), Change::Doubted);
            assert_eq!(time.observe(reading(jumped.after(SECOND), HOUR + SECOND * 2), None), Change::None);
            assert!(time.is_in_doubt());
            assert_eq!(time.at(HOUR + SECOND * 2), START.after(SECOND * 2), "the monotonic clock goes on");
            let back = reading(START.after(SECOND * 3), HOUR + SECOND * 3);
            assert_eq!(time.observe(back, None), Change::Corrected);
            assert!(!time.is_in_doubt());
        }
    }

    #[test]
    fn what_a_doubted_clock_opened_is_judged_by_it_and_what_was_open_before_is_not() {
        let mut time = started();
        let (before, jumped) = (START, START.after(PLAUSIBLE + SECOND * 20));
        assert_eq!(time.observe(reading(jumped, HOUR + SECOND * 10), None), Change::Doubted);
        let later = HOUR + SECOND * 70;
        assert_eq!(time.by_the_clock_of(before, later), START.after(SECOND * 70));
        // It was set up to ten seconds before anybody looked.
        for made_at in [jumped.before(SECOND * 10), jumped, jumped.after(SECOND * 59)] {
            assert_eq!(time.by_the_clock_of(made_at, later), jumped.after(SECOND * 60));
        }
    }

    #[test]
    fn a_little_step_is_followed_either_way() {
        for stepped in [START.after(PLAUSIBLE), START.before(PLAUSIBLE)] {
            let mut time = started();
            assert_eq!(time.observe(reading(stepped, HOUR), None), Change::None);
            assert_eq!(time.at(HOUR), stepped);
        }
    }

    #[test]
    fn a_jump_that_stands_for_hours_is_believed_and_another_one_begins_anew() {
        let mut time = started();
        let jumped = |after: Duration| reading(START.after(YEARS + after), HOUR + after);
        assert_eq!(time.observe(jumped(SECOND), None), Change::Doubted);
        assert_eq!(time.observe(jumped(HOUR * 5), None), Change::None, "an afternoon is too short");
        assert_eq!(time.observe(jumped(CONFIRMED_AFTER), None), Change::None);
        let elsewhere = |after: Duration| reading(START.after(YEARS * 2 + after), HOUR + after);
        assert_eq!(time.observe(elsewhere(CONFIRMED_AFTER + SECOND), None), Change::Doubted);
        assert_eq!(time.observe(elsewhere(CONFIRMED_AFTER * 2), None), Change::None);
        assert_eq!(time.observe(elsewhere(CONFIRMED_AFTER * 2 + SECOND), None), Change::Confirmed);
        assert_eq!(time.at(HOUR + CONFIRMED_AFTER * 2 + SECOND), START.after(YEARS * 2 + CONFIRMED_AFTER * 2 + SECOND));
    }

    #[test]
    fn a_start_is_measured_against_the_last_use() {
        for (wall, mark, change) in [
            (START, None, Change::None),
            (START.after(PLAUSIBLE), Some(START), Change::None),
            (START.after(YEARS), Some(START), Change::Doubted),
            (START.before(YEARS), Some(START), Change::Doubted),
        ] {
            let (time, found) = BelievedTime::new(reading(wall, HOUR), mark);
            assert_eq!(found, change, "{wall}");
            assert_eq!(time.at(HOUR), if change == Change::None { wall } else { START });
        }
    }

    #[test]
    fn what_others_believe_confirms_a_clock_that_is_there_already_and_moves_no_other() {
        let later = START.after(YEARS);
        let mut time = started();
        assert_eq!(time.observe(reading(later, HOUR), None), Change::Doubted);
        assert_eq!(time.observe(reading(later.after(SECOND), HOUR + SECOND), Some(later)), Change::Confirmed);
        assert_eq!(time.at(HOUR + SECOND), later.after(SECOND));

        let mut time = started();
        assert_eq!(time.observe(reading(START, HOUR), Some(later)), Change::None);
        assert_eq!(time.at(HOUR), START);
    }

    #[test]
    fn what_was_made_within_the_skew_is_not_from_the_future() {
        assert!(!is_from_the_future(START.after(clock::SKEW), START));
        assert!(is_from_the_future(START.after(clock::SKEW + SECOND), START));
    }
}
