//! All that is kept about a person, for that person to take along.

use std::time::Duration;

use super::apps::{ConnectedApp, connected_apps};
use super::remembered_devices::remembered_devices;
use super::sessions::own_sessions;
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ActOnSelf;
use crate::domain::account::identifier::LoginIdentifier;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::account::user::User;
use crate::domain::factor::lost_factors::LostFactors;
use crate::domain::factor::second_factor::SecondFactor;
use crate::domain::federation::identity::Identity;
use crate::domain::operation::audit_event::{Action, RecordedEvent, Target};
use crate::domain::sign_in::remembered_device::RememberedDevice;
use crate::foundation::Timestamp;
use crate::foundation::id::{CredentialId, SessionId, UserId};
use crate::services::ServiceError;
use crate::services::factor::{self, lost_factors, recovery_codes};
use crate::services::federation::{connections, tokens};
use crate::services::operation::brake;
use crate::services::operation::events::event;
use crate::services::sign_in::own_page::FreshSession;
use crate::storage::account::{login_identifier, one_time_link};
use crate::storage::operation::audit_event;
use crate::storage::sign_in::session::OwnSession;

/// How often one person may take their data along within [`WINDOW`]: it reads thousands of rows, and leaves one.
const MOST: u64 = 5;
const WINDOW: Duration = Duration::from_secs(3600);

/// The most events that are told. Someone who signs in every hour has fewer in the two years for which they are kept.
pub const MOST_EVENTS: usize = 20_000;
/// Events that are read, and held in memory, at once.
const PAGE: i64 = 200;

/// What is kept about a person, but for what happened to their account: that is read by [`EventPages`], since it can be long.
pub struct OwnData {
    /// When it was so.
    pub at: Timestamp,
    /// The account.
    pub user: User,
    /// The session in which it was asked for.
    pub session: SessionId,
    /// What they sign in with.
    pub names: Vec<LoginIdentifier>,
    /// What they prove beside the password.
    pub factors: Vec<SecondFactor>,
    /// How many codes on paper are left, and when they were made.
    pub recovery_codes: Option<(usize, Timestamp)>,
    /// That somebody said that all second factors are lost.
    pub lost_factors: Option<LostFactors>,
    /// Where they are signed in.
    pub sessions: Vec<OwnSession>,
    /// Where no second factor is asked for.
    pub devices: Vec<RememberedDevice>,
    /// Who they are at other providers.
    pub identities: Vec<Identity>,
    /// Those of them whose provider's tokens are kept.
    pub tokens_kept: Vec<CredentialId>,
    /// What they have allowed to whom.
    pub apps: Vec<ConnectedApp>,
    /// The links that were mailed to them and still work, the newest first.
    pub links: Vec<OpenLink>,
}

/// A link that works, without what would make it work for whoever reads of it.
pub struct OpenLink {
    /// What it does.
    pub purpose: Purpose,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// What became of asking for one's data.
pub enum Exported {
    /// Here it is.
    Data(Box<OwnData>),
    /// It was asked for too often; how long to wait.
    Wait(Duration),
    /// The session was ended, or the account changed, while this was under way: nothing is told.
    Overtaken,
}

/// What is kept about the person of `fresh`. That it was asked for is an event, since whoever has it knows a lot.
///
/// # Errors
/// When the database does not answer.
pub async fn own_data(app: &App, by: &Actor, fresh: &FreshSession) -> Result<Exported, ServiceError> {
    let user = fresh.user();
    let may = by.may(ActOnSelf(user.id))?;
    // The account's id alone: an address with it would let whoever has many ask as often.
    let limits = [app.ephemeral.limit(&format!("own_data/{}", user.id), MOST)];
    if let Some(wait) = brake::hit(app, by, &limits, WINDOW).await? {
        return Ok(Exported::Wait(wait));
    }
    let exported = event(app, &may, Action::UserDataExported).about(Target::user(user.id));
    let done = app
        .store
        .transaction("export_own_data", async |tx| {
            let holds = fresh.hold(tx).await?;
            audit_event::insert_if(tx, holds, &exported).await
        })
        .await?;
    if !done {
        return Ok(Exported::Overtaken);
    }
    tracing::info!(user = %user.id, "a person took their data along");
    Ok(Exported::Data(Box::new(OwnData {
        at: app.clock.now(),
        session: fresh.session().id,
        names: names(app, user.id).await?,
        factors: factor::list(app, user).await?,
        recovery_codes: recovery_codes::left(app, user).await?,
        lost_factors: lost_factors::find(app, user).await?,
        sessions: own_sessions(app, user.id).await?,
        devices: remembered_devices(app, user.id).await?,
        identities: connections::list(app, user.id).await?,
        tokens_kept: tokens::kept(app, user.id).await?,
        apps: connected_apps(app, user.id).await?,
        links: open_links(app, user.id).await?,
        user: user.clone(),
    })))
}

async fn names(app: &App, user: UserId) -> Result<Vec<LoginIdentifier>, ServiceError> {
    let read = async |conn: &mut _| login_identifier::of_user(conn, user).await;
    let mut names = app.store.read("list_own_names", read).await?;
    names.sort();
    Ok(names)
}

async fn open_links(app: &App, user: UserId) -> Result<Vec<OpenLink>, ServiceError> {
    let now = app.clock.now();
    let found = app
        .store
        .read("list_own_links", async |conn| {
            let mut found = Vec::new();
            for purpose in Purpose::ALL {
                let most = i64::try_from(purpose.most()).unwrap_or(i64::MAX);
                found.extend(one_time_link::open_of_user(conn, user, purpose, now, most).await?);
            }
            Ok(found)
        })
        .await?;
    let mut links: Vec<_> = found
        .into_iter()
        .map(|link| OpenLink { purpose: link.purpose, created_at: link.created_at, expires_at: link.expires_at })
        .collect();
    links.sort_by_key(|link| std::cmp::Reverse(link.created_at));
    Ok(links)
}

/// What happened to a person's account, the latest first, a page at a time: [`MOST_EVENTS`] at most.
pub struct EventPages {
    user: UserId,
    before: i64,
    left: usize,
    ended: bool,
}

impl EventPages {
    /// From the latest on that has its number.
    pub const fn of(user: UserId) -> Self {
        Self { user, before: i64::MAX, left: MOST_EVENTS, ended: false }
    }

    /// The next page; an empty one at the end.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next(&mut self, app: &App) -> Result<Vec<RecordedEvent>, ServiceError> {
        if self.left == 0 || self.ended {
            return Ok(Vec::new());
        }
        let (user, before) = (self.user, self.before);
        let read = async |conn: &mut _| audit_event::of_person(conn, user, before, PAGE).await;
        let mut page = app.store.read("list_own_events_to_export", read).await?;
        self.ended = i64::try_from(page.len()).is_ok_and(|found| found < PAGE);
        page.truncate(self.left);
        self.left -= page.len();
        self.before = page.last().map_or(self.before, |last| last.seq);
        Ok(page)
    }

    /// Whether the last page was the end of what is kept, and not of what is told at once.
    pub const fn is_complete(&self) -> bool {
        self.ended
    }
}
