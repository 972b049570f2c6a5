//! The record of who did what: how each service writes to it, and how it is numbered, read and kept small.

use std::net::IpAddr;

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{Allowed, Operate};
use crate::domain::oauth::client::ClientId;
use crate::domain::operation::audit_event::{Action, Counted, NewEvent, RecordedEvent};
use crate::foundation::id::UserId;
use crate::services::ServiceError;
use crate::storage::oauth::client_registration;
use crate::storage::operation::audit_event as stored;
use crate::storage::operation::audit_event::Wanted;

/// Events that are numbered in one transaction, or read at once.
const BATCH: i64 = 1_000;

/// An event of now, by whoever may do it. It is written by [`stored::insert`] in the transaction of what it tells of.
pub fn event<P>(app: &App, may: &Allowed<'_, P>, action: Action) -> NewEvent {
    NewEvent::new(may, action, &app.random, app.clock.now())
}

/// Counts what a client got.
pub fn count_given(app: &App, action: Action, client: &ClientId) {
    app.event_counts.count(Counted::of_client(action, client), app.clock.now());
}

/// Counts what was refused to whoever is at this address. `client` is one that exists: strangers can name any number of
/// others.
pub fn count_refused(app: &App, action: Action, client: Option<&ClientId>, address: Option<IpAddr>) {
    app.event_counts.count(Counted::from(action, client, address), app.clock.now());
}

/// Writes what was counted. What cannot be written now is kept, and written the next time.
///
/// # Errors
/// When the database does not answer.
pub async fn flush(app: &App, by: &Actor) -> Result<(), ServiceError> {
    let may = by.may(Operate)?;
    let events =
        app.event_counts.leaving(|counted, number, since| NewEvent::counted(&may, counted, number, &app.random, since));
    if events.is_empty() {
        return Ok(());
    }
    // Whoever has got something is in use. Where no application registers itself, none is waited for.
    let given = events.iter().filter(|event| event.action.is_given());
    let used: Vec<_> = match app.settings.registration.is_on() {
        true => given.filter_map(|event| event.by.client().cloned()).collect(),
        false => Vec::new(),
    };
    app.store
        .transaction("write_counted_events", async |tx| {
            if !used.is_empty() {
                client_registration::note_use(tx, &used).await?;
            }
            stored::insert_once(tx, &events).await
        })
        .await?;
    app.event_counts.written();
    Ok(())
}

/// Numbers what has been committed. Asks one question of an index while there is nothing to do.
///
/// # Errors
/// When the database does not answer.
pub async fn seal(app: &App) -> Result<usize, ServiceError> {
    let mut all = 0;
    while app.store.read("find_unsealed_events", async |conn| stored::waits(conn).await).await? {
        let sealed = app.store.transaction("seal_events", async |tx| stored::seal(tx, BATCH).await).await?;
        all += sealed;
        // Another instance was faster.
        if sealed == 0 {
            break;
        }
    }
    Ok(all)
}

/// Which events somebody wants to see.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this action only.
    pub action: Option<Action>,
    /// By, for or about this person.
    pub user: Option<UserId>,
    /// By, for or about this client.
    pub client: Option<ClientId>,
}

impl Filter {
    fn wanted(&self) -> Wanted {
        let mentions = self.user.map(|user| user.to_string());
        Wanted {
            action: self.action.map(|action| action.as_str().to_owned()),
            mentions: mentions.or_else(|| self.client.as_ref().map(|client| client.as_str().to_owned())),
        }
    }

    fn lets_pass(&self, event: &RecordedEvent) -> bool {
        self.user.is_none_or(|user| event.concerns_user(user))
            && self.client.as_ref().is_none_or(|client| event.concerns_client(client))
    }
}

/// The first `limit` events after the number `after` that pass `filter`, in the order of their numbers.
///
/// # Errors
/// When the database does not answer.
pub async fn after(app: &App, after: i64, limit: usize, filter: &Filter) -> Result<Vec<RecordedEvent>, ServiceError> {
    let (mut found, mut from, wanted) = (Vec::new(), after, filter.wanted());
    while found.len() < limit {
        let page =
            app.store.read("list_events_after", async |conn| stored::after(conn, from, BATCH, &wanted).await).await?;
        let Some(last) = page.last() else { break };
        from = last.seq;
        found.extend(page.into_iter().filter(|event| filter.lets_pass(event)));
    }
    found.truncate(limit);
    Ok(found)
}

/// The last `limit` events that pass `filter`, in the order of their numbers.
///
/// # Errors
/// When the database does not answer.
pub async fn latest(app: &App, limit: usize, filter: &Filter) -> Result<Vec<RecordedEvent>, ServiceError> {
    let (mut found, mut to, wanted) = (Vec::new(), i64::MAX, filter.wanted());
    while found.len() < limit {
        let page =
            app.store.read("list_events_before", async |conn| stored::before(conn, to, BATCH, &wanted).await).await?;
        let Some(first) = page.last() else { break };
        to = first.seq;
        found.extend(page.into_iter().filter(|event| filter.lets_pass(event)));
    }
    found.truncate(limit);
    found.reverse();
    Ok(found)
}
