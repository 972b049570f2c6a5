//! What happened to one's own account: looked at, and disputed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::forget_devices;
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ActOnSelf;
use crate::domain::account::activity::disputed_session;
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::operation::audit_event::{Action, RecordedEvent, Target};
use crate::domain::sign_in::session::Session;
use crate::foundation::id::UserId;
use crate::services::ServiceError;
use crate::services::oauth::client;
use crate::services::operation::events::event;
use crate::services::operation::jobs;
use crate::services::sign_in::session_end::end_own_in;
use crate::storage::operation::audit_event;

/// Events that are shown at once.
const SHOWN: usize = 25;

/// Some of what happened to somebody's account.
#[derive(Clone, Debug)]
pub struct Activity {
    /// The events, the latest first.
    pub events: Vec<RecordedEvent>,
    /// The applications in them, as far as they are still registered.
    pub clients: BTreeMap<String, Arc<Client>>,
    /// The number before which there are more.
    pub older: Option<i64>,
}

/// What happened to a person's account before the event of this number, or lately.
///
/// # Errors
/// When the database does not answer.
pub async fn activity(app: &App, user: UserId, before: Option<i64>) -> Result<Activity, ServiceError> {
    let (before, most) = (before.unwrap_or(i64::MAX), i64::try_from(SHOWN + 1).unwrap_or(i64::MAX));
    let read = async |conn: &mut _| audit_event::of_person(conn, user, before, most).await;
    let mut events = app.store.read("list_own_events", read).await?;
    let more = events.len() > SHOWN;
    events.truncate(SHOWN);
    let older = events.last().filter(|_| more).map(|last| last.seq);
    let mut ids: Vec<_> = events.iter().filter_map(client_of).collect();
    ids.sort();
    ids.dedup();
    let found = client::find_all(app, ids.into_iter().map(ClientId::new).collect()).await?;
    let clients = found.into_iter().map(|client| (client.id.as_str().to_owned(), client)).collect();
    Ok(Activity { events, clients, older })
}

/// The application that an event is about, or that it was done by or for.
pub fn client_of(event: &RecordedEvent) -> Option<String> {
    let targets = event.targets.as_array().map(Vec::as_slice).unwrap_or_default();
    let target = targets.iter().find(|target| target["type"] == "client").and_then(|target| target["id"].as_str());
    target.map(str::to_owned).or_else(|| event.client.clone())
}

/// What became of saying that something was not oneself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disputed {
    /// It is written down, and the session in which it was done has ended.
    Ended,
    /// It is written down. It was done in the session in which it is disputed, which goes on.
    Here,
    /// There is no such event of theirs, or none that can be disputed.
    NoSuchEvent,
    /// Too many were disputed lately.
    TooMany,
}

/// Events that one person may dispute within [`WINDOW`]: each leaves rows.
const MOST_DISPUTED: u64 = 20;
const WINDOW: Duration = Duration::from_secs(3_600);

/// The person of `own` says that the event of this number was not them. The session in which it was done ends, with the
/// grants that do not outlive it, and every remembered browser is forgotten: whoever it was knew the password, which only
/// the person can change.
///
/// # Errors
/// When the database does not answer.
pub async fn dispute(app: &App, by: &Actor, own: &Session, seq: i64) -> Result<Disputed, ServiceError> {
    let may = by.may(ActOnSelf(own.user))?;
    let (user, now) = (own.user, app.clock.now());
    let read = async |conn: &mut _| audit_event::of_person(conn, user, seq.saturating_add(1), 1).await;
    let found = app.store.read("find_own_event", read).await?.pop().filter(|event| event.seq == seq);
    let disputed = found.and_then(|event| disputed_session(&event, user).map(|session| (event, session)));
    let Some((disputed, id)) = disputed else { return Ok(Disputed::NoSuchEvent) };
    if app.ephemeral.hit(&format!("activity/disputed/{user}"), WINDOW, now).await?.count > MOST_DISPUTED {
        return Ok(Disputed::TooMany);
    }
    let said = event(app, &may, Action::ActivityDisputed).about(Target::user(user)).about(Target::event(disputed.id));
    let said = said.about(Target::session(id));
    let ended = event(app, &may, Action::SessionEnded).about(Target::user(user)).about(Target::session(id));
    let why = "its person said that it was not them";
    let ended = ended.because(why);
    app.store
        .transaction("dispute_event", async |tx| {
            audit_event::insert(tx, &said).await?;
            forget_devices(app, tx, &may, user, why).await?;
            if id == own.id {
                return Ok(());
            }
            let done = end_own_in(app, tx, user, id).await?;
            audit_event::insert_if(tx, done, &ended).await.map(drop)
        })
        .await?;
    jobs::begin(app);
    tracing::warn!(%user, session = %id, "a person says that something was not them");
    Ok(if id == own.id { Disputed::Here } else { Disputed::Ended })
}
