//! Each job is taken once, and only who has it says how it ended.

use std::collections::BTreeSet;
use std::time::Duration;

use diesel_async::SimpleAsyncConnection;
use futures_util::future::join_all;

use super::super::{Conn, Store, StoreError};
use super::{NOW, store};
use crate::domain::operation::job::{Attempts, Job, Key, Kind, LEASE, NewJob, Next, Payload, State};
use crate::foundation::clock::SKEW;
use crate::foundation::id::JobId;
use crate::foundation::{Random, Timestamp};
use crate::storage::operation::job::{self, Enqueued, Filter};
use crate::storage::operation::prune::{self, BEGINNING};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);

fn job(key: &str) -> NewJob {
    NewJob {
        kind: Kind::Prune,
        key: Key::new(key).unwrap(),
        payload: Payload::new(&"what to do").unwrap(),
        run_at: NOW,
        schedule: None,
        created_by: "test".into(),
    }
}

fn id() -> JobId {
    JobId::generate(&Random::System, NOW)
}

async fn enqueue(store: &Store, job: &NewJob) -> Enqueued {
    store.transaction("test", async |tx: &mut Conn| job::enqueue(tx, id(), job, NOW).await).await.unwrap()
}

async fn take(store: &Store, now: Timestamp, limit: i64) -> Vec<Job> {
    let take = async |tx: &mut Conn| job::take(tx, Kind::Prune, now, now.after(LEASE), 1, limit).await;
    store.write_once("test", take).await.unwrap()
}

async fn settle(store: &Store, job: &Job, next: Next) -> bool {
    store.write_once("test", async |tx: &mut Conn| job::settle(tx, job.lease, next, None, NOW).await).await.unwrap()
}

async fn all(store: &Store) -> Vec<job::ListedJob> {
    store.read("test", async |conn: &mut Conn| job::list(conn, &Filter::default(), 100).await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_who_take_at_once_each_job_goes_to_one() {
    let (store, _database) = store().await;
    for number in 0..120 {
        assert_eq!(enqueue(&store, &job(&number.to_string())).await, Enqueued::Added);
    }
    let takers = (0..50).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut taken = Vec::new();
            // What another is taking at this moment is passed over: so until nothing is left.
            while store
                .read("test", async |conn: &mut Conn| job::next_due(conn, &Kind::ALL).await)
                .await
                .unwrap()
                .is_some()
            {
                let some = take(&store, NOW, 2).await;
                assert!(some.len() <= 2, "no more than asked for");
                taken.extend(some);
            }
            taken
        })
    });
    let taken: Vec<Job> = join_all(takers).await.into_iter().flat_map(Result::unwrap).collect();
    let distinct: BTreeSet<&str> = taken.iter().map(|job| job.key.as_str()).collect();
    assert_eq!((taken.len(), distinct.len()), (120, 120));
    assert!(taken.iter().all(|job| job.lease.fence == 1 && job.attempts.begun == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_waits_or_runs_is_not_added_again_and_one_that_has_ended_is() {
    let (store, _database) = store().await;
    assert_eq!(enqueue(&store, &job("a")).await, Enqueued::Added);
    assert_eq!(enqueue(&store, &job("a")).await, Enqueued::AlreadyThere);
    assert_eq!(enqueue(&store, &NewJob { kind: Kind::RotateKeys, ..job("a") }).await, Enqueued::Added, "another kind");
    let taken = take(&store, NOW, 9).await;
    assert_eq!(enqueue(&store, &job("a")).await, Enqueued::AlreadyThere);
    for job in &taken {
        assert!(settle(&store, job, Next::Done { until: NOW }).await);
    }
    assert_eq!(enqueue(&store, &job("a")).await, Enqueued::Added);
    let [again] = take(&store, NOW, 9).await.try_into().unwrap();
    assert!(settle(&store, &again, Next::Dead { until: NOW }).await);
    assert_eq!(enqueue(&store, &job("a")).await, Enqueued::Added);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_there_with_its_cause_or_not_at_all() {
    let (store, _database) = store().await;
    let failed = store
        .transaction("test", async |tx: &mut Conn| {
            assert_eq!(job::enqueue(tx, id(), &job("a"), NOW).await?, Enqueued::Added);
            Err::<(), _>(StoreError::Corrupt("the cause"))
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(all(&store).await, []);
    assert_eq!(take(&store, NOW, 9).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_lost_a_job_can_neither_end_nor_keep_it() {
    let (store, _database) = store().await;
    enqueue(&store, &job("a")).await;
    let [late] = take(&store, NOW, 9).await.try_into().unwrap();
    let leased = async || store.read("test", async |conn: &mut Conn| job::leased(conn, 9).await).await.unwrap();
    let end = async |lapsed| {
        let next = Next::Waits { run_at: NOW, begun: 1 };
        store
            .write_once("test", async |tx: &mut Conn| job::end_lapsed(tx, &lapsed, next, "gone", NOW).await)
            .await
            .unwrap()
    };
    let extend = async |until| {
        store.write_once("test", async |tx: &mut Conn| job::extend(tx, late.lease, until).await).await.unwrap()
    };
    let [seen] = leased().await.try_into().unwrap();
    assert_eq!((seen.lease, seen.until), (late.lease, NOW.after(LEASE)));
    assert!(extend(NOW.after(LEASE + SECOND)).await);
    assert!(!end(seen).await, "it was renewed meanwhile");

    let [seen] = leased().await.try_into().unwrap();
    assert!(end(seen).await);
    assert!(!end(seen).await, "only once");
    let done = Next::Done { until: NOW.after(DAY) };
    assert!(!settle(&store, &late, done).await, "it waits for another");
    assert!(!extend(NOW).await);
    let [taken_over] = take(&store, NOW, 9).await.try_into().unwrap();
    assert_eq!((taken_over.lease.fence, taken_over.last_error.as_deref()), (late.lease.fence + 1, Some("gone")));
    assert!(!settle(&store, &late, done).await, "another runs it");
    assert!(!extend(NOW).await);
    assert_eq!(leased().await.len(), 1);
    assert!(settle(&store, &taken_over, done).await);
    assert!(!settle(&store, &taken_over, done).await, "it has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_longest_comes_first_and_what_is_not_due_waits() {
    let (store, _database) = store().await;
    for (key, run_at) in [("later", NOW.after(SECOND)), ("second", NOW), ("first", NOW.before(SECOND))] {
        enqueue(&store, &NewJob { run_at, ..job(key) }).await;
    }
    let due = async || store.read("test", async |conn: &mut Conn| job::next_due(conn, &Kind::ALL).await).await.unwrap();
    assert_eq!(due().await, Some((Kind::Prune, NOW.before(SECOND))));
    assert_eq!(take(&store, NOW, 1).await[0].key, "first");
    let [second] = take(&store, NOW, 9).await.try_into().unwrap();
    assert_eq!((second.key.as_str(), second.read()), ("second", Ok("what to do".to_owned())));
    assert_eq!(due().await, Some((Kind::Prune, NOW.after(SECOND))));
    assert_eq!(take(&store, NOW.after(SECOND), 9).await[0].key, "later");
    assert_eq!(due().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_that_are_not_asked_for_are_left_where_they_are() {
    let (store, _database) = store().await;
    enqueue(&store, &NewJob { kind: Kind::Mail, ..job("mail") }).await;
    enqueue(&store, &NewJob { run_at: NOW.after(SECOND), ..job("a") }).await;
    let due = async |kinds: &[Kind]| store.read("test", async |conn: &mut Conn| job::next_due(conn, kinds).await).await;
    assert_eq!(due(&Kind::ALL).await, Ok(Some((Kind::Mail, NOW))));
    assert_eq!(due(&[Kind::RotateKeys, Kind::Prune]).await, Ok(Some((Kind::Prune, NOW.after(SECOND)))));
    assert_eq!(due(&[Kind::RotateKeys]).await, Ok(None));
    assert_eq!(take(&store, NOW.after(SECOND), 9).await.len(), 1, "of its kind alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_clock_planned_that_stood_ahead_is_due_now() {
    let (store, _database) = store().await;
    let plan = async |key: &str, armed_at: Timestamp| {
        let new = NewJob { run_at: armed_at.after(DAY), ..job(key) };
        store.transaction("test", async |tx: &mut Conn| job::enqueue(tx, id(), &new, armed_at).await).await.unwrap();
    };
    plan("right", NOW.after(SKEW)).await;
    plan("wrong", NOW.after(SKEW + SECOND)).await;
    assert_eq!(take(&store, NOW, 9).await, []);
    let is_late = async || store.read("test", async |conn: &mut Conn| job::is_late(conn, NOW).await).await;
    assert_eq!(is_late().await, Ok(true));
    assert_eq!(store.write_once("test", async |tx: &mut Conn| job::hurry(tx, NOW).await).await, Ok(1));
    assert_eq!(is_late().await, Ok(false));
    let [taken] = take(&store, NOW, 9).await.try_into().unwrap();
    assert_eq!(taken.key, "wrong");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_a_newer_version_are_left_to_it() {
    let (store, _database) = store().await;
    enqueue(&store, &job("a")).await;
    enqueue(&store, &job("b")).await;
    let newer = "UPDATE jobs SET kind = 'newer' WHERE key = 'a'";
    store.transaction("test", async |tx: &mut Conn| Ok(tx.batch_execute(newer).await?)).await.unwrap();
    let [taken] = take(&store, NOW, 9).await.try_into().unwrap();
    assert_eq!(taken.key, "b");
    assert_eq!(store.read("test", async |conn: &mut Conn| job::next_due(conn, &Kind::ALL).await).await, Ok(None));
    let filter = Filter { state: Some(State::Waiting), kind: Some("newer".into()) };
    let listed = store.read("test", async |conn: &mut Conn| job::list(conn, &filter, 9).await).await.unwrap();
    assert_eq!(listed.iter().map(|job| job.key.as_str()).collect::<Vec<_>>(), ["a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_job_can_wait_again_unless_another_does_what_it_would() {
    let (store, _database) = store().await;
    enqueue(&store, &job("a")).await;
    let [taken] = take(&store, NOW, 9).await.try_into().unwrap();
    let id = taken.lease.id;
    let revive = async || store.transaction("test", async |tx: &mut Conn| job::revive(tx, id, NOW).await).await;
    assert_eq!(revive().await, Ok(false), "it runs");
    assert!(settle(&store, &taken, Next::Dead { until: NOW.after(DAY) }).await);
    enqueue(&store, &job("a")).await;
    assert_eq!(revive().await, Err(StoreError::Conflict));
    let [twin] = take(&store, NOW, 9).await.try_into().unwrap();
    settle(&store, &twin, Next::Done { until: NOW.after(DAY) }).await;
    assert_eq!(revive().await, Ok(true));
    let [again] = take(&store, NOW, 9).await.try_into().unwrap();
    assert_eq!((again.lease.id, again.lease.fence), (id, 2), "no run has the number of one before");
    assert_eq!(again.attempts, Attempts { begun: 1, most: Kind::Prune.max_attempts(), schedule: None });
    assert_eq!(again.read(), Ok("what to do".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_have_ended_are_forgotten_in_time_and_others_never() {
    let (store, _database) = store().await;
    for (key, next) in [
        ("done", Next::Done { until: NOW.after(DAY) }),
        ("dead", Next::Dead { until: NOW.after(DAY * 30) }),
        ("waiting", Next::Waits { run_at: NOW.after(DAY * 99), begun: 3 }),
    ] {
        enqueue(&store, &job(key)).await;
        let [taken] = take(&store, NOW, 9).await.try_into().unwrap();
        assert!(settle(&store, &taken, next).await);
    }
    enqueue(&store, &job("running")).await;
    take(&store, NOW, 9).await;
    for (now, left) in [
        (NOW.after(DAY).before(SECOND), vec!["dead", "done", "running", "waiting"]),
        (NOW.after(DAY), vec!["dead", "running", "waiting"]),
        (NOW.after(DAY * 30), vec!["running", "waiting"]),
        (NOW.after(DAY * 999), vec!["running", "waiting"]),
    ] {
        let step = async |tx: &mut Conn| prune::step(tx, prune::Kind::Jobs, now, BEGINNING, 10).await;
        store.transaction("test", step).await.unwrap();
        let mut keys: Vec<_> = all(&store).await.into_iter().map(|job| job.key).collect();
        keys.sort();
        assert_eq!(keys, left);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_failed_for_good_the_newest_are_kept_and_nothing_else_goes() {
    let (store, _database) = store().await;
    for (key, at) in [("a", 1), ("b", 2), ("c", 3), ("d", 4)] {
        let job = NewJob { run_at: NOW.after(SECOND * at), ..job(key) };
        enqueue(&store, &job).await;
        let [taken] = take(&store, NOW.after(SECOND * 9), 9).await.try_into().unwrap();
        assert!(settle(&store, &taken, Next::Dead { until: NOW.after(DAY) }).await);
    }
    enqueue(&store, &job("waiting")).await;
    let surplus =
        async |most| store.read("test", async |conn: &mut Conn| job::surplus(conn, Kind::Prune, most).await).await;
    assert_eq!(surplus(4).await, Ok(None));
    assert_eq!(surplus(2).await, Ok(Some(NOW.after(SECOND * 2))));
    let prune = async |kind, limit| {
        let until = NOW.after(SECOND * 2);
        store.transaction("test", async |tx: &mut Conn| job::prune_dead(tx, kind, until, limit).await).await.unwrap()
    };
    assert_eq!(prune(Kind::Mail, 9).await, 0, "those of another kind stay");
    assert_eq!((prune(Kind::Prune, 1).await, prune(Kind::Prune, 9).await), (1, 1));
    let mut keys: Vec<_> = all(&store).await.into_iter().map(|job| job.key).collect();
    keys.sort();
    assert_eq!(keys, ["c", "d", "waiting"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_next_is_the_longest_due_of_all_kinds() {
    let (store, _database) = store().await;
    let next =
        async |kinds: &[Kind]| store.read("test", async |conn: &mut Conn| job::next_due(conn, kinds).await).await;
    enqueue(&store, &NewJob { run_at: NOW.after(SECOND), ..job("a") }).await;
    enqueue(&store, &NewJob { kind: Kind::Mail, run_at: NOW, ..job("b") }).await;
    assert_eq!(next(&Kind::ALL).await, Ok(Some((Kind::Mail, NOW))));
    assert_eq!(next(&[Kind::Prune, Kind::RotateKeys]).await, Ok(Some((Kind::Prune, NOW.after(SECOND)))));
    assert_eq!(next(&[Kind::RotateKeys]).await, Ok(None));
}
