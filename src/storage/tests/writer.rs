//! How transactions on SQLite share a commit. Most are polled by hand, so that each order of events is made on purpose.

use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use futures_util::future::join_all;
use futures_util::{FutureExt, poll};
use tokio::sync::oneshot;

use super::super::{Conn, Store, StoreError};
use super::{NOW, TestDatabase, is_postgres, store};
use crate::storage::engine::schema::revoked_tokens;

type Outcome = Result<usize, StoreError>;
type Transaction<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

async fn sqlite() -> Option<(Store, TestDatabase)> {
    let (store, database) = store().await;
    (!is_postgres(&database)).then_some((store, database))
}

async fn add(tx: &mut Conn, id: &str) -> Outcome {
    diesel::insert_into(revoked_tokens::table)
        .values((revoked_tokens::id.eq(id), revoked_tokens::revoked_at.eq(NOW), revoked_tokens::expires_at.eq(NOW)))
        .execute(tx)
        .await?;
    let seen: i64 = revoked_tokens::table.count().get_result(tx).await?;
    Ok(usize::try_from(seen).unwrap())
}

/// A transaction that adds a row and returns the number of rows that it sees.
fn adding<'a>(store: &'a Store, id: &'a str) -> Transaction<'a> {
    Box::pin(store.transaction("test", async move |tx: &mut Conn| add(tx, id).await))
}

/// One that has added a row and stands at a gate, in the middle of its work, until the gate opens or is gone.
struct Gated<'a> {
    transaction: Transaction<'a>,
    added: oneshot::Receiver<()>,
    gate: oneshot::Sender<()>,
}

impl<'a> Gated<'a> {
    fn new(store: &'a Store, id: &'a str) -> Self {
        let ((reached, added), (gate, opened)) = (oneshot::channel(), oneshot::channel());
        let transaction = Box::pin(store.transaction("test", async move |tx: &mut Conn| {
            let seen = add(tx, id).await?;
            reached.send(()).unwrap();
            let _opened_or_gone = opened.await;
            Ok(seen)
        }));
        Self { transaction, added, gate }
    }

    /// Lets it come to its gate.
    async fn reach(&mut self) {
        tokio::select! {
            biased;
            outcome = &mut self.transaction => panic!("it did not stop: {outcome:?}"),
            reached = &mut self.added => reached.unwrap(),
        }
    }

    /// Opens the gate and lets it do the rest of its work, after which it waits for the commit.
    async fn finish(self) -> Transaction<'a> {
        let Self { mut transaction, gate, .. } = self;
        gate.send(()).unwrap();
        match poll!(&mut transaction) {
            // Nobody waited for the turn: it has committed, and on another thread that may be quick.
            Poll::Ready(outcome) => Box::pin(std::future::ready(outcome)),
            Poll::Pending => transaction,
        }
    }
}

async fn committed(store: &Store) -> Vec<String> {
    store
        .read("test", async |conn: &mut Conn| {
            Ok(revoked_tokens::table.select(revoked_tokens::id).order(revoked_tokens::id).load(conn).await?)
        })
        .await
        .unwrap()
}

fn is_unavailable(outcome: &Outcome) -> bool {
    matches!(outcome, Err(StoreError::Unavailable(_)))
}

#[tokio::test]
async fn nobody_is_told_before_the_shared_commit() {
    let Some((store, _database)) = sqlite().await else { return };
    let (mut a, mut b) = (Gated::new(&store, "a"), Gated::new(&store, "b"));
    a.reach().await;
    assert!(poll!(&mut b.transaction).is_pending());
    let mut a = a.finish().await;
    b.reach().await;
    assert!(poll!(&mut a).is_pending());
    assert_eq!(committed(&store).await, Vec::<String>::new());

    let b = b.finish().await;
    assert_eq!(b.await, Ok(2), "b sees what a wrote before it");
    assert_eq!(a.await, Ok(1));
    assert_eq!(committed(&store).await, ["a", "b"]);
}

#[tokio::test]
async fn one_that_fails_undoes_itself_alone() {
    let Some((store, _database)) = sqlite().await else { return };
    let mut first = Gated::new(&store, "a");
    first.reach().await;
    let mut others = join_all(["b", "a", "c"].map(|id| adding(&store, id)));
    assert!(poll!(&mut others).is_pending());
    let first = first.finish().await;
    let (first, others) = tokio::join!(first, others);
    assert_eq!(first, Ok(1));
    assert_eq!(others, [Ok(2), Err(StoreError::Conflict), Ok(3)]);
    assert_eq!(committed(&store).await, ["a", "b", "c"]);
}

/// As [`adding`], for all of `ids`, as work that writes once.
fn adding_once<'a>(store: &'a Store, ids: &'a [&'a str]) -> Transaction<'a> {
    Box::pin(store.write_once("test", async move |tx: &mut Conn| {
        let mut seen = 0;
        for id in ids {
            seen = add(tx, id).await?;
        }
        Ok(seen)
    }))
}

#[tokio::test]
async fn work_that_fails_before_it_has_written_undoes_nothing() {
    let Some((store, _database)) = sqlite().await else { return };
    let mut first = Gated::new(&store, "a");
    first.reach().await;
    let ids = [["b"], ["a"], ["c"]];
    let mut others = join_all(ids.iter().map(|ids| adding_once(&store, ids)));
    assert!(poll!(&mut others).is_pending());
    let first = first.finish().await;
    let (first, others) = tokio::join!(first, others);
    assert_eq!(first, Ok(1));
    assert_eq!(others, [Ok(2), Err(StoreError::Conflict), Ok(3)]);
    assert_eq!(committed(&store).await, ["a", "b", "c"]);
}

#[tokio::test]
async fn work_without_a_savepoint_that_fails_in_the_middle_is_undone_with_its_group() {
    let Some((store, _database)) = sqlite().await else { return };
    let mut first = Gated::new(&store, "a");
    first.reach().await;
    let mut half = adding_once(&store, &["b", "a"]);
    assert!(poll!(&mut half).is_pending());
    let first = first.finish().await;
    let (first, half) = tokio::join!(first, half);
    assert!(is_unavailable(&half), "{half:?}");
    assert!(matches!(first, Err(StoreError::Unavailable(_) | StoreError::Unsettled(_))), "{first:?}");
    assert_eq!(committed(&store).await, Vec::<String>::new());
    assert_eq!(adding(&store, "a").await, Ok(1));
}

#[tokio::test]
async fn whoever_gives_up_waiting_holds_up_nobody() {
    let Some((store, _database)) = sqlite().await else { return };
    let (mut a, mut b, mut c) = (Gated::new(&store, "a"), adding(&store, "b"), adding(&store, "c"));
    a.reach().await;
    assert!(poll!(&mut b).is_pending() && poll!(&mut c).is_pending());
    drop(b);
    let a = a.finish().await;
    assert_eq!(c.await, Ok(2));
    assert_eq!(a.await, Ok(1));
    assert_eq!(committed(&store).await, ["a", "c"]);
}

#[tokio::test]
async fn what_is_handed_to_somebody_who_is_gone_is_committed_all_the_same() {
    let Some((store, _database)) = sqlite().await else { return };
    let (mut a, mut b) = (Gated::new(&store, "a"), adding(&store, "b"));
    a.reach().await;
    assert!(poll!(&mut b).is_pending());
    let a = a.finish().await;
    // It has been given the turn and does not know it yet.
    drop(b);
    assert_eq!(a.await, Ok(1));
    assert_eq!(adding(&store, "c").await, Ok(2), "the turn is free again");
}

#[tokio::test]
async fn whoever_leaves_after_its_work_has_written() {
    let Some((store, _database)) = sqlite().await else { return };
    let (mut a, mut b) = (Gated::new(&store, "a"), Gated::new(&store, "b"));
    a.reach().await;
    assert!(poll!(&mut b.transaction).is_pending());
    drop(a.finish().await);
    b.reach().await;
    assert_eq!(b.finish().await.await, Ok(2));
    assert_eq!(committed(&store).await, ["a", "b"]);
}

#[tokio::test]
async fn a_shared_transaction_that_is_undone_is_not_reported_as_done() {
    let Some((store, _database)) = sqlite().await else { return };
    let (mut a, mut b) = (Gated::new(&store, "a"), Gated::new(&store, "b"));
    a.reach().await;
    assert!(poll!(&mut b.transaction).is_pending());
    let a = a.finish().await;
    b.reach().await;
    // In the middle of its work: the connection is in an unknown state.
    drop(b);
    assert!(is_unavailable(&a.await));
    assert_eq!(adding(&store, "a").await, Ok(1));
}

#[tokio::test]
async fn a_panic_undoes_what_it_shares_and_nothing_else() {
    let Some((store, _database)) = sqlite().await else { return };
    let mut a = Gated::new(&store, "a");
    a.reach().await;
    let panics = store.transaction("test", async |tx: &mut Conn| {
        add(tx, "b").await?;
        if tx.is_doomed() { Ok(0) } else { panic!("by the test") }
    });
    let mut panics = Box::pin(std::panic::AssertUnwindSafe(panics).catch_unwind());
    assert!(poll!(&mut panics).is_pending());
    let a = a.finish().await;
    assert!(panics.await.is_err());
    assert!(is_unavailable(&a.await));
    assert_eq!(adding(&store, "c").await, Ok(1));
}

#[tokio::test]
async fn a_commit_that_fails_is_nobodys_success_and_nobodys_conflict() {
    let Some((store, _database)) = sqlite().await else { return };
    let mut a = Gated::new(&store, "a");
    a.reach().await;
    // A code without its grant, which SQLite now notices only at the commit.
    let mut b: Transaction<'_> = Box::pin(store.transaction("test", async |tx: &mut Conn| {
        tx.batch_execute(
            "PRAGMA defer_foreign_keys = ON; INSERT INTO refresh_tokens (hash, grant_id, generation, created_at, \
             expires_at) VALUES (x'00', x'00000000000000000000000000000000', 0, '2026', '2026')",
        )
        .await?;
        Ok(0)
    }));
    assert!(poll!(&mut b).is_pending());
    let a = a.finish().await;
    let (a, b) = tokio::join!(a, b);
    assert!(is_unavailable(&a) && is_unavailable(&b), "{a:?} {b:?}");
    assert_eq!(committed(&store).await, Vec::<String>::new());
    assert_eq!(adding(&store, "c").await, Ok(1));
}

#[tokio::test]
async fn a_full_disk_is_named() {
    let Some((store, _database)) = sqlite().await else { return };
    let mut a = Gated::new(&store, "a");
    a.reach().await;
    let mut b: Transaction<'_> = Box::pin(store.transaction("test", async |tx: &mut Conn| {
        // As many pages as there are, and a row that needs more.
        tx.batch_execute("PRAGMA max_page_count = 1").await?;
        add(tx, &"b".repeat(1 << 20)).await
    }));
    assert!(poll!(&mut b).is_pending());
    let a = a.finish().await;
    let (a, b) = tokio::join!(a, b);
    assert_eq!(b, Err(StoreError::Unavailable("database or disk is full (test)".to_owned())));
    assert!(is_unavailable(&a), "{a:?}");
    assert_eq!(adding(&store, "c").await, Ok(1), "on another connection");
}

#[tokio::test]
async fn no_more_than_so_many_wait_for_each_other() {
    let Some((store, _database)) = sqlite().await else { return };
    let mut first = Gated::new(&store, "first");
    first.reach().await;
    let ids: Vec<String> = (0..63).map(|number| format!("{number:02}")).collect();
    let mut others: Vec<_> = ids.iter().map(|id| adding(&store, id)).collect();
    for other in &mut others {
        assert!(poll!(other).is_pending());
    }
    let mut last = Gated::new(&store, "last");
    assert!(poll!(&mut last.transaction).is_pending());
    let first = first.finish().await;
    for outcome in join_all(others).await {
        outcome.unwrap();
    }
    assert_eq!(first.await, Ok(1));
    last.reach().await;
    assert_eq!(committed(&store).await.len(), 64);
    assert_eq!(last.finish().await.await, Ok(65));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_requests_that_are_abandoned_loses_neither_the_turn_nor_a_row() {
    let Some((store, _database)) = sqlite().await else { return };
    let ids: Vec<String> = (0..240).map(|number| format!("{number:03}")).collect();
    let mut requests = Vec::new();
    for (number, id) in ids.iter().enumerate() {
        let (store, id) = (store.clone(), id.clone());
        let request = tokio::spawn(async move { adding(&store, &id).await });
        // At no chosen moment: some have not begun by then, some wait, some have been told.
        match number % 3 {
            0 => requests.push((id_of(number), request)),
            1 => request.abort(),
            _ => {
                tokio::task::yield_now().await;
                request.abort();
            }
        }
    }
    let (mut kept, mut outcomes) = (Vec::new(), Vec::new());
    for (id, request) in requests {
        kept.push(id);
        outcomes.push(request.await.unwrap());
    }
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let written = committed(&store).await;
    assert!(kept.iter().all(|id| written.contains(id)));
    adding(&store, "afterwards").await.unwrap();
}

fn id_of(number: usize) -> String {
    format!("{number:03}")
}

#[test]
fn a_runtime_may_end_while_a_turn_is_on_its_way() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let Some((store, database)) = runtime.block_on(sqlite()) else { return };
    runtime.block_on(async {
        let (ready, handed_on) = oneshot::channel();
        tokio::spawn(async move {
            let (mut a, mut b) = (Gated::new(&store, "a"), adding(&store, "b"));
            a.reach().await;
            assert!(poll!(&mut b).is_pending());
            let _a = a.finish().await;
            // b has been given the turn, and both are dropped by a runtime that does no more work.
            ready.send(()).unwrap();
            std::future::pending::<()>().await;
        });
        handed_on.await.unwrap();
    });
    runtime.shutdown_timeout(Duration::from_secs(10));

    let mut other = SqliteConnection::establish(database.url.strip_prefix("sqlite:").unwrap()).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let written: i64 = diesel::RunQueryDsl::get_result(revoked_tokens::table.count(), &mut other).unwrap();
    assert_eq!(written, 0, "nobody was told of it");
}

#[tokio::test]
async fn sqlite_is_compiled_as_we_rely_on() {
    #[derive(QueryableByName)]
    struct Option {
        #[diesel(sql_type = diesel::sql_types::Text)]
        compile_options: String,
    }
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    let options = diesel::RunQueryDsl::load::<Option>(diesel::sql_query("PRAGMA compile_options"), &mut conn).unwrap();
    let has = |name: &str| options.iter().any(|option| option.compile_options.starts_with(name));
    // .cargo/config.toml: without it everything works, and several times slower.
    assert!(has("ENABLE_QPSG") && !has("ENABLE_MEMORY_MANAGEMENT"));
}
