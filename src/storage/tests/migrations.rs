//! Reading which migrations a database has, and applying those that it lacks.

use diesel_async::SimpleAsyncConnection;
use futures_util::future::join_all;

use super::super::{Conn, Schema};
use super::{database, open, store};

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_is_looked_at_and_not_touched() {
    let database = database::fresh().await;
    let store = open(&database.url).await;
    for _ in 0..2 {
        let schema = store.schema().await.unwrap();
        assert!(schema.is_new && schema.unknown.is_empty());
        assert_eq!(schema.missing.first().map(String::as_str), Some("2026-11-21-000001_initial"));
    }
    let applied = store.migrate().await.unwrap();
    assert_eq!(applied.first().map(String::as_str), Some("2026-11-21-000001_initial"));
    assert_eq!(store.schema().await.unwrap(), Schema::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_of_an_older_and_of_a_newer_program_are_told_apart() {
    let (store, _database) = store().await;
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000001')";
    let older = "DELETE FROM __diesel_schema_migrations WHERE version = '20261121000001'";
    run(&store, newer).await;
    let unknown = vec!["29991231000001".to_owned()];
    assert_eq!(store.schema().await.unwrap(), Schema { unknown: unknown.clone(), ..Schema::default() });
    assert_eq!(store.migrate().await, Ok(vec![]));
    run(&store, older).await;
    let missing = vec!["2026-11-21-000001_initial".to_owned()];
    assert_eq!(store.schema().await.unwrap(), Schema { is_new: false, missing, unknown });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_up_to_date_is_not_changed_by_a_migration() {
    let (store, database) = store().await;
    // Whoever holds every lock that a change of tables needs does not hold it up.
    if super::is_postgres(&database) {
        store
            .transaction(async |tx: &mut Conn| {
                tx.batch_execute("LOCK TABLE __diesel_schema_migrations IN EXCLUSIVE MODE").await?;
                assert_eq!(open(&database.url).await.migrate().await, Ok(vec![]));
                Ok(())
            })
            .await
            .unwrap();
    } else {
        store
            .transaction(async |_: &mut Conn| {
                assert_eq!(open(&database.url).await.migrate().await, Ok(vec![]));
                Ok(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_that_start_at_once_one_migrates_and_nobody_fails() {
    for _ in 0..5 {
        let database = database::fresh().await;
        let starts = (0..4).map(|_| {
            let url = database.url.clone();
            tokio::spawn(async move { open(&url).await.migrate().await.unwrap() })
        });
        let applied: Vec<_> = join_all(starts).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(applied.iter().filter(|applied| !applied.is_empty()).count(), 1, "{applied:?}");
    }
}

async fn run(store: &super::Store, sql: &str) {
    store.transaction(async |tx: &mut Conn| Ok(tx.batch_execute(sql).await?)).await.unwrap();
}
