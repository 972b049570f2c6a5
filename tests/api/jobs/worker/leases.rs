//! A job is run by one process at a time, whatever becomes of processes.

use std::sync::Arc;
use std::task::Poll;

use latchkey::domain::operation::job::{Kind, LEASE, RENEW, SURRENDER, State};
use latchkey::jobs::worker::Worker;
use tokio::sync::Semaphore;

use super::bench::{Bench, add, enqueue, job, row, rows, state, work, worker};
use crate::harness::{TestApp, seconds};

/// Lets time pass until whatever was left by a process that is gone has been tried again.
async fn outlast(app: &TestApp, worker: &mut Worker) {
    work(worker).await;
    app.advance(LEASE);
    work(worker).await;
    app.advance(seconds(5));
    work(worker).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_is_renewed_is_never_taken_over() {
    let (app, bench, gate) = (TestApp::start().await, Bench::new(), Arc::new(Semaphore::new(0)));
    let beside = app.another().await;
    let mut one = worker(&app, bench.waiting_at(&gate));
    let mut other = worker(&beside, bench.waiting_at(&gate));
    add(&app, "a").await;
    one.turn().await.unwrap();
    bench.begun(1).await;
    for _ in 0..20 {
        app.advance(RENEW);
        one.keep().await.unwrap();
        other.turn().await.unwrap();
    }
    assert_eq!(bench.runs(), [("a".to_owned(), 1)]);
    gate.add_permits(1);
    one.ended().await;
    assert_eq!(state(&app, "a").await, State::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_could_not_renew_its_lease_gives_up_before_another_takes_over() {
    let (app, bench, gate) = (TestApp::start().await, Bench::new(), Arc::new(Semaphore::new(0)));
    let beside = app.another().await;
    let mut stalled = worker(&app, bench.waiting_at(&gate));
    let mut other = worker(&beside, bench.doing(|_| Ok(())));
    add(&app, "a").await;
    stalled.turn().await.unwrap();
    bench.begun(1).await;
    work(&mut other).await;
    app.advance(SURRENDER);
    work(&mut other).await;
    assert_eq!((bench.runs().len(), bench.running()), (1, 1), "it has time left");
    stalled.keep().await.unwrap();
    stalled.ended().await;
    assert_eq!(bench.running(), 0);
    assert_eq!(state(&app, "a").await, State::Running, "it says nothing more");

    app.advance(LEASE - SURRENDER);
    work(&mut other).await;
    let found = row(&app, "a").await;
    assert_eq!((found.state, found.attempts.begun), (State::Waiting, 1), "what ended its process may do so again");
    app.advance(seconds(5));
    work(&mut other).await;
    assert_eq!(bench.runs(), [("a".to_owned(), 1), ("a".to_owned(), 2)]);
    assert_eq!((state(&app, "a").await, bench.overlaps()), (State::Done, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_slept_until_another_had_taken_over_changes_nothing() {
    let (app, bench) = (TestApp::start().await, Bench::new());
    let beside = app.another().await;
    let (first, second) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let mut asleep = worker(&app, bench.waiting_at(&first));
    let mut other = worker(&beside, bench.waiting_at(&second));
    for key in ["a", "b"] {
        add(&app, key).await;
    }
    asleep.turn().await.unwrap();
    bench.begun(2).await;
    other.turn().await.unwrap();
    app.advance(LEASE);
    other.turn().await.unwrap();
    app.advance(seconds(5));
    other.turn().await.unwrap();
    bench.begun(2).await;
    first.add_permits(2);
    asleep.ended().await;
    assert!(rows(&app).await.iter().all(|job| job.state == State::Running), "they are the other's");
    second.add_permits(2);
    other.ended().await;
    assert!(rows(&app).await.iter().all(|job| job.state == State::Done));
    assert_eq!(bench.runs().iter().map(|(_, fence)| *fence).collect::<Vec<_>>(), [1, 1, 2, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_takes_too_long_is_ended_and_tried_again() {
    let (app, bench, gate) = (TestApp::start().await, Bench::new(), Arc::new(Semaphore::new(0)));
    let mut worker = worker(&app, bench.waiting_at(&gate));
    enqueue(&app, &job(&app, Kind::RotateKeys, "a")).await;
    worker.turn().await.unwrap();
    bench.begun(1).await;
    for _ in 0..Kind::RotateKeys.time_limit().as_secs() / 5 {
        assert_eq!(state(&app, "a").await, State::Running);
        app.advance(seconds(5));
        worker.keep().await.unwrap();
    }
    worker.ended().await;
    let found = row(&app, "a").await;
    assert_eq!((found.state, found.last_error.as_deref()), (State::Waiting, Some("it took longer than 120 seconds")));
    assert_eq!(bench.running(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_workers_each_job_is_run_by_one() {
    let (app, bench) = (TestApp::start().await, Bench::new());
    for number in 0..60 {
        add(&app, &number.to_string()).await;
    }
    let mut workers = Vec::new();
    for _ in 0..4 {
        let (instance, bench) = (app.another().await, bench.clone());
        workers.push(tokio::spawn(async move {
            let mut worker = worker(&instance, bench.doing(|_| Ok(())));
            while rows(&instance).await.iter().any(|job| job.state == State::Waiting) {
                work(&mut worker).await;
            }
        }));
    }
    for worker in workers {
        worker.await.unwrap();
    }
    assert_eq!((bench.runs().len(), bench.overlaps()), (60, 0));
    assert!(rows(&app).await.iter().all(|job| job.state == State::Done));
}

/// The process is gone after so many of the worker's steps: nothing of it goes on, and nothing is said.
async fn killed_after(steps: usize, mut worker: Worker) {
    let mut left = steps;
    let mut life = Box::pin(async move {
        loop {
            worker.turn().await.unwrap();
            worker.keep().await.unwrap();
            worker.ended().await;
        }
    });
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        life.as_mut().poll(context)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_at_any_point_loses_no_job_and_runs_none_twice_at_once() {
    let (app, bench, gate) = (TestApp::start().await, Bench::new(), Arc::new(Semaphore::new(0)));
    const KILLS: usize = 40;
    // This one is killed in the middle for certain. Which of the others are depends on how busy the machine is.
    add(&app, "held").await;
    let instance = app.another().await;
    let mut held = worker(&instance, bench.waiting_at(&gate));
    held.turn().await.unwrap();
    bench.begun(1).await;
    drop(held);
    bench.quiet().await;
    for steps in 0..KILLS {
        for number in 0..3 {
            add(&app, &format!("{steps}.{number}")).await;
        }
        let instance = app.another().await;
        killed_after(steps, worker(&instance, bench.doing(|_| Ok(())))).await;
        bench.quiet().await;
    }
    let interrupted = rows(&app).await.into_iter().filter(|job| job.state == State::Running).count();
    assert!(interrupted > 0, "no kill has interrupted anything");
    let instance = app.another().await;
    let mut last = worker(&instance, bench.doing(|_| Ok(())));
    // There are more than places.
    for _ in 0..3 * KILLS {
        outlast(&instance, &mut last).await;
        if rows(&app).await.iter().all(|job| job.state == State::Done) {
            break;
        }
    }
    let ended = rows(&app).await;
    assert_eq!(ended.len(), 3 * KILLS + 1, "none is lost");
    assert!(ended.iter().all(|job| job.state == State::Done), "{ended:?}");
    assert_eq!(bench.overlaps(), 0);
    let mut runs = bench.runs();
    let all = runs.len();
    runs.sort();
    runs.dedup();
    assert_eq!(runs.len(), all, "no two runs have the same fence");
}
