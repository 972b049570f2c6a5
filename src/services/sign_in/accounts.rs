//! The accounts that are signed in in one browser: one of them is current, and a request goes on with one of them
//! ([decision 37](../../../docs/decisions/0037-several-accounts-in-one-browser.md)).

use super::browser_session::{self, Known};
use super::{session, session_end};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ActOnSelf;
use crate::domain::account::user::User;
use crate::domain::oauth::authorize::request::AuthorizationRequest;
use crate::domain::oauth::client::Client;
use crate::domain::operation::audit_event::{Action, Target};
use crate::domain::sign_in::selection::{Account, Meant, Wanted};
use crate::domain::sign_in::session::Session;
use crate::foundation::SecretHash;
use crate::foundation::id::SessionId;
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::services::operation::jobs;
use crate::storage::operation::audit_event;
use crate::storage::sign_in::session as stored;

/// Who is signed in in a browser.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    /// Whoever is current, read along with the browser; their session may have ended or expired.
    pub current: Option<(Session, User)>,
    /// The other sessions, the one that was current last first. They are not read until somebody asks for them.
    pub others: Vec<SessionId>,
}

/// Whom a request goes on with.
#[derive(Default)]
pub struct Selected {
    /// A live session and its active user.
    pub signed_in: Option<(Session, User)>,
    /// Whether the person has to say whom they mean.
    pub unclear: bool,
}

impl Accounts {
    /// Nobody.
    pub fn none() -> Self {
        Self::default()
    }

    /// Everybody whose session is live, whoever is current first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn live(self, app: &App) -> Result<Vec<Account>, ServiceError> {
        let current = session::live(app, self.current).await?;
        Ok(current.into_iter().chain(live_of(app, &self.others).await?).collect())
    }
}

/// Those of these sessions that are live.
///
/// # Errors
/// When the database does not answer.
pub async fn live_of(app: &App, ids: &[SessionId]) -> Result<Vec<Account>, ServiceError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let read = async |conn: &mut _| session::find_in_order(conn, ids).await;
    let mut found = app.store.read("find_other_accounts", read).await?;
    found.retain(|(session, user)| session::is_live(app, session, user));
    Ok(found)
}

/// Whom a request of `client` goes on with, which waits in `flow` unless it has just come in. Its session counts as used.
///
/// # Errors
/// When the database does not answer.
pub async fn select(
    app: &App,
    (client, request): (&Client, &AuthorizationRequest),
    flow: Option<&SecretHash>,
    accounts: Accounts,
) -> Result<Selected, ServiceError> {
    let Accounts { current, others } = accounts;
    let current = session::live(app, current).await?;
    // Where a browser holds one account, there is nothing to choose from.
    let login_hint = request.login_hint.as_deref().filter(|_| app.settings.login.most_others() > 0);
    let naming = app.subjects.naming(client)?;
    let subject = request.subject.as_deref().map(|sub| Meant { sub, naming: &naming });
    let wanted = Wanted { flow, subject, login_hint };
    let others = match wanted.is_settled_by(current.as_ref()) {
        true => Vec::new(),
        false => live_of(app, &others).await?,
    };
    let selection = wanted.select(current.as_ref(), &others);
    let (account, unclear) = (selection.account, selection.unclear);
    let signed_in = match (account, &current) {
        (Some(account), Some(current)) if account.0.id == current.0.id => Some(account.clone()),
        (Some(account), _) => session::live(app, Some(account.clone())).await?,
        (None, _) => None,
    };
    Ok(Selected { signed_in, unclear })
}

/// What a browser holds after it was changed.
pub struct Held {
    /// Its record.
    pub known: Known,
    /// Whoever is current.
    pub current: (Session, User),
}

/// Makes one of the sessions that a browser holds the current one; in a flow, it is also noted that this one was chosen, and
/// none of the others. `None` when the browser does not hold it, or it is not live any more: then nothing has happened.
///
/// # Errors
/// When the database does not answer.
pub async fn choose(
    app: &App,
    (cookie, held): (&SecretHash, &Known),
    id: SessionId,
    flow: Option<&str>,
) -> Result<Option<Held>, ServiceError> {
    if !held.sessions().any(|held| held == id) {
        return Ok(None);
    }
    let others: Vec<_> = held.sessions().filter(|held| *held != id).collect();
    let (flow, now) = (flow.map(SecretHash::of), app.clock.now());
    let chosen = app
        .store
        .transaction("choose_account", async |tx| {
            // Sessions come before the browser's record, as in a sign-in. Whoever would end this one waits.
            if !stored::hold(tx, id).await? {
                return Ok(None);
            }
            let found = stored::find_with_user(tx, id).await?;
            let Some((mut session, user)) = found.filter(|(session, user)| session::is_live(app, session, user)) else {
                return Ok(None);
            };
            if let Some(flow) = flow {
                stored::forget_flow(tx, &others, &flow).await?;
                stored::choose(tx, id, &flow).await?;
                session.chosen_in = Some(flow);
            }
            // It may have changed since it was read.
            let known = browser_session::lock(tx, cookie, now).await?;
            let Some(known) = known.filter(|known| known.sessions().any(|held| held == id)) else {
                return Ok(None);
            };
            let rest = known.sessions().filter(|held| *held != id).collect();
            let switched = known.going_on_with(id, rest);
            if known.session != Some(id) {
                browser_session::go_on_with(tx, cookie, &switched).await?;
            }
            Ok(Some(Held { known: switched, current: (session, user) }))
        })
        .await?;
    if chosen.is_some() {
        tracing::info!(session = %id, "account chosen");
    }
    Ok(chosen)
}

/// Signs these accounts out in a browser, and goes on with whoever is left, the current one or else whoever was current last.
/// `None` when nobody is. Each session ends with every grant that does not outlive it.
///
/// # Errors
/// When the database does not answer: then nobody is told that they are signed out.
pub async fn sign_out(
    app: &App,
    by: &Actor,
    cookie: &SecretHash,
    leaving: &[Account],
) -> Result<Option<Held>, ServiceError> {
    let now = app.clock.now();
    let mut ends = Vec::new();
    for (session, user) in leaving {
        let own = by.clone().signed_in(user.id, session.id);
        let ended = event(app, &own.may(ActOnSelf(user.id))?, Action::SessionEnded);
        ends.push((session.id, ended.about(Target::user(user.id)).about(Target::session(session.id))));
    }
    // Two that end the same ones at once wait for each other, and not in a circle.
    ends.sort_by_key(|(id, _)| *id);
    let left = app
        .store
        .transaction("end_sessions", async |tx| {
            for (id, ended) in &ends {
                if session_end::end_in(app, tx, *id).await? {
                    audit_event::insert(tx, ended).await?;
                }
            }
            let Some(known) = browser_session::lock(tx, cookie, now).await? else { return Ok(None) };
            let rest: Vec<_> = known.sessions().filter(|held| ends.iter().all(|(id, _)| id != held)).collect();
            let mut live = session::find_in_order(tx, &rest).await?;
            live.retain(|(session, user)| session::is_live(app, session, user));
            let ids: Vec<_> = live.iter().map(|(session, _)| session.id).collect();
            let mut live = live.into_iter();
            let Some(current) = live.next() else { return Ok(None) };
            let known = known.going_on_with(current.0.id, ids.into_iter().skip(1).collect());
            browser_session::go_on_with(tx, cookie, &known).await?;
            Ok(Some(Held { known, current }))
        })
        .await?;
    jobs::begin(app);
    for (id, _) in &ends {
        tracing::info!(session = %id, "session ended");
    }
    Ok(left)
}

/// What somebody signs in with whose session this browser holds, live or not: to fill in a form with.
///
/// # Errors
/// When the database does not answer.
pub async fn name_of(app: &App, held: &[SessionId], id: SessionId) -> Result<Option<String>, ServiceError> {
    if !held.contains(&id) {
        return Ok(None);
    }
    let found = app.store.read("find_name_of_account", async |conn| stored::find_with_user(conn, id).await).await?;
    Ok(found.and_then(|(_, user)| user.login_name().map(str::to_owned)))
}
