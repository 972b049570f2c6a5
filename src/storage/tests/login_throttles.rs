//! Wrong passwords in a row.

use std::time::Duration;

use diesel::dsl::sql;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use futures_util::future::join_all;

use super::super::{Conn, Store, StoreError};
use super::rows::{alice, later, populated};
use super::{NOW, is_postgres, store};
use crate::domain::sign_in::login_throttle::Streak;
use crate::foundation::Timestamp;
use crate::storage::operation::prune::{BEGINNING, Kind, step};
use crate::storage::sign_in::login_throttle::{
    Owner, count, end, end_of_user, prune_strangers, stamp, surplus, take_back, uncount,
};

fn account() -> Owner {
    Owner { id: "account".into(), user: Some(alice().id), expires_at: None }
}

fn stranger(id: &str, expires_at: Timestamp) -> Owner {
    Owner { id: id.into(), user: None, expires_at: Some(expires_at) }
}

fn minute(number: u64) -> Timestamp {
    NOW.after(Duration::from_secs(60 * number))
}

async fn failures(store: &Store, owner: &Owner) -> u32 {
    let before = async |tx: &mut Conn| {
        let before = count(tx, owner, NOW).await?;
        uncount(tx, owner).await?;
        Ok(before)
    };
    store.transaction("test", before).await.unwrap().failures
}

#[tokio::test]
async fn a_streak_grows_and_what_did_not_happen_is_taken_back() {
    let (store, _database) = populated().await;
    let owner = account();
    store
        .transaction("test", async |tx: &mut Conn| {
            assert_eq!(count(tx, &owner, minute(1)).await?, Streak { failures: 0, last_at: minute(1) });
            assert_eq!(count(tx, &owner, minute(2)).await?, Streak { failures: 1, last_at: minute(1) });
            stamp(tx, &owner, minute(2)).await?;
            assert_eq!(count(tx, &owner, minute(3)).await?, Streak { failures: 2, last_at: minute(2) });
            uncount(tx, &owner).await?;
            assert_eq!(count(tx, &owner, minute(4)).await?, Streak { failures: 2, last_at: minute(2) }, "as it was");
            stamp(tx, &owner, minute(4)).await?;
            take_back(tx, &owner, minute(4), minute(2)).await?;
            assert_eq!(count(tx, &owner, minute(5)).await?, Streak { failures: 2, last_at: minute(2) }, "as it was");
            stamp(tx, &owner, minute(5)).await?;
            take_back(tx, &owner, minute(1), minute(0)).await?;
            let last = count(tx, &owner, minute(6)).await?;
            assert_eq!(last, Streak { failures: 2, last_at: minute(5) }, "another has been counted since");
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn what_is_taken_back_whole_leaves_no_row() {
    let (store, _database) = store().await;
    let owner = stranger("nobody", later());
    store
        .transaction("test", async |tx: &mut Conn| {
            count(tx, &owner, NOW).await?;
            assert!(surplus(tx, 0).await?.is_some());
            take_back(tx, &owner, NOW, NOW).await?;
            assert!(surplus(tx, 0).await?.is_none());
            take_back(tx, &owner, NOW, NOW).await
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn many_at_once_count_as_many() {
    let (store, _database) = populated().await;
    let tasks = (0..20).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            store.transaction("test", async |tx: &mut Conn| count(tx, &account(), NOW).await).await.unwrap().failures
        })
    });
    let mut before: Vec<_> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
    before.sort_unstable();
    assert_eq!(before, (0..20).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_success_ends_one_streak_and_an_unlock_all_of_a_user() {
    let (store, _database) = populated().await;
    let browser = Owner { id: "browser".into(), expires_at: Some(later()), ..account() };
    let other = stranger("nobody", later());
    let fail = async |tx: &mut Conn| {
        for owner in [&account(), &browser, &other] {
            count(tx, owner, NOW).await?;
        }
        Ok(())
    };
    store.transaction("test", fail).await.unwrap();
    store.transaction("test", async |tx: &mut Conn| end(tx, &[&account().id]).await).await.unwrap();
    assert_eq!(failures(&store, &account()).await, 0);
    assert_eq!(failures(&store, &browser).await, 1);
    store.transaction("test", fail).await.unwrap();
    let unlock = async |tx: &mut Conn| end_of_user(tx, alice().id).await;
    assert!(store.transaction("test", unlock).await.unwrap());
    assert!(!store.transaction("test", unlock).await.unwrap());
    assert_eq!(failures(&store, &account()).await, 0);
    assert_eq!(failures(&store, &other).await, 2);
}

#[tokio::test]
async fn strangers_expire_and_only_so_many_are_kept_and_an_account_stays() {
    let (store, _database) = populated().await;
    let expire = async |tx: &mut Conn, now, limit| -> Result<usize, StoreError> {
        Ok(step(tx, Kind::LoginThrottles, now, BEGINNING, limit).await?.deleted)
    };
    store
        .transaction("test", async |tx: &mut Conn| {
            count(tx, &account(), NOW).await?;
            for number in 0..10 {
                count(tx, &stranger(&format!("nobody{number}"), minute(number)), NOW).await?;
            }
            assert_eq!(surplus(tx, 10).await?, None);
            assert_eq!(surplus(tx, 7).await?, Some(minute(2)));
            assert_eq!(prune_strangers(tx, minute(2), 2).await?, 2, "a step at a time");
            assert_eq!(prune_strangers(tx, minute(2), 2).await?, 1);
            assert_eq!((surplus(tx, 7).await?, surplus(tx, 6).await?), (None, Some(minute(3))));
            assert_eq!(expire(tx, minute(4), 1).await?, 1);
            assert_eq!(expire(tx, minute(4), 9).await?, 1);
            assert_eq!(expire(tx, minute(100), 9).await?, 5);
            assert_eq!(count(tx, &account(), NOW).await?.failures, 1);
            Ok(())
        })
        .await
        .unwrap();
}

/// How many connections of this test wait for a row that another has locked. Asked on another connection: within a
/// transaction the server does not look again.
async fn waiting(store: &Store) -> i64 {
    let query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = \
                 current_setting('application_name')";
    store.read("test", async |conn: &mut Conn| Ok(sql::<BigInt>(query).get_result(conn).await?)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unlock_and_a_sign_in_at_once_do_not_wait_for_each_other_in_a_circle() {
    let (store, database) = populated().await;
    if !is_postgres(&database) {
        return;
    }
    let (first, last) = (Owner { id: "a".into(), ..account() }, Owner { id: "b".into(), ..account() });
    // They lie in the table the other way round.
    for owner in [&last, &first] {
        store.transaction("test", async |tx: &mut Conn| count(tx, owner, NOW).await).await.unwrap();
    }
    let signs_in = store.transaction("test", async |tx: &mut Conn| {
        end(tx, &[&first.id]).await?;
        let beside = store.clone();
        let unlocks = tokio::spawn(async move {
            beside.transaction("test", async |tx: &mut Conn| end_of_user(tx, alice().id).await).await
        });
        while waiting(&store).await == 0 {
            assert!(!unlocks.is_finished(), "it waits for the row");
        }
        end(tx, &[&last.id]).await?;
        Ok(unlocks)
    });
    let unlocks = signs_in.await.unwrap();
    assert_eq!(unlocks.await.unwrap(), Ok(false), "the sign-in has ended them all");
}
