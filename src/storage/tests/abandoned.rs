//! Requests that nobody waits for any more, and requests that have too little time left.

use std::collections::BTreeSet;
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use futures_util::future::join_all;
use tokio::time::{Instant, timeout};
use tokio_postgres::NoTls;

use super::super::{Conn, Store, StoreError, StoreSettings};
use super::database::TestDatabase;
use super::proxy::Proxy;
use super::{NOW, is_postgres, store};
use crate::foundation::deadline;
use crate::storage::engine::schema::revoked_tokens;

/// Lets `work` go on `polls` times and abandons it then: at once, while it waits for an answer, or when the answer has
/// come. Tells whether it was done before.
async fn abandon<T>(work: impl Future<Output = T>, polls: usize, at_once: bool) -> bool {
    let mut work = pin!(work);
    let mut left = polls;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        match work.as_mut().poll(cx) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending if at_once && left == 0 => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// What the server says of the connections that are named as `database`.
struct Backends {
    client: tokio_postgres::Client,
    name: String,
}

impl Backends {
    async fn of(url: &str) -> Self {
        let config: tokio_postgres::Config = url.parse().unwrap();
        let name = config.get_application_name().unwrap().to_owned();
        let (client, connection) = config.clone().application_name("the test").connect(NoTls).await.unwrap();
        tokio::spawn(connection);
        Self { client, name }
    }

    /// The processes of those in a state like this.
    async fn pids(&self, state: &str) -> BTreeSet<i32> {
        let sql = "SELECT pid FROM pg_stat_activity WHERE application_name = $1 AND state LIKE $2";
        let rows = self.client.query(sql, &[&self.name, &state]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}

/// A store with so few connections; `None` where the database is not PostgreSQL.
async fn with_connections(count: usize) -> Option<(Store, TestDatabase)> {
    let (_first, database) = store().await;
    let settings = StoreSettings { postgres_connections: count, ..StoreSettings::new(database.url.parse().unwrap()) };
    match is_postgres(&database) {
        true => Some((Store::connect(settings).await.unwrap(), database)),
        false => None,
    }
}

async fn add(tx: &mut Conn, id: &str) -> Result<(), StoreError> {
    use revoked_tokens::{expires_at, id as key, revoked_at, table};
    let row = (key.eq(id), revoked_at.eq(NOW), expires_at.eq(NOW));
    diesel::insert_into(table).values(row).execute(tx).await?;
    Ok(())
}

async fn count(store: &Store) -> i64 {
    store.read("test", async |conn: &mut Conn| Ok(revoked_tokens::table.count().get_result(conn).await?)).await.unwrap()
}

/// Two rows, or none of them.
async fn write(store: &Store, id: &str) -> Result<(), StoreError> {
    store
        .transaction("test", async |tx: &mut Conn| {
            add(tx, &format!("{id}a")).await?;
            add(tx, &format!("{id}b")).await
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_request_costs_no_connection_and_leaves_nothing_open_or_half_done() {
    let Some((store, database)) = with_connections(2).await else { return };
    let nap = || {
        store.transaction("test", async |tx: &mut Conn| {
            tx.batch_execute("SELECT pg_sleep(0.05)").await?;
            Ok(())
        })
    };
    join_all([nap(), nap()]).await.into_iter().for_each(Result::unwrap);
    let backends = Backends::of(&database.url).await;
    let at_first = backends.pids("%").await;
    assert_eq!(at_first.len(), 2);

    for at_once in [true, false] {
        let mut polls = 0;
        // One step later each time, until it is done before it is abandoned.
        while !abandon(write(&store, &format!("{at_once}{polls}")), polls, at_once).await {
            assert!(
                !abandon(store.read("test", async |conn: &mut Conn| slow(conn).await), polls.min(2), at_once).await
            );
            polls += 1;
        }
        assert!(polls > 3, "begin, two inserts, commit: {polls}");
    }
    assert_eq!(count(&store).await % 2, 0);
    // Whoever works next waits for both to settle, at the latest.
    join_all([nap(), nap()]).await.into_iter().for_each(Result::unwrap);
    assert_eq!(backends.pids("%").await, at_first, "the same connections");
    assert_eq!(backends.pids("idle in transaction%").await, BTreeSet::new());
}

async fn slow(conn: &mut Conn) -> Result<(), StoreError> {
    conn.batch_execute("SELECT pg_sleep(0.02)").await?;
    conn.batch_execute("SELECT pg_sleep(0.02)").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_does_not_settle_is_replaced() {
    let Some((store, _database)) = with_connections(1).await else { return };
    let forever = store.transaction("test", async |tx: &mut Conn| {
        tx.batch_execute("SET LOCAL statement_timeout = 0; SELECT pg_sleep(8)").await?;
        Ok(())
    });
    assert!(timeout(Duration::from_millis(200), forever).await.is_err());
    // The only place in the pool is taken until the cleaner gives up, long before the statement ends: whoever waits for
    // the place gets it within the deadline.
    assert_eq!(count(&store).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_a_request_asks_of_the_database_has_one_deadline() {
    let (store, _database) = store().await;
    let begun = Instant::now();
    deadline::scope(Duration::from_millis(200), async {
        for _ in 0..3 {
            let read = store.read("test", async |_: &mut Conn| pending::<Result<(), StoreError>>().await).await;
            assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
            let written =
                store.transaction("test", async |_: &mut Conn| pending::<Result<(), StoreError>>().await).await;
            assert!(matches!(written, Err(StoreError::Unavailable(_))), "{written:?}");
        }
    })
    .await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    write(&store, "afterwards").await.unwrap();
    assert_eq!(count(&store).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_statement_whose_answer_is_lost_may_have_been_done() {
    let (direct, database) = store().await;
    if !is_postgres(&database) {
        return;
    }
    let proxy = Proxy::before(&database.url).await;
    let store = super::open(&proxy.url).await;
    let once = async |hangs_before_the_write: bool| {
        deadline::scope(
            // Of which half a second is kept for the work: another connection has to be opened meanwhile.
            Duration::from_millis(1500),
            store.write_once("test", async |conn: &mut Conn| {
                let _seen: i64 = revoked_tokens::table.count().get_result(conn).await?;
                proxy.hang(hangs_before_the_write);
                add(conn, "once").await
            }),
        )
        .await
    };
    proxy.hang(true);
    let never_sent = once(true).await;
    assert!(matches!(never_sent, Err(StoreError::Unavailable(_))), "{never_sent:?}");
    proxy.hang(false);
    let lost = once(true).await;
    assert!(matches!(lost, Err(StoreError::Unsettled(_))), "{lost:?}");
    proxy.hang(false);
    assert_eq!(once(false).await, Ok(()));
    assert_eq!(once(false).await, Err(StoreError::Conflict), "a refusal is an answer");
    assert_eq!(count(&direct).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_callers_than_connections_wait_for_their_turn() {
    let Some((store, _database)) = with_connections(2).await else { return };
    let work = || {
        store.transaction("test", async |tx: &mut Conn| {
            tx.batch_execute("SELECT pg_sleep(0.5)").await?;
            Ok(())
        })
    };
    // The last ones wait for more than two seconds.
    let outcomes = join_all((0..11).map(|_| work())).await;
    assert_eq!(outcomes, vec![Ok(()); 11]);
}
