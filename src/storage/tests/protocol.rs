//! Requests, consents, grants and what points to them.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;

use super::super::{Conn, StoreError};
use super::rows::{
    HOUR, alice, app, claims, code, grant, later, populated, refresh_token, session, waiting_request, winners,
};
use super::{NOW, store};
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::oauth::grant::Grant;
use crate::domain::oauth::grant::refresh_token::RefreshToken;
use crate::domain::oauth::token::claims::ClaimsRequest;
use crate::domain::oauth::token::scope::Scope;
use crate::domain::sign_in::authorization_request::WaitingRequest;
use crate::foundation::id::{GrantId, SessionId};
use crate::foundation::{Random, SecretHash, Timestamp};
use crate::storage::account::user;
use crate::storage::oauth::{access_token, authorization_code, client, grant, refresh_token, revoked_token};
use crate::storage::operation::prune::{BEGINNING, Kind};
use crate::storage::operation::{counter, prune};
use crate::storage::sign_in::{authorization_request, consent};

const ROOM: authorization_request::Room = authorization_request::Room { place: 2, client: 3, all: 5 };

#[tokio::test(flavor = "multi_thread")]
async fn a_long_request_is_kept_until_it_expires_or_is_answered() {
    let (store, _database) = populated().await;
    let (id, place) = (SecretHash::of("request"), SecretHash::of("place"));
    store
        .transaction("test", async |tx: &mut Conn| {
            assert!(authorization_request::insert(tx, &id, &waiting_request(), &place, ROOM).await?);
            assert_eq!(authorization_request::find(tx, &id).await?, Some(waiting_request()));
            authorization_request::retire(tx, &id, later().after(HOUR)).await?;
            assert_eq!(authorization_request::find(tx, &id).await?, Some(waiting_request()), "never later");
            authorization_request::retire(tx, &id, NOW).await?;
            assert_eq!(
                authorization_request::find(tx, &id).await?,
                Some(WaitingRequest { expires_at: NOW, ..waiting_request() })
            );
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn long_requests_have_so_much_room_for_a_place_a_client_and_altogether() {
    let (store, _database) = populated().await;
    let mut other = app();
    other.id = ClientId::new("other");
    let of = |client: &Client, at: Timestamp| {
        let mut waiting = waiting_request();
        waiting.request.client = client.id.clone();
        WaitingRequest { asked_at: at, expires_at: at.after(HOUR), ..waiting }
    };
    let here = |app: &Client| of(app, NOW);
    let afterwards = |app: &Client| of(app, later());
    store
        .transaction("test", async |tx: &mut Conn| {
            assert!(client::insert(tx, &other).await?);
            let (app, other) = (app(), other.clone());
            let table = [
                ("1", here(&app), "a", true),
                ("2", here(&other), "a", true),
                ("3", here(&other), "a", false),
                ("4", here(&app), "b", true),
                ("5", here(&app), "c", true),
                ("6", here(&app), "d", false),
                // Those have expired: the place and the client have room again.
                ("7", afterwards(&app), "a", true),
                // But nothing was deleted.
                ("8", afterwards(&other), "e", false),
            ];
            for (id, waiting, place, kept) in table {
                let (hash, place) = (SecretHash::of(id), SecretHash::of(place));
                assert_eq!(authorization_request::insert(tx, &hash, &waiting, &place, ROOM).await?, kept, "{id}");
            }
            prune::step(tx, Kind::AuthorizationRequests, later(), BEGINNING, 500).await?;
            let waiting = afterwards(&other);
            assert!(
                authorization_request::insert(tx, &SecretHash::of("9"), &waiting, &SecretHash::of("e"), ROOM).await?
            );
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn consents_given_at_the_same_time_all_count() {
    let (store, _database) = populated().await;
    let tasks = (0..20).map(|n| {
        let store = store.clone();
        tokio::spawn(async move {
            let scope: Scope = format!("openid s{n}").parse().unwrap();
            let claims = BTreeSet::from([format!("c{n}")]);
            store
                .transaction("test", async |tx: &mut Conn| {
                    consent::allow(tx, alice().id, &app().id, &scope, &claims, later()).await
                })
                .await
                .unwrap();
        })
    });
    join_all(tasks).await.into_iter().for_each(Result::unwrap);
    let found =
        store.read("test", async |conn: &mut Conn| consent::find(conn, alice().id, &app().id).await).await.unwrap();
    let found = found.unwrap();
    assert_eq!((found.scope.tokens().len(), found.claims.len(), found.updated_at), (21, 20, later()));
}

#[tokio::test]
async fn a_grant_comes_with_its_user_its_session_and_its_token() {
    let (store, _database) = populated().await;
    let (kept, lost) = (grant(4, true), Grant { session: None, claims: ClaimsRequest::default(), ..grant(5, false) });
    store
        .transaction("test", async |tx: &mut Conn| {
            grant::insert(tx, &kept).await?;
            grant::insert(tx, &lost).await?;
            let found = grant::state(tx, grant(3, false).id).await?.unwrap();
            assert_eq!((found.grant, found.session), (grant(3, false), Some(session())));
            let found = grant::state(tx, lost.id).await?.unwrap();
            assert_eq!((&found.grant, found.session, found.user.id), (&lost, None, alice().id));

            revoked_token::insert(tx, "jti", NOW, later()).await?;
            assert!(grant::state_of_token(tx, kept.id, "jti").await?.unwrap().1);
            assert!(!grant::state_of_token(tx, kept.id, "other").await?.unwrap().1);

            assert_eq!(grant::revoke_of_session(tx, session().id, later()).await?, 1);
            assert_eq!(grant::state(tx, grant(3, false).id).await?.unwrap().grant.revoked_at, Some(later()));
            assert!(!grant::revoke(tx, grant(3, false).id, NOW).await?);
            assert!(grant::revoke(tx, kept.id, NOW).await?);
            assert!(grant::state(tx, GrantId::generate(&Random::seeded(99), NOW)).await?.is_none());
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_taken_once_and_not_after_it_expired() {
    let (store, _database) = populated().await;
    store
        .transaction("test", async |tx: &mut Conn| {
            authorization_code::insert(tx, &code("code")).await?;
            assert_eq!(authorization_code::find(tx, &SecretHash::of("code")).await?, Some(code("code")));
            assert!(!authorization_code::take(tx, &SecretHash::of("code"), code("code").expires_at, NOW, 7).await?);
            Ok(())
        })
        .await
        .unwrap();
    let taken = winners(&store, |store| async move {
        let hash = SecretHash::of("code");
        store.transaction("test", async |tx: &mut Conn| authorization_code::take(tx, &hash, NOW, NOW, 7).await).await
    });
    assert_eq!(taken.await, 1);
    let used =
        store.read("test", async |conn: &mut Conn| authorization_code::find(conn, &SecretHash::of("code")).await).await;
    assert_eq!(used.unwrap().unwrap().used_at, Some(NOW));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_taken_once_and_has_one_successor() {
    let (store, _database) = populated().await;
    store
        .transaction("test", async |tx: &mut Conn| {
            refresh_token::insert(tx, &refresh_token("first", 0)).await?;
            assert!(!refresh_token::take(tx, &SecretHash::of("first"), later(), 7).await?);
            Ok(())
        })
        .await
        .unwrap();
    let taken = winners(&store, |store| async move {
        store
            .transaction("test", async |tx: &mut Conn| {
                let won = refresh_token::take(tx, &SecretHash::of("first"), NOW, 7).await?;
                if won {
                    refresh_token::insert(tx, &refresh_token("second", 1)).await?;
                }
                Ok(won)
            })
            .await
    });
    assert_eq!(taken.await, 1);
    let twin = refresh_token("twin", 1);
    let result = store.transaction("test", async |tx: &mut Conn| refresh_token::insert(tx, &twin).await).await;
    assert_eq!(result, Err(StoreError::Conflict));
    let family = grant(3, false).id;
    let found =
        store.read("test", async |conn: &mut Conn| refresh_token::generation(conn, family, 1).await).await.unwrap();
    assert_eq!(found, Some(refresh_token("second", 1)));
    let used =
        store.read("test", async |conn: &mut Conn| refresh_token::find(conn, &SecretHash::of("first")).await).await;
    assert_eq!(used.unwrap().unwrap().used_at, Some(NOW));
}

#[tokio::test]
async fn a_refresh_token_comes_with_its_grant_whatever_became_of_the_session() {
    let (store, _database) = populated().await;
    let ended = SessionId::generate(&Random::seeded(98), NOW);
    let sessions = [Some(session().id), None, Some(ended)];
    let found = store
        .transaction("test", async |tx: &mut Conn| {
            let mut found = Vec::new();
            for (number, session) in (10..).zip(sessions) {
                let granted = Grant { session, ..grant(number, true) };
                let token = RefreshToken { grant: granted.id, ..refresh_token(&number.to_string(), 0) };
                grant::insert(tx, &granted).await?;
                refresh_token::insert(tx, &token).await?;
                let (same, state) = refresh_token::find_with_grant(tx, &token.hash).await?.unwrap();
                assert_eq!((same, &state.grant, state.user.id), (token, &granted, alice().id));
                found.push(state.session);
            }
            assert!(refresh_token::find_with_grant(tx, &SecretHash::of("unknown")).await?.is_none());
            Ok(found)
        })
        .await
        .unwrap();
    assert_eq!(found, [Some(session()), None, None]);
}

#[tokio::test]
async fn opaque_tokens_and_revocations_are_remembered() {
    let (store, _database) = populated().await;
    let token = SecretHash::of("opaque");
    store
        .transaction("test", async |tx: &mut Conn| {
            access_token::insert(tx, &token, &claims(), NOW, later()).await?;
            assert_eq!(access_token::find(tx, &token).await?, Some(claims()));
            assert!(access_token::delete(tx, &token).await?);
            assert!(!access_token::delete(tx, &token).await?);

            assert!(!revoked_token::contains(tx, "jti").await?);
            revoked_token::insert(tx, "jti", NOW, later()).await?;
            revoked_token::insert(tx, "jti", NOW, later()).await?;
            assert!(revoked_token::contains(tx, "jti").await?);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_counter_starts_again_after_its_window() {
    let (store, _database) = store().await;
    store
        .transaction("test", async |tx: &mut Conn| {
            assert_eq!(counter::hit(tx, "a", HOUR, NOW).await?, (1, later()));
            assert_eq!(counter::hit(tx, "a", HOUR, NOW.after(HOUR / 2)).await?, (2, later()));
            assert_eq!(counter::peek(tx, "a", NOW).await?.map_or(0, |(count, _)| count), 2);
            assert_eq!(counter::peek(tx, "a", later()).await?.map_or(0, |(count, _)| count), 0);
            assert_eq!(counter::hit(tx, "a", HOUR, later()).await?, (1, later().after(HOUR)));
            counter::forgive(tx, "a").await?;
            counter::forgive(tx, "a").await?;
            assert_eq!(counter::peek(tx, "a", later()).await?.map_or(0, |(count, _)| count), 0);
            counter::hit(tx, "a", HOUR, later()).await?;
            counter::forget(tx, "a").await?;
            assert_eq!(counter::hit(tx, "a", HOUR, later()).await?, (1, later().after(HOUR)));
            assert_eq!(counter::peek(tx, "b", NOW).await?.map_or(0, |(count, _)| count), 0);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn pruning_keeps_what_a_replay_would_need() {
    let (store, _database) = populated().await;
    let day = Duration::from_secs(24 * 3600);
    store
        .transaction("test", async |tx: &mut Conn| {
            authorization_code::insert(tx, &code("code")).await?;
            refresh_token::insert(tx, &RefreshToken { expires_at: later().after(day), ..refresh_token("r", 0) })
                .await?;
            authorization_request::insert(tx, &SecretHash::of("q"), &waiting_request(), &SecretHash::of("p"), ROOM)
                .await?;
            access_token::insert(tx, &SecretHash::of("o"), &claims(), NOW, later()).await?;
            for n in 0..5 {
                revoked_token::insert(tx, &n.to_string(), NOW, later()).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let pruned = async |now: Timestamp| {
        let mut found = Vec::new();
        for kind in Kind::ALL {
            let step = async |tx: &mut Conn| prune::step(tx, kind, now, BEGINNING, 500).await;
            let deleted = store.transaction("test", step).await.unwrap().deleted;
            found.extend((deleted > 0).then_some((kind, deleted)));
        }
        found
    };
    assert_eq!(pruned(NOW).await, []);
    assert_eq!(pruned(later()).await, [(Kind::AuthorizationRequests, 1)]);
    assert_eq!(pruned(later().after(HOUR)).await, [(Kind::AccessTokens, 1)]);
    let found = pruned(later().after(day)).await;
    assert_eq!(found, [(Kind::RevokedTokens, 5), (Kind::AuthorizationCodes, 1), (Kind::Sessions, 1)]);
    assert_eq!(pruned(later().after(day + HOUR)).await, [], "the grant still has a refresh token");
    assert_eq!(pruned(later().after(day * 2)).await, [(Kind::RefreshTokens, 1), (Kind::Grants, 1)]);
    assert_eq!(pruned(later().after(day * 700)).await, []);
    let kept = store.read("test", async |conn: &mut Conn| user::find(conn, alice().id).await).await.unwrap();
    assert!(kept.is_some());
}
