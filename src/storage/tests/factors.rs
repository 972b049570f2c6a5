//! Second factors, recovery codes and half sign-ins: each is taken once, and what is kept of them is bounded.

use std::time::Duration;

use diesel_async::SimpleAsyncConnection;

use super::super::{Conn, Store, StoreError};
use super::rows::{HOUR, alice, factor, later, name, passkey as a_passkey, pending, populated, remembered, winners};
use super::{NOW, store};
use crate::domain::account::user::User;
use crate::domain::factor::lost_factors::LostFactors;
use crate::domain::factor::second_factor::SecondFactor;
use crate::domain::factor::totp::Step;
use crate::domain::sign_in::pending_sign_in::PendingSignIn;
use crate::domain::sign_in::remembered_device::RememberedDevice;
use crate::foundation::id::{CredentialId, UserId};
use crate::foundation::{Random, SecretHash};
use crate::storage::account::user;
use crate::storage::factor::{lost_factors, passkey, recovery_code, second_factor};
use crate::storage::operation::prune::{BEGINNING, Kind, step};
use crate::storage::sign_in::{pending_sign_in, remembered_device};

fn given(number: i64) -> Step {
    Step { number, latest: 1_000 }
}

/// The session in which an app is set up.
fn place() -> SecretHash {
    SecretHash::of("a session")
}

/// alice has confirmed her app by the code of step 10.
async fn with_factor() -> (Store, super::TestDatabase) {
    let (store, database) = populated().await;
    let (alice, app) = (alice().id, factor());
    store
        .transaction("test", async |tx: &mut Conn| {
            second_factor::begin(tx, alice, &app, place(), later()).await?;
            assert!(second_factor::confirm(tx, alice, app.id, Some("Phone"), given(10), NOW).await?);
            assert!(second_factor::mark(tx, alice).await?);
            Ok(())
        })
        .await
        .unwrap();
    (store, database)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_give_a_code_one_is_taken_and_none_from_before_it() {
    let (store, _database) = with_factor().await;
    let (alice, app) = (alice().id, factor().id);
    let take = |store: Store, number| async move {
        store
            .transaction("test", async |tx: &mut Conn| {
                second_factor::take_step(tx, alice, app, given(number), NOW).await
            })
            .await
    };
    assert_eq!(take(store.clone(), 10).await, Ok(false), "it was confirmed by that one");
    assert_eq!(winners(&store, |store| take(store, 12)).await, 1);
    for (number, taken) in [(12, false), (11, false), (13, true), (13, false)] {
        assert_eq!(take(store.clone(), number).await, Ok(taken), "{number}");
    }
    store
        .transaction("test", async |tx: &mut Conn| {
            // A clock that had gone wrong took one of the future.
            let ahead = Step { number: 2_000, latest: 2_000 };
            assert!(second_factor::take_step(tx, alice, app, ahead, NOW).await?);
            assert!(second_factor::take_step(tx, alice, app, given(14), NOW).await?);
            assert!(!second_factor::take_step(tx, alice, app, given(14), NOW).await?);
            let stranger = UserId::generate(&Random::seeded(8), NOW);
            assert!(!second_factor::take_step(tx, stranger, app, given(20), NOW).await?, "somebody else's");
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_give_a_recovery_code_one_is_taken() {
    let (store, _database) = populated().await;
    let (alice, code) = (alice().id, SecretHash::of("code"));
    store
        .transaction("test", async |tx: &mut Conn| {
            recovery_code::replace(tx, alice, &[code, SecretHash::of("other")], NOW).await
        })
        .await
        .unwrap();
    let taken = winners(&store, |store| async move {
        store.transaction("test", async |tx: &mut Conn| recovery_code::take(tx, alice, &code, NOW).await).await
    });
    assert_eq!(taken.await, 1);
    store
        .transaction("test", async |tx: &mut Conn| {
            assert!(!recovery_code::is_unused(tx, alice, &code).await?);
            assert_eq!(recovery_code::left(tx, alice).await?, Some((1, NOW)));
            let stranger = UserId::generate(&Random::seeded(8), NOW);
            assert!(!recovery_code::take(tx, stranger, &SecretHash::of("other"), NOW).await?, "somebody else's");
            recovery_code::replace(tx, alice, &[SecretHash::of("new")], later()).await?;
            assert!(!recovery_code::is_unused(tx, alice, &SecretHash::of("other")).await?, "void by the new ones");
            assert_eq!(recovery_code::left(tx, alice).await?, Some((1, later())));
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_is_taken_if_it_counts_on_and_a_challenge_once() {
    let (store, _database) = populated().await;
    let (alice, own) = (alice().id, a_passkey());
    store
        .transaction("test", async |tx: &mut Conn| {
            assert!(passkey::insert(tx, alice, &own, b"id", 0).await?);
            let other = SecondFactor { id: CredentialId::generate(&Random::seeded(9), NOW), ..a_passkey() };
            assert!(!passkey::insert(tx, alice, &other, b"id", 0).await?, "the same credential");
            assert!(second_factor::mark(tx, alice).await?);
            let (found, count, owner) = passkey::find(tx, b"id").await?.unwrap();
            assert_eq!((found, count, owner.id), (own.clone(), 0, alice));
            assert!(passkey::find(tx, b"other").await?.is_none());
            assert_eq!(passkey::credential_ids(tx, alice).await?, [b"id".to_vec()]);
            for (count, taken) in [(0, true), (0, true), (5, true), (5, false), (4, false), (0, false), (6, true)] {
                let took = passkey::take_signature(tx, alice, own.id, count, "{\"n\":1}", NOW).await?;
                assert_eq!(took, taken, "{count}");
            }
            let stranger = UserId::generate(&Random::seeded(8), NOW);
            assert!(!passkey::take_signature(tx, stranger, own.id, 9, "{}", NOW).await?, "somebody else's");
            assert_eq!(second_factor::of_user(tx, alice).await?[0].credential.as_deref(), Some("{\"n\":1}"));
            assert!(passkey::suspect(tx, own.id, NOW).await?);
            assert!(!passkey::suspect(tx, own.id, NOW).await?, "once");
            assert!(second_factor::remove(tx, alice, own.id).await?);
            assert!(passkey::find(tx, b"id").await?.is_none());
            Ok(())
        })
        .await
        .unwrap();
    let challenge = SecretHash::of("challenge");
    let used = winners(&store, |store| async move {
        store.transaction("test", async |tx: &mut Conn| passkey::use_challenge(tx, &challenge, later()).await).await
    });
    assert_eq!(used.await, 1);
    store
        .transaction("test", async |tx: &mut Conn| {
            let day = Duration::from_secs(86_400);
            let early =
                step(tx, Kind::UsedChallenges, later().after(day).before(Duration::from_micros(1)), BEGINNING, 9);
            assert_eq!(early.await?.deleted, 0, "a clock that was ahead forgets none that can be answered again");
            assert_eq!(step(tx, Kind::UsedChallenges, later().after(day), BEGINNING, 9).await?.deleted, 1);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_the_versions_before_gave_by_themselves_is_none_and_ones_own_stays() {
    const UP: &str = include_str!("../../../migrations/2026-11-26-000180_unnamed_factors/up.sql");
    let (store, _database) = populated().await;
    let alice = alice().id;
    store
        .transaction("test", async |tx: &mut Conn| {
            for (seed, named, wanted) in
                [(5, "Authenticator app", None), (6, "Phone", Some("Phone")), (7, "Passkey", Some("Passkey"))]
            {
                let app = SecondFactor { id: CredentialId::generate(&Random::seeded(seed), NOW), ..factor() };
                assert!(second_factor::lock(tx, alice).await?);
                second_factor::begin(tx, alice, &app, place(), later()).await?;
                assert!(second_factor::confirm(tx, alice, app.id, Some(named), given(1), NOW).await?);
                tx.batch_execute(UP).await?;
                let own = second_factor::of_user(tx, alice).await?;
                let kept = own.iter().find(|own| own.id == app.id).unwrap().name.as_deref();
                assert_eq!(kept, wanted, "{named}");
            }
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_app_is_set_up_at_a_time_and_proves_nothing_before_it_is_confirmed() {
    let (store, _database) = populated().await;
    let (alice, first) = (alice().id, factor());
    let second = SecondFactor { id: CredentialId::generate(&Random::seeded(9), NOW), ..factor() };
    store
        .transaction("test", async |tx: &mut Conn| {
            assert!(second_factor::lock(tx, alice).await?);
            second_factor::begin(tx, alice, &first, place(), later()).await?;
            second_factor::begin(tx, alice, &second, place(), later()).await?;
            assert_eq!(second_factor::unconfirmed(tx, alice, place(), NOW).await?, Some(second.clone()));
            assert_eq!(second_factor::unconfirmed(tx, alice, place(), later()).await?, None, "too late");
            let elsewhere = SecretHash::of("another session");
            assert_eq!(second_factor::unconfirmed(tx, alice, elsewhere, NOW).await?, None, "who did not begin it");
            assert_eq!(second_factor::of_user(tx, alice).await?, []);
            assert!(!second_factor::mark(tx, alice).await?);
            assert!(!second_factor::take_step(tx, alice, second.id, given(1), NOW).await?);
            assert!(!second_factor::confirm(tx, alice, first.id, Some("x"), given(1), NOW).await?, "replaced");
            assert!(!second_factor::confirm(tx, alice, second.id, Some("x"), given(1), later()).await?, "too late");
            assert!(second_factor::confirm(tx, alice, second.id, Some("Phone"), given(1), NOW).await?);
            assert!(!second_factor::confirm(tx, alice, second.id, Some("x"), given(2), NOW).await?, "once");
            assert!(second_factor::mark(tx, alice).await?);
            let own = second_factor::of_user(tx, alice).await?;
            assert_eq!((own[0].name.as_deref(), own[0].last_step, own.len()), (Some("Phone"), Some(1), 1));
            assert!(user::find(tx, alice).await?.unwrap().second_factor);
            assert!(second_factor::remove(tx, alice, second.id).await?);
            assert!(!second_factor::remove(tx, alice, second.id).await?);
            assert!(!second_factor::mark(tx, alice).await?);
            assert!(!user::find(tx, alice).await?.unwrap().second_factor);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_sign_in_by_password_alone_does_not_miss_a_factor_that_was_added_meanwhile() {
    let (store, _database) = with_factor().await;
    store
        .read("test", async |conn: &mut Conn| {
            let now = user::find(conn, alice().id).await?.unwrap();
            assert!(user::is_unchanged(conn, &now).await?);
            assert!(!user::is_unchanged(conn, &User { second_factor: false, ..now }).await?);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_sign_in_is_found_by_its_secret_until_it_is_completed_or_ended() {
    let (store, _database) = populated().await;
    let (one, other) = (SecretHash::of("one"), SecretHash::of("other"));
    store
        .transaction("test", async |tx: &mut Conn| {
            pending_sign_in::insert(tx, &one, &pending(), 10).await?;
            pending_sign_in::insert(tx, &other, &pending(), 10).await?;
            let (found, whose) = pending_sign_in::find(tx, &one).await?.unwrap();
            assert_eq!((found, whose.id), (pending(), alice().id));
            assert!(pending_sign_in::hold(tx, &one, NOW).await?);
            assert!(!pending_sign_in::hold(tx, &one, later()).await?, "its time is over");
            pending_sign_in::end(tx, &one).await?;
            assert!(!pending_sign_in::hold(tx, &one, NOW).await?);
            assert!(pending_sign_in::find(tx, &one).await?.is_none());
            pending_sign_in::end_of_user(tx, alice().id).await?;
            assert!(pending_sign_in::find(tx, &other).await?.is_none());
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn whoever_knows_a_password_fills_nothing_with_half_sign_ins() {
    let (store, _database) = populated().await;
    store
        .transaction("test", async |tx: &mut Conn| {
            for n in 0..30_u64 {
                let created_at = NOW.after(Duration::from_secs(n));
                let half = PendingSignIn { created_at, ..pending() };
                pending_sign_in::insert(tx, &SecretHash::of(&n.to_string()), &half, 5).await?;
            }
            for n in 0..30_u64 {
                let found = pending_sign_in::find(tx, &SecretHash::of(&n.to_string())).await?;
                assert_eq!(found.is_some(), n >= 25, "{n}");
            }
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn what_was_not_completed_is_pruned_and_a_confirmed_factor_stays() {
    let (store, _database) = with_factor().await;
    let begun = SecondFactor { id: CredentialId::generate(&Random::seeded(9), NOW), ..factor() };
    store
        .transaction("test", async |tx: &mut Conn| -> Result<(), StoreError> {
            second_factor::begin(tx, alice().id, &begun, place(), later()).await?;
            pending_sign_in::insert(tx, &SecretHash::of("half"), &pending(), 10).await?;
            for kind in [Kind::Factors, Kind::PendingSignIns] {
                let early = step(tx, kind, later().before(Duration::from_micros(1)), BEGINNING, 10).await?;
                assert_eq!(early.deleted, 0, "{kind:?}");
                assert_eq!(step(tx, kind, later(), BEGINNING, 10).await?.deleted, 1, "{kind:?}");
                assert_eq!(step(tx, kind, later().after(HOUR * 10_000), BEGINNING, 10).await?.deleted, 0, "{kind:?}");
            }
            assert_eq!(second_factor::of_user(tx, alice().id).await?.len(), 1);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn whoever_is_deleted_leaves_nothing_of_it() {
    let (store, _database) = store().await;
    store
        .transaction("test", async |tx: &mut Conn| {
            user::insert(tx, &alice(), &[name("alice")]).await?.unwrap();
            second_factor::begin(tx, alice().id, &factor(), place(), later()).await?;
            recovery_code::replace(tx, alice().id, &[SecretHash::of("code")], NOW).await?;
            pending_sign_in::insert(tx, &SecretHash::of("half"), &pending(), 10).await?;
            assert!(user::delete(tx, alice().id).await?);
            assert_eq!(second_factor::unconfirmed(tx, alice().id, place(), NOW).await?, None);
            assert_eq!(recovery_code::left(tx, alice().id).await?, None);
            assert!(pending_sign_in::find(tx, &SecretHash::of("half")).await?.is_none());
            assert!(!second_factor::lock(tx, alice().id).await?);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remembered_browser_is_its_persons_alone_and_only_so_many_are_kept() {
    let (store, _database) = populated().await;
    let (alice, nobody) = (alice().id, UserId::generate(&Random::System, NOW));
    let in_tx = async |seed: u64, most| {
        let device = remembered(seed);
        store
            .transaction("test", async |tx: &mut Conn| remembered_device::insert(tx, &device, &[], most).await)
            .await
            .unwrap();
    };
    for seed in 1..=4 {
        in_tx(seed, 3).await;
    }
    let of_alice = async |now| {
        let read = async |conn: &mut Conn| remembered_device::of_user(conn, alice, now).await;
        store.read("test", read).await.unwrap().into_iter().map(|device| device.id).collect::<Vec<_>>()
    };
    let ids: Vec<_> = [4, 3, 2].map(|seed| remembered(seed).id).into();
    assert_eq!(of_alice(NOW).await, ids, "the oldest made room");
    assert!(of_alice(later()).await.is_empty(), "for an hour");
    let find = async |user, seed: u64, now| {
        let hashes = [SecretHash::of("another"), SecretHash::of(&seed.to_string())];
        store
            .read("test", async |conn: &mut Conn| remembered_device::find(conn, user, &hashes, now).await)
            .await
            .unwrap()
    };
    assert_eq!(find(alice, 2, NOW).await, Some(ids[2]));
    assert_eq!(
        (find(nobody, 2, NOW).await, find(alice, 2, later()).await, find(alice, 1, NOW).await),
        (None, None, None)
    );
    let take = async |user, id, now| {
        store.transaction("test", async |tx: &mut Conn| remembered_device::take(tx, user, id, now).await).await.unwrap()
    };
    assert!(take(alice, ids[0], NOW).await && !take(nobody, ids[0], NOW).await && !take(alice, ids[0], later()).await);
    let again = RememberedDevice {
        id: CredentialId::generate(&Random::System, NOW),
        hash: SecretHash::of("n"),
        ..remembered(9)
    };
    let instead = [SecretHash::of("4")];
    store
        .transaction("test", async |tx: &mut Conn| remembered_device::insert(tx, &again, &instead, 3).await)
        .await
        .unwrap();
    assert_eq!(of_alice(NOW).await, [again.id, ids[1], ids[2]], "in the place of what it was known by before");
    let end = async |user, id| {
        store.transaction("test", async |tx: &mut Conn| remembered_device::end_of(tx, user, id).await).await.unwrap()
    };
    assert_eq!(
        (end(nobody, again.id).await, end(alice, again.id).await, end(alice, again.id).await),
        (false, true, false)
    );
    let all = async |tx: &mut Conn| remembered_device::end_of_user(tx, alice).await;
    assert_eq!(store.transaction("test", all).await, Ok(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_lost_factors_is_used_once_after_its_delay_and_reminded_of_once() {
    let (store, _database) = populated().await;
    let alice = alice();
    let lost = LostFactors::new(&alice, HOUR, None, NOW);
    let (due, moment) = (lost.effective_at, Duration::from_micros(1));
    let remind_at = lost.remind_at.unwrap();
    store
        .transaction("test", async |tx: &mut Conn| {
            lost_factors::replace(tx, &lost).await?;
            lost_factors::replace(tx, &lost).await?;
            assert_eq!(lost_factors::find(tx, alice.id).await?.as_ref(), Some(&lost));
            assert!(lost_factors::to_remind(tx, remind_at.before(moment), 9).await?.is_empty());
            assert_eq!(lost_factors::to_remind(tx, remind_at, 9).await?, [alice.id]);
            assert!(lost_factors::reminded(tx, alice.id, remind_at).await?);
            assert!(!lost_factors::reminded(tx, alice.id, remind_at).await?);
            assert!(lost_factors::to_remind(tx, due, 9).await?.is_empty());
            assert!(!lost_factors::take(tx, alice.id, alice.updated_at, due.before(moment)).await?, "too early");
            assert!(!lost_factors::take(tx, alice.id, alice.updated_at.after(moment), due).await?, "it was changed");
            assert!(!lost_factors::take(tx, alice.id, alice.updated_at, lost.expires_at).await?, "too late");
            assert!(lost_factors::take(tx, alice.id, alice.updated_at, due).await?);
            assert!(!lost_factors::take(tx, alice.id, alice.updated_at, due).await?, "once");
            lost_factors::replace(tx, &lost).await?;
            assert!(lost_factors::end(tx, alice.id).await? && !lost_factors::end(tx, alice.id).await?);
            Ok(())
        })
        .await
        .unwrap();
}
