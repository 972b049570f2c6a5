//! The jobs that this process runs: at most so many at once, each with a lease that is renewed while it runs, and an end
//! that is written down.

use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join, join_all};
use tokio::sync::{Notify, oneshot};

use crate::app::App;
use crate::domain::operation::job::{Failure, Job, Kind, LEASE, Lease, Next, RENEW, SURRENDER};
use crate::services::ServiceError;
use crate::services::operation::jobs;
use crate::storage::operation::job as stored;
use crate::storage::{Conn, StoreError};

/// Jobs that run at once, beside those of kinds that have places of their own. Each may keep a payload and what it is about in memory, and a connection to the database busy.
pub const PLACES: usize = 4;

/// What does a job.
pub type Run = Arc<dyn Fn(App, Arc<Job>) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync>;

/// The jobs that this process runs.
pub struct Places {
    app: App,
    run: Run,
    held: Mutex<HashMap<Lease, Held>>,
    /// Kinds of which the last job failed: that is told when it begins and when it ends.
    failing: Mutex<HashSet<Kind>>,
    /// Told of each place that has become free.
    pub freed: Notify,
}

/// A job that runs, or whose end has yet to be written down. Times are those of the monotonic clock.
struct Held {
    kind: Kind,
    began: Duration,
    /// When the renewal was sent that arrived last.
    renewed: Duration,
    /// Ends the run. A run whose sender is dropped has lost its lease, and says nothing more.
    stop: Option<oneshot::Sender<Stop>>,
    ended: Option<Ended>,
}

/// Why a run is ended that would go on.
enum Stop {
    /// Its time is over.
    TooLong,
    /// This process ends.
    GiveBack,
}

/// What is to be written down.
#[derive(Clone)]
struct Ended {
    next: Next,
    error: Option<String>,
}

impl Places {
    /// All are free.
    pub fn new(app: App, run: Run) -> Arc<Self> {
        let (held, failing) = (Mutex::default(), Mutex::default());
        Arc::new(Self { app, run, held, failing, freed: Notify::new() })
    }

    /// How many are free for jobs of this kind.
    pub fn free(&self, kind: Kind) -> usize {
        let held = self.held();
        let of_it = held.values().filter(|held| held.kind == kind).count();
        let its_own = kind.most_at_once().unwrap_or(PLACES).saturating_sub(of_it);
        if kind.has_places_of_its_own() {
            return its_own;
        }
        let common = held.values().filter(|held| !held.kind.has_places_of_its_own()).count();
        PLACES.saturating_sub(common).min(its_own)
    }

    /// Whether this process runs a job.
    pub fn holds(&self, lease: Lease) -> bool {
        self.held().contains_key(&lease)
    }

    /// Takes a place for a job whose lease was asked for at `since`. The future does it.
    pub fn fill(self: &Arc<Self>, job: Job, since: Duration) -> impl Future<Output = ()> + Send + use<> {
        let (stop, stopped) = oneshot::channel();
        let held = Held { kind: job.kind, began: since, renewed: since, stop: Some(stop), ended: None };
        self.held().insert(job.lease, held);
        perform(Arc::clone(self), Arc::new(job), stopped)
    }

    /// To be called every second: renews leases, ends what has lost its lease or takes too long, and writes down what could
    /// not be written before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keep(&self) -> Result<(), ServiceError> {
        let now = self.app.clock.reading().monotonic;
        self.end_overdue(now);
        let (mut old, mut ended) = (Vec::new(), Vec::new());
        for (lease, held) in self.held().iter() {
            match &held.ended {
                Some(end) => ended.push((*lease, end.clone())),
                None if now.saturating_sub(held.renewed) >= RENEW => old.push(*lease),
                None => {}
            }
        }
        // All at once: the last one must not wait for the others.
        let renewals = join_all(old.into_iter().map(|lease| self.renew(lease, now)));
        let ends = join_all(ended.into_iter().map(|(lease, end)| self.settle(lease, end)));
        let (renewed, settled) = join(renewals, ends).await;
        renewed.into_iter().chain(settled).collect::<Result<(), _>>().map_err(ServiceError::from)
    }

    /// Ends every run, for another process to begin anew.
    pub fn give_back(&self) {
        for held in self.held().values_mut() {
            if let Some(stop) = held.stop.take() {
                let _ended_already = stop.send(Stop::GiveBack);
            }
        }
    }

    /// Ends the runs that could not renew their lease in time, and those whose own time is over.
    fn end_overdue(&self, now: Duration) {
        self.held().retain(|lease, held| {
            if now.saturating_sub(held.renewed) >= SURRENDER {
                tracing::warn!(job = held.kind.as_str(), job_id = %lease.id,
                    "job given up: its lease could not be renewed, and another process may take it over");
                self.freed.notify_one();
                return false;
            }
            if held.ended.is_none()
                && now.saturating_sub(held.began) >= held.kind.time_limit()
                && let Some(stop) = held.stop.take()
            {
                let _ended_already = stop.send(Stop::TooLong);
            }
            true
        });
    }

    async fn renew(&self, lease: Lease, at: Duration) -> Result<(), StoreError> {
        let until = jobs::now(&self.app).after(LEASE);
        let is_ours = self
            .app
            .store
            .write_once("extend_lease", async |tx: &mut Conn| stored::extend(tx, lease, until).await)
            .await?;
        let mut all = self.held();
        // One that ended meanwhile needs no lease any more.
        let Some(held) = all.get_mut(&lease).filter(|held| held.ended.is_none()) else { return Ok(()) };
        if is_ours {
            held.renewed = at;
            return Ok(());
        }
        tracing::warn!(job = held.kind.as_str(), job_id = %lease.id, "job given up: another process has taken it over");
        all.remove(&lease);
        self.freed.notify_one();
        Ok(())
    }

    /// Writes down how a run ended. If that cannot be done now, [`Places::keep`] tries again, until the lease is lost.
    async fn settle(&self, lease: Lease, ended: Ended) -> Result<(), StoreError> {
        let (Ended { next, error }, now) = (&ended, jobs::now(&self.app));
        let settle = async |tx: &mut Conn| stored::settle(tx, lease, *next, error.as_deref(), now).await;
        // What is no longer ours was taken over, or this was written before and its answer lost: nothing is left to do.
        let _is_ours = self.app.store.write_once("settle_job", settle).await?;
        self.held().remove(&lease);
        self.freed.notify_one();
        Ok(())
    }

    /// What follows from how a run ended; and says so.
    fn judge(&self, job: &Job, outcome: Result<Result<(), Failure>, Stop>) -> Ended {
        let (now, attempts) = (jobs::now(&self.app), job.attempts);
        let random = u64::from_be_bytes(self.app.random.bytes());
        let limit = job.kind.time_limit().as_secs();
        let (next, error) = match outcome {
            Err(Stop::GiveBack) => {
                tracing::info!(job = job.kind.as_str(), job_id = %job.lease.id, "job given back: this process ends");
                return Ended { next: attempts.given_back(now), error: job.last_error.clone() };
            }
            Ok(Ok(())) => {
                tracing::debug!(job = job.kind.as_str(), job_id = %job.lease.id, "job done");
                if self.failing().remove(&job.kind) {
                    tracing::info!(job = job.kind.as_str(), "job works again");
                }
                return Ended { next: attempts.succeeded(now), error: None };
            }
            Ok(Err(Failure::NotYet(error))) => {
                tracing::debug!(job = job.kind.as_str(), job_id = %job.lease.id, error, "job put off");
                return Ended { next: attempts.put_off(now, random), error: Some(error) };
            }
            Ok(Err(Failure::ForNow(error))) => (attempts.failed(now, random), error),
            Ok(Err(Failure::ForGood(error))) => (attempts.hopeless(now), error),
            Err(Stop::TooLong) => (attempts.failed(now, random), format!("it took longer than {limit} seconds")),
        };
        self.tell_of_failure(job.kind, job.lease, next, &error);
        Ended { next, error: Some(error) }
    }

    /// Says that a run failed: of each job that is dead; of a kind whose jobs are tried again, when that begins.
    pub fn tell_of_failure(&self, kind: Kind, lease: Lease, next: Next, error: &str) {
        let (job, job_id) = (kind.as_str(), lease.id);
        if kind.depends_on_strangers() {
            tracing::debug!(job, %job_id, error, "job failed: whom it tells did not take it");
        } else if let Next::Dead { .. } = next {
            tracing::error!(job, %job_id, error, "job failed for good: `latchkey jobs retry` lets it be tried again");
        } else if self.failing().insert(kind) {
            tracing::warn!(job, %job_id, error, "job failed and will be tried again");
        } else {
            tracing::debug!(job, %job_id, error, "job failed again");
        }
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Lease, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failing(&self) -> MutexGuard<'_, HashSet<Kind>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does a job, unless it is stopped, and writes down how it ended.
async fn perform(places: Arc<Places>, job: Arc<Job>, stopped: oneshot::Receiver<Stop>) {
    let (run, app, argument) = (Arc::clone(&places.run), places.app.clone(), Arc::clone(&job));
    let work = AssertUnwindSafe(async move { run(app, argument).await }).catch_unwind();
    // The order to stop first: who has lost a lease does not take one more step.
    let outcome = tokio::select! {
        biased;
        stop = stopped => match stop {
            Ok(stop) => Err(stop),
            Err(_) => return,
        },
        outcome = work => Ok(outcome.unwrap_or_else(|_| Err(Failure::ForNow("the job panicked".to_owned())))),
    };
    let ended = places.judge(&job, outcome);
    match places.held().get_mut(&job.lease) {
        Some(held) => held.ended = Some(ended.clone()),
        // Its lease was lost at the last moment.
        None => return,
    }
    let _tried_again_by_keep = places.settle(job.lease, ended).await;
}
