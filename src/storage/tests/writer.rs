//! How transactions on SQLite share a commit. They are polled by hand, so that each order of events is made on purpose.

use std::pin::Pin;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::future::join_all;
use futures_util::poll;
use tokio::sync::oneshot;

use super::super::schema::revoked_tokens;
use super::super::{Conn, Store, StoreError};
use super::{NOW, is_postgres, store};

type Outcome = Result<usize, StoreError>;

/// A transaction that adds a row and then, if there is a gate, waits until it opens or is gone. It returns the number of
/// rows that it sees.
fn adding<'a>(
    store: &'a Store,
    id: &'a str,
    gate: Option<oneshot::Receiver<()>>,
) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>> {
    Box::pin(store.transaction(async move |tx: &mut Conn| {
        diesel::insert_into(revoked_tokens::table)
            .values((revoked_tokens::id.eq(id), revoked_tokens::revoked_at.eq(NOW), revoked_tokens::expires_at.eq(NOW)))
            .execute(tx)
            .await?;
        if let Some(gate) = gate {
            let _open_or_gone = gate.await;
        }
        let seen: i64 = revoked_tokens::table.count().get_result(tx).await?;
        Ok(usize::try_from(seen).unwrap())
    }))
}

async fn committed(store: &Store) -> Vec<String> {
    store
        .read(async |conn: &mut Conn| {
            Ok(revoked_tokens::table.select(revoked_tokens::id).order(revoked_tokens::id).load(conn).await?)
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn nobody_is_told_before_the_shared_commit() {
    let (store, database) = store().await;
    if is_postgres(&database) {
        return;
    }
    let ((open_first, first), (open_second, second)) = (oneshot::channel(), oneshot::channel());
    let (mut a, mut b) = (adding(&store, "a", Some(first)), adding(&store, "b", Some(second)));
    assert!(poll!(&mut a).is_pending() && poll!(&mut b).is_pending());
    open_first.send(()).unwrap();
    assert!(poll!(&mut a).is_pending(), "its work is done, and b has the turn");
    assert!(poll!(&mut b).is_pending() && poll!(&mut a).is_pending());
    assert_eq!(committed(&store).await, Vec::<String>::new());

    open_second.send(()).unwrap();
    assert_eq!(b.await, Ok(2), "b sees what a wrote before it");
    assert_eq!(a.await, Ok(1));
    assert_eq!(committed(&store).await, ["a", "b"]);
}

#[tokio::test]
async fn one_that_fails_undoes_itself_alone() {
    let (store, database) = store().await;
    if is_postgres(&database) {
        return;
    }
    let (open, gate) = oneshot::channel();
    let mut first = adding(&store, "a", Some(gate));
    assert!(poll!(&mut first).is_pending());
    let others = join_all(["b", "a", "c"].map(|id| adding(&store, id, None)));
    open.send(()).unwrap();
    let (first, others) = tokio::join!(first, others);
    assert_eq!(first, Ok(1));
    assert_eq!(others, [Ok(2), Err(StoreError::Conflict), Ok(3)]);
    assert_eq!(committed(&store).await, ["a", "b", "c"]);
}

#[tokio::test]
async fn whoever_gives_up_waiting_holds_up_nobody() {
    let (store, database) = store().await;
    if is_postgres(&database) {
        return;
    }
    let (open, gate) = oneshot::channel();
    let (mut a, mut b, mut c) = (adding(&store, "a", Some(gate)), adding(&store, "b", None), adding(&store, "c", None));
    assert!(poll!(&mut a).is_pending() && poll!(&mut b).is_pending() && poll!(&mut c).is_pending());
    drop(b);
    open.send(()).unwrap();
    assert!(poll!(&mut a).is_pending());
    assert_eq!(c.await, Ok(2));
    assert_eq!(a.await, Ok(1));
    assert_eq!(committed(&store).await, ["a", "c"]);
}

#[tokio::test]
async fn what_is_handed_to_somebody_who_is_gone_is_committed_all_the_same() {
    let (store, database) = store().await;
    if is_postgres(&database) {
        return;
    }
    let (open, gate) = oneshot::channel();
    let (mut a, mut b) = (adding(&store, "a", Some(gate)), adding(&store, "b", None));
    assert!(poll!(&mut a).is_pending() && poll!(&mut b).is_pending());
    open.send(()).unwrap();
    assert!(poll!(&mut a).is_pending(), "b has been given the turn, and does not know it yet");
    drop(b);
    assert_eq!(a.await, Ok(1));
    assert_eq!(adding(&store, "c", None).await, Ok(2), "the turn is free again");
}

#[tokio::test]
async fn whoever_leaves_after_its_work_has_written() {
    let (store, database) = store().await;
    if is_postgres(&database) {
        return;
    }
    let ((open_first, first), (open_second, second)) = (oneshot::channel(), oneshot::channel());
    let (mut a, mut b) = (adding(&store, "a", Some(first)), adding(&store, "b", Some(second)));
    assert!(poll!(&mut a).is_pending() && poll!(&mut b).is_pending());
    open_first.send(()).unwrap();
    assert!(poll!(&mut a).is_pending() && poll!(&mut b).is_pending());
    drop(a);
    open_second.send(()).unwrap();
    assert_eq!(b.await, Ok(2));
    assert_eq!(committed(&store).await, ["a", "b"]);
}

#[tokio::test]
async fn a_shared_transaction_that_is_undone_is_not_reported_as_done() {
    let (store, database) = store().await;
    if is_postgres(&database) {
        return;
    }
    let ((open_first, first), (_never, second)) = (oneshot::channel(), oneshot::channel());
    let (mut a, mut b) = (adding(&store, "a", Some(first)), adding(&store, "b", Some(second)));
    assert!(poll!(&mut a).is_pending() && poll!(&mut b).is_pending());
    open_first.send(()).unwrap();
    assert!(poll!(&mut a).is_pending() && poll!(&mut b).is_pending());
    // In the middle of its work: the connection is in an unknown state.
    drop(b);
    assert!(matches!(a.await, Err(StoreError::Unavailable(_))));
    assert_eq!(adding(&store, "a", None).await, Ok(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_share_one_commit_are_all_written_once() {
    let (store, _database) = store().await;
    let ids: Vec<String> = (0..200).map(|number| format!("{number:03}")).collect();
    let writers = ids.iter().map(|id| {
        let (store, id) = (store.clone(), id.clone());
        tokio::spawn(async move { adding(&store, &id, None).await })
    });
    for outcome in join_all(writers).await {
        outcome.unwrap().unwrap();
    }
    assert_eq!(committed(&store).await, ids);
}
