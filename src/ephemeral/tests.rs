//! The same rules for a database and for Redis, and what happens when Redis does not answer.

use std::slice::from_ref;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::foundation::Random;
use crate::foundation::trust::tests::TestFiles;
use crate::storage::StoreSettings;

const WINDOW: Duration = Duration::from_secs(60);
const START: Timestamp = Timestamp::from_secs(1_800_000_000);

/// A new database file, or the server of `TEST_DATABASE_URL`. The folder goes when it is dropped.
async fn store() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = std::env::var("TEST_DATABASE_URL");
    let url = url.unwrap_or_else(|_| format!("sqlite:{}/test.db", folder.path().display()));
    let store = Store::connect(StoreSettings::new(url.parse().unwrap())).await.unwrap();
    store.migrate().await.unwrap();
    (store, folder)
}

/// A key of its own for each test, so that no two tests share a counter.
fn names() -> MacKey {
    let text = crate::crypto::MasterKey::generate(&Random::System);
    crate::crypto::MasterKey::parse(&text).unwrap().derive("counters").unwrap()
}

fn redis_url() -> SecretString {
    SecretString::new(std::env::var("TEST_REDIS_URL").unwrap_or_else(|_| "redis://127.0.0.1:6379".to_owned()))
}

fn redis_at(url: String, store: Store) -> Ephemeral {
    Ephemeral::redis(&SecretString::new(url), None, store, names()).unwrap()
}

fn used_redis(counters: &Ephemeral) -> bool {
    match &counters.place {
        Place::Redis(redis, _) => redis.answers(),
        Place::Sql(_) => false,
    }
}

async fn counts_hits_of_one_window(counters: &Ephemeral, store: &Store) {
    let later = START.after(Duration::from_secs(20));
    let none = Hits { count: 0, resets_in: Duration::ZERO };
    assert_eq!(counters.peek("a", WINDOW, START).await, Ok(none));
    assert_eq!(counters.hit("a", WINDOW, START).await, Ok(Hits { count: 1, resets_in: WINDOW }));
    let second = Hits { count: 2, resets_in: Duration::from_secs(40) };
    assert_eq!(counters.hit("a", WINDOW, later).await, Ok(second), "a hit does not move the end of the window");
    assert_eq!(counters.peek("a", WINDOW, later).await, Ok(second));
    assert_eq!(counters.peek("a", WINDOW, later).await, Ok(second), "looking does not count");
    assert_eq!(counters.peek("b", WINDOW, later).await, Ok(none), "each key has its own counter");

    let end = START.after(WINDOW);
    let last = end.before(Duration::from_micros(1));
    assert_eq!(counters.peek("a", WINDOW, last).await, Ok(Hits { count: 2, resets_in: Duration::from_micros(1) }));
    assert_eq!(counters.peek("a", WINDOW, end).await, Ok(none), "the window is over");
    assert_eq!(counters.hit("a", WINDOW, end).await, Ok(Hits { count: 1, resets_in: WINDOW }));

    let [a, b, c, d] = [("a", 1), ("b", 1), ("c", 2), ("d", 1)].map(|(key, most)| counters.limit(key, most));
    settle(counters, store, from_ref(&a), &[], end).await;
    settle(counters, store, &[b, a.clone()], &[], end).await;
    assert_eq!(counters.peek("a", WINDOW, end).await.map(|hits| hits.count), Ok(0), "there is nothing below none");
    assert_eq!(counters.hit("a", WINDOW, end).await, Ok(Hits { count: 1, resets_in: WINDOW }));

    let limits = [c, a.clone(), d];
    let beyond = Hits { count: 2, resets_in: WINDOW };
    assert_eq!(hit_each(counters, store, &limits, end).await, Some(beyond));
    assert_eq!(counters.peek("c", WINDOW, end).await.map(|hits| hits.count), Ok(0), "what came before it is as it was");
    assert_eq!(
        counters.peek("d", WINDOW, end).await.map(|hits| hits.count),
        Ok(0),
        "what comes after it does not count"
    );

    settle(counters, store, &[], from_ref(&a), end).await;
    assert_eq!(hit_each(counters, store, &limits, end).await, None);
    settle(counters, store, &[], from_ref(&a), end).await;
    settle(counters, store, &[], &[a], end).await;
    assert_eq!(counters.peek("a", WINDOW, end).await, Ok(none));
    assert_eq!(counters.hit("a", WINDOW, end).await, Ok(Hits { count: 1, resets_in: WINDOW }));
}

/// Counts in Redis or, when Redis does not, in the database.
async fn hit_each(counters: &Ephemeral, store: &Store, limits: &[Limit], now: Timestamp) -> Option<Hits> {
    match counters.hit_each_outside(limits, WINDOW, now).await {
        Some(decided) => decided,
        None => {
            store.transaction("test", async |tx| counters.hit_each_in(tx, limits, WINDOW, now).await).await.unwrap()
        }
    }
}

async fn settle(counters: &Ephemeral, store: &Store, forgiven: &[Limit], forgotten: &[Limit], now: Timestamp) {
    if !counters.settle_outside(forgiven, forgotten, now).await {
        store.transaction("test", async |tx| counters.settle_in(tx, forgiven, forgotten).await).await.unwrap();
    }
}

/// Ten hits while the clock stood ten years ahead; then it is set right.
async fn holds_up_nobody_after_a_jump(counters: &Ephemeral) {
    let ahead = START.after(Duration::from_secs(10 * 365 * 86_400));
    for _ in 0..10 {
        counters.hit("a", WINDOW, ahead).await.unwrap();
    }
    assert_eq!(counters.hit("a", WINDOW, START).await, Ok(Hits { count: 1, resets_in: WINDOW }));
    // A small difference between the clocks of two instances ends no window, and makes no wait longer than the window.
    let beside = START.before(Duration::from_secs(60));
    assert_eq!(counters.hit("a", WINDOW, beside).await, Ok(Hits { count: 2, resets_in: WINDOW }));
    let further = beside.before(Duration::from_micros(1));
    assert_eq!(counters.hit("a", WINDOW, further).await, Ok(Hits { count: 1, resets_in: WINDOW }));
}

#[tokio::test]
async fn a_clock_that_was_ahead_holds_up_nobody() {
    let (store, _folder) = store().await;
    holds_up_nobody_after_a_jump(&Ephemeral::sql(store.clone(), names())).await;
    let counters = Ephemeral::redis(&redis_url(), None, store, names()).unwrap();
    holds_up_nobody_after_a_jump(&counters).await;
    assert!(used_redis(&counters), "this test needs a Redis at TEST_REDIS_URL");
}

async fn loses_no_hit_of_many_at_once(counters: Ephemeral) {
    let counters = std::sync::Arc::new(counters);
    let hits = (0..40).map(|_| {
        let counters = counters.clone();
        tokio::spawn(async move { counters.hit("a", WINDOW, START).await.unwrap().count })
    });
    let mut counts = Vec::new();
    for hit in hits.collect::<Vec<_>>() {
        counts.push(hit.await.unwrap());
    }
    counts.sort_unstable();
    assert_eq!(counts, (1..=40).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_database_counts_hits_of_one_window() {
    let (store, _folder) = store().await;
    counts_hits_of_one_window(&Ephemeral::sql(store.clone(), names()), &store).await;
}

#[tokio::test]
async fn the_database_loses_no_hit_of_many_at_once() {
    let (store, _folder) = store().await;
    loses_no_hit_of_many_at_once(Ephemeral::sql(store, names())).await;
}

#[tokio::test]
async fn redis_counts_hits_of_one_window() {
    let (store, _folder) = store().await;
    let counters = Ephemeral::redis(&redis_url(), None, store.clone(), names()).unwrap();
    counts_hits_of_one_window(&counters, &store).await;
    assert!(used_redis(&counters), "this test needs a Redis at TEST_REDIS_URL");
}

#[tokio::test]
async fn redis_loses_no_hit_of_many_at_once() {
    let (store, _folder) = store().await;
    let counters = Ephemeral::redis(&redis_url(), None, store, names()).unwrap();
    counters.hit("b", WINDOW, START).await.unwrap();
    assert!(used_redis(&counters), "this test needs a Redis at TEST_REDIS_URL");
    loses_no_hit_of_many_at_once(counters).await;
}

#[tokio::test]
async fn redis_holds_no_name_and_removes_what_is_over() {
    let (store, _folder) = store().await;
    let counters = Ephemeral::redis(&redis_url(), None, store, names()).unwrap();
    counters.hit("login/alice@example.com", WINDOW, START).await.unwrap();
    let key = format!("latchkey:{}", counters.id("login/alice@example.com"));
    assert!(!key.contains("alice"));
    let client = ::redis::Client::open(redis_url().expose()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let left: i64 = ::redis::cmd("PTTL").arg(&key).query_async(&mut connection).await.unwrap();
    assert!((1..=60_000).contains(&left), "{left}");
}

#[tokio::test]
async fn the_database_counts_while_redis_is_down() {
    let (store, _folder) = store().await;
    // Nobody listens on a port that was just given up.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let counters = redis_at(format!("redis://{free}"), store.clone());
    counts_hits_of_one_window(&counters, &store).await;
    assert!(!used_redis(&counters));
}

#[tokio::test]
async fn the_database_counts_while_redis_accepts_but_never_answers() {
    let (store, _folder) = store().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let counters = redis_at(format!("redis://{}", silent.local_addr().unwrap()), store);
    assert_eq!(counters.hit("a", WINDOW, START).await, Ok(Hits { count: 1, resets_in: WINDOW }));
    assert_eq!(counters.hit("a", WINDOW, START).await, Ok(Hits { count: 2, resets_in: WINDOW }));
    assert!(!used_redis(&counters));
}

#[tokio::test]
async fn a_url_that_is_not_one_of_redis_is_refused_without_quoting_it() {
    let (store, _folder) = store().await;
    for url in ["http://user:hunter2@localhost", "rediss://user:hunter2@local host", "hunter2"] {
        let refused = Ephemeral::redis(&SecretString::new(url.to_owned()), None, store.clone(), names());
        let error = refused.err().expect("refused");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

/// TLS before the Redis of the tests, with this certificate. Returns its URL.
async fn redis_with_tls(files: &TestFiles) -> String {
    let redis = url::Url::parse(redis_url().expose()).unwrap();
    let redis = (redis.host_str().unwrap().to_owned(), redis.port().unwrap_or(6379));
    let chain = vec![CertificateDer::from_pem_file(&files.cert).unwrap()];
    let key = PrivateKeyDer::from_pem_file(&files.key).unwrap();
    let config = ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(std::sync::Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut redis = TcpStream::connect((redis.0.as_str(), redis.1)).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut stream, &mut redis).await });
        }
    });
    format!("rediss://{address}")
}

#[tokio::test]
async fn redis_is_reached_over_tls_if_an_authority_that_is_trusted_vouches_for_it() {
    let (store, _folder) = store().await;
    let (files, others) = (TestFiles::new("localhost"), TestFiles::new("localhost"));
    let url = SecretString::new(redis_with_tls(&files).await);
    let counters = Ephemeral::redis(&url, Some(&files.cert), store.clone(), names()).unwrap();
    counts_hits_of_one_window(&counters, &store).await;
    assert!(used_redis(&counters), "this test needs a Redis at TEST_REDIS_URL");
    for authorities in [None, Some(others.cert.as_path())] {
        let counters = Ephemeral::redis(&url, authorities, store.clone(), names()).unwrap();
        assert_eq!(counters.hit("a", WINDOW, START).await, Ok(Hits { count: 1, resets_in: WINDOW }));
        assert!(!used_redis(&counters), "a stranger is not told anything: the database counts");
    }
    let missing = Ephemeral::redis(&url, Some(Path::new("/nonexistent")), store, names()).err();
    assert!(matches!(missing, Some(EphemeralError::Authorities(_))));
}
