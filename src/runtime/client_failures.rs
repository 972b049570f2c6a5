//! Failures of client authentication, counted in bounded memory by each process for itself.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::domain::oauth::client::ClientId;
use crate::domain::sign_in::place::places;
use crate::foundation::{SecretHash, Timestamp};

/// The most windows that are remembered, about a megabyte: one for each place, and for each client in a place.
const REMEMBERED: usize = 10_000;
/// How many windows are kept when room is made, so that room is made once in thousands of failures.
const KEPT: usize = REMEMBERED / 4 * 3;
/// The limit of a place, for all clients together, is this many times the limit of one client.
const CLIENTS: u32 = 10;

/// Failures within the windows that are running.
#[derive(Default)]
pub struct ClientFailures(Mutex<HashMap<SecretHash, Window>>);

struct Window {
    failures: u32,
    began: Timestamp,
    /// Whether the log says that the limit was reached.
    told: bool,
}

/// The limit of failures was reached.
pub struct Full {
    /// How long until the window ends.
    pub wait: Duration,
    /// Whether this is the first refusal in this window.
    pub is_new: bool,
}

impl ClientFailures {
    /// Counts a failure of `client` from `address`, unless `client` has had `most` failures from this place within the
    /// window already, or all clients there together have reached the limit of the place.
    pub fn count(
        &self,
        client: &ClientId,
        address: IpAddr,
        most: u32,
        window: Duration,
        now: Timestamp,
    ) -> Option<Full> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let limits: Vec<_> = places(address)
            .into_iter()
            .flat_map(|place| {
                let single = most.saturating_mul(place.share);
                // A place has no line feed in it, so two different pairs never have the same key.
                let here = SecretHash::of(&format!("{place}\n{}", client.as_str()));
                [(SecretHash::of(&place.to_string()), single.saturating_mul(CLIENTS)), (here, single)]
            })
            .collect();
        for (key, most) in &limits {
            if let Some(running) = windows.get_mut(key).filter(|running| running.is_running(window, now))
                && running.failures >= *most
            {
                let wait = window.saturating_sub(now.since(running.began));
                return Some(Full { wait, is_new: !std::mem::replace(&mut running.told, true) });
            }
        }
        let new = limits.iter().filter(|(key, _)| !windows.contains_key(key)).count();
        if windows.len() + new > REMEMBERED {
            make_room(&mut windows, window, now);
        }
        for (key, _) in limits {
            let running = windows.entry(key).or_insert(Window { failures: 0, began: now, told: false });
            if !running.is_running(window, now) {
                *running = Window { failures: 0, began: now, told: false };
            }
            running.failures = running.failures.saturating_add(1);
        }
        None
    }
}

/// Forgets the windows that are over and, if that is not enough, those with the fewest failures, oldest first. To evict
/// a client that is being limited, somebody must fail as often in thousands of other places.
fn make_room(windows: &mut HashMap<SecretHash, Window>, window: Duration, now: Timestamp) {
    windows.retain(|_, running| running.is_running(window, now));
    let surplus = windows.len().saturating_sub(KEPT);
    if surplus == 0 {
        return;
    }
    let mut all: Vec<_> = windows.iter().map(|(key, running)| (running.failures, running.began, *key)).collect();
    all.select_nth_unstable_by_key(surplus, |(failures, began, _)| (*failures, *began));
    for (_, _, key) in all.iter().take(surplus) {
        windows.remove(key);
    }
}

impl Window {
    /// A window that began in the future was begun by a wrong clock, and is over.
    fn is_running(&self, window: Duration, now: Timestamp) -> bool {
        now >= self.began && now.since(self.began) < window
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
    const WINDOW: Duration = Duration::from_secs(900);

    fn wait(failures: &ClientFailures, client: &str, address: &str, now: Timestamp) -> Option<Duration> {
        let full = failures.count(&ClientId::new(client), address.parse().unwrap(), 2, WINDOW, now);
        full.map(|full| full.wait)
    }

    #[test]
    fn a_client_may_fail_so_many_times_from_one_place_within_a_window() {
        let failures = ClientFailures::default();
        assert_eq!(wait(&failures, "a", "192.0.2.1", NOW), None);
        assert_eq!(wait(&failures, "a", "192.0.2.1", NOW), None);
        let later = NOW.after(Duration::from_secs(100));
        assert_eq!(wait(&failures, "a", "192.0.2.1", later), Some(Duration::from_secs(800)));
        assert_eq!(wait(&failures, "b", "192.0.2.1", later), None, "another client");
        assert_eq!(wait(&failures, "a", "198.51.100.1", later), None, "another place");
        let end = NOW.after(WINDOW);
        assert_eq!(
            wait(&failures, "a", "192.0.2.1", end.before(Duration::from_micros(1))),
            Some(Duration::from_micros(1))
        );
        assert_eq!(wait(&failures, "a", "192.0.2.1", end), None);
    }

    #[test]
    fn one_place_cannot_try_client_after_client_nor_one_holder_place_after_place() {
        let failures = ClientFailures::default();
        for client in 0..20 {
            assert_eq!(wait(&failures, &client.to_string(), "192.0.2.1", NOW), None);
        }
        assert_eq!(wait(&failures, "next", "192.0.2.1", NOW), Some(WINDOW));
        let counted = (0..16).flat_map(|network| [network; 3]);
        let taken =
            counted.filter(|network| wait(&failures, "a", &format!("2001:db8:0:{network:x}::1"), NOW).is_none());
        assert_eq!(taken.count(), 4, "a /60 has twice the budget of a /64, not sixteen times");
    }

    #[test]
    fn it_is_told_once_in_a_window_and_a_clock_that_is_set_back_holds_up_nobody() {
        let failures = ClientFailures::default();
        let client = ClientId::new("a");
        let count = |now| failures.count(&client, "192.0.2.1".parse().unwrap(), 1, WINDOW, now).map(|full| full.is_new);
        let far = NOW.after(Duration::from_secs(10 * 365 * 86_400));
        assert_eq!([count(far), count(far), count(far)], [None, Some(true), Some(false)]);
        assert_eq!([count(NOW), count(NOW)], [None, Some(true)]);
    }

    /// A failure in a place of its own, of a client of its own.
    fn stray(failures: &ClientFailures, number: u32, now: Timestamp) {
        let address = IpAddr::from((0x0100_0000 + number * 257).to_be_bytes());
        failures.count(&ClientId::new(number.to_string()), address, 2, WINDOW, now);
    }

    #[test]
    fn its_memory_is_bounded() {
        let failures = ClientFailures::default();
        for number in 0..30_000 {
            stray(&failures, number, NOW);
            assert!(failures.0.lock().unwrap().len() <= REMEMBERED);
        }
    }

    #[test]
    fn what_is_braked_stays_so_however_many_others_fail() {
        let failures = ClientFailures::default();
        for _ in 0..2 {
            assert_eq!(wait(&failures, "a", "192.0.2.1", NOW), None);
        }
        for number in 0..30_000 {
            stray(&failures, number, NOW.after(Duration::from_secs(1)));
        }
        let later = NOW.after(Duration::from_secs(2));
        assert_eq!(wait(&failures, "a", "192.0.2.1", later), Some(Duration::from_secs(898)));
    }

    #[test]
    fn what_is_over_goes_first_and_then_the_oldest_that_failed_least() {
        let failures = ClientFailures::default();
        let begun = |second| NOW.after(Duration::from_secs(second));
        for number in 0..1_000 {
            stray(&failures, number, begun(u64::from(number % 2)));
        }
        let counted = || failures.0.lock().unwrap().len();
        assert_eq!(counted(), 4_000, "each counts in its two places, for itself and for all clients there");
        // The windows with an even number are over by then.
        let make = |now| make_room(&mut failures.0.lock().unwrap(), WINDOW, now);
        make(begun(900));
        assert_eq!(counted(), 2_000);
        for number in 1_000..3_000 {
            stray(&failures, number, begun(800));
        }
        assert_eq!(counted(), 10_000);
        make(begun(850));
        let windows = failures.0.lock().unwrap();
        assert_eq!(windows.len(), KEPT);
        assert!(windows.values().all(|kept| kept.began == begun(800)), "the oldest are gone");
    }
}
