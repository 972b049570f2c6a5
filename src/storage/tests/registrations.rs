//! Applications that register themselves: what bounds them, and what is used once.

use super::super::{Conn, Store};
use super::rows::{app, grant as a_grant, later, populated, registered, winners};
use super::{NOW, store};
use crate::domain::oauth::client::initial_access_token::InitialAccessToken;
use crate::domain::oauth::client::{Client, ClientId};
use crate::foundation::id::InitialTokenId;
use crate::foundation::{Random, SecretHash};
use crate::storage::oauth::client_registration::{ClientRegistration, Kept, Room};
use crate::storage::oauth::{client, client_registration, grant, initial_access_token};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_registers_no_more_applications_than_it_has_uses_however_many_try_at_once() {
    let (store, _database) = populated().await;
    let id = InitialTokenId::generate(&Random::seeded(1), NOW);
    let token =
        InitialAccessToken { id, name: "Partners".into(), uses_left: 3, used: 0, created_at: NOW, expires_at: later() };
    let hash = SecretHash::of("token");
    let insert = async |tx: &mut Conn| initial_access_token::insert(tx, &token, &hash).await;
    store.transaction("test", insert).await.unwrap();
    let taken = winners(&store, |store| async move {
        store.transaction("test", async |tx: &mut Conn| initial_access_token::take(tx, id, NOW).await).await
    });
    assert_eq!(taken.await, 3);
    let find = async |conn: &mut Conn| initial_access_token::find(conn, &hash, NOW).await;
    assert_eq!(store.read("test", find).await.unwrap(), None, "it is used up");
    let live = async |conn: &mut Conn| initial_access_token::live(conn, NOW).await;
    let live = store.read("test", live).await.unwrap();
    assert_eq!(live, [InitialAccessToken { uses_left: 0, used: 3, ..token }]);
    let over = async |conn: &mut Conn| initial_access_token::live(conn, later()).await;
    assert_eq!(store.read("test", over).await.unwrap(), []);
}

async fn keep(store: &Store, number: u32, place: &str, room: Room) -> Kept {
    let client = Client { id: ClientId::new(format!("client-{number}")), ..app() };
    let registration =
        ClientRegistration { client_id: client.id.clone(), place: Some(SecretHash::of(place)), ..registered() };
    let insert = async |tx: &mut Conn| {
        client::insert(tx, &client).await?;
        client_registration::insert(tx, &registration, room).await
    };
    store.transaction("test", insert).await.unwrap()
}

#[tokio::test]
async fn a_place_has_so_many_that_are_not_used_and_there_are_so_many_in_all() {
    let (store, _database) = store().await;
    let room = Room { all: 5, place: 2, wide_place: 3 };
    assert_eq!(keep(&store, 1, "here", room).await, Kept::Yes);
    assert_eq!(keep(&store, 2, "here", room).await, Kept::Yes);
    assert_eq!(keep(&store, 3, "here", room).await, Kept::PlaceFull { until: Some(later()) });
    assert_eq!(keep(&store, 4, "there", room).await, Kept::Yes);
    let full = Kept::PlaceFull { until: Some(later()) };
    assert_eq!(keep(&store, 5, "elsewhere", room).await, full, "the network round them");
    let used = [ClientId::new("client-1"), ClientId::new("client-2"), ClientId::new("unknown")];
    let note = async |tx: &mut Conn| client_registration::note_use(tx, &used).await;
    assert_eq!(store.transaction("test", note).await.unwrap(), 2);
    assert_eq!(keep(&store, 6, "here", room).await, Kept::Yes, "what is used does not count");
    assert_eq!(keep(&store, 7, "here", room).await, Kept::Yes);
    assert_eq!(keep(&store, 8, "nowhere", room).await, Kept::Full);
}

#[tokio::test]
async fn what_nobody_has_used_is_found_when_its_time_is_over() {
    let (store, _database) = populated().await;
    // Of this one somebody has allowed something before it was looked at.
    let other = ClientId::new("other");
    let room = Room { all: 9, place: 9, wide_place: 9 };
    let add = async |tx: &mut Conn| {
        client::insert(tx, &Client { id: other.clone(), ..app() }).await?;
        client_registration::insert(tx, &registered(), room).await?;
        client_registration::insert(tx, &ClientRegistration { client_id: other.clone(), ..registered() }, room).await
    };
    assert_eq!(store.transaction("test", add).await.unwrap(), Kept::Yes);
    let allow = async |tx: &mut Conn| grant::insert(tx, &a_grant(5, true)).await;
    store.transaction("test", allow).await.unwrap();
    let unused = async |now| {
        store.read("test", async |conn: &mut Conn| client_registration::unused(conn, now, 9).await).await.unwrap()
    };
    assert_eq!(unused(NOW).await, []);
    assert_eq!(unused(later()).await, [other], "whether its use was noted or not, the first one stays");
}
