//! `kill -9` in the middle of jobs, again and again, of two servers on one database. No job may be lost, and none may run
//! twice at the same time.

use std::collections::BTreeMap;
use std::time::Duration;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use latchkey::domain::operation::job::{Key, Kind, NewJob, Payload, State};
use latchkey::foundation::id::JobId;
use latchkey::foundation::{Clock, Random};
use latchkey::storage::operation::job::{self, Enqueued, Filter, ListedJob};
use latchkey::storage::{Conn, DatabaseUrl, Store, StoreSettings};
use tokio::time::{Instant, sleep};

use crate::LATCHKEY;
use crate::support::{Database, Installation};

const JOBS: usize = 300;
const KILLS: u64 = 14;
/// A lease of half a minute, the pause after a failure, and a slow machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Each change of a job's state, in the order of its row.
const LOG_ON_SQLITE: &str =
    "CREATE TABLE job_log (n INTEGER PRIMARY KEY, key TEXT, was TEXT, state TEXT, fence BIGINT);
    CREATE TRIGGER job_logged AFTER UPDATE ON jobs WHEN OLD.state <> NEW.state OR OLD.fence <> NEW.fence
    BEGIN INSERT INTO job_log (key, was, state, fence) VALUES (NEW.key, OLD.state, NEW.state, NEW.fence); END";
const LOG_ON_POSTGRES: &str =
    "CREATE TABLE job_log (n BIGSERIAL PRIMARY KEY, key TEXT, was TEXT, state TEXT, fence BIGINT);
    CREATE FUNCTION job_logged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO job_log (key, was, state, fence) VALUES (NEW.key, OLD.state, NEW.state, NEW.fence); RETURN NULL; END $$;
    CREATE TRIGGER job_logged AFTER UPDATE ON jobs FOR EACH ROW
    WHEN (OLD.state <> NEW.state OR OLD.fence <> NEW.fence) EXECUTE FUNCTION job_logged()";

#[derive(Debug, QueryableByName)]
struct Logged {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Text)]
    was: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    fence: i64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_in_the_middle_of_jobs_lose_none_and_run_none_twice_at_the_same_time() {
    let mut one = Installation::start(LATCHKEY).await;
    let mut other = beside(&one);
    let store = Store::connect(StoreSettings::new(one.database.url.parse::<DatabaseUrl>().unwrap())).await.unwrap();
    let log = if one.database.url.starts_with("sqlite") { LOG_ON_SQLITE } else { LOG_ON_POSTGRES };
    store.transaction("test", async |tx: &mut Conn| Ok(tx.batch_execute(log).await?)).await.unwrap();
    for number in 0..JOBS {
        enqueue(&store, &number.to_string()).await;
    }
    other.restart().await;

    for kill in 0..KILLS {
        let [random] = Random::System.bytes::<1>();
        sleep(Duration::from_millis(u64::from(random))).await;
        let killed = if kill % 2 == 0 { &mut one } else { &mut other };
        killed.restart().await;
    }
    let interrupted = ours(&store).await.iter().filter(|job| job.state == State::Running).count();
    let end = Instant::now() + PATIENCE;
    while ours(&store).await.iter().any(|job| job.state != State::Done) {
        assert!(Instant::now() < end, "not all are done:\n{}\n{}", one.log_tail(), other.log_tail());
        sleep(Duration::from_millis(500)).await;
    }
    one.kill();
    other.kill();

    assert!(interrupted > 0, "no kill has interrupted anything");
    assert_eq!(ours(&store).await.len(), JOBS, "none is lost");
    let lines: Vec<Logged> = store
        .read("test", async |conn: &mut Conn| {
            Ok(diesel::sql_query("SELECT key, was, state, fence FROM job_log ORDER BY n").load(conn).await?)
        })
        .await
        .unwrap();
    let mut stories: BTreeMap<&str, Vec<&Logged>> = BTreeMap::new();
    lines.iter().for_each(|line| stories.entry(&line.key).or_default().push(line));
    let mut taken_over = 0;
    for (key, story) in &stories {
        check(key, story);
        if key.parse::<usize>().is_ok() {
            taken_over += story.iter().filter(|line| line.state == "waiting").count();
        }
    }
    assert!(taken_over > 0, "no lease has run out");
}

/// Of each job one run begins after the one before has ended, and each has a number of its own.
fn check(key: &str, story: &[&Logged]) {
    // What servers plan by themselves may have run when the log began.
    let (mut state, mut fence) = (story[0].was.as_str(), None);
    for line in story {
        assert_eq!(line.was, state, "{key}: {story:?}");
        match (line.was.as_str(), line.state.as_str()) {
            ("waiting", "running") => assert!(fence.is_none_or(|before| line.fence == before + 1), "{key}: {story:?}"),
            ("running", "waiting" | "done") => {
                assert!(fence.is_none_or(|taken| taken == line.fence), "{key}: {story:?}");
            }
            _ => panic!("{key}: {story:?}"),
        }
        (state, fence) = (&line.state, Some(line.fence));
    }
}

/// A second server on the database of the first.
fn beside(first: &Installation) -> Installation {
    let database = Database::that_is_there(&first.database.url);
    let mut second = Installation::prepare(LATCHKEY, tempfile::tempdir().expect("a folder"), database);
    second.environment.push(("LATCHKEY_SECRETS__MASTER_KEY".to_owned(), first.master_key.clone()));
    second
}

async fn enqueue(store: &Store, key: &str) {
    let now = Clock::System.now();
    let (key, payload) = (Key::new(key).unwrap(), Payload::new(&()).unwrap());
    let new = NewJob { kind: Kind::Prune, key, payload, run_at: now, schedule: None, created_by: "test".into() };
    let id = JobId::generate(&Random::System, now);
    let added = store.transaction("test", async |tx: &mut Conn| job::enqueue(tx, id, &new, now).await).await.unwrap();
    assert_eq!(added, Enqueued::Added);
}

/// Every job but those that servers plan by themselves.
async fn ours(store: &Store) -> Vec<ListedJob> {
    let all =
        store.read("test", async |conn: &mut Conn| job::list(conn, &Filter::default(), 1_000).await).await.unwrap();
    all.into_iter().filter(|job| job.attempts.schedule.is_none()).collect()
}
