//! Pruning looks at no more than it may, whatever there is.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::super::{Conn, Store, StoreError};
use super::rows::{HOUR, alice, app, grant as a_grant, name, session as a_session};
use super::{NOW, store};
use crate::domain::oauth::grant::refresh_token::RefreshToken;
use crate::foundation::{SecretHash, Timestamp};
use crate::storage::account::user;
use crate::storage::engine::schema::{grants, refresh_tokens, revoked_tokens};
use crate::storage::oauth::{client, grant, refresh_token, revoked_token};
use crate::storage::operation::counter;
use crate::storage::operation::prune::{BEGINNING, Kind, Step, step};
use crate::storage::sign_in::{login_throttle, session};

const WEEK: Duration = Duration::from_secs(7 * 86_400);

/// Grants that all expired at NOW or soon after; the first `pinned` of them have a refresh token that has not.
async fn populate(store: &Store, free: u64, pinned: u64) {
    store
        .transaction("test", async |tx: &mut Conn| {
            user::insert(tx, &alice(), &[name("alice")]).await?.unwrap();
            assert!(client::insert(tx, &app()).await?);
            session::insert(tx, &a_session()).await?;
            for seed in 0..pinned + free {
                let expires_at = NOW.after(Duration::from_millis(seed));
                let granted = crate::domain::oauth::grant::Grant { expires_at, ..a_grant(100 + seed, true) };
                grant::insert(tx, &granted).await?;
                if seed < pinned {
                    let token = RefreshToken {
                        hash: SecretHash::of(&seed.to_string()),
                        grant: granted.id,
                        generation: 0,
                        created_at: NOW,
                        expires_at: NOW.after(WEEK * 52),
                        used_at: None,
                        used_by: None,
                    };
                    refresh_token::insert(tx, &token).await?;
                }
            }
            Ok(())
        })
        .await
        .unwrap();
}

async fn prune(store: &Store, kind: Kind, from: Timestamp, limit: i64) -> Step {
    store.transaction("test", async |tx: &mut Conn| step(tx, kind, NOW.after(WEEK), from, limit).await).await.unwrap()
}

async fn grants_left(store: &Store) -> i64 {
    store.read("test", async |conn: &mut Conn| Ok(grants::table.count().get_result(conn).await?)).await.unwrap()
}

#[tokio::test]
async fn grants_that_something_points_to_are_passed_and_looked_at_once() {
    let (store, _database) = store().await;
    populate(&store, 25, 30).await;
    let mut from = BEGINNING;
    let mut found = Vec::new();
    loop {
        let step = prune(&store, Kind::Grants, from, 10).await;
        found.push((step.examined, step.deleted));
        if step.examined < 10 {
            break;
        }
        from = step.from;
    }
    assert_eq!(found, [(10, 0), (10, 0), (10, 0), (10, 10), (10, 10), (5, 5)]);
    assert_eq!(grants_left(&store).await, 30);
}

#[tokio::test]
async fn a_step_deletes_no_more_than_it_may_and_the_oldest_first() {
    let (store, _database) = store().await;
    store
        .transaction("test", async |tx: &mut Conn| {
            for n in 0..25_u64 {
                revoked_token::insert(tx, &n.to_string(), NOW, NOW.after(Duration::from_secs(25 - n))).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
    for (deleted, left) in [(10, 15), (10, 5), (5, 0), (0, 0)] {
        let step = prune(&store, Kind::RevokedTokens, BEGINNING, 10).await;
        assert_eq!((step.examined, step.deleted), (deleted, deleted));
        let ids = store.read("test", async |conn: &mut Conn| {
            let ids = revoked_tokens::table.select(revoked_tokens::id).load::<String>(conn).await?;
            Ok(ids.into_iter().filter_map(|id| id.parse().ok()).collect::<Vec<usize>>())
        });
        let ids = ids.await.unwrap();
        assert_eq!(ids.len(), left);
        assert!(ids.iter().all(|id| *id < left), "{ids:?}");
    }
}

#[tokio::test]
async fn pruning_makes_room_in_a_sqlite_file_that_must_not_grow() {
    let (store, database) = store().await;
    if super::is_postgres(&database) {
        return;
    }
    populate(&store, 0, 200).await;
    let fill = async |rows: u64| {
        store
            .transaction("test", async |tx: &mut Conn| {
                // No page more than there are: a full disk, as the writer sees it.
                tx.batch_execute("PRAGMA max_page_count = 1").await?;
                for n in 0..rows {
                    revoked_token::insert(tx, &format!("{n}{}", "x".repeat(1000)), NOW, NOW.after(HOUR)).await?;
                }
                Ok(())
            })
            .await
    };
    assert!(matches!(fill(10).await, Err(StoreError::Unavailable(_))));
    store
        .transaction("test", async |tx: &mut Conn| {
            tx.batch_execute("PRAGMA max_page_count = 1").await?;
            let all = refresh_tokens::table.count().get_result::<i64>(tx).await?;
            assert_eq!(all, 200);
            diesel::update(refresh_tokens::table).set(refresh_tokens::expires_at.eq(NOW)).execute(tx).await?;
            Ok(())
        })
        .await
        .unwrap();
    for kind in [Kind::RefreshTokens, Kind::Grants] {
        while prune(&store, kind, BEGINNING, 10).await.deleted > 0 {}
    }
    assert_eq!(grants_left(&store).await, 0);
    assert_eq!(fill(10).await, Ok(()));
}

#[tokio::test]
async fn a_row_that_another_transaction_has_is_left_and_not_waited_for() {
    let (store, database) = store().await;
    if !super::is_postgres(&database) {
        // It has one writer.
        return;
    }
    let stranger = |key: &str| login_throttle::Owner { id: key.to_owned(), user: None, expires_at: Some(NOW) };
    store
        .transaction("test", async |tx: &mut Conn| {
            for key in ["a", "b", "c"] {
                revoked_token::insert(tx, key, NOW, NOW).await?;
                counter::hit(tx, key, HOUR, NOW).await?;
                login_throttle::count(tx, &stranger(key), NOW).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let strangers = async || {
        let delete = async |tx: &mut Conn| login_throttle::prune_strangers(tx, NOW, 10).await;
        store.transaction("test", delete).await.unwrap()
    };
    // It goes on only when all have pruned: had they waited for its rows, none would ever end.
    let other = async |tx: &mut Conn| {
        counter::hit(tx, "b", HOUR, NOW).await?;
        login_throttle::count(tx, &stranger("b"), NOW).await?;
        let found = [Kind::Counters, Kind::RevokedTokens].map(|kind| prune(&store, kind, BEGINNING, 10));
        let [counters, tokens] = futures_util::future::join_all(found).await.try_into().unwrap();
        assert_eq!((counters.deleted, tokens.deleted), (2, 3));
        assert_eq!(strangers().await, 2);
        Ok(())
    };
    store.transaction("test", other).await.unwrap();
    assert_eq!(prune(&store, Kind::Counters, BEGINNING, 10).await.deleted, 1, "the next run has it");
    assert_eq!(strangers().await, 1);
}
