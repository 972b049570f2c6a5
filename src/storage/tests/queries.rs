//! Each form of query that the storage functions use, on the tables that suit it.

use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use futures_util::future::join_all;

use super::super::{Conn, Store, StoreError};
use super::{NOW, open, store};
use crate::foundation::id::{GrantId, SessionId, UserId};
use crate::foundation::{Random, SecretHash, Timestamp};
use crate::storage::engine::schema::{clients, counters, grants, refresh_tokens, revoked_tokens, sessions, users};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = users)]
struct UserRow {
    id: UserId,
    status: String,
    username: Option<String>,
    email: Option<String>,
    email_verified: bool,
    administrator: bool,
    claims: String,
    password_hash: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

fn user(seed: u64) -> UserRow {
    UserRow {
        id: UserId::generate(&Random::seeded(seed), NOW),
        status: "active".into(),
        username: Some(format!("user {seed}")),
        email: None,
        email_verified: false,
        administrator: true,
        claims: "{\"b\": 1, \"a\": 1e3}".into(),
        password_hash: None,
        created_at: Timestamp::from_micros(NOW.as_micros() + 123_456),
        updated_at: NOW,
    }
}

async fn add_client(conn: &mut Conn) -> Result<(), StoreError> {
    diesel::insert_into(clients::table)
        .values((
            clients::id.eq("app"),
            clients::name.eq("App"),
            clients::enabled.eq(true),
            clients::secret_hash.eq(Some(SecretHash::of("secret"))),
            clients::metadata.eq("{}"),
            clients::created_at.eq(NOW),
            clients::updated_at.eq(NOW),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

async fn revoke(store: &Store, id: &str) -> Result<(), StoreError> {
    store
        .transaction("test", async |tx: &mut Conn| {
            diesel::insert_into(revoked_tokens::table)
                .values((
                    revoked_tokens::id.eq(id),
                    revoked_tokens::revoked_at.eq(NOW),
                    revoked_tokens::expires_at.eq(NOW),
                ))
                .execute(tx)
                .await?;
            Ok(())
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_instances_migrate_once_and_a_second_time_changes_nothing() {
    let database = super::database::fresh().await;
    let stores = join_all((0..4).map(|_| open(&database.url))).await;
    let racers = stores.iter().cloned().map(|store| tokio::spawn(async move { store.migrate().await.unwrap() }));
    let applied: Vec<String> = join_all(racers).await.into_iter().flat_map(Result::unwrap).collect();
    let folders = std::fs::read_dir("migrations").unwrap();
    let mut all: Vec<_> = folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect();
    all.sort();
    assert_eq!(applied, all, "each of them once, in order");
    assert_eq!(stores[0].migrate().await.unwrap(), Vec::<String>::new());
    stores[0].ready().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version_is_tolerated() {
    let (store, _database) = store().await;
    store
        .transaction("test", async |tx: &mut Conn| {
            diesel::sql_query("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')")
                .execute(tx)
                .await?;
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(store.migrate().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn rows_come_back_as_they_went_in_even_on_a_runtime_with_one_thread() {
    let (store, _database) = store().await;
    let (first, second) = (user(1), UserRow { username: None, email: Some("é@x".into()), ..user(2) });
    let rows = vec![first.clone(), second.clone()];
    store
        .transaction("test", async |tx: &mut Conn| {
            Ok(diesel::insert_into(users::table).values(&rows).execute(tx).await?)
        })
        .await
        .unwrap();
    let read = store
        .read("test", async |conn: &mut Conn| {
            Ok(users::table.order(users::id).select(UserRow::as_select()).load::<UserRow>(conn).await?)
        })
        .await
        .unwrap();
    let mut expected = rows;
    expected.sort_by_key(|row| row.id);
    assert_eq!(read, expected);
}

#[tokio::test]
async fn hashes_and_nullable_columns_of_our_types_read_back_and_compare() {
    let (store, _database) = store().await;
    let session = SessionId::generate(&Random::seeded(3), NOW);
    let found = store
        .transaction("test", async |tx: &mut Conn| {
            add_client(tx).await?;
            diesel::insert_into(users::table).values(user(1)).execute(tx).await?;
            diesel::insert_into(grants::table)
                .values((
                    grants::id.eq(GrantId::generate(&Random::seeded(1), NOW)),
                    grants::client_id.eq("app"),
                    grants::user_id.eq(user(1).id),
                    grants::session_id.eq(session),
                    grants::offline.eq(false),
                    grants::scope.eq("openid"),
                    grants::authenticated_at.eq(NOW),
                    grants::methods.eq("pwd"),
                    grants::acr.eq(None::<String>),
                    grants::created_at.eq(NOW),
                    grants::expires_at.eq(NOW),
                ))
                .execute(tx)
                .await?;
            let row: (Option<SessionId>, Option<Timestamp>, Option<SecretHash>) = grants::table
                .inner_join(clients::table)
                .filter(grants::session_id.eq(session).and(clients::secret_hash.eq(&SecretHash::of("secret"))))
                .select((grants::session_id, grants::revoked_at, clients::secret_hash))
                .first(tx)
                .await?;
            Ok(row)
        })
        .await
        .unwrap();
    assert_eq!(found, (Some(session), None, Some(SecretHash::of("secret"))));
}

#[tokio::test]
async fn a_row_with_a_value_that_makes_no_sense_is_corrupt() {
    let (store, _database) = store().await;
    let result = store
        .transaction("test", async |tx: &mut Conn| {
            add_client(tx).await?;
            diesel::update(clients::table).set(clients::secret_hash.eq(vec![1_u8, 2])).execute(tx).await?;
            Ok(clients::table.select(clients::secret_hash).first::<Option<SecretHash>>(tx).await?)
        })
        .await;
    assert!(matches!(result, Err(StoreError::Corrupt(_))), "{result:?}");
}

#[tokio::test]
async fn text_with_a_nul_is_refused_by_both_databases() {
    let (store, _database) = store().await;
    assert_eq!(revoke(&store, "a\0b").await, Err(StoreError::Corrupt("a value cannot be stored")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upsert_writes_one_row() {
    let (store, _database) = store().await;
    let hit = async |tx: &mut Conn| {
        Ok(diesel::insert_into(counters::table)
            .values((counters::id.eq("login:alice"), counters::hits.eq(1_i64), counters::expires_at.eq(NOW)))
            .on_conflict(counters::id)
            .do_update()
            .set((counters::hits.eq(counters::hits + 1), counters::expires_at.eq(excluded(counters::expires_at))))
            .returning(counters::hits)
            .get_result::<i64>(tx)
            .await?)
    };
    assert_eq!(store.transaction("test", hit).await, Ok(1));
    assert_eq!(store.transaction("test", hit).await, Ok(2));
}

#[tokio::test]
async fn unique_and_foreign_keys_conflict() {
    let (store, _database) = store().await;
    assert_eq!(revoke(&store, "jti").await, Ok(()));
    assert_eq!(revoke(&store, "jti").await, Err(StoreError::Conflict));
    let orphan = store
        .transaction("test", async |tx: &mut Conn| {
            diesel::insert_into(sessions::table)
                .values((
                    sessions::id.eq(SessionId::generate(&Random::seeded(1), NOW)),
                    sessions::user_id.eq(user(9).id),
                    sessions::authenticated_at.eq(NOW),
                    sessions::methods.eq("pwd"),
                    sessions::created_at.eq(NOW),
                    sessions::seen_at.eq(NOW),
                    sessions::expires_at.eq(NOW),
                ))
                .execute(tx)
                .await?;
            Ok(())
        })
        .await;
    assert_eq!(orphan, Err(StoreError::Conflict));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_thirty_two_that_take_a_row_one_gets_it() {
    let (store, _database) = store().await;
    revoke(&store, "jti").await.unwrap();
    let racers = (0..32).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            store
                .transaction("test", async |tx: &mut Conn| {
                    Ok(diesel::delete(revoked_tokens::table.filter(revoked_tokens::id.eq("jti")))
                        .returning(revoked_tokens::expires_at)
                        .get_result::<Timestamp>(tx)
                        .await
                        .optional()?)
                })
                .await
                .unwrap()
        })
    });
    let winners = join_all(racers).await.into_iter().filter_map(Result::unwrap).count();
    assert_eq!(winners, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_increments_lose_nothing() {
    let (store, _database) = store().await;
    let set = (counters::id.eq("n"), counters::hits.eq(0_i64), counters::expires_at.eq(NOW));
    store
        .transaction("test", async |tx: &mut Conn| {
            Ok(diesel::insert_into(counters::table).values(set).execute(tx).await?)
        })
        .await
        .unwrap();
    let racers = (0..50).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            store
                .transaction("test", async |tx: &mut Conn| {
                    diesel::update(counters::table).set(counters::hits.eq(counters::hits + 1)).execute(tx).await?;
                    Ok(())
                })
                .await
                .unwrap();
        })
    });
    join_all(racers).await.into_iter().for_each(Result::unwrap);
    let hits: i64 = store
        .read("test", async |conn: &mut Conn| Ok(counters::table.select(counters::hits).first(conn).await?))
        .await
        .unwrap();
    assert_eq!(hits, 50);
}

#[tokio::test]
async fn batches_skip_rows_that_exist_and_deletes_can_be_bounded() {
    let (store, _database) = store().await;
    revoke(&store, "7").await.unwrap();
    let rows: Vec<_> = (0..50)
        .map(|n| {
            (
                revoked_tokens::id.eq(n.to_string()),
                revoked_tokens::revoked_at.eq(NOW),
                revoked_tokens::expires_at.eq(NOW),
            )
        })
        .collect();
    let (inserted, deleted, left) = store
        .transaction("test", async |tx: &mut Conn| {
            let inserted =
                diesel::insert_into(revoked_tokens::table).values(&rows).on_conflict_do_nothing().execute(tx).await?;
            let some = diesel::alias!(revoked_tokens as some_tokens);
            let batch = some.select(some.field(revoked_tokens::id)).limit(20).offset(1);
            let deleted =
                diesel::delete(revoked_tokens::table.filter(revoked_tokens::id.eq_any(batch))).execute(tx).await?;
            let none = revoked_tokens::table.filter(revoked_tokens::id.eq_any(Vec::<String>::new()));
            assert_eq!(none.count().get_result::<i64>(tx).await?, 0);
            let left: i64 = revoked_tokens::table.count().get_result(tx).await?;
            Ok((inserted, deleted, left))
        })
        .await
        .unwrap();
    assert_eq!((inserted, deleted, left), (49, 20, 30));
}

#[tokio::test]
async fn a_search_pages_and_escapes() {
    let (store, _database) = store().await;
    let rows: Vec<UserRow> = ["Anna", "anton", "a%b", "Bob"]
        .iter()
        .zip(1..)
        .map(|(name, n)| UserRow { username: Some((*name).into()), ..user(n) })
        .collect();
    let found = store
        .transaction("test", async |tx: &mut Conn| {
            diesel::insert_into(users::table).values(&rows).execute(tx).await?;
            diesel::define_sql_function!(fn lower(text: diesel::sql_types::Nullable<diesel::sql_types::Text>) -> diesel::sql_types::Nullable<diesel::sql_types::Text>);
            let search = async |tx: &mut Conn, pattern: &str| -> Result<Vec<Option<String>>, StoreError> {
                let query = users::table.into_boxed().filter(lower(users::username).like(pattern.to_owned()).escape('\\'));
                Ok(query.order(lower(users::username)).select(users::username).limit(2).offset(0).load(tx).await?)
            };
            Ok((search(tx, "an%").await?, search(tx, "a\\%%").await?))
        })
        .await
        .unwrap();
    assert_eq!(found, (vec![Some("Anna".into()), Some("anton".into())], vec![Some("a%b".into())]));
}

#[tokio::test]
async fn a_statement_is_prepared_once_for_all_values() {
    let (store, database) = store().await;
    if !super::is_postgres(&database) {
        return;
    }
    let kept: i64 = store
        .read("test", async |conn: &mut Conn| {
            for n in 0..5_i64 {
                let _: Option<i64> = refresh_tokens::table
                    .filter(refresh_tokens::generation.eq(n))
                    .select(refresh_tokens::generation)
                    .first(conn)
                    .await
                    .optional()?;
            }
            diesel::table! { pg_prepared_statements (name) { name -> Text, statement -> Text, } }
            let ours =
                pg_prepared_statements::table.filter(pg_prepared_statements::statement.like("%\"generation\" = $1%"));
            Ok(ours.count().get_result(conn).await?)
        })
        .await
        .unwrap();
    assert_eq!(kept, 1);
}
