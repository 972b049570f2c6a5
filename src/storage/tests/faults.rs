//! A database that restarts, hangs or is locked by another.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use futures_util::future::join_all;
use tokio::time::{Instant, timeout};

use super::super::{Conn, Store, StoreError, StoreSettings};
use super::proxy::Proxy;
use super::{open, store};
use crate::storage::engine::schema::clients;

/// What a caller needs to answer 503 within five seconds.
const PATIENCE: Duration = Duration::from_millis(4800);

async fn count(conn: &mut Conn) -> Result<i64, StoreError> {
    Ok(clients::table.count().get_result(conn).await?)
}

fn is_unavailable<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Unavailable(_)))
}

/// A transaction in a task of its own, as a request has it.
async fn write(store: &Store) -> Result<i64, StoreError> {
    let store = store.clone();
    in_time(async move { store.transaction("test", async |tx: &mut Conn| count(tx).await).await }).await
}

/// As [`write`], reading.
async fn read(store: &Store) -> Result<i64, StoreError> {
    let store = store.clone();
    in_time(async move { store.read("test", async |conn: &mut Conn| count(conn).await).await }).await
}

async fn in_time<T: Send + 'static>(request: impl Future<Output = T> + Send + 'static) -> T {
    let start = Instant::now();
    let result = tokio::spawn(request).await.unwrap();
    assert!(start.elapsed() < PATIENCE, "took {:?}", start.elapsed());
    result
}

/// Ends every connection of `store` but not its pool, as a restart of the server does.
async fn end_all(store: &Store, url: &str) {
    let name = "terminated by the test";
    // Opens several, so that each of the reads below could meet a dead one.
    let tag = format!("SET application_name = '{name}'");
    join_all((0..4).map(|_| {
        store.transaction("test", async |tx: &mut Conn| {
            tx.batch_execute(&tag).await?;
            tx.batch_execute("SELECT pg_sleep(0.05)").await?;
            Ok(())
        })
    }))
    .await
    .into_iter()
    .for_each(Result::unwrap);
    let sql = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE application_name = '{name}' AND query NOT LIKE '%pg_stat_activity%'"
    );
    super::database::execute(url, &sql).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_the_server_costs_no_request() {
    let (store, database) = store().await;
    if !super::is_postgres(&database) {
        return;
    }
    for _ in 0..5 {
        end_all(&store, &database.url).await;
        for result in join_all((0..8).map(|_| read(&store))).await {
            assert_eq!(result, Ok(0));
        }
        end_all(&store, &database.url).await;
        for result in join_all((0..8).map(|_| write(&store))).await {
            assert_eq!(result, Ok(0));
        }
    }
}

/// Ends the server's side of this connection, which does not know yet.
async fn lose(conn: &mut Conn, url: &str) -> Result<(), StoreError> {
    conn.batch_execute("SET application_name = 'loses its server'").await?;
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'loses its server'";
    super::database::execute(url, sql).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_of_a_transaction_a_read_is_repeated_on_a_new_connection_and_a_write_never() {
    use crate::storage::engine::schema::revoked_tokens::{expires_at, id, revoked_at, table};
    let (store, database) = store().await;
    if !super::is_postgres(&database) {
        return;
    }
    let url = &database.url;
    let reads = store.read("test", async |conn: &mut Conn| {
        lose(conn, url).await?;
        count(conn).await
    });
    assert_eq!(reads.await, Ok(0));
    // Also one that answers with rows, as a read does.
    let row = (id.eq("once"), revoked_at.eq(super::NOW), expires_at.eq(super::NOW));
    let writes = store.write_once("test", async |conn: &mut Conn| {
        lose(conn, url).await?;
        let written: String = diesel::insert_into(table).values(row).returning(id).get_result(conn).await?;
        Ok(written)
    });
    let written = writes.await;
    assert!(matches!(written, Err(StoreError::Unavailable(_) | StoreError::Unsettled(_))), "{written:?}");
    let rows = store.read("test", async |conn: &mut Conn| Ok(table.count().get_result::<i64>(conn).await?));
    assert_eq!(rows.await, Ok(0), "nobody was told that it was done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_whose_connection_dies_is_not_reported_as_done() {
    let (store, database) = store().await;
    if !super::is_postgres(&database) {
        return;
    }
    let outcome = store
        .transaction("test", async |tx: &mut Conn| {
            count(tx).await?;
            tx.batch_execute("SET application_name = 'dies in a transaction'").await?;
            let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                       WHERE application_name = 'dies in a transaction' AND pid <> pg_backend_pid()";
            super::database::execute(&database.url, sql).await;
            Ok(())
        })
        .await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_) | StoreError::Unsettled(_))), "{outcome:?}");
    assert_eq!(write(&store).await, Ok(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_is_unavailable_in_time_and_holds_up_nothing_else() {
    let (_direct, database) = store().await;
    if !super::is_postgres(&database) {
        return;
    }
    let proxy = Proxy::before(&database.url).await;
    let store = open(&proxy.url).await;
    assert_eq!(write(&store).await, Ok(0));

    proxy.hang(true);
    let requests = async {
        let (read, written) = tokio::join!(read(&store), write(&store));
        [read, written]
    };
    // On this very thread: it would not come to its turn if the store blocked.
    let other_work = timeout(Duration::from_secs(2), async {
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
    });
    let (results, other) = tokio::join!(requests, other_work);
    assert!(other.is_ok());
    assert!(results.iter().all(is_unavailable), "{results:?}");

    proxy.hang(false);
    assert_eq!(read(&store).await, Ok(0));
    assert_eq!(write(&store).await, Ok(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_another_process_has_locked_is_unavailable_in_time_and_still_readable() {
    let (store, database) = store().await;
    if super::is_postgres(&database) {
        return;
    }
    let path = database.url.strip_prefix("sqlite:").unwrap();
    let mut other = SqliteConnection::establish(path).unwrap();
    diesel::connection::SimpleConnection::batch_execute(&mut other, "BEGIN IMMEDIATE").unwrap();

    let requests = join_all((0..3).map(|_| write(&store)));
    let (readable, written) = tokio::join!(read(&store), requests);
    assert_eq!(readable, Ok(0));
    assert!(written.iter().all(is_unavailable), "{written:?}");

    diesel::connection::SimpleConnection::batch_execute(&mut other, "ROLLBACK").unwrap();
    assert_eq!(write(&store).await, Ok(0));
}

#[tokio::test]
async fn a_server_that_cannot_prove_who_it_is_is_not_used() {
    let (_direct, database) = store().await;
    if !super::is_postgres(&database) {
        return;
    }
    // The test server has no TLS, or a certificate that nobody vouches for. Either way: no falling back to clear text.
    for mode in ["require", "verify-full"] {
        let url = format!("{}&sslmode={mode}", database.url).parse().unwrap();
        let refused = Store::connect(StoreSettings::new(url)).await;
        assert!(is_unavailable(&refused), "{mode}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sqlite_file_that_is_gone_is_noticed_and_not_made_anew() {
    let (store, database) = store().await;
    if super::is_postgres(&database) {
        return;
    }
    let path = std::path::PathBuf::from(database.url.strip_prefix("sqlite:").unwrap());
    let aside = path.with_extension("aside");
    std::fs::rename(&path, &aside).unwrap();
    assert!(matches!(store.ready().await, Err(StoreError::Unavailable(_))));
    let written = store.transaction("test", async |tx: &mut Conn| count(tx).await).await;
    assert!(matches!(written, Err(StoreError::Unavailable(_))), "{written:?}");
    assert!(!path.exists(), "an empty file would pass for the database at the next start");
    std::fs::rename(&aside, &path).unwrap();
    store.ready().await.unwrap();
    assert_eq!(store.transaction("test", async |tx: &mut Conn| count(tx).await).await, Ok(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_told_from_one_that_failed() {
    let (direct, database) = store().await;
    if !super::is_postgres(&database) {
        return;
    }
    let proxy = Proxy::before(&database.url).await;
    let store = open(&proxy.url).await;
    let add = async |id: &'static str| {
        use crate::storage::engine::schema::revoked_tokens::{expires_at, id as key, revoked_at, table};
        let row = (key.eq(id), revoked_at.eq(super::NOW), expires_at.eq(super::NOW));
        store
            .transaction("test", async |tx: &mut Conn| {
                diesel::insert_into(table).values(row).execute(tx).await?;
                Ok(())
            })
            .await
    };
    assert_eq!(add("a").await, Ok(()));
    proxy.lose_next_commit();
    let outcome = add("b").await;
    assert!(matches!(outcome, Err(StoreError::Unsettled(_))), "{outcome:?}");
    proxy.hang(true);
    let outcome = add("c").await;
    assert!(is_unavailable(&outcome), "it had not come to the commit: {outcome:?}");
    proxy.hang(false);
    let there: Vec<String> = direct
        .read("test", async |conn: &mut Conn| {
            use crate::storage::engine::schema::revoked_tokens::{id, table};
            Ok(table.select(id).order(id).load(conn).await?)
        })
        .await
        .unwrap();
    assert_eq!(there, ["a", "b"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_became_read_only_is_not_ready_and_its_connections_are_not_kept() {
    let (direct, database) = store().await;
    if !super::is_postgres(&database) {
        return;
    }
    let store = open(&database.url).await;
    store.ready().await.unwrap();
    // Four sessions that were writable and are not any more, as those of a server that was demoted.
    join_all((0..4).map(|_| {
        store.transaction("test", async |tx: &mut Conn| {
            tx.batch_execute("SELECT pg_sleep(0.05)").await?;
            tx.batch_execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY").await?;
            Ok(())
        })
    }))
    .await
    .into_iter()
    .for_each(Result::unwrap);
    assert!(is_unavailable(&store.ready().await));
    // One of them has shown what all of them are.
    for _ in 0..4 {
        assert_eq!(grow(&store).await, Ok(()));
    }
    store.ready().await.unwrap();
    drop(direct);
}

/// Adds a row and takes it away.
async fn grow(store: &Store) -> Result<(), StoreError> {
    use crate::storage::engine::schema::revoked_tokens::{expires_at, id, revoked_at, table};
    store
        .transaction("test", async |tx: &mut Conn| {
            let row = (id.eq("x"), revoked_at.eq(super::NOW), expires_at.eq(super::NOW));
            diesel::insert_into(table).values(row).execute(tx).await?;
            diesel::delete(table.find("x")).execute(tx).await?;
            Ok(())
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_to_a_read_only_session_replaces_every_connection() {
    let (_direct, database) = store().await;
    if !super::is_postgres(&database) {
        return;
    }
    let store = open(&database.url).await;
    join_all((0..4).map(|_| {
        store.transaction("test", async |tx: &mut Conn| {
            tx.batch_execute("SELECT pg_sleep(0.05)").await?;
            tx.batch_execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY").await?;
            Ok(())
        })
    }))
    .await
    .into_iter()
    .for_each(Result::unwrap);
    assert!(is_unavailable(&grow(&store).await), "the first finds out");
    for outcome in join_all((0..4).map(|_| grow(&store))).await {
        assert_eq!(outcome, Ok(()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_could_not_be_written_is_ready_again_once_a_write_succeeds() {
    let (store, database) = store().await;
    store.ready().await.unwrap();
    let other = open(&database.url).await;
    // Whatever the reason: here, somebody keeps what the attempt needs.
    let (blocked, free) = (tokio::sync::Notify::new(), tokio::sync::Notify::new());
    let blockade = other.transaction("test", async |tx: &mut Conn| {
        if tx.is_postgres() {
            tx.batch_execute("LOCK TABLE browser_sessions IN ACCESS EXCLUSIVE MODE").await?;
        }
        blocked.notify_one();
        free.notified().await;
        Ok(())
    });
    let failed: Result<(), _> =
        store.transaction("test", async |_: &mut Conn| Err(StoreError::Unavailable("by the test".into()))).await;
    assert!(failed.is_err());
    let refused = async {
        blocked.notified().await;
        let outcome = store.ready().await;
        free.notify_one();
        outcome
    };
    let (outcome, refused) = tokio::join!(blockade, refused);
    assert_eq!(outcome, Ok(()));
    assert!(is_unavailable(&refused), "{refused:?}");
    let ready = async {
        while store.ready().await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(Duration::from_secs(3), ready).await.unwrap();
}
