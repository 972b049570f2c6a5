//! Commit, rollback, savepoints, and transactions that nobody waits for any more.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use tokio::sync::oneshot;

use super::super::{Conn, Store, StoreError};
use super::{NOW, store};
use crate::storage::engine::schema::revoked_tokens;

async fn add(conn: &mut Conn, id: &str) -> Result<(), StoreError> {
    diesel::insert_into(revoked_tokens::table)
        .values((revoked_tokens::id.eq(id), revoked_tokens::revoked_at.eq(NOW), revoked_tokens::expires_at.eq(NOW)))
        .execute(conn)
        .await?;
    Ok(())
}

async fn all(store: &Store) -> Vec<String> {
    store
        .read("test", async |conn: &mut Conn| {
            Ok(revoked_tokens::table.select(revoked_tokens::id).order(revoked_tokens::id).load(conn).await?)
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn what_fails_leaves_nothing() {
    let (store, _database) = store().await;
    let failed: Result<(), _> = store
        .transaction("test", async |tx: &mut Conn| {
            add(tx, "a").await?;
            Err(StoreError::Corrupt("by the test"))
        })
        .await;
    assert_eq!(failed, Err(StoreError::Corrupt("by the test")));
    assert_eq!(all(&store).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_query_that_failed_ends_the_transaction_even_if_its_error_is_ignored() {
    let (store, _database) = store().await;
    let outcome = store
        .transaction("test", async |tx: &mut Conn| {
            add(tx, "a").await?;
            assert_eq!(add(tx, "a").await, Err(StoreError::Conflict));
            Ok(())
        })
        .await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    assert_eq!(all(&store).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_savepoint_lets_the_rest_go_on() {
    let (store, _database) = store().await;
    store
        .transaction("test", async |tx: &mut Conn| {
            add(tx, "a").await?;
            let inner: Result<(), StoreError> = tx
                .transaction(async |tx: &mut Conn| {
                    add(tx, "b").await?;
                    add(tx, "a").await
                })
                .await;
            assert_eq!(inner, Err(StoreError::Conflict));
            add(tx, "c").await
        })
        .await
        .unwrap();
    assert_eq!(all(&store).await, ["a", "c"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_transaction_is_undone_and_holds_up_nobody() {
    let (store, _database) = store().await;
    let (reached, halfway) = oneshot::channel();
    let abandoned = tokio::spawn({
        let store = store.clone();
        async move {
            store
                .transaction("test", async |tx: &mut Conn| {
                    add(tx, "dirty").await?;
                    reached.send(()).unwrap();
                    std::future::pending::<Result<(), StoreError>>().await
                })
                .await
        }
    });
    halfway.await.unwrap();
    abandoned.abort();
    assert!(abandoned.await.unwrap_err().is_cancelled());

    // The same row: it would wait, and fail, if the first transaction still held its lock.
    store.transaction("test", async |tx: &mut Conn| add(tx, "dirty").await).await.unwrap();
    assert_eq!(all(&store).await, ["dirty"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_process_keeps_no_lock_after_a_dropped_transaction() {
    let (first, database) = store().await;
    let second = super::open(&database.url).await;
    let (reached, halfway) = oneshot::channel();
    {
        let transaction = first.transaction("test", async |tx: &mut Conn| {
            add(tx, "dirty").await?;
            reached.send(()).unwrap();
            std::future::pending::<Result<(), StoreError>>().await
        });
        tokio::select! {
            _ = transaction => unreachable!(),
            _ = halfway => {}
        }
    }
    // `first` does nothing more, so nothing but the drop itself can have given the lock up.
    second.transaction("test", async |tx: &mut Conn| add(tx, "dirty").await).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_go_on_while_a_transaction_writes() {
    let (store, _database) = store().await;
    store
        .transaction("test", async |tx: &mut Conn| {
            add(tx, "a").await?;
            assert_eq!(all(&store).await, Vec::<String>::new());
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(all(&store).await, ["a"]);
}

#[tokio::test]
async fn a_read_cannot_write_to_sqlite() {
    let (store, database) = store().await;
    if super::is_postgres(&database) {
        return;
    }
    assert!(store.read("test", async |conn: &mut Conn| add(conn, "a").await).await.is_err());
    assert_eq!(all(&store).await, Vec::<String>::new());
}
