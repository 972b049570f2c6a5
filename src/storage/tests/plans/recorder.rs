//! Listens to what is sent to a database.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use diesel::connection::InstrumentationEvent;
use diesel_async::AsyncConnection;

use crate::storage::Conn;

/// Statements by the storage function that sent them.
pub type Sent = BTreeMap<&'static str, BTreeSet<String>>;

/// Listens to a connection.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<(&'static str, Sent)>>);

impl Recorder {
    /// Whatever is sent from now on is the function's.
    pub fn begin(&self, function: &'static str) {
        let (current, sent) = &mut *self.0.lock().unwrap();
        *current = function;
        sent.entry(function).or_default();
    }

    fn note(&self, sql: &str) {
        let (function, sent) = &mut *self.0.lock().unwrap();
        sent.entry(function).or_default().insert(sql.to_owned());
    }

    pub fn sent(&self) -> Sent {
        self.0.lock().unwrap().1.clone()
    }

    pub fn listen(&self, conn: &mut Conn) {
        let recorder = self.clone();
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                let shown = query.to_string();
                recorder.note(shown.rsplit_once(" -- binds: ").map_or(shown.as_str(), |(sql, _)| sql));
            }
        });
    }
}
