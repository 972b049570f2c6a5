//! The tokens of providers.

use std::time::Duration;

use super::super::Conn;
use super::NOW;
use super::rows::{HOUR, kept_tokens, known_elsewhere, later, populated, winners};
use crate::domain::federation::upstream_token::KeptTokens;
use crate::storage::federation::{identity, upstream_token};
use crate::storage::operation::prune::BEGINNING;

const LEASE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_renew_one_has_the_tokens_until_its_time_is_over() {
    let (store, _database) = populated().await;
    let id = known_elsewhere().id;
    store
        .transaction("test", async |tx: &mut Conn| {
            identity::insert(tx, &known_elsewhere()).await?;
            upstream_token::put(tx, &kept_tokens(), NOW).await
        })
        .await
        .unwrap();
    let taken = winners(&store, |store| async move {
        let take = async |tx: &mut Conn| upstream_token::take(tx, id, 1, NOW, NOW.after(LEASE)).await;
        store.transaction("test", take).await.map(|taken| taken.is_some())
    });
    assert_eq!(taken.await, 1);
    store
        .transaction("test", async |tx: &mut Conn| {
            assert_eq!(upstream_token::due(tx, NOW, BEGINNING, 9).await?, [], "somebody is about it");
            let over = NOW.after(LEASE);
            assert_eq!(upstream_token::due(tx, over, BEGINNING, 9).await?.len(), 1);
            assert_eq!(upstream_token::due(tx, over, NOW, 9).await?, [], "nobody has used them since");
            let again = upstream_token::take(tx, id, 2, over, over.after(LEASE)).await?.unwrap();
            assert_eq!((again.version, &again.sealed), (3, &vec![1, 2, 3]));
            // Whoever was too slow writes nothing, and forgets nothing.
            let slow = KeptTokens { version: 2, sealed: vec![9], ..kept_tokens() };
            assert!(!upstream_token::give_back(tx, &slow, over).await?);
            assert!(!upstream_token::forget(tx, &slow).await?);
            let renewed = KeptTokens { sealed: vec![4], renew_at: Some(later()), failures: 2, ..again };
            assert!(upstream_token::give_back(tx, &renewed, over).await?);
            let found = upstream_token::find(tx, id).await?.unwrap();
            assert_eq!((found.version, &found.sealed, found.failures, found.renew_at), (4, &vec![4], 2, Some(later())));
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_sign_in_replaces_them_and_voids_a_renewal_that_is_under_way() {
    let (store, _database) = populated().await;
    let id = known_elsewhere().id;
    store
        .transaction("test", async |tx: &mut Conn| {
            identity::insert(tx, &known_elsewhere()).await?;
            upstream_token::put(tx, &kept_tokens(), NOW).await?;
            let taken = upstream_token::take(tx, id, 1, NOW, NOW.after(HOUR)).await?.unwrap();
            upstream_token::put(tx, &KeptTokens { sealed: vec![7], ..kept_tokens() }, NOW).await?;
            assert!(!upstream_token::give_back(tx, &taken, NOW).await?);
            let found = upstream_token::find(tx, id).await?.unwrap();
            assert_eq!((&found.sealed, found.failures), (&vec![7], 0));
            assert!(upstream_token::take(tx, id, found.version, NOW, later()).await?.is_some(), "they are free again");
            // With the identity they go.
            assert_eq!(upstream_token::provider_after(tx, "").await?.as_deref(), Some("google"));
            identity::remove(tx, known_elsewhere().user, id).await?;
            assert_eq!(upstream_token::provider_after(tx, "").await?, None);
            Ok(())
        })
        .await
        .unwrap();
}
