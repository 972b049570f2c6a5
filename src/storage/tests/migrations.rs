//! Reading which migrations a database has, and applying those that it lacks.

use diesel::sql_types::Binary;
use diesel_async::SimpleAsyncConnection;
use futures_util::future::join_all;

use super::super::{Conn, Schema};
use super::{database, open, store};
use crate::domain::factor::proof::{Proof, Proofs};
use crate::foundation::id::SessionId;
use crate::foundation::{SecretHash, Timestamp};
use crate::storage::oauth::{authorization_code, refresh_token};
use crate::storage::operation::clock_mark;
use crate::storage::sign_in::session;

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
            .transaction("test", async |tx: &mut Conn| {
                tx.batch_execute("LOCK TABLE __diesel_schema_migrations IN EXCLUSIVE MODE").await?;
                assert_eq!(open(&database.url).await.migrate().await, Ok(vec![]));
                Ok(())
            })
            .await
            .unwrap();
    } else {
        store
            .transaction("test", async |_: &mut Conn| {
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

/// What the first release has left: its tables, a session, a used code and a rotated refresh token.
const FIRST: &str = concat!(
    include_str!("../../../migrations/2026-11-21-000001_initial/up.sql"),
    "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL,
        run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
    INSERT INTO __diesel_schema_migrations (version) VALUES ('20261121000001');
    INSERT INTO users VALUES ('01a217dc-cb00-7ed0-afa6-fa349c86b208', 'active', 'alice', NULL, FALSE, FALSE, '{}', NULL,
        '2026-11-22 10:00:00+00:00', '2026-11-22 10:00:00+00:00');
    INSERT INTO clients VALUES ('app', 'App', TRUE, NULL, '{}', '2026-11-22 10:00:00+00:00', '2026-11-22 10:00:00+00:00');
    INSERT INTO sessions VALUES ('01a217dc-cb01-7ed0-afa6-fa349c86b208', '01a217dc-cb00-7ed0-afa6-fa349c86b208',
        '2026-11-22 10:00:00+00:00', 'pwd', '2026-11-22 10:00:00+00:00', '2026-11-22 11:00:00+00:00',
        '2026-11-23 10:00:00+00:00', NULL);
    INSERT INTO grants VALUES ('01a217dc-cb02-7ed0-afa6-fa349c86b208', 'app', '01a217dc-cb00-7ed0-afa6-fa349c86b208',
        '01a217dc-cb01-7ed0-afa6-fa349c86b208', FALSE, 'openid', NULL, '2026-11-22 10:00:00+00:00', 'pwd', NULL,
        '2026-11-22 10:00:00+00:00', '2026-11-23 10:00:00+00:00', NULL);"
);

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_first_release_is_extended_and_keeps_what_it_holds() {
    let database = database::fresh().await;
    let store = open(&database.url).await;
    let is_postgres = super::is_postgres(&database);
    let dialect = |sql: &str| if is_postgres { sql.to_owned() } else { with_ids_of_sqlite(sql) };
    run(&store, &dialect(FIRST)).await;
    let (code, token) = (SecretHash::of("code"), SecretHash::of("token"));
    store
        .transaction("test", async |tx: &mut Conn| {
            // With the columns that there were.
            let grant = "'01a217dc-cb02-7ed0-afa6-fa349c86b208'";
            let times = "'2026-11-22 10:00:00+00:00', '2026-11-23 10:00:00+00:00', '2026-11-22 10:30:00+00:00'";
            for sql in [
                format!(
                    "INSERT INTO authorization_codes VALUES ($1, {grant}, 'app', 'https://a/', NULL, NULL, {times})"
                ),
                format!("INSERT INTO refresh_tokens VALUES ($1, {grant}, 0, {times})"),
            ] {
                let hash = if sql.contains("codes") { code } else { token };
                let query = diesel::sql_query(dialect(&sql)).bind::<Binary, _>(hash);
                diesel_async::RunQueryDsl::execute(query, tx).await?;
            }
            Ok(())
        })
        .await
        .unwrap();

    let applied = store.migrate().await.unwrap();
    assert!(!applied.is_empty() && !applied.contains(&"2026-11-21-000001_initial".to_owned()), "{applied:?}");
    assert_eq!(store.schema().await.unwrap(), Schema::default());
    let (code, token, mark, signed_in) = store
        .read("test", async |conn| {
            Ok((
                authorization_code::find_with_grant(conn, &code).await?,
                refresh_token::find_with_grant(conn, &token).await?,
                clock_mark::believed(conn).await?,
                session::find(conn, session_of_the_first_release()).await?,
            ))
        })
        .await
        .unwrap();
    let used_at = Some(Timestamp::from_secs(1_795_343_400));
    let ((code, state), (token, _)) = (code.unwrap(), token.unwrap());
    assert_eq!((code.used_at, code.made_by, code.used_by), (used_at, None, None));
    assert_eq!((token.used_at, token.used_by), (used_at, None));
    assert_eq!(state.user.username.as_deref(), Some("alice"));
    assert_eq!(signed_in.unwrap().proofs, Proofs::of(Proof::by_password(Timestamp::from_secs(1_795_341_600))));
    assert_eq!(mark, Some(Timestamp::from_secs(1_795_345_200)), "the time of the last use");
}

fn session_of_the_first_release() -> SessionId {
    "01a217dc-cb01-7ed0-afa6-fa349c86b208".parse().unwrap()
}

/// SQLite keeps an id as its sixteen bytes.
fn with_ids_of_sqlite(sql: &str) -> String {
    (0..3).fold(sql.to_owned(), |sql, number| {
        let text = format!("'01a217dc-cb0{number}-7ed0-afa6-fa349c86b208'");
        sql.replace(&text, &format!("X'{}'", text.replace(['\'', '-'], "")))
    })
}

async fn run(store: &super::Store, sql: &str) {
    store.transaction("test", async |tx: &mut Conn| Ok(tx.batch_execute(sql).await?)).await.unwrap();
}
