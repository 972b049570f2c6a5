//! What is written by one statement, with no transaction round it on PostgreSQL.

use super::super::{Conn, StoreError};
use super::rows::{code, grant, later, populated, refresh_token, winners};
use super::{NOW, is_postgres};
use crate::domain::oauth::grant::authorization_code::AuthorizationCode;
use crate::domain::oauth::grant::refresh_token::RefreshToken;
use crate::foundation::SecretHash;
use crate::storage::oauth::{authorization_code, grant, refresh_token};
use crate::storage::operation::kept_key;

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_redeem_a_code_one_takes_it_and_adds_the_first_refresh_token() {
    let (store, _database) = populated().await;
    let (granted, hash) = (grant(9, false), SecretHash::of("code"));
    let issued = AuthorizationCode { grant: granted.id, ..code("code") };
    let token = RefreshToken { grant: granted.id, ..refresh_token("first", 0) };
    store.write_once("test", async |tx: &mut Conn| grant::insert_with_code(tx, &granted, &issued).await).await.unwrap();
    let found =
        store.read("test", async |conn: &mut Conn| authorization_code::find_with_grant(conn, &hash).await).await;
    let (same, state) = found.unwrap().unwrap();
    assert_eq!((same, state.grant), (issued.clone(), granted.clone()));

    let too_late = store
        .write_once("test", async |tx: &mut Conn| {
            authorization_code::take_for(tx, &hash, issued.expires_at, NOW, 7, &token).await
        })
        .await;
    assert_eq!(too_late, Ok(false));
    let taken = winners(&store, |store| {
        let token = token.clone();
        async move {
            store
                .write_once("test", async |tx: &mut Conn| {
                    authorization_code::take_for(tx, &hash, NOW, NOW, 7, &token).await
                })
                .await
        }
    });
    assert_eq!(taken.await, 1);
    store
        .read("test", async |conn: &mut Conn| {
            assert_eq!(refresh_token::generation(conn, granted.id, 0).await?, Some(token.clone()));
            assert_eq!(authorization_code::find(conn, &hash).await?.unwrap().used_at, Some(NOW));
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_refresh_one_rotates_the_token() {
    let (store, _database) = populated().await;
    let (hash, second) = (SecretHash::of("first"), refresh_token("second", 1));
    store
        .transaction("test", async |tx: &mut Conn| refresh_token::insert(tx, &refresh_token("first", 0)).await)
        .await
        .unwrap();
    let too_late = store
        .write_once("test", async |tx: &mut Conn| refresh_token::rotate(tx, &hash, later(), 7, &second).await)
        .await;
    assert_eq!(too_late, Ok(false));
    let rotated = winners(&store, |store| {
        let second = second.clone();
        async move {
            store
                .write_once("test", async |tx: &mut Conn| refresh_token::rotate(tx, &hash, NOW, 7, &second).await)
                .await
        }
    });
    assert_eq!(rotated.await, 1);
    store
        .read("test", async |conn: &mut Conn| {
            assert_eq!(refresh_token::generation(conn, second.grant, 1).await?, Some(second.clone()));
            assert_eq!(refresh_token::find(conn, &hash).await?.unwrap().used_at, Some(NOW));
            Ok(())
        })
        .await
        .unwrap();
}

/// A grant whose code cannot be stored would be a permission that nobody can use or see.
#[tokio::test(flavor = "multi_thread")]
async fn neither_a_grant_nor_a_used_token_remains_of_what_fails() {
    let (store, _database) = populated().await;
    let (granted, taken) = (grant(9, false), code("code"));
    let issued = AuthorizationCode { grant: granted.id, ..taken.clone() };
    store.write_once("test", async |tx: &mut Conn| grant::insert_with_code(tx, &granted, &issued).await).await.unwrap();
    let other = grant(10, false);
    let again = AuthorizationCode { grant: other.id, ..taken.clone() };
    let conflict =
        store.write_once("test", async |tx: &mut Conn| grant::insert_with_code(tx, &other, &again).await).await;
    assert_eq!(conflict, Err(StoreError::Conflict));
    let found = store.read("test", async |conn: &mut Conn| grant::state(conn, other.id).await).await.unwrap();
    assert!(found.is_none());

    let (first, second) = (refresh_token("first", 0), refresh_token("second", 1));
    store
        .transaction("test", async |tx: &mut Conn| {
            refresh_token::insert(tx, &first).await?;
            refresh_token::insert(tx, &second).await
        })
        .await
        .unwrap();
    let twin = refresh_token("twin", 1);
    let conflict = store
        .write_once("test", async |tx: &mut Conn| refresh_token::rotate(tx, &first.hash, NOW, 7, &twin).await)
        .await;
    assert_eq!(conflict, Err(StoreError::Conflict));
    let found = store.read("test", async |conn: &mut Conn| refresh_token::find(conn, &first.hash).await).await.unwrap();
    assert_eq!(found.unwrap().used_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_write_is_refused_where_it_could_not_be_undone_with_the_first() {
    let (store, database) = populated().await;
    let twice = store
        .write_once("test", async |tx: &mut Conn| {
            assert!(!refresh_token::take(tx, &SecretHash::of("unknown"), NOW, 7).await?, "that changed nothing");
            refresh_token::insert(tx, &refresh_token("first", 0)).await?;
            assert!(refresh_token::find(tx, &SecretHash::of("first")).await?.is_some(), "reading is no writing");
            refresh_token::take(tx, &SecretHash::of("first"), NOW, 7).await
        })
        .await;
    match is_postgres(&database) {
        true => assert!(matches!(twice, Err(StoreError::Unavailable(_))), "{twice:?}"),
        false => assert_eq!(twice, Ok(true), "a transaction"),
    }
    // And whoever has the connection next may write as ever.
    store
        .transaction("test", async |tx: &mut Conn| {
            refresh_token::insert(tx, &refresh_token("other", 1)).await?;
            assert!(refresh_token::take(tx, &SecretHash::of("other"), NOW, 7).await?);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_servers_that_make_a_key_at_their_first_start_one_keeps_its_own() {
    let (store, _database) = populated().await;
    let number = std::sync::Arc::new(std::sync::atomic::AtomicU8::new(0));
    let kept = winners(&store, |store| {
        let number = number.clone();
        async move {
            let own = [number.fetch_add(1, std::sync::atomic::Ordering::Relaxed)];
            let keep = async |conn: &mut Conn| kept_key::insert(conn, "key", &own, NOW).await;
            let won = store.write_once("test", keep).await?;
            let found = store.read("test", async |conn: &mut Conn| kept_key::find(conn, "key").await).await?.unwrap();
            assert!(!won || found == own);
            Ok(won)
        }
    });
    assert_eq!(kept.await, 1);
}
