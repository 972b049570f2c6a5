//! Traces of refusals until they are written: bounded, and shared out fairly among those who cause them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::operation::decision_trace::Recorded;

/// Traces between two writings, a second apart: of one source, one place, and in all.
const OF_SOURCE: usize = 4;
const OF_PLACE: usize = 16;
const ALL: usize = 64;

/// A trace, and whom it counts for. Numbers stand for them, so that no address is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The network that the request came from.
    pub place: i64,
    /// The same with the client and what was refused: what a program in a loop fills by itself.
    pub source: i64,
    /// The trace.
    pub recorded: Recorded,
}

/// What is not written yet.
#[derive(Default)]
pub struct DecisionTraces(Mutex<Traces>);

#[derive(Default)]
struct Traces {
    waiting: Vec<Waiting>,
    /// What is being written; it stays until that has succeeded.
    leaving: Vec<Waiting>,
}

impl DecisionTraces {
    /// Keeps a trace, unless its source or place has as many as it may have. When there is no room at all, whoever has the
    /// most gives up one: a flood from one place leaves room for all others.
    pub fn keep(&self, new: Waiting) {
        let waiting = &mut self.lock().waiting;
        let of_source = waiting.iter().filter(|known| known.source == new.source).count();
        let of_place = waiting.iter().filter(|known| known.place == new.place).count();
        if of_source >= OF_SOURCE || of_place >= OF_PLACE {
            return;
        }
        if waiting.len() >= ALL {
            let count = |place| waiting.iter().filter(|known| known.place == place).count();
            let most = waiting.iter().enumerate().max_by_key(|(_, known)| count(known.place));
            match most.map(|(at, known)| (at, count(known.place))) {
                Some((at, most)) if most > of_place + 1 => drop(waiting.swap_remove(at)),
                _ => return,
            }
        }
        waiting.push(new);
    }

    /// What is to be written now: the same again until [`DecisionTraces::written`].
    pub fn leaving(&self) -> Vec<Waiting> {
        let traces = &mut *self.lock();
        if traces.leaving.is_empty() {
            traces.leaving = std::mem::take(&mut traces.waiting);
        }
        traces.leaving.clone()
    }

    /// What was leaving is committed.
    pub fn written(&self) {
        self.lock().leaving = Vec::new();
    }

    fn lock(&self) -> MutexGuard<'_, Traces> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::error::Kind;
    use crate::domain::operation::decision_trace::Trace;
    use crate::foundation::{RequestId, Timestamp};

    fn waiting(place: i64, source: i64, request: u64) -> Waiting {
        let trace = Trace::of_failure(Kind::Internal, "server_error", "It failed.", "a test");
        let at = Timestamp::from_secs(1_800_000_000);
        Waiting {
            place,
            source,
            recorded: Recorded { request: RequestId::new(request), at, endpoint: "/".into(), trace },
        }
    }

    fn kept(traces: &DecisionTraces, place: i64) -> usize {
        traces.lock().waiting.iter().filter(|known| known.place == place).count()
    }

    #[test]
    fn a_flood_from_one_place_leaves_room_for_others() {
        let traces = DecisionTraces::default();
        for request in 0..100_000 {
            traces.keep(waiting(1, i64::try_from(request).unwrap(), request));
        }
        assert_eq!(kept(&traces, 1), OF_PLACE);
        for request in 0..100 {
            traces.keep(waiting(2, -7, request));
        }
        assert_eq!(kept(&traces, 2), OF_SOURCE, "one program in a loop");
        traces.keep(waiting(2, -8, 1));
        assert_eq!(kept(&traces, 2), OF_SOURCE + 1, "and another beside it");
    }

    #[test]
    fn when_all_room_is_taken_whoever_has_most_gives_up_one() {
        let traces = DecisionTraces::default();
        for request in 0..100_000_u64 {
            let place = i64::try_from(request % 4).unwrap();
            traces.keep(waiting(place, i64::try_from(request).unwrap(), request));
        }
        assert_eq!(traces.lock().waiting.len(), ALL);
        for place in 10..20 {
            traces.keep(waiting(place, place, 1));
            assert_eq!(kept(&traces, place), 1);
        }
        assert_eq!(traces.lock().waiting.len(), ALL);
        let many = DecisionTraces::default();
        for place in 0..100_000 {
            many.keep(waiting(place, place, 1));
        }
        assert_eq!(many.lock().waiting.len(), ALL, "from anywhere");
    }

    #[test]
    fn what_could_not_be_written_leaves_again_and_the_rest_after_it() {
        let traces = DecisionTraces::default();
        traces.keep(waiting(1, 1, 1));
        let first = traces.leaving();
        traces.keep(waiting(1, 1, 2));
        assert_eq!(traces.leaving(), first);
        traces.written();
        assert_eq!(traces.leaving(), [waiting(1, 1, 2)]);
        traces.written();
        assert!(traces.leaving().is_empty());
    }
}
