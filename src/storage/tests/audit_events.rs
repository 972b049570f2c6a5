//! Events are in the transaction of what they tell of, get numbers without gaps, and go when their time is over.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use futures_util::future::join_all;

use super::super::{Conn, Store, StoreError};
use super::rows::{alice, app, grant as a_grant, name, session as a_session};
use super::{NOW, store};
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::Operate;
use crate::domain::oauth::client::ClientId;
use crate::domain::operation::audit_event::{Action, Change, Class, NewEvent, Public, RecordedEvent, Target};
use crate::foundation::id::UserId;
use crate::foundation::{Random, Timestamp};
use crate::storage::account::user;
use crate::storage::engine::schema::audit_events;
use crate::storage::oauth::{client, grant};
use crate::storage::operation::audit_event::{self, Retention, Step, Wanted};
use crate::storage::sign_in::session;

const DAY: Duration = Duration::from_secs(86_400);

/// An event with an id of its own for each seed.
pub fn event(seed: u64) -> NewEvent {
    made(seed, Action::KeyCreated, NOW)
}

fn made(seed: u64, action: Action, at: Timestamp) -> NewEvent {
    let root = Actor::command_line("root");
    NewEvent::new(&root.may(Operate).unwrap(), action, &Random::seeded(seed), at)
}

async fn write(store: &Store, events: &[NewEvent]) {
    store.transaction("test", async |tx: &mut Conn| audit_event::insert_once(tx, events).await).await.unwrap();
}

async fn seal(store: &Store, limit: i64) -> usize {
    store.transaction("test", async |tx: &mut Conn| audit_event::seal(tx, limit).await).await.unwrap()
}

async fn recorded(store: &Store, wanted: &Wanted) -> Vec<RecordedEvent> {
    store.read("test", async |conn: &mut Conn| audit_event::after(conn, 0, 1_000, wanted).await).await.unwrap()
}

async fn numbers(store: &Store) -> Vec<i64> {
    recorded(store, &Wanted::default()).await.iter().map(|event| event.seq).collect()
}

#[tokio::test]
async fn an_event_reads_back_as_it_was_written_once_it_has_its_number() {
    let (store, _database) = store().await;
    let user = alice().id;
    let event = event(1)
        .by(Actor::command_line("root").on_behalf_of(user).for_client(&ClientId::new("app")))
        .about(Target::user(user))
        .changed(Change::of("email", &Public(None), &Public(Some("a@b.example"))))
        .because("a test")
        .times(3);
    write(&store, std::slice::from_ref(&event)).await;
    assert_eq!(recorded(&store, &Wanted::default()).await, [], "it is read by its number alone");
    assert_eq!(seal(&store, 10).await, 1);
    let read = recorded(&store, &Wanted::default()).await.pop().unwrap();
    assert_eq!((read.seq, read.id, read.occurred_at, read.count), (1, event.id, NOW, 3));
    assert_eq!((read.action.as_str(), read.outcome.as_str()), ("key.created", "success"));
    assert_eq!((read.actor_kind.as_str(), read.actor_id.as_deref()), ("command_line", Some("root")));
    assert_eq!((read.client.as_deref(), read.reason.as_deref()), (Some("app"), Some("a test")));
    assert_eq!(read.changes, serde_json::json!([{"field": "email", "new": "a@b.example"}]));
    assert!(read.concerns_user(user) && read.concerns_client(&ClientId::new("app")));
}

#[tokio::test]
async fn what_may_have_been_written_before_is_written_once() {
    let (store, _database) = store().await;
    write(&store, &[event(1)]).await;
    write(&store, &[event(1), event(2)]).await;
    assert_eq!(seal(&store, 10).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_sealers_beside_writers_leave_no_gap_and_give_no_number_twice() {
    let (store, _database) = store().await;
    let writers = (0..8_u64).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            for n in 0..20 {
                let event = event(1_000 * writer + n);
                let written = store
                    .transaction("test", async |tx: &mut Conn| {
                        audit_event::insert(tx, &event).await?;
                        // Every fifth change fails after its event was written.
                        if n % 5 == 4 { Err(StoreError::Corrupt("a change that fails")) } else { Ok(()) }
                    })
                    .await;
                assert_eq!(written.is_ok(), n % 5 != 4);
            }
        })
    });
    let sealers = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            for _ in 0..10 {
                seal(&store, 7).await;
            }
        })
    });
    let all: Vec<_> = writers.chain(sealers).collect();
    join_all(all).await.into_iter().for_each(|done| done.unwrap());
    while seal(&store, 7).await > 0 {}
    assert_eq!(numbers(&store).await, (1..=8 * 16).collect::<Vec<i64>>(), "those of changes that failed are not there");
    assert!(!store.read("test", async |conn: &mut Conn| audit_event::waits(conn).await).await.unwrap());
}

async fn own(store: &Store, person: UserId, before: i64, limit: i64) -> Vec<i64> {
    let read = async |conn: &mut Conn| audit_event::of_person(conn, person, before, limit).await;
    store.read("test", read).await.unwrap().into_iter().map(|event| event.seq).collect()
}

#[tokio::test]
async fn people_read_their_own_the_latest_first_and_what_was_written_before_too() {
    let (store, _database) = store().await;
    let (alice, bob) = (alice().id, UserId::generate(&Random::seeded(8), NOW));
    let by_alice = |seed| event(seed).by(Actor::system("test").signed_in(alice, a_session().id));
    let about_alice = |seed| event(seed).about(Target::user(alice));
    let tokens = made(7, Action::TokenRevoked, NOW).about(Target::user(alice));
    write(&store, &[by_alice(1), event(2), about_alice(3), event(4).about(Target::user(bob)), tokens]).await;
    write(&store, &[event(5).by(Actor::command_line("root").on_behalf_of(alice)), by_alice(6)]).await;
    seal(&store, 10).await;
    let all = own(&store, alice, i64::MAX, 10).await;
    assert_eq!((all.len(), own(&store, bob, i64::MAX, 10).await.len()), (4, 1));
    assert!(all.is_sorted_by(|one, other| one > other), "{all:?}");
    assert_eq!(own(&store, alice, all[1], 1).await, [all[2]], "a page of it");

    let migration = include_str!("../../../migrations/2026-11-26-000150_events_of_people/up.sql");
    let updates: String = migration.split_inclusive(";\n").filter(|part| part.contains("UPDATE ")).collect();
    assert_eq!(updates.matches("UPDATE ").count(), 2);
    let as_before = format!("UPDATE audit_events SET person = NULL; {updates}");
    store.transaction("test", async |tx: &mut Conn| Ok(tx.batch_execute(&as_before).await?)).await.unwrap();
    assert_eq!(own(&store, bob, i64::MAX, 10).await.len(), 1);
    assert_eq!(own(&store, alice, i64::MAX, 10).await.len(), 4, "a client's doings aside");
}

#[tokio::test]
async fn a_batch_is_numbered_in_the_order_of_time_and_what_comes_late_comes_later() {
    let (store, _database) = store().await;
    let at = |seed| made(seed, Action::KeyCreated, NOW.after(DAY * u32::try_from(seed).unwrap()));
    write(&store, &[at(3), at(2), at(4)]).await;
    seal(&store, 10).await;
    write(&store, &[at(1)]).await;
    seal(&store, 10).await;
    let ids: Vec<_> = recorded(&store, &Wanted::default()).await.iter().map(|event| event.id).collect();
    assert_eq!(ids, [at(2).id, at(3).id, at(4).id, at(1).id]);
}

#[tokio::test]
async fn a_grant_that_ends_is_told_once_however_often_its_token_is_replayed() {
    let (store, _database) = store().await;
    let grant_id = a_grant(3, false).id;
    store
        .transaction("test", async |tx: &mut Conn| {
            user::insert(tx, &alice(), &[name("alice")]).await?.unwrap();
            assert!(client::insert(tx, &app()).await?);
            session::insert(tx, &a_session()).await?;
            grant::insert(tx, &a_grant(3, false)).await
        })
        .await
        .unwrap();
    for (seed, ended) in [(1, true), (2, false), (3, false)] {
        // As where PostgreSQL has no transaction round it.
        let told = event(seed);
        let revoked = store
            .write_once("test", async |tx: &mut Conn| grant::revoke_with(tx, grant_id, NOW, &told).await)
            .await
            .unwrap();
        assert_eq!(revoked, ended);
    }
    seal(&store, 10).await;
    let ids: Vec<_> = recorded(&store, &Wanted::default()).await.iter().map(|event| event.id).collect();
    assert_eq!(ids, [event(1).id]);
}

#[tokio::test]
async fn events_are_found_by_action_and_by_whom_they_mention() {
    let (store, _database) = store().await;
    let (user, app) = (alice().id, ClientId::new("a_%"));
    let by_client = made(2, Action::TokenRevoked, NOW).by(Actor::command_line("x").for_client(&app));
    let about = made(1, Action::UserDeleted, NOW).about(Target::user(user));
    let behalf = made(3, Action::GrantRevoked, NOW).by(Actor::command_line("x").on_behalf_of(user));
    write(&store, &[about, by_client, behalf, event(4).about(Target::client(&ClientId::new("abc")))]).await;
    seal(&store, 10).await;
    let found = async |action: Option<&str>, mentions: Option<String>| {
        let wanted = Wanted { action: action.map(str::to_owned), mentions };
        let found = recorded(&store, &wanted).await;
        found.into_iter().map(|event| event.action).collect::<std::collections::BTreeSet<_>>()
    };
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(found(None, Some(user.to_string())).await, names(&["user.deleted", "grant.revoked"]));
    assert_eq!(found(None, Some("a_%".into())).await, names(&["token.revoked"]), "signs of LIKE are characters here");
    assert_eq!(found(Some("user.deleted"), None).await, names(&["user.deleted"]));
    assert_eq!(found(Some("key.created"), Some(user.to_string())).await, names(&[]));
}

async fn prune(store: &Store, class: Class, limit: i64) -> Step {
    let retention = Retention { class, before: NOW.before(DAY), now: NOW };
    store.transaction("test", async |tx: &mut Conn| audit_event::prune(tx, retention, limit).await).await.unwrap()
}

async fn is_due(store: &Store, class: Class) -> bool {
    let retention = Retention { class, before: NOW.before(DAY), now: NOW };
    store.read("test", async |conn: &mut Conn| audit_event::is_due(conn, retention).await).await.unwrap()
}

#[tokio::test]
async fn a_class_is_pruned_step_by_step_and_only_what_is_sealed_and_over() {
    let (store, _database) = store().await;
    let old = |seed, action| made(seed, action, NOW.before(DAY * 10).after(Duration::from_secs(seed)));
    let many: Vec<_> = (0..6).map(|seed| old(seed, Action::SessionStarted)).collect();
    write(&store, &many).await;
    write(&store, &[old(6, Action::UserCreated), made(7, Action::SessionStarted, NOW)]).await;
    assert!(!is_due(&store, Class::Authentication).await, "nothing is sealed");
    assert_eq!(prune(&store, Class::Authentication, 4).await, Step { deleted: 0, more: false });
    seal(&store, 100).await;
    write(&store, &[old(8, Action::SessionStarted)]).await;
    assert!(is_due(&store, Class::Authentication).await);
    assert_eq!(prune(&store, Class::Authentication, 4).await, Step { deleted: 4, more: true });
    assert_eq!(prune(&store, Class::Authentication, 4).await, Step { deleted: 2, more: true });
    assert_eq!(prune(&store, Class::Authentication, 4).await, Step { deleted: 0, more: false });
    assert!(!is_due(&store, Class::Authentication).await);
    assert_eq!(numbers(&store).await, [7, 8], "the change of an account, and what is of today");
    assert_eq!(prune(&store, Class::Changes, 4).await.deleted, 1);
    assert_eq!(numbers(&store).await, [8]);
    let rows: i64 = store
        .read("test", async |conn: &mut Conn| Ok(audit_events::table.count().get_result(conn).await?))
        .await
        .unwrap();
    assert_eq!(rows, 2, "what is not sealed stays, however old");
    assert_eq!(seal(&store, 10).await, 1);
    assert_eq!(numbers(&store).await, [8, 9], "numbers of what is gone are not given again");
}

#[tokio::test]
async fn one_event_that_a_wrong_clock_dated_into_the_future_does_not_keep_the_others() {
    let (store, _database) = store().await;
    let far = NOW.after(DAY * 3650);
    for (seed, at) in [(1, NOW.before(DAY * 9)), (2, far), (3, NOW.before(DAY * 8)), (4, far), (5, NOW)] {
        write(&store, &[made(seed, Action::SessionStarted, at)]).await;
        seal(&store, 10).await;
    }
    assert_eq!(prune(&store, Class::Authentication, 10).await.deleted, 3);
    assert_eq!(numbers(&store).await, [4, 5], "behind the last that is over, nobody knows how old it is");
}
