//! How a running server is told to stop: first that others should send their requests elsewhere, then to finish what
//! it has begun, then to end at once.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::sleep;

/// How far stopping has come. Every part of the server follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Go on.
    Running,
    /// `/readyz` says 503, everything is served as before: load balancers need seconds to notice.
    Draining,
    /// Everything is still served, but answers close their connection, so that none is in use when no new one can be
    /// had.
    Closing,
    /// Begin no new work, finish the rest.
    Finishing,
    /// End at once.
    Ending,
}

/// Put on each request that arrives after the order to stop.
#[derive(Clone, Copy, Debug)]
pub struct Draining;

/// Knows when to stop. Every part that runs holds a clone, and each clone reports all phases by itself.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<Phase>);

/// Yields each phase once.
pub struct Phases(watch::Receiver<Phase>);

/// Tells every [`Shutdown`] made from it to stop. Dropping it stops nothing.
#[derive(Clone, Debug)]
pub struct Stop(watch::Sender<Phase>);

/// The signals of a server, taken over: none of them ends the process by itself.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Takes them over, for as long as the process lives. To be called before anything else: what arrives earlier ends
    /// the process. Needs a tokio runtime. (SIGPIPE is ignored from the beginning, by Rust itself.)
    ///
    /// # Errors
    /// When the handlers cannot be installed.
    pub fn take() -> io::Result<Self> {
        // SIGHUP is listened to elsewhere, and the other two do nothing. A handler stays for good.
        for kind in [SignalKind::hangup(), SignalKind::user_defined1(), SignalKind::user_defined2()] {
            drop(signal(kind)?);
        }
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Stops on the first SIGTERM after `drain`, and on the first SIGINT at once: no load balancer must notice a
    /// Ctrl-C. A second signal ends at once. Signals that came since [`Signals::take`] count.
    pub fn shutdown(mut self, drain: Duration) -> Shutdown {
        let (stop, shutdown) = Shutdown::manual();
        tokio::spawn(async move {
            let drain = tokio::select! {
                _ = self.terminate.recv() => drain,
                _ = self.interrupt.recv() => Duration::ZERO,
            };
            match drain.is_zero() {
                true => tracing::info!("stopping"),
                false => tracing::info!(
                    drain_seconds = drain.as_secs(),
                    "stopping: /readyz says 503, everything is still served for a while"
                ),
            }
            let again = async {
                tokio::select! { _ = self.terminate.recv() => {}, _ = self.interrupt.recv() => {} }
            };
            let stopping = async {
                stop.drain(drain).await;
                std::future::pending::<()>().await;
            };
            tokio::select! { () = again => stop.end(), () = stopping => {} }
        });
        shutdown
    }
}

impl Shutdown {
    /// A pair for a caller that decides itself when to stop.
    pub fn manual() -> (Stop, Self) {
        let (sender, receiver) = watch::channel(Phase::Running);
        (Stop(sender), Self(receiver))
    }

    /// The current phase. Each request asks for it, so until something has happened it takes no lock, which all cores
    /// would share.
    pub fn phase(&self) -> Phase {
        match self.0.has_changed() {
            Ok(false) => Phase::Running,
            _ => *self.0.borrow(),
        }
    }

    /// The phases as they come, beginning with the current one.
    pub fn phases(&self) -> Phases {
        Phases(self.0.clone())
    }

    /// Waits for the order to stop.
    pub async fn draining(&self) {
        self.reached(Phase::Draining).await;
    }

    /// Waits until no new work may begin.
    pub async fn finishing(&self) {
        self.reached(Phase::Finishing).await;
    }

    /// Waits until even the work that has begun must end.
    pub async fn ending(&self) {
        self.reached(Phase::Ending).await;
    }

    async fn reached(&self, phase: Phase) {
        let gone = self.0.clone().wait_for(|now| *now >= phase).await.is_err();
        if gone {
            std::future::pending::<()>().await;
        }
    }
}

impl Phases {
    /// The next phase.
    pub async fn next(&mut self) -> Phase {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        *self.0.borrow_and_update()
    }
}

impl Stop {
    /// Serves on for `drain`, the second half of it without keeping connections; then begins no new work.
    pub async fn drain(&self, drain: Duration) {
        let half = drain / 2;
        for (phase, wait) in [(Phase::Draining, half), (Phase::Closing, drain.saturating_sub(half))] {
            self.raise(phase);
            if !wait.is_zero() {
                sleep(wait).await;
            }
        }
        self.finish();
    }

    /// Begin no new work, finish the rest.
    pub fn finish(&self) {
        self.raise(Phase::Finishing);
    }

    /// End at once.
    pub fn end(&self) {
        self.raise(Phase::Ending);
    }

    /// Raises the phase to `phase`; never lowers it.
    pub fn raise(&self, phase: Phase) {
        self.0.send_if_modified(|now| {
            let later = phase > *now;
            *now = phase.max(*now);
            later
        });
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn finishing_comes_before_ending_and_ending_implies_it() {
        let (stop, shutdown) = Shutdown::manual();
        assert!(shutdown.finishing().now_or_never().is_none());
        stop.finish();
        assert!(shutdown.finishing().now_or_never().is_some());
        assert!(shutdown.ending().now_or_never().is_none());
        stop.end();
        stop.finish();
        assert!(shutdown.ending().now_or_never().is_some());
        assert!(shutdown.clone().finishing().now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_drain_serves_on_and_lets_go_of_connections_in_its_second_half() {
        let (stop, shutdown) = Shutdown::manual();
        let mut phases = shutdown.phases();
        let start = tokio::time::Instant::now();
        tokio::spawn(async move { stop.drain(Duration::from_millis(100)).await });
        for (phase, after) in [(Phase::Draining, 0), (Phase::Closing, 50), (Phase::Finishing, 100)] {
            assert_eq!(phases.next().await, phase);
            assert!(shutdown.phase() >= phase);
            assert!(start.elapsed() >= Duration::from_millis(after));
        }
    }

    #[tokio::test]
    async fn no_drain_is_over_at_once() {
        let (stop, shutdown) = Shutdown::manual();
        assert!(stop.drain(Duration::ZERO).now_or_never().is_some());
        assert_eq!(shutdown.phase(), Phase::Finishing);
    }
}
