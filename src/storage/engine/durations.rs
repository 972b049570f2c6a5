//! How long the reads and transactions of each name take, and a line in the log when one is slow.
//!
//! Requests come by here many thousand times a second: while nothing is slow this takes no lock and no memory. What is
//! kept is bounded by the number of names, all of which stand in the source (`tests/transaction_names.rs`).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use crate::foundation::Clock;

/// Names that there is room for: at least twice as many as there are, so that each is found in a few steps.
const ROOM: usize = 512;
/// A name has at most one line in the log in this time.
const QUIET: Duration = Duration::from_secs(60);

/// The durations of each name since the process has started.
pub struct Durations {
    clock: Clock,
    /// What takes so long is told of in the log.
    slow_after: Option<Duration>,
    /// Each name is in the first free place from where its hash points to.
    places: Box<[OnceLock<Named>]>,
}

/// The durations of one name.
struct Named {
    name: &'static str,
    runs: AtomicU64,
    total_micros: AtomicU64,
    longest_micros: AtomicU64,
    slow: Mutex<Slow>,
}

/// What the log was told of slow ones.
#[derive(Default)]
struct Slow {
    /// By the monotonic clock.
    last_line: Option<Duration>,
    /// Slow ones since then.
    untold: u64,
}

/// One read or transaction while it runs. Its duration is noted when this is dropped, so also if it failed or its
/// request was abandoned.
pub struct Watch<'a> {
    durations: &'a Durations,
    name: &'static str,
    /// By the monotonic clock.
    begun: Duration,
    /// How long it waited for its connection, or for its turn to write.
    waited: OnceLock<Duration>,
}

impl Durations {
    /// None yet. What takes `slow_after` or longer is told of in the log.
    pub fn new(clock: Clock, slow_after: Option<Duration>) -> Self {
        Self { clock, slow_after, places: std::iter::repeat_with(OnceLock::new).take(ROOM).collect() }
    }

    /// Measures one that begins now.
    pub fn watch(&self, name: &'static str) -> Watch<'_> {
        Watch { durations: self, name, begun: self.clock.monotonic(), waited: OnceLock::new() }
    }

    fn note(&self, name: &'static str, took: Duration, waited: Duration) {
        let Some(named) = self.named(name) else { return };
        named.add(took);
        if self.slow_after.is_some_and(|limit| took >= limit) {
            named.tell(took, waited, self.clock.monotonic());
        }
    }

    /// `None` when there is no room.
    fn named(&self, name: &'static str) -> Option<&Named> {
        let (before, from) = self.places.split_at_checked(place_of(name))?;
        from.iter().chain(before).find_map(|place| {
            let named = place.get_or_init(|| Named::new(name));
            (named.name == name).then_some(named)
        })
    }
}

impl Named {
    fn new(name: &'static str) -> Self {
        let (runs, total_micros, longest_micros) = Default::default();
        Self { name, runs, total_micros, longest_micros, slow: Mutex::default() }
    }

    fn add(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.runs.fetch_add(1, Ordering::Relaxed);
        self.total_micros.fetch_add(micros, Ordering::Relaxed);
        // Most are not the longest, and to look is cheaper than to write.
        if micros > self.longest_micros.load(Ordering::Relaxed) {
            self.longest_micros.fetch_max(micros, Ordering::Relaxed);
        }
    }

    /// Says that one was slow, and how long they usually take, unless that was said of another a moment ago.
    fn tell(&self, took: Duration, waited: Duration, now: Duration) {
        let Some(untold) = self.untold(now) else { return };
        let runs = self.runs.load(Ordering::Relaxed);
        tracing::warn!(
            transaction = self.name,
            took_ms = millis(took),
            waited_ms = millis(waited),
            untold,
            runs,
            mean_ms = self.total_micros.load(Ordering::Relaxed) / runs.max(1) / 1000,
            longest_ms = self.longest_micros.load(Ordering::Relaxed) / 1000,
            "a transaction or a read took long"
        );
    }

    /// If it is time for a line: how many slow ones had none since the last line.
    fn untold(&self, now: Duration) -> Option<u64> {
        let mut slow = self.slow.lock().unwrap_or_else(PoisonError::into_inner);
        if slow.last_line.is_some_and(|last| now.saturating_sub(last) < QUIET) {
            slow.untold += 1;
            return None;
        }
        slow.last_line = Some(now);
        Some(std::mem::take(&mut slow.untold))
    }
}

impl Watch<'_> {
    /// It has its connection: what it waited until now was not its own work.
    pub fn has_connection(&self) {
        let _only_the_first_counts = self.waited.set(self.elapsed());
    }

    fn elapsed(&self) -> Duration {
        self.durations.clock.monotonic().saturating_sub(self.begun)
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        let took = self.elapsed();
        self.durations.note(self.name, took, self.waited.get().copied().unwrap_or(took));
    }
}

/// FNV-1a, which for a few bytes is the quickest.
fn place_of(name: &str) -> usize {
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    usize::try_from(hash).unwrap_or_default() % ROOM
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::Timestamp;

    const MILLISECOND: Duration = Duration::from_millis(1);

    fn durations() -> (Durations, Clock) {
        let clock = Clock::fixed(Timestamp::from_secs(0));
        (Durations::new(clock.clone(), None), clock)
    }

    /// Runs, sum and the longest, in milliseconds.
    fn record(durations: &Durations, name: &'static str) -> [u64; 3] {
        let named = durations.named(name).unwrap();
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        [of(&named.runs), of(&named.total_micros) / 1000, of(&named.longest_micros) / 1000]
    }

    #[test]
    fn each_name_has_a_count_a_sum_and_the_longest() {
        let (durations, clock) = durations();
        for (name, took) in [("redeem_code", 3), ("redeem_code", 9), ("find_client", 1), ("redeem_code", 6)] {
            let watch = durations.watch(name);
            clock.advance(took * MILLISECOND);
            drop(watch);
        }
        assert_eq!(record(&durations, "redeem_code"), [3, 18, 9]);
        assert_eq!(record(&durations, "find_client"), [1, 1, 1]);
    }

    #[test]
    fn more_names_than_there_is_room_for_are_not_kept_and_harm_none_that_are() {
        let (durations, _) = durations();
        let names: Vec<&'static str> = (0..=ROOM).map(|n| &*format!("name_{n}").leak()).collect();
        for name in &names {
            durations.note(name, MILLISECOND, Duration::ZERO);
        }
        assert!(durations.named(names[ROOM]).is_none());
        assert!(names[..ROOM].iter().all(|name| record(&durations, name) == [1, 1, 1]));
    }

    #[test]
    fn threads_that_meet_a_name_for_the_first_time_share_its_record() {
        let (durations, _) = durations();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for name in ["a_b", "c_d", "e_f"] {
                        (0..100).for_each(|_| durations.note(name, MILLISECOND, Duration::ZERO));
                    }
                });
            }
        });
        assert_eq!(record(&durations, "c_d"), [800, 800, 1]);
        assert_eq!(durations.places.iter().filter(|place| place.get().is_some()).count(), 3);
    }

    #[test]
    fn a_name_has_one_line_in_a_minute_and_it_says_how_many_had_none() {
        let named = Named::new("redeem_code");
        let told = [0, 1, 59, 60, 61, 119, 120, 500].map(|second| named.untold(Duration::from_secs(second)));
        assert_eq!(told, [Some(0), None, None, Some(2), None, None, Some(2), Some(0)]);
    }
}
