//! The places that connections take. When they run short, connections without a request in progress are closed: first
//! those that have made no request yet, the oldest first, then those that have been idle for longest. One network has a
//! share, so that it cannot hold all places.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ipnet::IpNet;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep};

/// How often we look again for a connection that could go, while every one is busy.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// All places.
pub struct Places {
    total: usize,
    share: usize,
    /// Trusted proxies, exempt from the limit of one network: many people share the address of a proxy.
    exempt: Vec<IpNet>,
    start: Instant,
    seats: Mutex<Seats>,
    taken: watch::Sender<usize>,
}

#[derive(Default)]
struct Seats {
    last: u64,
    taken: HashMap<u64, Arc<Seat>>,
    networks: HashMap<IpNet, usize>,
}

/// One connection's place, free again when this is dropped.
pub struct Place {
    places: Arc<Places>,
    number: u64,
    seat: Arc<Seat>,
}

struct Seat {
    network: IpNet,
    requests: AtomicU64,
    in_progress: AtomicUsize,
    /// Milliseconds from the server's start to the connection's, or to its last request's beginning or end.
    since: AtomicU64,
    leave: Notify,
}

/// What a connection is doing, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It has not made a request yet.
    Nothing(Instant),
    /// Its requests are answered, and no other has begun.
    Idling(Instant),
    /// A request is in progress; when the last one began or ended.
    Working(Instant),
}

/// A request in progress, until it is dropped.
pub struct Work(Arc<Seat>, Instant);

impl Places {
    /// `total` places, of which one network gets `share`; `exempt` networks have no limit of their own.
    pub fn new(total: u32, share: u32, exempt: Vec<IpNet>) -> Arc<Self> {
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Arc::new(Self {
            total: count(total),
            share: count(share),
            exempt,
            start: Instant::now(),
            seats: Mutex::default(),
            taken: watch::Sender::new(0),
        })
    }

    /// A place for a connection from `peer`; `None` when the network of `peer` uses its whole share. Waits while every
    /// place is in use.
    pub async fn take(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let network = network(peer);
        if self.has_its_share(peer, network) && !self.ask_to_leave(Some(network)) {
            return None;
        }
        let mut taken = self.taken.subscribe();
        while *taken.borrow_and_update() >= self.total {
            self.ask_to_leave(None);
            tokio::select! {
                _ = taken.changed() => {}
                () = sleep(LOOK_AGAIN) => {}
            }
        }
        Some(self.seat(network))
    }

    /// Asks the connections of least use to close, all or those of one network. Whether there were any.
    pub fn ask_to_leave(&self, network: Option<IpNet>) -> bool {
        let seats = self.seats();
        let all = seats.taken.iter().filter(|(_, seat)| network.is_none_or(|network| seat.network == network));
        let doing = all.map(|(number, seat)| (*number, seat.doing(self.start)));
        let room = if network.is_some() { self.share } else { self.total };
        let leaving = of_least_use(doing, room / 16);
        for number in &leaving {
            if let Some(seat) = seats.taken.get(number) {
                seat.leave.notify_one();
            }
        }
        !leaving.is_empty()
    }

    /// Waits until every place is free.
    pub async fn all_left(&self) {
        // The sender is ours: it cannot be gone.
        let mut taken = self.taken.subscribe();
        let _always = taken.wait_for(|count| *count == 0).await.is_ok();
    }

    /// Whether every place is free.
    pub fn are_free(&self) -> bool {
        *self.taken.borrow() == 0
    }

    fn has_its_share(&self, peer: IpAddr, network: IpNet) -> bool {
        let has = self.seats().networks.get(&network).is_some_and(|count| *count >= self.share);
        has && !self.exempt.iter().any(|range| range.contains(&peer.to_canonical()))
    }

    fn seat(self: &Arc<Self>, network: IpNet) -> Place {
        let seat = Arc::new(Seat {
            network,
            requests: AtomicU64::new(0),
            in_progress: AtomicUsize::new(0),
            since: AtomicU64::new(milliseconds(self.start.elapsed())),
            leave: Notify::new(),
        });
        let mut seats = self.seats();
        seats.last += 1;
        let number = seats.last;
        seats.taken.insert(number, Arc::clone(&seat));
        *seats.networks.entry(network).or_default() += 1;
        self.taken.send_replace(seats.taken.len());
        Place { places: Arc::clone(self), number, seat }
    }

    fn free(&self, number: u64, network: IpNet) {
        let mut seats = self.seats();
        seats.taken.remove(&number);
        if let Some(count) = seats.networks.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                seats.networks.remove(&network);
            }
        }
        self.taken.send_replace(seats.taken.len());
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Notes that a request has begun.
    pub fn work(&self) -> Work {
        self.seat.requests.fetch_add(1, Ordering::Relaxed);
        self.seat.in_progress.fetch_add(1, Ordering::Relaxed);
        self.seat.touch(self.places.start);
        Work(Arc::clone(&self.seat), self.places.start)
    }

    /// What the connection is doing.
    pub fn doing(&self) -> Doing {
        self.seat.doing(self.places.start)
    }

    /// Waits until the place is wanted for another connection.
    pub async fn wanted(&self) {
        self.seat.leave.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.free(self.number, self.seat.network);
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.0.touch(self.1);
        self.0.in_progress.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Seat {
    fn touch(&self, start: Instant) {
        self.since.store(milliseconds(start.elapsed()), Ordering::Relaxed);
    }

    fn doing(&self, start: Instant) -> Doing {
        let since = start + Duration::from_millis(self.since.load(Ordering::Relaxed));
        match (self.in_progress.load(Ordering::Relaxed), self.requests.load(Ordering::Relaxed)) {
            (0, 0) => Doing::Nothing(since),
            (0, _) => Doing::Idling(since),
            _ => Doing::Working(since),
        }
    }
}

/// The connections to close when places run short: about `batch` at once, because looking through all of them is
/// costly, but at most half of the candidates. None of them has a request in progress.
fn of_least_use(connections: impl Iterator<Item = (u64, Doing)>, batch: usize) -> Vec<u64> {
    let (mut silent, mut idle) = (vec![], vec![]);
    for (number, doing) in connections {
        match doing {
            Doing::Nothing(since) => silent.push((since, number)),
            Doing::Idling(since) => idle.push((since, number)),
            Doing::Working(_) => {}
        }
    }
    let mut candidates = if silent.is_empty() { idle } else { silent };
    let count = batch.max(1).min(candidates.len().div_ceil(2));
    candidates.sort_unstable();
    candidates.into_iter().take(count).map(|(_, number)| number).collect()
}

/// The network of `peer` that has one holder: a single IPv4 address, an IPv6 /64.
fn network(peer: IpAddr) -> IpNet {
    let peer = peer.to_canonical();
    let length = if peer.is_ipv4() { 32 } else { 64 };
    IpNet::new(peer, length).map_or_else(|_| IpNet::from(peer), |network| network.trunc())
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn peer(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn at(second: u64) -> Instant {
        static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
        *START + Duration::from_secs(second)
    }

    #[test]
    fn silent_ones_go_first_then_the_longest_idle_and_never_one_at_work() {
        let all = [(1, Doing::Idling(at(1))), (2, Doing::Nothing(at(9))), (3, Doing::Working(at(0)))];
        assert_eq!(of_least_use(all.into_iter(), 1), [2]);
        let no_silent = [(1, Doing::Idling(at(5))), (2, Doing::Idling(at(4))), (3, Doing::Working(at(0)))];
        assert_eq!(of_least_use(no_silent.into_iter(), 1), [2]);
        assert!(of_least_use([(3, Doing::Working(at(0)))].into_iter(), 1).is_empty());
    }

    #[test]
    fn the_oldest_half_at_most_goes_at_once() {
        let all = || (0..10).map(|number| (number, Doing::Nothing(at(100 - number))));
        assert_eq!(of_least_use(all(), 3), [9, 8, 7]);
        assert_eq!(of_least_use(all(), 100), [9, 8, 7, 6, 5]);
    }

    #[test]
    fn an_ipv6_network_is_one_holder_and_a_mapped_address_is_ipv4() {
        assert_eq!(network(peer("2001:db8::1")), network(peer("2001:db8::ffff:2")));
        assert_ne!(network(peer("2001:db8::1")), network(peer("2001:db8:0:1::1")));
        assert_eq!(network(peer("::ffff:192.0.2.1")), network(peer("192.0.2.1")));
        assert_ne!(network(peer("192.0.2.1")), network(peer("192.0.2.2")));
    }

    #[tokio::test]
    async fn one_network_has_its_share_and_others_still_find_a_place() {
        let places = Places::new(4, 2, vec![]);
        let (first, second) = (places.take(peer("192.0.2.1")).await, places.take(peer("192.0.2.1")).await);
        let (first, second) = (first.unwrap(), second.unwrap());
        let (_one, _two) = (first.work(), second.work());
        assert!(places.take(peer("192.0.2.1")).await.is_none(), "its share is in use");
        let other = places.take(peer("192.0.2.2")).await;
        assert!(other.is_some());
        drop(first);
        assert!(places.take(peer("192.0.2.1")).await.is_some());
    }

    #[tokio::test]
    async fn whoever_is_silent_makes_room_within_its_own_share() {
        let places = Places::new(10, 2, vec![]);
        let (older, newer) = (places.take(peer("192.0.2.1")).await.unwrap(), places.take(peer("192.0.2.1")).await);
        let elsewhere = places.take(peer("192.0.2.2")).await.unwrap();
        assert!(places.take(peer("192.0.2.1")).await.is_some());
        assert!(older.wanted().now_or_never().is_some());
        assert!(newer.unwrap().wanted().now_or_never().is_none());
        assert!(elsewhere.wanted().now_or_never().is_none());
    }

    #[tokio::test]
    async fn a_trusted_proxy_has_no_share() {
        let places = Places::new(4, 1, vec!["192.0.2.0/24".parse().unwrap()]);
        let held = [places.take(peer("::ffff:192.0.2.1")).await, places.take(peer("::ffff:192.0.2.1")).await];
        let works = held.each_ref().map(|place| place.as_ref().unwrap().work());
        assert!(places.take(peer("192.0.2.1")).await.is_some());
        drop(works);
    }

    #[tokio::test]
    async fn where_all_are_at_work_the_next_one_waits_for_the_first_that_is_done() {
        let places = Places::new(2, 2, vec![]);
        let (one, two) = (places.take(peer("192.0.2.1")).await.unwrap(), places.take(peer("192.0.2.2")).await.unwrap());
        let (_working, done) = (one.work(), two.work());
        let (taken, ()) = tokio::join!(places.take(peer("192.0.2.3")), async {
            sleep(LOOK_AGAIN).await;
            assert!(one.wanted().now_or_never().is_none() && two.wanted().now_or_never().is_none());
            drop(done);
            two.wanted().await;
            drop(two);
        });
        assert!(taken.is_some());
    }
}
