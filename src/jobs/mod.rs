//! What happens without a request (docs/decisions/0027-jobs.md): jobs, which are rows that one of all instances does; and
//! tickers, by which each process looks after itself.

mod asked_by_mail;
mod back_channel_logout;
mod delete_accounts;
mod fault;
mod look_at_names;
mod mail;
mod places;
mod prove_address;
mod prune;
mod remind_of_lost_factors;
mod renew_upstream_tokens;
mod rotate_keys;
mod schedule;
mod tickers;
pub mod worker;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;

pub use self::tickers::{count_last_events, keep_last_traces};
use self::worker::{POLL, Worker};
use crate::app::App;
use crate::domain::operation::job::{Failure, Job, Kind};

/// The longest that stopping may take: the moment that jobs have to end by themselves, and one to write down how they did.
const STOP: Duration = Duration::from_secs(4);

/// Does a job.
pub fn run(app: App, job: Arc<Job>) -> BoxFuture<'static, Result<(), Failure>> {
    Box::pin(async move {
        match job.kind {
            Kind::Prune => prune::run(&app, &job).await,
            Kind::RotateKeys => rotate_keys::run(&app, &job).await,
            Kind::Mail => mail::run(&app, &job).await,
            Kind::ProveAddress => prove_address::run(&app, &job).await,
            Kind::LookAtNames => look_at_names::run(&app, &job).await,
            Kind::RemindOfLostFactors => remind_of_lost_factors::run(&app, &job).await,
            Kind::BackChannelLogout => back_channel_logout::run(&app, &job).await,
            Kind::AskedByMail => asked_by_mail::run(&app, &job).await,
            Kind::RenewUpstreamTokens => renew_upstream_tokens::run(&app, &job).await,
            Kind::DeleteAccounts => delete_accounts::run(&app, &job).await,
        }
    })
}

/// What runs beside the requests. It ends at once when this is dropped.
pub struct Jobs {
    _tickers: JoinSet<()>,
    worker: JoinSet<()>,
    stop: Option<oneshot::Sender<()>>,
}

/// Starts everything.
pub fn start(app: &App) -> Jobs {
    let (mut tickers, mut worker) = (JoinSet::new(), JoinSet::new());
    tickers::start(app, &mut tickers);
    let (stop, stopped) = oneshot::channel();
    worker.spawn(Worker::new(app.clone(), Arc::new(run), POLL).work(stopped));
    Jobs { _tickers: tickers, worker, stop: Some(stop) }
}

impl Jobs {
    /// Begins no new job, and lets those that run end for a moment. What has not ended by then is given back, for another
    /// process to begin anew. Tickers go on.
    pub async fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ended_already = stop.send(());
        }
        if timeout(STOP, self.worker.join_next()).await.is_err() {
            tracing::warn!("some jobs were cut off: another process tries them again when their lease has run out");
            self.worker.abort_all();
        }
    }
}
