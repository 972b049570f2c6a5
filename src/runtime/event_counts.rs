//! Events that are counted before they are written, in bounded memory, however many there are.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::operation::audit_event::{Counted, NewEvent};
use crate::foundation::Timestamp;

/// Refusals are counted separately for this many clients and places between two writings, and the rest together by
/// action. So strangers can make a process write at most so many rows a minute, and one more for each action.
const REFUSED: usize = 32;
/// What clients are given is counted separately for this many of them. Only registered clients get anything.
const GIVEN: usize = 256;

/// Counts that are not written yet.
#[derive(Default)]
pub struct EventCounts(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    given: HashMap<Counted, Count>,
    refused: HashMap<Counted, Count>,
    /// What is being written. It stays until that has succeeded: if the first attempt may have been committed, the
    /// second writes the same rows again, which counts once.
    leaving: Vec<NewEvent>,
}

/// How often something happened, and since when.
#[derive(Clone, Copy)]
struct Count {
    number: u64,
    since: Timestamp,
}

impl EventCounts {
    /// Counts `counted` once more.
    pub fn count(&self, counted: Counted, now: Timestamp) {
        let mut counts = self.lock();
        let (running, room) = match counted.action.is_given() {
            true => (&mut counts.given, GIVEN),
            false => (&mut counts.refused, REFUSED),
        };
        let is_full = running.len() >= room && !running.contains_key(&counted);
        let counted = if is_full { counted.among_others() } else { counted };
        let count = running.entry(counted).or_insert(Count { number: 0, since: now });
        count.number = count.number.saturating_add(1);
    }

    /// The events to write now; `make` makes each from what was counted, how often, and since when. Returns the same
    /// events again until [`EventCounts::written`].
    pub fn leaving(&self, mut make: impl FnMut(Counted, u64, Timestamp) -> NewEvent) -> Vec<NewEvent> {
        let mut counts = self.lock();
        if counts.leaving.is_empty() {
            let Counts { given, refused, .. } = &mut *counts;
            let taken = given.drain().chain(refused.drain());
            counts.leaving = taken.map(|(counted, count)| make(counted, count.number, count.since)).collect();
        }
        counts.leaving.clone()
    }

    /// Notes that the events of [`EventCounts::leaving`] are committed.
    pub fn written(&self) {
        self.lock().leaving = Vec::new();
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;
    use crate::domain::access::actor::Actor;
    use crate::domain::access::permission::Operate;
    use crate::domain::oauth::client::ClientId;
    use crate::domain::operation::audit_event::Action;
    use crate::foundation::Random;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn leaving(counts: &EventCounts) -> Vec<NewEvent> {
        let (system, random) = (Actor::system("test"), Random::System);
        let may = system.may(Operate).unwrap();
        counts.leaving(|counted, number, since| NewEvent::counted(&may, counted, number, &random, since))
    }

    fn failed(counts: &EventCounts, address: u32) {
        let address = IpAddr::V4(Ipv4Addr::from_bits(address));
        counts.count(Counted::from(Action::LoginFailed, None, Some(address)), NOW);
    }

    #[test]
    fn many_places_are_a_few_rows_and_nothing_is_lost_of_the_number() {
        let counts = EventCounts::default();
        (0..100_000).for_each(|address| failed(&counts, address));
        let events = leaving(&counts);
        assert_eq!(events.len(), REFUSED + 1);
        assert_eq!(events.iter().map(|event| event.count).sum::<u64>(), 100_000);
        assert_eq!(events.iter().filter(|event| event.reason.is_some()).count(), 1, "the others");
    }

    #[test]
    fn a_flood_of_refusals_does_not_hide_what_clients_got() {
        let counts = EventCounts::default();
        (0..100_000).for_each(|address| failed(&counts, address));
        counts.count(Counted::of_client(Action::TokenIssued, &ClientId::new("app")), NOW);
        assert!(leaving(&counts).iter().any(|event| event.by.client().is_some_and(|client| client.as_str() == "app")));
    }

    #[test]
    fn what_could_not_be_written_leaves_again_as_it_was_and_the_rest_after_it() {
        let counts = EventCounts::default();
        failed(&counts, 1);
        let first = leaving(&counts);
        failed(&counts, 1);
        let again = leaving(&counts);
        assert_eq!(
            first.iter().map(|event| event.id).collect::<Vec<_>>(),
            again.iter().map(|event| event.id).collect::<Vec<_>>()
        );
        counts.written();
        let rest = leaving(&counts);
        assert_eq!(rest.iter().map(|event| event.count).collect::<Vec<_>>(), [1]);
        counts.written();
        assert!(leaving(&counts).is_empty());
    }
}
