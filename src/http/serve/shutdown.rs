//! How a running server is told to stop: first to finish what it has begun, then to end at once.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// What everything that runs is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Running,
    Finishing,
    Ending,
}

/// Knows when to stop; every part that runs holds a clone.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<Phase>);

/// Tells every [`Shutdown`] made from it to stop. Dropping it means nothing.
#[derive(Clone, Debug)]
pub struct Stop(watch::Sender<Phase>);

impl Shutdown {
    /// A pair for whoever decides when to stop.
    pub fn manual() -> (Stop, Self) {
        let (sender, receiver) = watch::channel(Phase::Running);
        (Stop(sender), Self(receiver))
    }

    /// Stops on SIGTERM or SIGINT: the first finishes, the second ends at once. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the handlers cannot be installed.
    pub fn on_signals() -> io::Result<Self> {
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let (stop, shutdown) = Self::manual();
        tokio::spawn(async move {
            for step in [Stop::finish, Stop::end] {
                tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
                step(&stop);
            }
        });
        Ok(shutdown)
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

impl Stop {
    /// Begin no new work, finish the rest.
    pub fn finish(&self) {
        self.raise(Phase::Finishing);
    }

    /// End at once.
    pub fn end(&self) {
        self.raise(Phase::Ending);
    }

    fn raise(&self, phase: Phase) {
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
}
