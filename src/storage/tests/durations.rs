//! What takes long is told of in the log, by its name.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{DefaultGuard, set_default};
use tracing::{Event, Metadata, Subscriber};

use super::super::{Conn, Store, StoreError, StoreSettings, Writes};
use super::database::{self, TestDatabase};
use crate::foundation::Clock;

const LIMIT: Duration = Duration::from_millis(250);

/// The fields of the lines that were logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<Line>>>);

#[derive(Default)]
struct Line(BTreeMap<&'static str, String>);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Subscriber for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        if line.0.get("message").is_some_and(|message| message == "a transaction or a read took long") {
            self.0.lock().unwrap().push(line);
        }
    }
}

impl Lines {
    fn start() -> (Self, DefaultGuard) {
        let lines = Self::default();
        (lines.clone(), set_default(lines))
    }

    /// Takes what was logged: the name, and the values of these fields.
    fn take(&self, fields: &[&str]) -> Vec<(String, Vec<u64>)> {
        let lines = std::mem::take(&mut *self.0.lock().unwrap());
        let values = |line: &Line| fields.iter().map(|field| line.0[field].parse().unwrap()).collect();
        lines.iter().map(|line| (line.0["transaction"].trim_matches('"').to_owned(), values(line))).collect()
    }
}

/// A store with one connection to a server, or one that writes to a file.
async fn store(slow_after: Option<Duration>) -> (Store, Clock, TestDatabase) {
    let database = database::fresh().await;
    let (url, clock) = (database.url.parse().unwrap(), Clock::fixed(super::NOW));
    let settings =
        StoreSettings { slow_after, clock: clock.clone(), postgres_connections: 1, ..StoreSettings::new(url) };
    (Store::connect(settings).await.unwrap(), clock, database)
}

#[tokio::test]
async fn what_takes_long_is_told_of_by_its_name_and_what_is_quick_is_not() {
    let (store, clock, _database) = store(Some(LIMIT)).await;
    let (lines, _guard) = Lines::start();
    let work = |time: Duration| {
        clock.advance(time);
        Ok(())
    };
    let quick = LIMIT - Duration::from_millis(1);
    store.read("read_quickly", async |_: &mut Conn| work(quick)).await.unwrap();
    store.transaction("write_quickly", async |_: &mut Conn| work(quick)).await.unwrap();
    assert_eq!(lines.take(&[]), []);

    store.read("read_slowly", async |_: &mut Conn| work(LIMIT)).await.unwrap();
    store.transaction("write_slowly", async |_: &mut Conn| work(LIMIT)).await.unwrap();
    store.write("write_one_slowly", Writes::Once, async |_: &mut Conn| work(LIMIT)).await.unwrap();
    let failed = async |_: &mut Conn| work(LIMIT).and(Err::<(), _>(StoreError::Conflict));
    assert_eq!(store.transaction("fail_slowly", failed).await, Err(StoreError::Conflict));
    let wanted = ["read_slowly", "write_slowly", "write_one_slowly", "fail_slowly"];
    let wanted = wanted.map(|name| (name.to_owned(), vec![250, 0, 0, 1]));
    assert_eq!(lines.take(&["took_ms", "waited_ms", "untold", "runs"]), wanted);
}

#[tokio::test]
async fn a_name_has_one_line_in_a_minute_with_what_is_usual_for_it() {
    let (store, clock, _database) = store(Some(LIMIT)).await;
    let (lines, _guard) = Lines::start();
    let look_up = async |millis: u64| {
        let work = async |_: &mut Conn| {
            clock.advance(Duration::from_millis(millis));
            Ok(())
        };
        store.read("look_up", work).await.unwrap();
    };
    for millis in [20, 20, 20, 300, 400, 500] {
        look_up(millis).await;
    }
    let fields = ["took_ms", "untold", "runs", "mean_ms", "longest_ms"];
    assert_eq!(lines.take(&fields), [("look_up".to_owned(), vec![300, 0, 4, 90, 300])]);
    clock.advance(Duration::from_secs(60));
    look_up(350).await;
    assert_eq!(lines.take(&fields), [("look_up".to_owned(), vec![350, 2, 7, 230, 500])]);
}

#[tokio::test]
async fn a_line_says_how_long_it_waited_for_its_connection() {
    let (store, clock, _database) = store(Some(LIMIT)).await;
    let (lines, _guard) = Lines::start();
    let (begun, has_begun) = oneshot::channel();
    let (go, gate) = oneshot::channel::<()>();
    let first = store.transaction("hold_on", async move |_: &mut Conn| {
        begun.send(()).unwrap();
        gate.await.unwrap();
        Ok(())
    });
    let second = store.transaction("come_second", async |_: &mut Conn| {
        clock.advance(LIMIT);
        Ok(())
    });
    let passes = async {
        has_begun.await.unwrap();
        clock.advance(LIMIT);
        go.send(()).unwrap();
    };
    let (first, second, ()) = tokio::join!(first, second, passes);
    first.and(second).unwrap();
    let told: BTreeMap<_, _> = lines.take(&["took_ms", "waited_ms"]).into_iter().collect();
    assert_eq!(told["come_second"], [500, 250]);
    // On SQLite both share a commit, so the first ends with the second.
    assert!(matches!(told["hold_on"][..], [250 | 500, 0]), "{told:?}");
}

#[tokio::test]
async fn one_that_is_abandoned_is_told_of_too() {
    let (store, clock, _database) = store(Some(LIMIT)).await;
    let (lines, _guard) = Lines::start();
    let (begun, has_begun) = oneshot::channel();
    let endless = store.read("never_end", async move |_: &mut Conn| {
        begun.send(()).unwrap();
        std::future::pending::<Result<(), StoreError>>().await
    });
    let passes = async {
        has_begun.await.unwrap();
        clock.advance(LIMIT);
    };
    tokio::select! {
        _ = endless => panic!("it has no end"),
        () = passes => {}
    }
    assert_eq!(lines.take(&["took_ms", "waited_ms"]), [("never_end".to_owned(), vec![250, 0])]);
}

#[tokio::test]
async fn nothing_is_told_where_that_is_off() {
    let (store, clock, _database) = store(None).await;
    let (lines, _guard) = Lines::start();
    let work = async |_: &mut Conn| {
        clock.advance(9 * LIMIT);
        Ok(())
    };
    store.read("read_slowly", work).await.unwrap();
    assert_eq!(lines.take(&[]), []);
}

#[tokio::test]
async fn a_failure_says_what_it_happened_to() {
    let (store, _, _database) = store(None).await;
    let failing = async |_: &mut Conn| Err::<(), _>(StoreError::Unavailable("by the test".to_owned()));
    let wanted = |name| Err(StoreError::Unavailable(format!("by the test ({name})")));
    assert_eq!(store.read("find_client", failing).await, wanted("find_client"));
    assert_eq!(store.transaction("redeem_code", failing).await, wanted("redeem_code"));
    assert_eq!(store.write_once("issue_code", failing).await, wanted("issue_code"));
}
