//! Forgets what has expired.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{Allowed, Operate};
use crate::domain::operation::audit_event::{Action, Class, Target};
use crate::domain::operation::job;
use crate::foundation::Timestamp;
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::operation::audit_event::{self, Retention};
use crate::storage::operation::decision_trace;
use crate::storage::operation::job as stored;
use crate::storage::operation::prune::{self, BEGINNING, Kind, Step};
use crate::storage::sign_in::login_throttle;
use crate::storage::{Conn, StoreError};

/// How long a step should hold the writer. What takes longer is followed by smaller steps, down to [`LEAST`].
const AIM: Duration = Duration::from_millis(10);
const LEAST: i64 = 4;
const MOST: i64 = 256;
/// After so many deleted rows the log of a SQLite file is copied into the file, beside everybody else. Otherwise the commit
/// of some step would copy it, and hold the writer for a quarter of a second.
const COPY_LOG_AFTER: usize = 512;
/// Each step leaves an event of its own, so it is worth no fewer than this.
const LEAST_EVENTS: i64 = 64;
/// Names that nobody has and that were tried: the most that are remembered, however many are tried (about 25 MB).
const STRANGERS: i64 = 100_000;
/// Traces of refusals: the most that are kept, whoever causes them and from wherever (some 20 MB, at worst 160).
const TRACES: i64 = 20_000;

/// Jobs of one kind that failed for good: the most that are kept, whoever caused them and however many (10 MB of mails).
const DEAD_JOBS: i64 = 10_000;

/// What a run came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pruned {
    /// Rows that are gone.
    pub rows: usize,
    /// Transactions that it took.
    pub steps: usize,
    /// The longest of them, from its first statement to the end of its commit: so long everybody else waited.
    pub longest: Duration,
}

/// Deletes expired rows, step by step, until none is left. As many as the time is known that is believed: a clock that was
/// set deletes nothing.
///
/// # Errors
/// When the database does not answer; what was deleted stays deleted.
pub async fn all(app: &App, by: &Actor) -> Result<Pruned, ServiceError> {
    let may = by.may(Operate)?;
    let now = app.clock_guard.earliest(&app.clock);
    let mut run = Run { pruned: Pruned::default(), limit: 32, in_log: 0 };
    for kind in Kind::ALL {
        run.all_of(app, Dead::Expired(kind, now)).await?;
    }
    // Those that have expired are gone by now: what is more than enough of the rest.
    if let Some(until) =
        app.store.read("count_strangers", async |conn| login_throttle::surplus(conn, STRANGERS).await).await?
    {
        run.all_of(app, Dead::Strangers { until }).await?;
    }
    if let Some(until) =
        app.store.read("count_traces", async |conn| decision_trace::surplus(conn, TRACES).await).await?
    {
        run.all_of(app, Dead::Expired(Kind::DecisionTraces, until)).await?;
    }
    for kind in job::Kind::ALL {
        let surplus = async |conn: &mut _| stored::surplus(conn, kind, DEAD_JOBS).await;
        if let Some(until) = app.store.read("count_dead_jobs", surplus).await? {
            run.all_of(app, Dead::Jobs { kind, until }).await?;
        }
    }
    let kept = app.settings.event_retention;
    for (class, kept) in [(Class::Authentication, kept.authentication), (Class::Changes, kept.changes)] {
        // Events of whole days, so that what tells of their end is a small part of them.
        let retention = Retention { class, before: now.before(kept).start_of_day(), now };
        if app.store.read("find_due_events", async |conn| audit_event::is_due(conn, retention).await).await? {
            run.all_of(app, Dead::Events(retention, &may)).await?;
        }
    }
    let Pruned { rows, steps, longest } = run.pruned;
    if rows > 0 {
        let longest_ms = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(rows, steps, longest_ms, "expired rows deleted");
    }
    Ok(run.pruned)
}

/// What is deleted.
#[derive(Clone, Copy)]
enum Dead<'a> {
    /// Rows of a kind that have expired at this time.
    Expired(Kind, Timestamp),
    /// Names that nobody has, up to this end: more than are remembered.
    Strangers { until: Timestamp },
    /// Jobs of a kind that failed for good, up to this end: more than are kept.
    Jobs { kind: job::Kind, until: Timestamp },
    /// Events of a class, of which an event tells in turn.
    Events(Retention, &'a Allowed<'a, Operate>),
}

/// What one step came to.
struct Done {
    deleted: usize,
    /// Where the next step begins, unless nothing is left.
    next: Option<Timestamp>,
}

impl Dead<'_> {
    async fn step(self, app: &App, tx: &mut Conn, from: Timestamp, limit: i64) -> Result<Done, StoreError> {
        match self {
            Self::Expired(kind, now) => {
                let Step { examined, deleted, from } = prune::step(tx, kind, now, from, limit).await?;
                Ok(Done { deleted, next: is_full(examined, limit).then_some(from) })
            }
            Self::Strangers { until } => {
                let deleted = login_throttle::prune_strangers(tx, until, limit).await?;
                Ok(Done { deleted, next: is_full(deleted, limit).then_some(from) })
            }
            Self::Jobs { kind, until } => {
                let deleted = stored::prune_dead(tx, kind, until, limit).await?;
                Ok(Done { deleted, next: is_full(deleted, limit).then_some(from) })
            }
            Self::Events(retention, may) => {
                let step = audit_event::prune(tx, retention, limit.max(LEAST_EVENTS)).await?;
                let pruned = event(app, may, Action::EventsPruned).about(Target::class(retention.class));
                audit_event::insert_if(tx, step.deleted > 0, &pruned.times(step.deleted)).await?;
                Ok(Done { deleted: step.deleted, next: step.more.then_some(from) })
            }
        }
    }
}

/// Whether a step found as many rows as it may look at, so that there may be more.
fn is_full(found: usize, limit: i64) -> bool {
    i64::try_from(found).is_ok_and(|found| found >= limit)
}

struct Run {
    pruned: Pruned,
    /// The rows of the next step.
    limit: i64,
    /// Rows that were deleted since the log was copied.
    in_log: usize,
}

impl Run {
    async fn all_of(&mut self, app: &App, dead: Dead<'_>) -> Result<(), ServiceError> {
        let mut from = BEGINNING;
        loop {
            let limit = self.limit;
            let (begun, done) = app
                .store
                .transaction("prune_rows", async |tx: &mut Conn| {
                    let begun = Instant::now();
                    Ok((begun, dead.step(app, tx, from, limit).await?))
                })
                .await?;
            let took = begun.elapsed();
            self.note(done.deleted, took);
            if self.in_log >= COPY_LOG_AFTER {
                app.store.copy_log().await?;
                self.in_log = 0;
            }
            let Some(next) = done.next else { return Ok(()) };
            from = next;
            // As long as it held the writer, others have it to themselves.
            sleep(took).await;
        }
    }

    fn note(&mut self, deleted: usize, took: Duration) {
        self.pruned.rows += deleted;
        self.in_log += deleted;
        self.pruned.steps += 1;
        self.pruned.longest = self.pruned.longest.max(took);
        self.limit = next_limit(self.limit, took);
    }
}

/// Twice as many rows while a step is quick, half as many as soon as it is slow.
fn next_limit(limit: i64, took: Duration) -> i64 {
    match took {
        slow if slow > AIM => (limit / 2).max(LEAST),
        quick if quick < AIM / 3 => limit.saturating_mul(2).min(MOST),
        _ => limit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_grow_while_they_are_quick_and_shrink_as_soon_as_they_are_slow() {
        let quick = Duration::from_millis(1);
        let slow = AIM + quick;
        assert_eq!(next_limit(32, quick), 64);
        assert_eq!(next_limit(MOST, quick), MOST);
        assert_eq!(next_limit(32, AIM), 32);
        assert_eq!(next_limit(32, slow), 16);
        assert_eq!(next_limit(LEAST, slow), LEAST);
    }
}
