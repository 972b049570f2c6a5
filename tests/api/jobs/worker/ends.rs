//! How a worker stops, and how a dead job is tried again by hand.

use std::sync::Arc;
use std::time::Duration;

use latchkey::domain::operation::audit_event::Action;
use latchkey::domain::operation::job::{Failure, JobRefusal, Kind, State};
use latchkey::foundation::Random;
use latchkey::foundation::id::JobId;
use latchkey::services::ServiceError;
use latchkey::services::operation::events;
use latchkey::services::operation::jobs::{retry, retry_all};
use tokio::sync::Semaphore;

use super::bench::{Bench, add, enqueue, job, row, rows, state, work, worker};
use crate::harness::{TestApp, operator};

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_stops_gives_back_what_it_cannot_finish() {
    let (app, bench, gate) = (TestApp::start().await, Bench::new(), Arc::new(Semaphore::new(0)));
    let mut stopping = worker(&app, bench.waiting_at(&gate));
    add(&app, "a").await;
    stopping.turn().await.unwrap();
    bench.begun(1).await;
    stopping.finish(Duration::ZERO).await;
    assert_eq!(bench.running(), 0);
    let found = row(&app, "a").await;
    assert_eq!((found.state, found.attempts.begun, found.run_at), (State::Waiting, 0, app.clock.now()));
    let other = app.another().await;
    work(&mut worker(&other, bench.doing(|_| Ok(())))).await;
    assert_eq!(state(&app, "a").await, State::Done, "another one has it at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_stops_lets_jobs_end_that_do_so_in_a_moment() {
    let (app, bench, gate) = (TestApp::start().await, Bench::new(), Arc::new(Semaphore::new(0)));
    let mut stopping = worker(&app, bench.waiting_at(&gate));
    add(&app, "a").await;
    stopping.turn().await.unwrap();
    bench.begun(1).await;
    gate.add_permits(1);
    stopping.finish(Duration::from_secs(30)).await;
    assert_eq!(state(&app, "a").await, State::Done);
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, ServiceError>) -> JobRefusal {
    match outcome.unwrap_err() {
        ServiceError::Job(refusal) => refusal,
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_job_is_tried_again_when_somebody_says_so() {
    let (app, bench, by) = (TestApp::start().await, Bench::new(), operator());
    let mut failing = worker(&app, bench.doing(|_| Err(Failure::ForGood("no such address".into()))));
    add(&app, "a").await;
    let id = row(&app, "a").await.id;
    assert_eq!(refused(retry(&app.app, &by, id).await), JobRefusal::NotDead { id, state: State::Waiting });
    work(&mut failing).await;
    assert_eq!(state(&app, "a").await, State::Dead);
    let nobody = JobId::generate(&Random::System, app.clock.now());
    assert_eq!(refused(retry(&app.app, &by, nobody).await), JobRefusal::Unknown { id: nobody });

    add(&app, "a").await;
    assert_eq!(refused(retry(&app.app, &by, id).await), JobRefusal::Superseded { id });
    let mut working = worker(&app, bench.doing(|job| job.read::<String>().map(drop)));
    work(&mut working).await;
    let again = retry(&app.app, &by, id).await.unwrap();
    assert_eq!((again.state, again.attempts.begun, again.last_error), (State::Waiting, 0, None));
    work(&mut working).await;
    assert!(rows(&app).await.iter().all(|job| job.state == State::Done), "it knows what to do, as before");
    events::seal(&app.app).await.unwrap();
    let filter = events::Filter { action: Some(Action::JobRetried), ..events::Filter::default() };
    let events = events::after(&app.app, 0, 10, &filter).await.unwrap();
    assert_eq!(events.len(), 1, "only what was done");
    assert_eq!(events[0].targets[0]["id"], id.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn all_dead_jobs_are_tried_again_but_those_that_another_replaces() {
    let (app, bench, by) = (TestApp::start().await, Bench::new(), operator());
    let mut failing = worker(&app, bench.doing(|_| Err(Failure::ForGood("no such address".into()))));
    for key in ["a", "b", "c"] {
        add(&app, key).await;
    }
    enqueue(&app, &job(&app, Kind::RotateKeys, "d")).await;
    work(&mut failing).await;
    work(&mut failing).await;
    assert!(rows(&app).await.iter().all(|job| job.state == State::Dead));
    let replaced = row(&app, "b").await.id;
    add(&app, "b").await;
    let outcome = retry_all(&app.app, &by, Some("prune")).await.unwrap();
    assert_eq!((outcome.retried.len(), &outcome.superseded[..]), (2, &[replaced][..]));
    assert_eq!(state(&app, "d").await, State::Dead, "of another kind");
    let outcome = retry_all(&app.app, &by, None).await.unwrap();
    assert_eq!((outcome.retried.len(), outcome.superseded.len()), (1, 1));
}
