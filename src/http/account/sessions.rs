//! The page that shows where one is signed in.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::device_name;
use super::entrance::{AccountPage, Admitted, Opened, Sent, SignedIn};
use super::frame::Frame;
use super::from_where;
use super::notice::Notice;
use crate::domain::sign_in::destination::OwnPage;
use crate::http::respond::authorization::see_other;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, page};
use crate::http::respond::page_error::PageError;
use crate::http::respond::when::When;
use crate::language::Sentence;
use crate::services::account::{
    end_other_sessions, end_own_session, forget_device, own_sessions, remembered_devices, sign_out_everywhere,
};

/// The sessions. Its forms post `csrf`, `action` (`end` with `session`, `end_others`, `everywhere`, or `forget` with `device`)
/// to `/account/sessions`.
#[derive(Template)]
#[template(path = "account/sessions.html")]
pub struct SessionsPage {
    /// The shared part.
    pub layout: Layout,
    /// What the account pages share.
    pub frame: Frame,
    /// Each live session, the last used first.
    pub sessions: Vec<SessionLine>,
    /// Each browser in which no second factor is asked for, the newest first.
    pub devices: Vec<DeviceLine>,
}

/// A remembered browser in words.
pub struct DeviceLine {
    /// Its id.
    pub id: String,
    /// The browser and its system.
    pub device: Sentence,
    /// From where it was remembered.
    pub from: Option<Sentence>,
    /// Since when.
    pub since: When,
    /// When that last spared a code.
    pub used: Option<When>,
}

/// A session in words.
pub struct SessionLine {
    /// Its id.
    pub id: String,
    /// The browser and its system.
    pub device: Sentence,
    /// From where it was begun.
    pub from: Option<Sentence>,
    /// When it began.
    pub since: When,
    /// When it was last used.
    pub seen: When,
    /// Whether the page is shown in it.
    pub here: bool,
}

impl Page for SessionsPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// The sessions as a page.
pub struct Sessions;

impl AccountPage for Sessions {
    const PAGE: OwnPage = OwnPage::Sessions;
    type Who = SignedIn;
}

/// `GET /account/sessions`.
pub async fn get(Opened(visit): Opened<Sessions>) -> Result<Response, PageError> {
    let (now, (layout, frame)) = (visit.app.clock.now(), visit.frame());
    let own = own_sessions(&visit.app, visit.who.user().id).await?;
    let sessions = own.into_iter().map(|own| SessionLine {
        id: own.session.id.to_string(),
        device: device_name::of(own.user_agent.as_deref()),
        from: from_where::of(&visit.app, &layout, own.address),
        since: When::of(own.session.created_at, now),
        seen: When::of(own.session.seen_at, now),
        here: own.session.id == visit.who.session().id,
    });
    let sessions = sessions.collect();
    let devices = remembered_devices(&visit.app, visit.who.user().id).await?.into_iter().map(|device| DeviceLine {
        id: device.id.to_string(),
        device: device_name::of(device.user_agent.as_deref()),
        from: from_where::of(&visit.app, &layout, device.address),
        since: When::of(device.created_at, now),
        used: device.last_used_at.map(|used| When::of(used, now)),
    });
    let devices = devices.collect();
    Ok(page(StatusCode::OK, &SessionsPage { layout, frame, sessions, devices }))
}

/// `POST /account/sessions`.
pub async fn post(Sent(visit): Sent<Sessions>) -> Result<Response, PageError> {
    let (app, by, own) = (visit.app.clone(), visit.browser.actor(), visit.who.session());
    match visit.typed("action") {
        "end_others" => {
            end_other_sessions(&app, &by, own).await?;
            visit.tell(Notice::OthersEnded)
        }
        "everywhere" => {
            sign_out_everywhere(&app, &by, own).await?;
            visit.leave().await
        }
        "end" => match visit.typed("session").parse() {
            Ok(id) if end_own_session(&app, &by, own, id).await? => visit.tell(Notice::SessionEnded),
            _ => visit.tell(Notice::NoSuchSession),
        },
        "forget" => match visit.typed("device").parse() {
            Ok(id) if forget_device(&app, &by, own.user, id).await? => visit.tell(Notice::DeviceForgotten),
            _ => visit.tell(Notice::NoSuchDevice),
        },
        _ => Ok(see_other(OwnPage::Sessions.path())?),
    }
}
