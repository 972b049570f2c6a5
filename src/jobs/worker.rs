//! Takes jobs that are due, and ends leases whose holders are gone.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::fault::Fault;
use super::places::Places;
pub use super::places::{PLACES, Run};
use super::schedule;
use crate::app::App;
use crate::domain::operation::job::{Kind, LEASE, LeaseWatch, Leased};
use crate::services::ServiceError;
use crate::services::operation::jobs;
use crate::storage::Conn;
use crate::storage::operation::job as stored;

/// How soon a job is seen that another process has added: an idle server asks the database one question in this time.
pub const POLL: Duration = Duration::from_secs(1);
/// How often leases are looked after.
const KEEP: Duration = Duration::from_secs(1);
/// How often it is looked whether other processes still renew theirs.
const LOOK: Duration = Duration::from_secs(5);
/// Leases that are looked at: more than any number of instances has places for.
const MOST_LEASED: i64 = 1_000;
/// How long jobs may go on when the process is told to stop.
const MOMENT: Duration = Duration::from_secs(2);
/// How long writing down how they ended may take then.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Does the jobs of this process. Dropping it ends every run where it stands, as the end of the process would.
pub struct Worker {
    app: App,
    places: Arc<Places>,
    /// One for each job that runs.
    tasks: JoinSet<()>,
    watch: LeaseWatch,
    /// When it looked at the leases of others, by the monotonic clock.
    looked: Option<Duration>,
    is_planned: bool,
    poll: Duration,
}

impl Worker {
    /// A worker that has not begun. It does jobs by `run`, and asks every `poll` whether another process has added one.
    pub fn new(app: App, run: Run, poll: Duration) -> Self {
        let places = Places::new(app.clone(), run);
        let (tasks, watch) = (JoinSet::new(), LeaseWatch::default());
        Self { app, places, tasks, watch, looked: None, is_planned: false, poll }
    }

    /// Does what is due, until it is told to stop.
    pub async fn work(mut self, mut stop: oneshot::Receiver<()>) {
        let places = Arc::clone(&self.places);
        let taking = async {
            let mut fault = Fault::new("take jobs");
            loop {
                let outcome = caught(self.turn()).await;
                fault.note(&outcome);
                tokio::select! {
                    () = sleep(outcome.unwrap_or(self.poll)) => {}
                    () = self.app.job_added.notified() => {}
                    () = self.places.freed.notified() => {}
                    _ = &mut stop => return,
                }
            }
        };
        tokio::select! { () = taking => {}, () = keep(&places) => {} }
        self.finish(MOMENT).await;
    }

    /// Takes what is due, as far as there are places, and begins to do it. Returns how long it is until something may be
    /// due again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn turn(&mut self) -> Result<Duration, ServiceError> {
        while self.tasks.try_join_next().is_some() {}
        if !self.is_planned {
            schedule::plan(&self.app).await?;
            self.is_planned = true;
        }
        self.look().await?;
        loop {
            let kinds: Vec<_> = Kind::ALL.into_iter().filter(|kind| self.places.free(*kind) > 0).collect();
            if kinds.is_empty() {
                return Ok(self.poll);
            }
            let next = self.app.store.read("find_due_job", async |conn| stored::next_due(conn, &kinds).await).await?;
            let Some((kind, due)) = next else { return Ok(self.poll) };
            let now = jobs::now(&self.app);
            if due > now {
                return Ok(due.since(now).min(self.poll));
            }
            // Before it is asked for: the lease may begin as soon as that.
            let since = self.app.clock.reading().monotonic;
            let (until, instance) = (now.after(LEASE), self.app.instance);
            let free = i64::try_from(self.places.free(kind)).unwrap_or(0);
            let take = async |tx: &mut Conn| stored::take(tx, kind, now, until, instance, free).await;
            let taken = self.app.store.write_once("take_jobs", take).await?;
            if taken.is_empty() {
                // Another process was faster.
                return Ok(self.poll);
            }
            for job in taken {
                self.tasks.spawn(self.places.fill(job, since));
            }
        }
    }

    /// Renews leases, and ends what has lost its own.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keep(&self) -> Result<(), ServiceError> {
        self.places.keep().await
    }

    /// Waits until every job that runs here has ended.
    pub async fn ended(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }

    /// Lets what runs go on for a moment, and gives the rest back.
    pub async fn finish(&mut self, moment: Duration) {
        if timeout(moment, self.ended()).await.is_err() {
            self.places.give_back();
        }
        let _cut_off = timeout(LAST_WORDS, async {
            self.ended().await;
            // What could not be written before.
            self.places.keep().await
        })
        .await;
    }

    /// Now and then: whether other processes still renew their leases, and whether something waits for a time that a wrong
    /// clock has chosen.
    async fn look(&mut self) -> Result<(), ServiceError> {
        let before = self.app.clock.reading().monotonic;
        if self.looked.is_some_and(|looked| before.saturating_sub(looked) < LOOK) {
            return Ok(());
        }
        let store = &self.app.store;
        let (leased, is_late) = store
            .read("look_at_leases", async |conn| {
                let now = jobs::now(&self.app);
                Ok((stored::leased(conn, MOST_LEASED).await?, stored::is_late(conn, now).await?))
            })
            .await?;
        let others: Vec<_> = leased.into_iter().filter(|leased| !self.places.holds(leased.lease)).collect();
        for lapsed in self.watch.look(&others, self.app.clock.reading().monotonic) {
            self.end(lapsed).await?;
        }
        if is_late {
            let now = jobs::now(&self.app);
            store.write_once("hurry_jobs", async |tx: &mut Conn| stored::hurry(tx, now).await).await?;
        }
        self.looked = Some(before);
        Ok(())
    }

    /// Ends a run whose lease has run out.
    async fn end(&self, lapsed: Leased) -> Result<(), ServiceError> {
        const ERROR: &str = "its process ended, or could not renew its lease";
        let (now, random) = (jobs::now(&self.app), u64::from_be_bytes(self.app.random.bytes()));
        let next = lapsed.attempts.failed(now, random);
        let end = async |tx: &mut Conn| stored::end_lapsed(tx, &lapsed, next, ERROR, now).await;
        if self.app.store.write_once("end_lapsed_job", end).await? {
            self.places.tell_of_failure(lapsed.kind, lapsed.lease, next, ERROR);
        }
        Ok(())
    }
}

/// Looks after leases for ever.
async fn keep(places: &Places) {
    let (mut ticks, mut fault) = (interval(KEEP), Fault::new("renew leases"));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        fault.note(&caught(places.keep()).await);
    }
}

/// A panic is a failure like any other: a server whose worker had ended would still look healthy.
async fn caught<T>(work: impl Future<Output = Result<T, ServiceError>>) -> Result<T, ServiceError> {
    let outcome = AssertUnwindSafe(work).catch_unwind().await;
    outcome.unwrap_or_else(|_| Err(ServiceError::internal("the worker panicked")))
}
