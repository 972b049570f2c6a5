//! Traces of refusals are found by their request, and there are never more of them than there may be.

use std::time::Duration;

use super::super::{Conn, Store};
use super::{NOW, store};
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::operation::decision_trace::{Recorded, Trace};
use crate::foundation::{RequestId, Timestamp};
use crate::storage::operation::decision_trace::{self, NewTrace};
use crate::storage::operation::prune::{BEGINNING, Kind as Pruned, step};

const DAY: Duration = Duration::from_secs(86_400);

/// A trace whose request and second are of this number.
pub fn recorded(number: u64) -> Recorded {
    let refusal = Refusal::new(ErrorCode::InvalidClient, "Client authentication failed.").of(Kind::Secret);
    let trace = Trace::of(&refusal.with("client", "app"), None);
    let at = NOW.after(Duration::from_secs(number));
    Recorded { request: RequestId::new(number), at, endpoint: "POST /token".into(), trace }
}

/// The same, to be stored.
pub fn traced(recorded: &Recorded) -> NewTrace<'_> {
    NewTrace { recorded, place: 1, source: 1, expires_at: recorded.at.after(DAY) }
}

async fn add(store: &Store, numbers: std::ops::Range<u64>, place: i64, source: i64) {
    let all: Vec<_> = numbers.map(recorded).collect();
    let rows: Vec<_> = all.iter().map(|recorded| NewTrace { place, source, ..traced(recorded) }).collect();
    store.transaction("test", async |tx: &mut Conn| decision_trace::insert(tx, &rows).await).await.unwrap();
}

async fn find(store: &Store, number: u64, now: Timestamp) -> Option<Recorded> {
    let request = RequestId::new(number);
    store.read("test", async |conn: &mut Conn| decision_trace::find(conn, request, now).await).await.unwrap()
}

/// Which of the first numbers are there.
async fn there(store: &Store, numbers: u64) -> Vec<u64> {
    let mut found = Vec::new();
    for number in 0..numbers {
        if find(store, number, NOW).await.is_some() {
            found.push(number);
        }
    }
    found
}

#[tokio::test]
async fn a_trace_comes_back_as_it_was_until_it_expires_and_a_second_writing_changes_nothing() {
    let (store, _database) = store().await;
    add(&store, 7..8, 1, 1).await;
    add(&store, 7..8, 2, 2).await;
    assert_eq!(find(&store, 7, NOW).await, Some(recorded(7)));
    assert_eq!(find(&store, 8, NOW).await, None);
    let end = recorded(7).at.after(DAY);
    assert!(find(&store, 7, end.before(Duration::from_micros(1))).await.is_some());
    assert_eq!(find(&store, 7, end).await, None, "also before it is pruned");
    let pruned = async |tx: &mut Conn| step(tx, Pruned::DecisionTraces, end, BEGINNING, 10).await;
    assert_eq!(store.transaction("test", pruned).await.unwrap().deleted, 1);
    assert_eq!(find(&store, 7, NOW).await, None);
}

#[tokio::test]
async fn of_a_place_and_of_a_source_the_newest_stay() {
    let (store, _database) = store().await;
    add(&store, 0..10, 1, 1).await;
    add(&store, 10..15, 1, 2).await;
    add(&store, 15..18, 2, 3).await;
    let trim = async |tx: &mut Conn| decision_trace::trim_source(tx, 1, 4).await;
    assert_eq!(store.transaction("test", trim).await.unwrap(), 6);
    assert_eq!(there(&store, 18).await, (6..18).collect::<Vec<_>>());
    let trim = async |tx: &mut Conn| decision_trace::trim_place(tx, 1, 7).await;
    assert_eq!(store.transaction("test", trim).await.unwrap(), 2);
    assert_eq!(there(&store, 18).await, (8..18).collect::<Vec<_>>());
}

#[tokio::test]
async fn beyond_what_may_be_there_in_all_the_oldest_go() {
    let (store, _database) = store().await;
    add(&store, 0..10, 1, 1).await;
    let surplus =
        async |most| store.read("test", async |conn: &mut Conn| decision_trace::surplus(conn, most).await).await;
    assert_eq!(surplus(10).await.unwrap(), None);
    let until = surplus(7).await.unwrap().unwrap();
    let pruned = async |tx: &mut Conn| step(tx, Pruned::DecisionTraces, until, BEGINNING, 10).await;
    assert_eq!(store.transaction("test", pruned).await.unwrap().deleted, 3);
    assert_eq!(there(&store, 10).await, (3..10).collect::<Vec<_>>());
}
