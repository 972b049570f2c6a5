//! What the jobs of these tests do, and what was seen of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use latchkey::domain::operation::job::{Failure, Job, Key, Kind, NewJob, Payload, State};
use latchkey::foundation::Timestamp;
use latchkey::jobs::worker::{Run, Worker};
use latchkey::services::operation::jobs::{self, Enqueued, Filter, ListedJob};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::harness::TestApp;

/// So long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longer than any test: what another process has added is not asked for meanwhile.
pub const NEVER: Duration = Duration::from_secs(3600);

/// What was seen of all runs, whichever worker did them.
#[derive(Clone)]
pub struct Bench {
    seen: Arc<Mutex<Seen>>,
    began: mpsc::UnboundedSender<String>,
    beginnings: Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<String>>>,
}

#[derive(Default)]
struct Seen {
    /// Every run: of which job, and its fence.
    runs: Vec<(String, i64)>,
    /// Jobs that run at this moment, and how often.
    now: HashMap<String, usize>,
    /// The most that ran at once.
    most: usize,
    /// Runs that began while the same job ran.
    overlaps: usize,
}

/// A run that lasts as long as this lives, however it ends.
struct Running {
    seen: Arc<Mutex<Seen>>,
    key: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut seen = self.seen.lock().unwrap();
        let left = seen.now[&self.key] - 1;
        match left {
            0 => drop(seen.now.remove(&self.key)),
            _ => drop(seen.now.insert(self.key.clone(), left)),
        }
    }
}

impl Bench {
    pub fn new() -> Self {
        let (began, beginnings) = mpsc::unbounded_channel();
        Self { seen: Arc::default(), began, beginnings: Arc::new(tokio::sync::Mutex::new(beginnings)) }
    }

    /// Jobs that end as `outcome` says. What the server plans by itself succeeds, and is not seen.
    pub fn doing(&self, outcome: impl Fn(&Job) -> Result<(), Failure> + Clone + Send + Sync + 'static) -> Run {
        let bench = self.clone();
        Arc::new(move |_, job| {
            let (bench, outcome) = (bench.clone(), outcome.clone());
            Box::pin(async move {
                let Some(_running) = bench.begin(&job) else { return Ok(()) };
                for _ in 0..3 {
                    yield_now().await;
                }
                outcome(&job)
            })
        })
    }

    /// Jobs that wait at a gate, each for a permit, and then succeed.
    pub fn waiting_at(&self, gate: &Arc<Semaphore>) -> Run {
        let (bench, gate) = (self.clone(), gate.clone());
        Arc::new(move |_, job| {
            let (bench, gate) = (bench.clone(), gate.clone());
            Box::pin(async move {
                if let Some(_running) = bench.begin(&job) {
                    gate.acquire().await.expect("an open gate").forget();
                }
                Ok(())
            })
        })
    }

    fn begin(&self, job: &Job) -> Option<Running> {
        if job.attempts.schedule.is_some() {
            return None;
        }
        let mut seen = self.seen.lock().unwrap();
        seen.runs.push((job.key.clone(), job.lease.fence));
        let times = seen.now.entry(job.key.clone()).or_default();
        *times += 1;
        let (again, all) = (*times > 1, seen.now.len());
        seen.overlaps += usize::from(again);
        seen.most = seen.most.max(all);
        let _nobody_waits = self.began.send(job.key.clone());
        Some(Running { seen: self.seen.clone(), key: job.key.clone() })
    }

    /// Waits until so many more have begun.
    pub async fn begun(&self, number: usize) {
        let mut beginnings = self.beginnings.lock().await;
        for _ in 0..number {
            timeout(PATIENCE, beginnings.recv()).await.expect("a job begins").expect("a sender");
        }
    }

    pub fn runs(&self) -> Vec<(String, i64)> {
        self.seen.lock().unwrap().runs.clone()
    }

    pub fn running(&self) -> usize {
        self.seen.lock().unwrap().now.len()
    }

    pub fn most(&self) -> usize {
        self.seen.lock().unwrap().most
    }

    pub fn overlaps(&self) -> usize {
        self.seen.lock().unwrap().overlaps
    }

    /// Waits until nothing runs: what was dropped on another thread may take its last step.
    pub async fn quiet(&self) {
        let quiet = async {
            while self.running() > 0 {
                yield_now().await;
            }
        };
        timeout(PATIENCE, quiet).await.expect("what was dropped ends");
    }
}

/// A worker of this instance.
pub fn worker(app: &TestApp, run: Run) -> Worker {
    Worker::new(app.app.clone(), run, NEVER)
}

/// A job of a kind that is due.
pub fn job(app: &TestApp, kind: Kind, key: &str) -> NewJob {
    let (key, payload) = (Key::new(key).unwrap(), Payload::new(&"what to do").unwrap());
    NewJob { kind, key, payload, run_at: jobs::now(&app.app), schedule: None, created_by: "test".into() }
}

pub async fn enqueue(app: &TestApp, job: &NewJob) -> Enqueued {
    let added = app.app.store.transaction("test", async |tx| jobs::enqueue(&app.app, tx, job).await).await.unwrap();
    jobs::begin(&app.app);
    added
}

/// A job that is due, and what it is about.
pub async fn add(app: &TestApp, key: &str) {
    assert_eq!(enqueue(app, &job(app, Kind::Prune, key)).await, Enqueued::Added);
}

/// Takes what is due and waits until it has ended.
pub async fn work(worker: &mut Worker) {
    worker.turn().await.unwrap();
    worker.ended().await;
}

/// Every job but those that the server plans by itself.
pub async fn rows(app: &TestApp) -> Vec<ListedJob> {
    let all = jobs::list(&app.app, &Filter::default(), 1_000).await.unwrap();
    all.into_iter().filter(|job| job.attempts.schedule.is_none()).collect()
}

/// The one job about `key`.
pub async fn row(app: &TestApp, key: &str) -> ListedJob {
    let found: Vec<_> = rows(app).await.into_iter().filter(|job| job.key == key).collect();
    let [found] = found.try_into().unwrap();
    found
}

pub async fn state(app: &TestApp, key: &str) -> State {
    row(app, key).await.state
}

/// Lets time pass until something is due.
pub fn advance_to(app: &TestApp, time: Timestamp) {
    app.advance(time.since(jobs::now(&app.app)));
}
