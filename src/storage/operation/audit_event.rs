//! The record of who did what: written in the transaction of what it tells of, numbered afterwards, read by number.

use diesel::prelude::*;
use diesel::query_builder::QueryFragment;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use crate::domain::operation::audit_event::{Action, Class, NewEvent, RecordedEvent};
use crate::foundation::Timestamp;
use crate::foundation::clock::SKEW;
use crate::foundation::id::{EventId, SessionId, UserId};
use crate::storage::engine::backend::{AnySql, With};
use crate::storage::engine::json;
use crate::storage::engine::schema::{audit_events, audit_positions};
use crate::storage::{Conn, StoreError};

/// Writes an event.
pub async fn insert(conn: &mut Conn, event: &NewEvent) -> Result<(), StoreError> {
    diesel::insert_into(audit_events::table).values(NewRow::new(event)?).execute(conn).await?;
    Ok(())
}

/// Writes an event if what it tells of was done; tells whether it was.
pub async fn insert_if(conn: &mut Conn, done: bool, event: &NewEvent) -> Result<bool, StoreError> {
    if done {
        insert(conn, event).await?;
    }
    Ok(done)
}

/// Writes events of which some may have been written before, when nobody could tell whether they were.
pub async fn insert_once(conn: &mut Conn, events: &[NewEvent]) -> Result<(), StoreError> {
    for event in events {
        diesel::insert_into(audit_events::table)
            .values(NewRow::new(event)?)
            .on_conflict_do_nothing()
            .execute(conn)
            .await?;
    }
    Ok(())
}

diesel::table! {
    /// What the first part of a statement returned.
    changed (id) {
        /// Of the row that was changed.
        id -> Uuid,
    }
}

/// Writes an event if `changing`, which returns the id of a row, changes one; tells whether it did. One statement, on
/// PostgreSQL only.
pub(in crate::storage) async fn insert_where_changed(
    conn: &mut Conn,
    changing: impl QueryFragment<AnySql> + Send,
    event: &NewEvent,
) -> Result<bool, StoreError> {
    use audit_events::{
        action, actor_id, actor_kind, address, changes, client_id, count, id, occurred_at, on_behalf_of, outcome,
        person, reason, request_id, session_id, targets, user_agent,
    };
    let row = NewRow::new(event)?;
    let values = (
        row.id.into_sql::<Uuid>(),
        row.occurred_at.into_sql::<Timestamptz>(),
        row.action.into_sql::<Text>(),
        row.outcome.into_sql::<Text>(),
        row.actor_kind.into_sql::<Text>(),
        row.actor_id.into_sql::<Nullable<Text>>(),
        row.on_behalf_of.into_sql::<Nullable<Uuid>>(),
        row.targets.into_sql::<Text>(),
        row.client_id.into_sql::<Nullable<Text>>(),
        row.session_id.into_sql::<Nullable<Uuid>>(),
        row.address.into_sql::<Nullable<Text>>(),
        row.user_agent.into_sql::<Nullable<Text>>(),
        row.request_id.into_sql::<Nullable<Text>>(),
        row.reason.into_sql::<Nullable<Text>>(),
        row.changes.into_sql::<Text>(),
        row.count.into_sql::<BigInt>(),
        row.person.into_sql::<Nullable<Text>>(),
    );
    let adding = changed::table.select(values).insert_into(audit_events::table).into_columns((
        id,
        occurred_at,
        action,
        outcome,
        actor_kind,
        actor_id,
        on_behalf_of,
        targets,
        client_id,
        session_id,
        address,
        user_agent,
        request_id,
        reason,
        changes,
        count,
        person,
    ));
    Ok(With { name: "changed", first: changing, then: adding }.execute(conn).await? == 1)
}

/// Whether an event waits for its number.
pub async fn waits(conn: &mut Conn) -> Result<bool, StoreError> {
    let waiting = audit_events::table.filter(audit_events::seq.is_null()).select(audit_events::id).limit(1);
    Ok(waiting.first::<EventId>(conn).await.optional()?.is_some())
}

/// The last number that was given.
const SEALED: &str = "sealed";

/// Numbers at most `limit` events that wait, the earliest first, and tells how many. Whoever does so holds the row of the
/// last number until the end of the transaction: no number is given twice, and a transaction that is undone leaves no gap.
/// What is committed later gets a later number, whenever it happened.
pub async fn seal(conn: &mut Conn, limit: i64) -> Result<usize, StoreError> {
    let last = hold(conn, SEALED).await?;
    let sealed = diesel::sql_query(SEAL).bind::<BigInt, _>(last).bind::<BigInt, _>(limit).execute(conn).await?;
    if sealed > 0 {
        move_to(conn, SEALED, last.saturating_add(i64::try_from(sealed).unwrap_or(limit))).await?;
    }
    Ok(sealed)
}

/// One statement however many they are; diesel has no window functions in updates.
const SEAL: &str = "UPDATE audit_events SET seq = numbered.seq FROM ( \
     SELECT id, $1 + row_number() OVER (ORDER BY occurred_at, id) AS seq FROM ( \
     SELECT id, occurred_at FROM audit_events WHERE seq IS NULL ORDER BY occurred_at, id LIMIT $2) AS waiting \
     ) AS numbered WHERE audit_events.id = numbered.id";

/// The position of this name, which nobody else moves until the end of the transaction.
async fn hold(conn: &mut Conn, name: &str) -> Result<i64, StoreError> {
    use audit_positions::{id, seq};
    let beginning = diesel::insert_into(audit_positions::table).values((id.eq(name), seq.eq(0_i64)));
    // Changing the row locks it.
    let held = beginning.on_conflict(id).do_update().set(seq.eq(seq)).returning(seq);
    Ok(held.get_result(conn).await?)
}

async fn move_to(conn: &mut Conn, name: &str, to: i64) -> Result<(), StoreError> {
    diesel::update(audit_positions::table.find(name)).set(audit_positions::seq.eq(to)).execute(conn).await?;
    Ok(())
}

async fn position(conn: &mut Conn, name: &str) -> Result<i64, StoreError> {
    let found = audit_positions::table.find(name).select(audit_positions::seq).first(conn).await.optional()?;
    Ok(found.unwrap_or(0))
}

/// Which events are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of this action only.
    pub action: Option<String>,
    /// That may concern whoever or whatever has this id: whether they do is for the caller to see.
    pub mentions: Option<String>,
}

/// At most `limit` of the events that are wanted, of those numbered after `after`, in the order of their numbers.
pub async fn after(conn: &mut Conn, after: i64, limit: i64, wanted: &Wanted) -> Result<Vec<RecordedEvent>, StoreError> {
    let page = wanted.query().filter(audit_events::seq.gt(after)).order(audit_events::seq.asc()).limit(limit);
    page.load::<Row>(conn).await?.into_iter().map(RecordedEvent::try_from).collect()
}

/// At most `limit` of the events that are wanted, of those numbered before `before`, the latest first.
pub async fn before(
    conn: &mut Conn,
    before: i64,
    limit: i64,
    wanted: &Wanted,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let page = wanted.query().filter(audit_events::seq.lt(before)).order(audit_events::seq.desc()).limit(limit);
    page.load::<Row>(conn).await?.into_iter().map(RecordedEvent::try_from).collect()
}

/// At most `limit` of the events that concern this person, of those numbered before `before`, the latest first.
pub async fn of_person(
    conn: &mut Conn,
    person: UserId,
    before: i64,
    limit: i64,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let own = audit_events::table.filter(audit_events::person.eq(person.to_string()));
    let page = own.filter(audit_events::seq.lt(before)).order(audit_events::seq.desc()).limit(limit);
    page.select(Row::as_select()).load(conn).await?.into_iter().map(RecordedEvent::try_from).collect()
}

type Query<'a> = diesel::helper_types::IntoBoxed<
    'a,
    diesel::helper_types::Select<audit_events::table, diesel::helper_types::AsSelect<Row, AnySql>>,
    AnySql,
>;

impl Wanted {
    fn query(&self) -> Query<'_> {
        let mut query = audit_events::table.select(Row::as_select()).into_boxed();
        if let Some(action) = &self.action {
            query = query.filter(audit_events::action.eq(action));
        }
        if let Some(mentioned) = &self.mentions {
            let anywhere = format!("%{}%", mentioned.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
            let user = mentioned.parse::<UserId>().ok();
            let target = audit_events::targets.like(anywhere).escape('\\');
            let author = audit_events::actor_id.eq(mentioned).or(audit_events::client_id.eq(mentioned));
            let whose = audit_events::on_behalf_of.eq(user);
            query = query.filter(target.assume_not_null().or(author.assume_not_null()).or(whose.assume_not_null()));
        }
        query
    }
}

/// What is done with old events of one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Which.
    pub class: Class,
    /// What happened before is deleted.
    pub before: Timestamp,
    /// What is dated later was made by a clock that stood ahead.
    pub now: Timestamp,
}

/// What one step of pruning came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Events that are gone.
    pub deleted: usize,
    /// Whether there may be more.
    pub more: bool,
}

impl Retention {
    fn name(self) -> String {
        format!("pruned.{}", self.class.as_str())
    }

    /// The first of these events, in the order of their numbers, up to the last one whose time is over. One that a clock
    /// dated into the future, between others, is as old as they are.
    fn expired<'a>(&self, found: &'a [Outline]) -> &'a [Outline] {
        let reached = found.iter().take_while(|(_, at, _)| *at < self.before || *at > self.now.after(SKEW)).count();
        let reached = found.get(..reached).unwrap_or_default();
        let last = reached.iter().rposition(|(_, at, _)| *at < self.before);
        last.and_then(|last| reached.get(..=last)).unwrap_or_default()
    }

    /// Whether an event is of this class; one that only a newer version knows counts among those that are kept longest.
    fn holds(self, action: &str) -> bool {
        Action::parse(action).map_or(Class::Changes, Action::class) == self.class
    }
}

/// Whether there is anything to look at more closely: all that is asked while there is nothing to be done.
pub async fn is_due(conn: &mut Conn, retention: Retention) -> Result<bool, StoreError> {
    let from = position(conn, &retention.name()).await?;
    let found = next(conn, from, AHEAD).await?;
    Ok(!retention.expired(&found).is_empty())
}

/// Events from the future in a row that are passed.
const AHEAD: i64 = 100;

/// Looks at no more than `limit` events from where the last step ended, by number and therefore only at what is sealed,
/// and deletes those that are over. It ends at the first event that is not older than that: numbers are given in nearly the
/// order of time, so behind it nothing waits for long.
pub async fn prune(conn: &mut Conn, retention: Retention, limit: i64) -> Result<Step, StoreError> {
    let from = hold(conn, &retention.name()).await?;
    let found = next(conn, from, limit).await?;
    let over = retention.expired(&found);
    let Some((last, _, _)) = over.last() else { return Ok(Step { deleted: 0, more: false }) };
    let own: Vec<i64> = over.iter().filter(|(_, _, action)| retention.holds(action)).map(|(seq, _, _)| *seq).collect();
    let deleted = match own.is_empty() {
        true => 0,
        false => diesel::delete(audit_events::table.filter(audit_events::seq.eq_any(own))).execute(conn).await?,
    };
    move_to(conn, &retention.name(), *last).await?;
    Ok(Step { deleted, more: i64::try_from(found.len()).is_ok_and(|found| found >= limit) })
}

/// Number, time and action.
type Outline = (i64, Timestamp, String);

async fn next(conn: &mut Conn, from: i64, limit: i64) -> Result<Vec<Outline>, StoreError> {
    use audit_events::{action, occurred_at, seq};
    let next = audit_events::table.filter(seq.gt(from)).order(seq.asc()).limit(limit);
    Ok(next.select((seq.assume_not_null(), occurred_at, action)).load(conn).await?)
}

#[derive(Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
struct NewRow {
    id: EventId,
    occurred_at: Timestamp,
    action: &'static str,
    outcome: &'static str,
    actor_kind: &'static str,
    actor_id: Option<String>,
    on_behalf_of: Option<UserId>,
    targets: String,
    client_id: Option<String>,
    session_id: Option<SessionId>,
    address: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
    reason: Option<&'static str>,
    changes: String,
    count: i64,
    person: Option<String>,
}

impl NewRow {
    fn new(event: &NewEvent) -> Result<Self, StoreError> {
        let origin = &event.by.origin;
        let address = origin.address.map(|address| address.to_string());
        Ok(Self {
            id: event.id,
            occurred_at: event.occurred_at,
            action: event.action.as_str(),
            outcome: event.outcome.as_str(),
            actor_kind: event.by.who.kind(),
            actor_id: event.by.who.id(),
            on_behalf_of: event.by.on_behalf_of,
            targets: json::write(&event.targets)?,
            client_id: event.by.client().map(|client| client.as_str().to_owned()),
            session_id: event.by.who.session(),
            address: event.place.clone().or(address),
            user_agent: origin.user_agent.as_ref().map(|agent| agent.as_str().to_owned()),
            request_id: origin.request.map(|id| id.as_str().to_owned()),
            reason: event.reason,
            changes: json::write(&event.changes)?,
            count: i64::try_from(event.count).unwrap_or(i64::MAX),
            person: event.person().map(|person| person.to_string()),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_events)]
struct Row {
    id: EventId,
    occurred_at: Timestamp,
    action: String,
    outcome: String,
    actor_kind: String,
    actor_id: Option<String>,
    on_behalf_of: Option<UserId>,
    targets: String,
    client_id: Option<String>,
    session_id: Option<SessionId>,
    address: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
    reason: Option<String>,
    changes: String,
    count: i64,
    seq: Option<i64>,
}

impl TryFrom<Row> for RecordedEvent {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let targets: Value = json::read(&row.targets, "audit_events.targets")?;
        let changes: Value = json::read(&row.changes, "audit_events.changes")?;
        Ok(Self {
            seq: row.seq.ok_or(StoreError::Corrupt("audit_events.seq"))?,
            id: row.id,
            occurred_at: row.occurred_at,
            action: row.action,
            outcome: row.outcome,
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            on_behalf_of: row.on_behalf_of,
            targets,
            client: row.client_id,
            session: row.session_id,
            address: row.address,
            user_agent: row.user_agent,
            request: row.request_id,
            reason: row.reason,
            changes,
            count: row.count,
        })
    }
}
