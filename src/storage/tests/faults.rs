//! A database that restarts, hangs or is locked by another.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use futures_util::future::join_all;
use tokio::time::{Instant, timeout};

use super::super::schema::clients;
use super::super::{Conn, Store, StoreError, StoreSettings};
use super::proxy::Proxy;
use super::{open, store};

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
    in_time(async move { store.transaction(async |tx: &mut Conn| count(tx).await).await }).await
}

/// As [`write`], reading.
async fn read(store: &Store) -> Result<i64, StoreError> {
    let store = store.clone();
    in_time(async move { store.read(async |conn: &mut Conn| count(conn).await).await }).await
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
        store.transaction(async |tx: &mut Conn| {
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

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_whose_connection_dies_is_not_reported_as_done() {
    let (store, database) = store().await;
    if !super::is_postgres(&database) {
        return;
    }
    let outcome = store
        .transaction(async |tx: &mut Conn| {
            count(tx).await?;
            tx.batch_execute("SET application_name = 'dies in a transaction'").await?;
            let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                       WHERE application_name = 'dies in a transaction' AND pid <> pg_backend_pid()";
            super::database::execute(&database.url, sql).await;
            Ok(())
        })
        .await;
    assert!(is_unavailable(&outcome), "{outcome:?}");
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
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    let written = store.transaction(async |tx: &mut Conn| count(tx).await).await;
    assert!(matches!(written, Err(StoreError::Unavailable(_))), "{written:?}");
    assert!(!path.exists(), "an empty file would pass for the database at the next start");
    std::fs::rename(&aside, &path).unwrap();
    store.ping().await.unwrap();
    assert_eq!(store.transaction(async |tx: &mut Conn| count(tx).await).await, Ok(0));
}
