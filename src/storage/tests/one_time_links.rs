//! Links that were sent by mail: each works once, for its own purpose, and what is kept of them is bounded.

use std::time::Duration;

use super::super::{Conn, StoreError};
use super::rows::{HOUR, alice, later, link, name, populated, winners};
use super::{NOW, store};
use crate::domain::account::one_time_link::{OneTimeLink, Purpose};
use crate::foundation::SecretHash;
use crate::storage::account::{one_time_link, user};
use crate::storage::operation::prune::{BEGINNING, Kind, step};

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_come_with_a_link_one_takes_it() {
    let (store, _database) = populated().await;
    let (own, hash) = (link("one"), link("one").hash);
    store.transaction("test", async |tx: &mut Conn| one_time_link::insert(tx, &own, 5).await).await.unwrap();
    let found =
        store.read("test", async |conn: &mut Conn| one_time_link::find(conn, Purpose::Reset, &hash).await).await;
    assert_eq!(found.unwrap(), Some(own.clone()), "looking at it uses nothing up");
    let taken = winners(&store, move |store| async move {
        store.transaction("test", async |tx: &mut Conn| one_time_link::take(tx, Purpose::Reset, &hash, NOW).await).await
    });
    assert_eq!(taken.await, 1);
    let found =
        store.read("test", async |conn: &mut Conn| one_time_link::find(conn, Purpose::Reset, &hash).await).await;
    assert_eq!(found.unwrap(), Some(OneTimeLink { used_at: Some(NOW), ..own }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_one_purpose_is_none_of_another_and_none_when_its_time_is_over() {
    let (store, _database) = populated().await;
    let hash = link("one").hash;
    store
        .transaction("test", async |tx: &mut Conn| {
            one_time_link::insert(tx, &link("one"), 5).await?;
            for purpose in Purpose::ALL.into_iter().filter(|purpose| *purpose != Purpose::Reset) {
                assert!(one_time_link::find(tx, purpose, &hash).await?.is_none(), "{purpose:?}");
                assert!(!one_time_link::take(tx, purpose, &hash, NOW).await?, "{purpose:?}");
                let as_sent = purpose.hash("one");
                assert!(one_time_link::find(tx, Purpose::Reset, &as_sent).await?.is_none(), "{purpose:?}");
            }
            assert!(!one_time_link::take(tx, Purpose::Reset, &hash, later()).await?, "too late");
            assert!(one_time_link::take(tx, Purpose::Reset, &hash, NOW).await?);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_codes_at_once_five_are_looked_at() {
    let (store, _database) = populated().await;
    let hash = link("one").hash;
    store.transaction("test", async |tx: &mut Conn| one_time_link::insert(tx, &link("one"), 5).await).await.unwrap();
    let looked_at = winners(&store, move |store| async move {
        store
            .transaction("test", async |tx: &mut Conn| {
                one_time_link::count_code(tx, Purpose::Reset, &hash, 5, NOW).await
            })
            .await
    });
    assert_eq!(looked_at.await, 5);
    store
        .transaction("test", async |tx: &mut Conn| {
            let newer = OneTimeLink { created_at: NOW.after(Duration::from_secs(1)), ..link("two") };
            one_time_link::insert(tx, &newer, 5).await?;
            let browser = SecretHash::of("browser");
            assert_eq!(one_time_link::newest_of_browser(tx, Purpose::Reset, &browser).await?, Some(newer));
            assert_eq!(one_time_link::newest_of_browser(tx, Purpose::SignIn, &browser).await?, None);
            assert_eq!(one_time_link::newest_of_browser(tx, Purpose::Reset, &SecretHash::of("x")).await?, None);
            assert!(!one_time_link::count_code(tx, Purpose::Reset, &link("two").hash, 5, later()).await?, "too late");
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn whoever_asks_again_and_again_fills_nothing() {
    let (store, _database) = populated().await;
    store
        .transaction("test", async |tx: &mut Conn| {
            let others = OneTimeLink { subject: SecretHash::of("bob"), ..link("of bob") };
            one_time_link::insert(tx, &others, 2).await?;
            for n in 0..10_u64 {
                let made = OneTimeLink { created_at: NOW.after(Duration::from_secs(n)), ..link(&n.to_string()) };
                one_time_link::insert(tx, &made, 2).await?;
            }
            for n in 0..10_u64 {
                let found = one_time_link::find(tx, Purpose::Reset, &link(&n.to_string()).hash).await?;
                assert_eq!(found.is_some(), n >= 8, "{n}");
            }
            assert!(one_time_link::find(tx, Purpose::Reset, &others.hash).await?.is_some(), "somebody else's");
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn links_of_a_user_end_by_purpose_and_all_with_the_user() {
    let (store, _database) = store().await;
    store
        .transaction("test", async |tx: &mut Conn| {
            user::insert(tx, &alice(), &[name("alice")]).await?.unwrap();
            let undo = OneTimeLink { hash: Purpose::EmailUndo.hash("u"), purpose: Purpose::EmailUndo, ..link("u") };
            let nobodys = OneTimeLink { user: None, ..link("n") };
            for made in [&link("one"), &undo, &nobodys] {
                one_time_link::insert(tx, made, 5).await?;
            }
            one_time_link::end_of_user(tx, alice().id, &[Purpose::Reset, Purpose::SignIn]).await?;
            assert!(one_time_link::find(tx, Purpose::Reset, &link("one").hash).await?.is_none());
            assert!(one_time_link::find(tx, Purpose::EmailUndo, &undo.hash).await?.is_some());
            assert!(user::delete(tx, alice().id).await?);
            assert!(one_time_link::find(tx, Purpose::EmailUndo, &undo.hash).await?.is_none());
            assert_eq!(one_time_link::find(tx, Purpose::Reset, &nobodys.hash).await?, Some(nobodys));
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_link_whose_time_is_over_is_pruned() {
    let (store, _database) = populated().await;
    store
        .transaction("test", async |tx: &mut Conn| -> Result<(), StoreError> {
            one_time_link::insert(tx, &link("one"), 5).await?;
            let early = step(tx, Kind::OneTimeLinks, later().before(Duration::from_micros(1)), BEGINNING, 10).await?;
            assert_eq!(early.deleted, 0);
            assert_eq!(step(tx, Kind::OneTimeLinks, later().after(HOUR), BEGINNING, 10).await?.deleted, 1);
            Ok(())
        })
        .await
        .unwrap();
}
