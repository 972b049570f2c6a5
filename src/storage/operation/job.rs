//! Jobs: added in the transaction that is the reason for them, taken by one process at a time.

use std::time::Duration;

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::operation::job::{Attempts, Job, Kind, Lease, Leased, NewJob, Next, State, shortened};
use crate::foundation::clock::SKEW;
use crate::foundation::{Timestamp, id::JobId};
use crate::storage::engine::backend::{SkipLocked, With};
use crate::storage::engine::schema::jobs::{self, table};
use crate::storage::{Conn, StoreError};

/// What came of adding a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enqueued {
    /// It is there now.
    Added,
    /// One of its kind and key waits or runs already: nothing was changed.
    AlreadyThere,
}

/// Adds a job, unless one of its kind and key waits or runs. It is there when the transaction is committed, and not
/// otherwise. `now` is the time that is believed.
pub async fn enqueue(conn: &mut Conn, id: JobId, job: &NewJob, now: Timestamp) -> Result<Enqueued, StoreError> {
    let row = JobRow {
        id,
        kind: job.kind.as_str().to_owned(),
        key: job.key.as_str().to_owned(),
        payload: job.payload.as_str().to_owned(),
        state: State::Waiting,
        schedule: job.schedule.map(seconds),
        run_at: job.run_at,
        armed_at: now,
        attempts: 0,
        max_attempts: job.kind.max_attempts(),
        fence: 0,
        leased_by: None,
        lease_until: None,
        last_error: None,
        created_at: now,
        created_by: job.created_by.clone(),
        finished_at: None,
        expires_at: None,
    };
    match diesel::insert_into(table).values(row).on_conflict_do_nothing().execute(conn).await? {
        0 => Ok(Enqueued::AlreadyThere),
        _ => Ok(Enqueued::Added),
    }
}

/// The schedule of the job of this kind that is done again and again, if there is one.
pub async fn scheduled(conn: &mut Conn, kind: Kind) -> Result<Option<Duration>, StoreError> {
    let planned = table.filter(jobs::kind.eq(kind)).filter(jobs::state.eq_any([State::Waiting, State::Running]));
    let schedule = planned.select(jobs::schedule.assume_not_null()).filter(jobs::schedule.is_not_null());
    let found: Option<i64> = schedule.first(conn).await.optional()?;
    Ok(found.map(from_seconds))
}

/// Gives the job of this kind that is done again and again another schedule, from its next run on.
pub async fn reschedule(conn: &mut Conn, kind: Kind, schedule: Duration) -> Result<(), StoreError> {
    let planned = table.filter(jobs::kind.eq(kind)).filter(jobs::state.eq_any([State::Waiting, State::Running]));
    let planned = planned.filter(jobs::schedule.is_not_null());
    diesel::update(planned).set(jobs::schedule.eq(Some(seconds(schedule)))).execute(conn).await?;
    Ok(())
}

/// Which of these kinds has the job that is due next, and when, which may be long past. `None` when none of them waits.
pub async fn next_due(conn: &mut Conn, kinds: &[Kind]) -> Result<Option<(Kind, Timestamp)>, StoreError> {
    let mut next: Option<(Kind, Timestamp)> = None;
    // Each by the beginning of its part of the index, however many of the others wait.
    for kind in kinds {
        let waiting = table.filter(jobs::state.eq(State::Waiting)).filter(jobs::kind.eq(kind));
        let due: Option<Timestamp> = waiting.order(jobs::run_at).select(jobs::run_at).first(conn).await.optional()?;
        next = match (next, due) {
            (Some(sooner), Some(due)) if sooner.1 <= due => Some(sooner),
            (_, Some(due)) => Some((*kind, due)),
            (next, None) => next,
        };
    }
    Ok(next)
}

/// Whether at least so many of a kind wait.
pub async fn are_waiting(conn: &mut Conn, kind: Kind, least: i64) -> Result<bool, StoreError> {
    let waiting = table.filter(jobs::state.eq(State::Waiting)).filter(jobs::kind.eq(kind));
    let last = waiting.select(jobs::id).offset(least - 1).limit(1).first::<JobId>(conn).await.optional()?;
    Ok(last.is_some())
}

/// Takes back what somebody wanted done of this kind and what nobody has begun. It looks at those of the kind that wait, of
/// which there is a bounded number.
pub async fn withdraw(conn: &mut Conn, kind: Kind, created_by: &str) -> Result<(), StoreError> {
    let waiting = table.filter(jobs::state.eq(State::Waiting)).filter(jobs::kind.eq(kind));
    diesel::delete(waiting.filter(jobs::created_by.eq(created_by))).execute(conn).await?;
    Ok(())
}

/// Up to when dead jobs of a kind must go so that `most` of them are left, by the time for which they were planned last;
/// `None` when there are no more.
pub async fn surplus(conn: &mut Conn, kind: Kind, most: i64) -> Result<Option<Timestamp>, StoreError> {
    let dead = table.filter(jobs::state.eq(State::Dead)).filter(jobs::kind.eq(kind));
    Ok(dead.order(jobs::run_at.desc()).select(jobs::run_at).offset(most).first(conn).await.optional()?)
}

/// Deletes at most `limit` dead jobs of a kind that were planned for `before` or earlier, the oldest first. On PostgreSQL one
/// that is just being let try again stays, as with all that is pruned.
pub async fn prune_dead(conn: &mut Conn, kind: Kind, before: Timestamp, limit: i64) -> Result<usize, StoreError> {
    if conn.is_postgres() {
        let dead = table.filter(jobs::state.eq(State::Dead)).filter(jobs::kind.eq(kind));
        let first = dead.filter(jobs::run_at.le(before)).order(jobs::run_at).limit(limit).select(jobs::id);
        let then = diesel::delete(table.filter(jobs::id.eq_any(picked::table.select(picked::id))));
        return Ok(With { name: "picked", first: SkipLocked(first), then }.execute(conn).await?);
    }
    let old = diesel::alias!(jobs as old);
    let dead = old.field(jobs::state).eq(State::Dead).and(old.field(jobs::kind).eq(kind));
    let batch = old
        .filter(dead.and(old.field(jobs::run_at).le(before)))
        .order(old.field(jobs::run_at))
        .limit(limit)
        .select(old.field(jobs::id));
    Ok(diesel::delete(table.filter(jobs::id.eq_any(batch))).execute(conn).await?)
}

/// Whether something waits until a time that was chosen by a clock that stood ahead.
pub async fn is_late(conn: &mut Conn, now: Timestamp) -> Result<bool, StoreError> {
    let waiting = table.filter(jobs::state.eq(State::Waiting)).filter(jobs::kind.eq_any(Kind::ALL));
    Ok(diesel::select(exists(waiting.filter(jobs::armed_at.gt(now.after(SKEW))))).get_result(conn).await?)
}

/// What was planned by a clock that stood ahead is due now: nobody knows for when it was meant.
pub async fn hurry(conn: &mut Conn, now: Timestamp) -> Result<usize, StoreError> {
    let waiting = table.filter(jobs::state.eq(State::Waiting)).filter(jobs::kind.eq_any(Kind::ALL));
    let late = waiting.filter(jobs::armed_at.gt(now.after(SKEW)));
    Ok(diesel::update(late).set((jobs::run_at.eq(now), jobs::armed_at.eq(now))).execute(conn).await?)
}

diesel::table! {
    /// What the first part of a statement found.
    picked (id) {
        /// Of a job that nobody else is taking.
        id -> Uuid,
    }
}
diesel::allow_tables_to_appear_in_same_query!(jobs, picked);

/// Takes at most `limit` jobs of a kind that are due, the longest due first, for the process `instance`: one statement, so that
/// of any number that take at once each job goes to one. On PostgreSQL nobody waits for what another is taking.
pub async fn take(
    conn: &mut Conn,
    kind: Kind,
    now: Timestamp,
    until: Timestamp,
    instance: i64,
    limit: i64,
) -> Result<Vec<Job>, StoreError> {
    let run = (
        jobs::state.eq(State::Running),
        jobs::attempts.eq(jobs::attempts + 1_i64),
        jobs::fence.eq(jobs::fence + 1_i64),
        jobs::leased_by.eq(Some(instance)),
        jobs::lease_until.eq(Some(until)),
    );
    let rows: Vec<JobRow> = match conn.is_postgres() {
        true => {
            let waiting = table.filter(jobs::state.eq(State::Waiting)).filter(jobs::kind.eq(kind));
            let due = waiting.filter(jobs::run_at.le(now)).order(jobs::run_at).limit(limit).select(jobs::id);
            let first = SkipLocked(due);
            let ours = table.filter(jobs::id.eq_any(picked::table.select(picked::id)));
            let then = diesel::update(ours).set(run).returning(JobRow::as_returning());
            With { name: "picked", first, then }.load(conn).await?
        }
        false => {
            let old = diesel::alias!(jobs as old);
            let waiting = old.field(jobs::state).eq(State::Waiting).and(old.field(jobs::kind).eq(kind));
            let due =
                old.filter(waiting.and(old.field(jobs::run_at).le(now))).order(old.field(jobs::run_at)).limit(limit);
            let ours = table.filter(jobs::id.eq_any(due.select(old.field(jobs::id))));
            diesel::update(ours).set(run).returning(JobRow::as_returning()).load(conn).await?
        }
    };
    rows.into_iter().map(Job::try_from).collect()
}

/// A run of a job that has not ended.
macro_rules! running {
    ($lease:expr) => {
        table.find($lease.id).filter(jobs::fence.eq($lease.fence)).filter(jobs::state.eq(State::Running))
    };
}

/// Says that a job is still run; `false` when it was taken over.
pub async fn extend(conn: &mut Conn, lease: Lease, until: Timestamp) -> Result<bool, StoreError> {
    Ok(diesel::update(running!(lease)).set(jobs::lease_until.eq(Some(until))).execute(conn).await? == 1)
}

/// Notes how a run ended, and what follows; `false` when the job was taken over, and nothing was changed.
pub async fn settle(
    conn: &mut Conn,
    lease: Lease,
    next: Next,
    error: Option<&str>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(diesel::update(running!(lease)).set(Settled::new(next, error, now)).execute(conn).await? == 1)
}

/// Ends a run whose lease has run out; `false` when it was renewed or ended meanwhile.
pub async fn end_lapsed(
    conn: &mut Conn,
    lapsed: &Leased,
    next: Next,
    error: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let unchanged = running!(lapsed.lease).filter(jobs::lease_until.eq(Some(lapsed.until)));
    Ok(diesel::update(unchanged).set(Settled::new(next, Some(error), now)).execute(conn).await? == 1)
}

/// What runs, at most `limit` of it, of the kinds that we know.
pub async fn leased(conn: &mut Conn, limit: i64) -> Result<Vec<Leased>, StoreError> {
    let running = table.filter(jobs::state.eq(State::Running)).filter(jobs::kind.eq_any(Kind::ALL));
    let rows = running.order(jobs::run_at).limit(limit).select(JobRow::as_select()).load(conn).await?;
    Ok(rows.iter().filter_map(JobRow::leased).collect())
}

/// Which jobs to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In this state only.
    pub state: Option<State>,
    /// Of this kind only; it need not be one that we know.
    pub kind: Option<String>,
}

/// A job as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedJob {
    /// Which one.
    pub id: JobId,
    /// What is to be done: a newer version may know kinds that we do not.
    pub kind: String,
    /// What it is about.
    pub key: String,
    /// Where it stands.
    pub state: State,
    /// How often it was tried.
    pub attempts: Attempts,
    /// When it is due, or was.
    pub run_at: Timestamp,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
    /// Who wanted it.
    pub created_by: String,
    /// When it ended; of what is done again and again, when it last succeeded.
    pub finished_at: Option<Timestamp>,
}

/// At most `limit` jobs, the newest first: ids sort by the time at which they were made.
pub async fn list(conn: &mut Conn, filter: &Filter, limit: i64) -> Result<Vec<ListedJob>, StoreError> {
    let mut query = table.select(JobRow::as_select()).into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(jobs::state.eq(state));
    }
    if let Some(kind) = &filter.kind {
        query = query.filter(jobs::kind.eq(kind));
    }
    let rows = query.order(jobs::id.desc()).limit(limit).load(conn).await?;
    Ok(rows.into_iter().map(ListedJob::from).collect())
}

/// One job.
pub async fn find(conn: &mut Conn, id: JobId) -> Result<Option<ListedJob>, StoreError> {
    let row = table.find(id).select(JobRow::as_select()).first(conn).await.optional()?;
    Ok(row.map(ListedJob::from))
}

/// At most `limit` dead jobs, by id, from behind `after`; of one kind if one is given, which need not be one that we know.
pub async fn dead(
    conn: &mut Conn,
    kind: Option<&str>,
    after: Option<JobId>,
    limit: i64,
) -> Result<Vec<JobId>, StoreError> {
    let mut dead = table.select(jobs::id).filter(jobs::state.eq(State::Dead)).into_boxed();
    if let Some(kind) = kind {
        dead = dead.filter(jobs::kind.eq(kind));
    }
    if let Some(after) = after {
        dead = dead.filter(jobs::id.gt(after));
    }
    Ok(dead.order(jobs::id).limit(limit).load(conn).await?)
}

/// Lets a dead job wait again, as if it had never been tried; `false` when it is not dead.
///
/// # Errors
/// [`StoreError::Conflict`] when another one of its kind and key waits or runs.
pub async fn revive(conn: &mut Conn, id: JobId, now: Timestamp) -> Result<bool, StoreError> {
    let dead = table.find(id).filter(jobs::state.eq(State::Dead));
    let waits = Settled::new(Next::Waits { run_at: now, begun: 0 }, None, now);
    let changes = Settled { finished_at: Some(None), ..waits };
    Ok(diesel::update(dead).set(changes).execute(conn).await? == 1)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
struct JobRow {
    id: JobId,
    kind: String,
    key: String,
    payload: String,
    state: State,
    schedule: Option<i64>,
    run_at: Timestamp,
    armed_at: Timestamp,
    attempts: i64,
    max_attempts: i64,
    fence: i64,
    leased_by: Option<i64>,
    lease_until: Option<Timestamp>,
    last_error: Option<String>,
    created_at: Timestamp,
    created_by: String,
    finished_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
}

/// What changes when a run has ended. What is `None` stays.
#[derive(AsChangeset)]
#[diesel(table_name = jobs)]
struct Settled {
    state: State,
    run_at: Option<Timestamp>,
    armed_at: Option<Timestamp>,
    attempts: Option<i64>,
    payload: Option<&'static str>,
    leased_by: Option<Option<i64>>,
    lease_until: Option<Option<Timestamp>>,
    last_error: Option<Option<String>>,
    finished_at: Option<Option<Timestamp>>,
    expires_at: Option<Option<Timestamp>>,
}

impl Settled {
    fn new(next: Next, error: Option<&str>, now: Timestamp) -> Self {
        let ended = Self {
            state: State::Done,
            run_at: None,
            armed_at: None,
            attempts: None,
            payload: None,
            leased_by: Some(None),
            lease_until: Some(None),
            last_error: Some(error.map(shortened)),
            finished_at: Some(Some(now)),
            expires_at: Some(None),
        };
        match next {
            Next::Waits { run_at, begun } => Self {
                state: State::Waiting,
                run_at: Some(run_at),
                armed_at: Some(now),
                attempts: Some(begun),
                finished_at: None,
                ..ended
            },
            Next::Again { run_at } => {
                Self { state: State::Waiting, run_at: Some(run_at), armed_at: Some(now), attempts: Some(0), ..ended }
            }
            // Nobody needs to know any more what it was told: it may be about people.
            Next::Done { until } => Self { payload: Some("null"), expires_at: Some(Some(until)), ..ended },
            Next::Dead { until } => Self { state: State::Dead, expires_at: Some(Some(until)), ..ended },
        }
    }
}

fn seconds(schedule: Duration) -> i64 {
    i64::try_from(schedule.as_secs()).unwrap_or(i64::MAX)
}

fn from_seconds(seconds: i64) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}

impl JobRow {
    fn attempts(&self) -> Attempts {
        let schedule = self.schedule.map(from_seconds);
        Attempts { begun: self.attempts, most: self.max_attempts, schedule }
    }

    fn leased(&self) -> Option<Leased> {
        let lease = Lease { id: self.id, fence: self.fence };
        Some(Leased { lease, kind: Kind::parse(&self.kind)?, until: self.lease_until?, attempts: self.attempts() })
    }
}

impl TryFrom<JobRow> for Job {
    type Error = StoreError;

    fn try_from(row: JobRow) -> Result<Self, StoreError> {
        Ok(Self {
            lease: Lease { id: row.id, fence: row.fence },
            kind: Kind::parse(&row.kind).ok_or(StoreError::Corrupt("jobs.kind"))?,
            attempts: row.attempts(),
            payload: row.payload,
            key: row.key,
            last_error: row.last_error,
        })
    }
}

impl From<JobRow> for ListedJob {
    fn from(row: JobRow) -> Self {
        Self {
            attempts: row.attempts(),
            id: row.id,
            kind: row.kind,
            key: row.key,
            state: row.state,
            run_at: row.run_at,
            last_error: row.last_error,
            created_at: row.created_at,
            created_by: row.created_by,
            finished_at: row.finished_at,
        }
    }
}
