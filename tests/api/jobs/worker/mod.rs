//! The worker: each job is done, by one process at a time, until it has succeeded or has failed too often.

mod bench;
mod ends;
mod leases;
mod mail;
mod schedules;
mod told;

use std::sync::Arc;

use latchkey::domain::operation::job::{Failure, Kind, NewJob, State};
use latchkey::jobs::worker::PLACES;
use latchkey::services::operation::jobs::Enqueued;
use tokio::sync::{Semaphore, oneshot};

use self::bench::{Bench, add, advance_to, enqueue, job, row, rows, state, work, worker};
use crate::harness::{TestApp, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_due_is_done_once() {
    let (app, bench) = (TestApp::start().await, Bench::new());
    let mut worker = worker(&app, bench.doing(|job| job.read::<String>().map(drop)));
    add(&app, "a").await;
    let later = NewJob { run_at: app.clock.now().after(seconds(60)), ..job(&app, Kind::Prune, "later") };
    enqueue(&app, &later).await;
    work(&mut worker).await;
    work(&mut worker).await;
    assert_eq!(bench.runs(), [("a".to_owned(), 1)]);
    assert_eq!((state(&app, "a").await, state(&app, "later").await), (State::Done, State::Waiting));
    app.advance(seconds(60));
    work(&mut worker).await;
    assert_eq!(state(&app, "later").await, State::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_run_at_once_than_there_are_places() {
    let (app, bench, gate) = (TestApp::start().await, Bench::new(), Arc::new(Semaphore::new(0)));
    let mut worker = worker(&app, bench.waiting_at(&gate));
    work(&mut worker).await;
    for number in 0..3 * PLACES {
        add(&app, &number.to_string()).await;
    }
    for _ in 0..3 {
        worker.turn().await.unwrap();
    }
    bench.begun(PLACES).await;
    let running = rows(&app).await.iter().filter(|job| job.state == State::Running).count();
    assert_eq!(running, PLACES, "the others are left to whoever has places");
    gate.add_permits(3 * PLACES);
    for _ in 0..3 {
        work(&mut worker).await;
    }
    assert_eq!((bench.runs().len(), bench.most()), (3 * PLACES, PLACES));
    assert!(rows(&app).await.iter().all(|job| job.state == State::Done));
}

#[tokio::test(flavor = "multi_thread")]
async fn however_many_mails_wait_for_a_slow_server_others_have_places() {
    let (app, bench, gate) = (TestApp::start().await, Bench::new(), Arc::new(Semaphore::new(0)));
    let mut worker = worker(&app, bench.waiting_at(&gate));
    work(&mut worker).await;
    for number in 0..2 * PLACES {
        enqueue(&app, &job(&app, Kind::Mail, &number.to_string())).await;
    }
    app.advance(seconds(1));
    add(&app, "other").await;
    worker.turn().await.unwrap();
    bench.begun(3).await;
    assert_eq!((state(&app, "other").await, bench.running()), (State::Running, 3));
    worker.turn().await.unwrap();
    assert_eq!(bench.running(), 3, "two mails at once");
    gate.add_permits(3 * PLACES);
    for _ in 0..PLACES {
        work(&mut worker).await;
    }
    assert!(rows(&app).await.iter().all(|job| job.state == State::Done));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_added_in_this_process_begins_at_once() {
    let (app, bench, gate) = (TestApp::start().await, Bench::new(), Arc::new(Semaphore::new(1)));
    let (stop, stopped) = oneshot::channel();
    // It asks for itself once in an hour.
    let worker = tokio::spawn(worker(&app, bench.waiting_at(&gate)).work(stopped));
    add(&app, "a").await;
    bench.begun(1).await;
    // The place that becomes free is known as soon: of more than there are places, the last one begins too.
    for number in 0..2 * PLACES {
        add(&app, &number.to_string()).await;
    }
    gate.add_permits(2 * PLACES);
    bench.begun(2 * PLACES).await;
    stop.send(()).unwrap();
    worker.await.unwrap();
    assert!(rows(&app).await.iter().all(|job| job.state == State::Done));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_tried_again_after_growing_pauses_until_it_is_dead() {
    let (app, bench) = (TestApp::start().await, Bench::new());
    let mut worker = worker(&app, bench.doing(|_| Err(Failure::ForNow("no route to host".into()))));
    add(&app, "a").await;
    for (attempt, pause) in [(1, 5), (2, 10), (3, 20), (4, 40)] {
        work(&mut worker).await;
        let found = row(&app, "a").await;
        assert_eq!((found.state, found.attempts.begun), (State::Waiting, attempt));
        assert_eq!(found.last_error.as_deref(), Some("no route to host"));
        let waits = found.run_at.since(app.clock.now());
        assert!(seconds(pause) / 2 <= waits && waits <= seconds(pause), "attempt {attempt}: {waits:?}");
        advance_to(&app, found.run_at.before(seconds(1)));
        work(&mut worker).await;
        assert_eq!(bench.runs().len(), usize::try_from(attempt).unwrap(), "not a second earlier");
        advance_to(&app, found.run_at);
    }
    work(&mut worker).await;
    let found = row(&app, "a").await;
    assert_eq!((found.state, found.attempts.begun), (State::Dead, 5));
    app.advance(seconds(86_400));
    work(&mut worker).await;
    assert_eq!(bench.runs().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_never_succeed_is_dead_at_once_and_holds_nobody_up() {
    let (app, bench) = (TestApp::start().await, Bench::new());
    let mut worker = worker(&app, bench.doing(|job| job.read::<String>().map(drop)));
    for key in ["a", "b", "c"] {
        add(&app, key).await;
    }
    app.sql("UPDATE jobs SET payload = '{\"to\": alice' WHERE key = 'b'").await;
    app.sql("UPDATE jobs SET payload = '42' WHERE key = 'c'").await;
    work(&mut worker).await;
    work(&mut worker).await;
    assert_eq!(state(&app, "a").await, State::Done);
    for key in ["b", "c"] {
        let found = row(&app, key).await;
        assert_eq!((found.state, found.attempts.begun), (State::Dead, 1), "{key}");
        let error = found.last_error.unwrap();
        assert!(error.contains("payload cannot be read") && !error.contains("alice"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_failure_like_any_other() {
    let (app, bench) = (TestApp::start().await, Bench::new());
    let mut worker = worker(&app, bench.doing(|job| if job.key == "a" { panic!("on purpose") } else { Ok(()) }));
    add(&app, "a").await;
    add(&app, "b").await;
    work(&mut worker).await;
    let found = row(&app, "a").await;
    assert_eq!((found.state, found.last_error.as_deref()), (State::Waiting, Some("the job panicked")));
    assert_eq!(state(&app, "b").await, State::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_thing_is_waited_for_once() {
    let (app, bench) = (TestApp::start().await, Bench::new());
    let mut worker = worker(&app, bench.doing(|_| Ok(())));
    add(&app, "a").await;
    assert_eq!(enqueue(&app, &job(&app, Kind::Prune, "a")).await, Enqueued::AlreadyThere);
    work(&mut worker).await;
    assert_eq!(enqueue(&app, &job(&app, Kind::Prune, "a")).await, Enqueued::Added);
    work(&mut worker).await;
    assert_eq!(bench.runs().len(), 2);
}
