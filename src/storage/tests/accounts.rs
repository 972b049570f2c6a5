//! Users, clients, keys and sessions.

use std::collections::BTreeSet;

use super::super::{Conn, StoreError};
use super::rows::{HOUR, alice, app, claims, grant as granted, later, name, named, populated, session};
use super::{NOW, store};
use crate::crypto::jwt::Algorithm;
use crate::crypto::key::GeneratedKey;
use crate::domain::account::renaming::Renaming;
use crate::domain::account::user::{Status, User};
use crate::domain::factor::proof::{Proof, Proofs};
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::oauth::grant::Grant;
use crate::domain::operation::signing_key::{KeyState, SigningKeyRecord};
use crate::domain::sign_in::session::Session;
use crate::foundation::id::{SessionId, UserId};
use crate::foundation::{Random, SecretHash};
use crate::storage::account::{login_identifier, user};
use crate::storage::oauth::{access_token, client, grant};
use crate::storage::operation::signing_key;
use crate::storage::sign_in::{browser_session, consent, session};

#[tokio::test]
async fn a_user_is_found_by_id_and_by_each_name() {
    let (store, _database) = populated().await;
    store
        .transaction("test", async |tx: &mut Conn| {
            assert!(user::set_password(tx, alice().id, "$argon2id$x", later()).await?);
            let found = user::find_by_identifier(tx, &name("ALICE@example.com")).await?.unwrap();
            assert_eq!((found.password_hash.as_deref(), found.updated_at), (Some("$argon2id$x"), later()));
            assert_eq!(found.profile, alice().profile);
            assert_eq!(user::find_by_identifier(tx, &name("alice")).await?.unwrap().id, alice().id);
            assert_eq!(user::find(tx, alice().id).await?.unwrap().username.as_deref(), Some("Alice"));
            assert!(user::find_by_identifier(tx, &name("bob")).await?.is_none());
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_hash_is_renewed_only_while_it_is_the_same() {
    let (store, _database) = populated().await;
    store
        .transaction("test", async |tx: &mut Conn| {
            assert!(user::set_password(tx, alice().id, "$old", later()).await?);
            assert!(user::renew_password_hash(tx, alice().id, "$old", "$renewed").await?);
            // Somebody else renewed it, or an administrator changed the password, since "$old" was read.
            assert!(!user::renew_password_hash(tx, alice().id, "$old", "$stale").await?);
            let found = user::find(tx, alice().id).await?.unwrap();
            assert_eq!(found.password_hash.as_deref(), Some("$renewed"));
            assert_eq!(found.updated_at, later(), "nothing about the person has changed");
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_user_is_unchanged_until_status_password_or_the_end_of_the_account_change() {
    let (store, _database) = populated().await;
    store
        .transaction("test", async |tx: &mut Conn| {
            user::set_password(tx, alice().id, "$old", NOW).await?;
            let seen = user::find(tx, alice().id).await?.unwrap();
            assert!(user::is_unchanged(tx, &seen).await?);
            user::renew_password_hash(tx, alice().id, "$old", "$renewed").await?;
            assert!(user::is_unchanged(tx, &seen).await?, "another hash of the same password");
            let disabled = User { status: Status::Disabled, ..seen.clone() };
            assert!(!user::is_unchanged(tx, &disabled).await?, "the status is another");
            user::delete_at(tx, alice().id, later()).await?;
            assert!(!user::is_unchanged(tx, &seen).await?, "it is to be deleted");
            let leaving = user::find(tx, alice().id).await?.unwrap();
            assert!(user::is_unchanged(tx, &leaving).await?);
            user::keep(tx, alice().id).await?;
            assert!(!user::is_unchanged(tx, &leaving).await? && user::is_unchanged(tx, &seen).await?);
            user::set_mailed_password(tx, alice().id, "$new", later()).await?;
            assert_eq!(user::password_mailed_at(tx, alice().id).await?, Some(later()));
            assert!(!user::is_unchanged(tx, &seen).await?);
            user::set_password(tx, alice().id, "$newer", later()).await?;
            assert_eq!(user::password_mailed_at(tx, alice().id).await?, None);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_name_belongs_to_one_user() {
    let (store, _database) = populated().await;
    let second = User { id: UserId::generate(&Random::seeded(9), NOW), ..alice() };
    let result = store
        .transaction("test", async |tx: &mut Conn| user::insert(tx, &second, &[name("bob"), name("alice")]).await)
        .await;
    assert_eq!(result, Ok(Err(user::Taken(vec![name("alice")]))), "and not bob");
    let found = store.read("test", async |conn: &mut Conn| user::find(conn, second.id).await).await.unwrap();
    assert!(found.is_none());
    store
        .transaction("test", async |tx: &mut Conn| {
            assert_eq!(user::insert(tx, &second, &[name("bob")]).await?, Ok(()));
            let renamed = User { username: Some("Alice".into()), ..second.clone() };
            let taken = user::replace(tx, &renamed, &named(&["alice"]), second.updated_at).await?;
            assert_eq!(taken, Err(user::Taken(vec![name("alice")])));
            assert_eq!(user::find_by_identifier(tx, &name("bob")).await?.map(|user| user.id), Some(second.id));
            assert_eq!(user::replace(tx, &second, &named(&["robert"]), second.updated_at).await?, Ok(true));
            assert_eq!(user::replace(tx, &second, &named(&["bert"]), later()).await?, Ok(false));
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn no_new_name_passes_for_another_but_old_ones_stay() {
    let (store, _database) = populated().await;
    let made = |seed| User { id: UserId::generate(&Random::seeded(seed), NOW), ..alice() };
    let (second, third) = (made(9), made(10));
    store
        .transaction("test", async |tx: &mut Conn| {
            let refused = user::insert(tx, &second, &[name("\u{430}lice")]).await?;
            assert_eq!(refused, Err(user::Taken(vec![name("alice")])), "whom it would pass for");
            assert_eq!(user::insert(tx, &second, &[name("arne"), name("arne@example.com")]).await?, Ok(()));
            let refused = user::insert(tx, &third, &[name("ame")]).await?;
            assert_eq!(refused, Err(user::Taken(vec![name("arne")])));
            assert_eq!(user::insert(tx, &third, &[name("ame@example.com")]).await?, Ok(()), "two colleagues");
            assert_eq!(
                user::find_by_identifier(tx, &name("ame@example.com")).await?.map(|user| user.id),
                Some(third.id)
            );
            // A name of one's own is no reason to lose it, whatever it looks like.
            let names = [name("ame@example.com")];
            assert_eq!(user::replace(tx, &third, &Renaming::to(&names), third.updated_at).await?, Ok(true));
            let refused = user::replace(tx, &third, &named(&["arn\u{435}@example.com"]), third.updated_at).await?;
            assert_eq!(refused, Err(user::Taken(vec![name("arne@example.com")])));
            // While both are there, one of them stands for how both look; when it goes, the other does.
            assert_eq!(login_identifier::unlooked(tx, "", 9).await?, names);
            assert_eq!(login_identifier::note_looks(tx, &names).await?, 0);
            assert!(user::delete(tx, second.id).await?);
            assert_eq!(login_identifier::note_looks(tx, &names).await?, 1);
            assert!(login_identifier::unlooked(tx, "", 9).await?.is_empty());
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_mailbox_is_one_persons_however_its_domain_was_written_when_it_was_given() {
    let (store, _database) = populated().await;
    let made = |seed| User { id: UserId::generate(&Random::seeded(seed), NOW), ..alice() };
    let (second, third) = (made(9), made(10));
    let (unicode, ascii) = (name("a@b\u{fc}cher.example"), name("a@xn--bcher-kva.example"));
    store
        .transaction("test", async |tx: &mut Conn| {
            // As the versions before gave it.
            assert_eq!(user::insert(tx, &second, std::slice::from_ref(&unicode)).await?, Ok(()));
            for typed in [&unicode, &ascii, &name("A@B\u{dc}CHER.example")] {
                assert_eq!(user::find_by_identifier(tx, typed).await?.map(|user| user.id), Some(second.id), "{typed}");
            }
            let refused = user::insert(tx, &third, std::slice::from_ref(&ascii)).await?;
            assert_eq!(refused, Err(user::Taken(vec![unicode.clone()])));
            // Something else of the account changes: the name stays as it was written.
            assert_eq!(user::replace(tx, &second, &Renaming::default(), second.updated_at).await?, Ok(true));
            assert_eq!(login_identifier::of_user(tx, second.id).await?, std::slice::from_ref(&unicode));
            assert_eq!(user::replace(tx, &second, &Renaming::email(ascii.clone()), second.updated_at).await?, Ok(true));
            assert_eq!(login_identifier::of_user(tx, second.id).await?, std::slice::from_ref(&ascii));
            assert_eq!(user::find_by_identifier(tx, &unicode).await?.map(|user| user.id), Some(second.id));
            // Two that were there before each sign in as they did.
            login_identifier::insert(tx, alice().id, &[login_identifier::Free::alone(unicode.clone())]).await?;
            assert_eq!(user::find_by_identifier(tx, &unicode).await?.map(|user| user.id), Some(alice().id));
            assert_eq!(user::find_by_identifier(tx, &ascii).await?.map(|user| user.id), Some(second.id));
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_client_is_replaced_but_for_its_registration_time() {
    let (store, _database) = populated().await;
    let changed = Client { name: "New".into(), secret_hash: None, created_at: later(), updated_at: later(), ..app() };
    store
        .transaction("test", async |tx: &mut Conn| {
            client::upsert(tx, &changed).await?;
            client::upsert(tx, &Client { id: ClientId::new("other"), ..changed.clone() }).await?;
            let [first, second] = <[Client; 2]>::try_from(client::list(tx).await?).unwrap();
            assert_eq!((first.name.as_str(), first.secret_hash, first.created_at), ("New", None, NOW));
            assert_eq!((second.id.as_str(), second.metadata), ("other", app().metadata));
            assert!(client::set_secret(tx, &app().id, &SecretHash::of("next"), None, later()).await?);
            assert!(!client::set_secret(tx, &ClientId::new("nobody"), &SecretHash::of("next"), None, later()).await?);
            assert_eq!(client::find(tx, &app().id).await?.unwrap().secret_hash, Some(SecretHash::of("next")));
            assert!(client::find(tx, &ClientId::new("app\0")).await?.is_none());
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn an_algorithm_has_one_active_key() {
    let (store, _database) = store().await;
    let key = || {
        let public_jwk = GeneratedKey::generate(Algorithm::Es256).unwrap().jwk;
        SigningKeyRecord {
            id: public_jwk.kid().to_owned(),
            algorithm: Algorithm::Es256,
            state: KeyState::Active { since: NOW },
            sealed_private_key: vec![1, 2, 3],
            public_jwk,
            created_at: NOW,
        }
    };
    let first = key();
    store.transaction("test", async |tx: &mut Conn| signing_key::insert(tx, &first).await).await.unwrap();
    let second = key();
    let result = store.transaction("test", async |tx: &mut Conn| signing_key::insert(tx, &second).await).await;
    assert_eq!(result, Err(StoreError::Conflict));

    let next = SigningKeyRecord { state: KeyState::Next, created_at: later(), ..second };
    store
        .transaction("test", async |tx: &mut Conn| {
            signing_key::insert(tx, &next).await?;
            signing_key::set_state(tx, &first.id, &KeyState::Retired { at: later() }).await?;
            signing_key::set_state(tx, &next.id, &KeyState::Active { since: later() }).await?;
            let states: Vec<_> = signing_key::all(tx).await?.into_iter().map(|key| key.state).collect();
            assert_eq!(states, [KeyState::Retired { at: later() }, KeyState::Active { since: later() }]);
            assert!(signing_key::delete(tx, &first.id).await?);
            assert_eq!(signing_key::all(tx).await?[0].public_jwk, next.public_jwk);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_browser_session_lives_until_it_expires() {
    let (store, _database) = populated().await;
    let load = async |tx: &mut Conn, cookie: &SecretHash, now| {
        let found = browser_session::find(tx, cookie, now).await?;
        Ok::<_, StoreError>(found.map(|found| (found.data, found.signed_in.map(|(session, user)| (session, user.id)))))
    };
    let found = |data: &str, signed_in| Some((data.to_owned(), signed_in));
    let cookie = SecretHash::of("cookie");
    store
        .transaction("test", async |tx: &mut Conn| {
            browser_session::insert(tx, &cookie, "{}", session().id, NOW, later()).await?;
            assert_eq!(load(tx, &cookie, NOW).await?, found("{}", Some((session(), alice().id))));
            assert_eq!(browser_session::lock(tx, &cookie, NOW).await?.as_deref(), Some("{}"));
            assert_eq!(browser_session::lock(tx, &cookie, later()).await?, None, "it has expired");
            browser_session::go_on_with(tx, &cookie, "[0]", session().id).await?;
            assert_eq!(load(tx, &cookie, NOW).await?, found("[0]", Some((session(), alice().id))));
            browser_session::replaced(tx, &cookie, "[1]", later().after(HOUR)).await?;
            assert_eq!(load(tx, &cookie, later()).await?, found("[1]", None), "nobody is signed in by it any more");
            assert_eq!(load(tx, &cookie, later().after(HOUR)).await?, None);
            browser_session::retire(tx, &cookie, later()).await?;
            assert_eq!(load(tx, &cookie, NOW).await?, found("[1]", None));
            assert_eq!(load(tx, &cookie, later()).await?, None);
            let gone = SessionId::generate(&Random::seeded(99), NOW);
            browser_session::insert(tx, &SecretHash::of("other"), "{}", gone, NOW, later()).await?;
            assert_eq!(load(tx, &SecretHash::of("other"), NOW).await?, found("{}", None), "a session that was deleted");
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_session_that_ended_stays_ended() {
    let (store, _database) = populated().await;
    let proofs = Proofs::of(Proof::by_password(later()));
    let renewed = Session { proofs: proofs.clone(), authenticated_at: later(), ..session() };
    store
        .transaction("test", async |tx: &mut Conn| {
            assert_eq!(session::find(tx, session().id).await?, Some(session()));
            session::touch(tx, session().id, later()).await?;
            session::touch(tx, session().id, NOW).await?;
            let (found, owner) = session::find_with_user(tx, session().id).await?.unwrap();
            assert_eq!((found.seen_at, owner.id), (later(), alice().id));
            assert!(session::reauthenticate(tx, &renewed).await?);
            assert!(session::end(tx, session().id, later()).await?);
            assert!(!session::end(tx, session().id, later().after(HOUR)).await?);
            assert!(!session::reauthenticate(tx, &session()).await?);
            let found = session::find(tx, session().id).await?.unwrap();
            assert_eq!((found.proofs, found.ended_at), (proofs, Some(later())));
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_proof_of_a_sign_in_is_used_once_and_for_its_own_flow() {
    let (store, _database) = populated().await;
    let (flow, other) = (SecretHash::of("flow"), SecretHash::of("other"));
    let id = session().id;
    store
        .transaction("test", async |tx: &mut Conn| {
            assert!(!session::use_proof(tx, id, &flow).await?, "nobody signed in for it");
            session::reauthenticate(tx, &Session { proved_in: Some(flow), ..session() }).await?;
            assert_eq!(session::find(tx, id).await?.unwrap().proved_in, Some(flow));
            assert!(!session::use_proof(tx, id, &other).await?);
            assert!(session::use_proof(tx, id, &flow).await?);
            assert!(!session::use_proof(tx, id, &flow).await?);
            session::reauthenticate(tx, &Session { proved_in: Some(flow), ..session() }).await?;
            session::choose(tx, id, &other).await?;
            assert_eq!(session::find(tx, id).await?.unwrap().chosen_in, Some(other));
            session::end(tx, id, later()).await?;
            assert!(!session::use_proof(tx, id, &flow).await?, "signed out meanwhile");
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_client_is_deleted_in_steps_with_all_that_it_has() {
    let (store, _database) = populated().await;
    store
        .transaction("test", async |tx: &mut Conn| {
            let other = Client { id: ClientId::new("other"), ..app() };
            assert!(client::insert(tx, &other).await?);
            let others = Grant { client: other.id.clone(), ..granted(9, true) };
            for kept in [granted(4, true), granted(5, true), others] {
                grant::insert(tx, &kept).await?;
            }
            for token in ["a", "b"] {
                access_token::insert(tx, &SecretHash::of(token), &claims(), NOW, later()).await?;
            }
            for client in [&app().id, &other.id] {
                consent::allow(tx, alice().id, client, &"openid".parse().unwrap(), &BTreeSet::new(), NOW).await?;
            }
            let mut steps = vec![];
            while let step @ 1.. = client::delete_some_of(tx, &app().id, 2).await? {
                steps.push(step);
            }
            assert_eq!(steps, [5, 1], "two grants, two tokens and a consent, then the third grant");
            assert!(client::delete(tx, &app().id).await?);
            assert!(!client::delete(tx, &app().id).await?);
            assert!(grant::state(tx, granted(9, true).id).await?.is_some(), "another client's");
            assert!(consent::find(tx, alice().id, &other.id).await?.is_some(), "another client's");
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_client_is_replaced_only_as_it_was_seen() {
    let (store, _database) = populated().await;
    store
        .transaction("test", async |tx: &mut Conn| {
            let seen = client::find(tx, &app().id).await?.unwrap().updated_at;
            let changed = Client { name: "Other".into(), updated_at: later(), ..app() };
            assert!(client::replace(tx, &changed, seen).await?);
            assert!(!client::replace(tx, &app(), seen).await?, "somebody else came first");
            assert_eq!(client::find(tx, &app().id).await?.unwrap().name, "Other");
            Ok(())
        })
        .await
        .unwrap();
}
