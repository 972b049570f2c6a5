//! What is done again and again is one row, whatever number of instances there is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use latchkey::domain::operation::job::{Failure, Kind, State};
use latchkey::jobs;
use latchkey::jobs::worker::{Run, Worker};
use latchkey::services::operation::jobs::{Filter, ListedJob, list};
use latchkey::storage::oauth::revoked_token;
use tokio::task::yield_now;
use tokio::time::timeout;

use super::bench::{work, worker};
use crate::harness::{TestApp, seconds};

async fn planned(app: &TestApp) -> Vec<ListedJob> {
    let all = list(&app.app, &Filter::default(), 100).await.unwrap();
    all.into_iter().filter(|job| job.attempts.schedule.is_some()).collect()
}

/// Counts the runs of pruning.
fn counting(runs: &Arc<AtomicUsize>, outcome: Result<(), Failure>) -> Run {
    let runs = runs.clone();
    Arc::new(move |_, job| {
        if job.kind == Kind::Prune {
            runs.fetch_add(1, Ordering::SeqCst);
        }
        let outcome = outcome.clone();
        Box::pin(async move { outcome })
    })
}

async fn both(first: &mut Worker, second: &mut Worker) {
    tokio::join!(work(first), work(second));
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_that_start_at_once_plan_each_kind_once_and_one_of_them_does_it() {
    let (one, other) = TestApp::configured().start_two().await;
    let runs = Arc::new(AtomicUsize::new(0));
    let (mut first, mut second) = (worker(&one, counting(&runs, Ok(()))), worker(&other, counting(&runs, Ok(()))));
    both(&mut first, &mut second).await;
    let kinds: Vec<_> = planned(&one).await.into_iter().map(|job| job.kind).collect();
    assert_eq!((kinds.len(), kinds.contains(&"prune".to_owned())), (6, true), "{kinds:?}");
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    for (seconds_later, wanted) in [(59, 1), (1, 2), (59, 2), (1, 3)] {
        one.advance(seconds(seconds_later));
        both(&mut first, &mut second).await;
        assert_eq!(runs.load(Ordering::SeqCst), wanted);
    }
    let prune = planned(&one).await.into_iter().find(|job| job.kind == "prune").unwrap();
    assert_eq!((prune.state, prune.finished_at), (State::Waiting, Some(one.clock.now())), "the last run is known");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_again_and_again_never_dies() {
    let (app, runs) = (TestApp::start().await, Arc::new(AtomicUsize::new(0)));
    let mut worker = worker(&app, counting(&runs, Err(Failure::ForNow("in vain".into()))));
    for _ in 0..30 {
        work(&mut worker).await;
        app.advance(seconds(60));
    }
    assert_eq!(runs.load(Ordering::SeqCst), 30);
    assert!(planned(&app).await.iter().all(|job| job.state == State::Waiting));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_changes_how_often() {
    let (app, runs) = (TestApp::start().await, Arc::new(AtomicUsize::new(0)));
    work(&mut worker(&app, counting(&runs, Ok(())))).await;
    app.sql("UPDATE jobs SET schedule = 7").await;
    let other = app.another().await;
    work(&mut worker(&other, counting(&runs, Ok(())))).await;
    let mut schedules: Vec<_> = planned(&app).await.into_iter().filter_map(|job| job.attempts.schedule).collect();
    schedules.sort();
    assert_eq!(schedules, [60, 60, 600, 600, 3600, 3600].map(Duration::from_secs));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_stood_far_ahead_does_not_hold_the_next_run_up() {
    let (app, runs) = (TestApp::start().await, Arc::new(AtomicUsize::new(0)));
    let right = app.clock.now();
    let ahead = app.another_at(right.after(seconds(30 * 86_400))).await;
    // Nothing was noted of the time yet, so this one is believed.
    work(&mut worker(&ahead, counting(&runs, Ok(())))).await;
    let before = runs.load(Ordering::SeqCst);
    work(&mut worker(&app, counting(&runs, Ok(())))).await;
    assert_eq!((before, runs.load(Ordering::SeqCst)), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_prunes_and_looks_after_keys_by_itself() {
    let app = TestApp::start().await;
    app.sql("INSERT INTO revoked_tokens (id, revoked_at, expires_at) VALUES ('t', '2001-01-01 00:00:00+00:00', '2001-01-01 00:10:00+00:00')")
        .await;
    let mut jobs = jobs::start(&app.app);
    let done = async {
        while planned(&app).await.iter().filter(|job| job.finished_at.is_some()).count() < 2 {
            yield_now().await;
        }
    };
    timeout(Duration::from_secs(30), done).await.expect("both have run");
    jobs.stop().await;
    let left = app.app.store.read("test", async |conn| revoked_token::contains(conn, "t").await).await.unwrap();
    assert!(!left);
    assert!(planned(&app).await.iter().all(|job| job.last_error.is_none()));
}
