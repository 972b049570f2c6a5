//! The page that shows what happened to one's account.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::entrance::{AccountPage, Admitted, Opened, Sent, SignedIn, Visit};
use super::frame::Frame;
use super::from_where;
use super::notice::Notice;
use super::{activity_line, device_name};
use crate::domain::account::activity::disputed_session;
use crate::domain::operation::audit_event::RecordedEvent;
use crate::domain::sign_in::destination::OwnPage;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, page};
use crate::http::respond::page_error::PageError;
use crate::http::respond::when::When;
use crate::language::Sentence;
use crate::services::account::{Activity, Disputed, activity, client_of, dispute};

/// What happened. Each entry that can be disputed has a form that posts `csrf` and `event` to `/account/activity`.
#[derive(Template)]
#[template(path = "account/activity.html")]
pub struct ActivityPage {
    /// The shared part.
    pub layout: Layout,
    /// What the account pages share.
    pub frame: Frame,
    /// Each event, the latest first.
    pub lines: Vec<EventLine>,
    /// Whether these are not the latest.
    pub later: bool,
    /// The number before which there are more.
    pub older: Option<i64>,
}

/// An event in words.
pub struct EventLine {
    /// Its number.
    pub seq: i64,
    /// What happened.
    pub what: Sentence,
    /// Who did it, if it was neither the person nor somebody with a browser.
    pub author: Option<Sentence>,
    /// The browser and its system.
    pub device: Option<Sentence>,
    /// From where.
    pub from: Option<Sentence>,
    /// When.
    pub at: When,
    /// Whether its person can say that it was not them.
    pub disputable: bool,
}

impl Page for ActivityPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl ActivityPage {
    /// Whether something was just disputed: then there is more to do.
    fn disputed(&self) -> bool {
        matches!(self.frame.notice, Some(Notice::Disputed | Notice::DisputedHere))
    }
}

impl EventLine {
    /// `None` for what has no words.
    fn of(visit: &Visit<SignedIn>, layout: &Layout, event: &RecordedEvent, found: &Activity) -> Option<Self> {
        let now = visit.app.clock.now();
        let id = client_of(event);
        let name = id.as_ref().map(|id| found.clients.get(id).map_or(&**id, |client| &*client.name));
        // Of what operators and applications do, the place is theirs.
        let browser = matches!(&*event.actor_kind, "user" | "nobody");
        Some(Self {
            seq: event.seq,
            what: activity_line::of(event, name)?,
            author: activity_line::author(event, name),
            device: browser.then(|| device_name::of(event.user_agent.as_deref())),
            from: from_where::of(&visit.app, layout, event.address.clone().filter(|_| browser)),
            at: When::of(event.occurred_at, now),
            disputable: disputed_session(event, visit.who.user().id).is_some(),
        })
    }
}

/// What happened to one's account as a page.
pub struct OwnActivity;

impl AccountPage for OwnActivity {
    const PAGE: OwnPage = OwnPage::Activity;
    type Who = SignedIn;
}

/// `GET /account/activity`, with `before` for what is older than the event of that number.
pub async fn get(Opened(visit): Opened<OwnActivity>) -> Result<Response, PageError> {
    let before = visit.typed("before").parse().ok();
    let found = activity(&visit.app, visit.who.user().id, before).await?;
    let (layout, frame) = visit.frame();
    let lines = found.events.iter().filter_map(|event| EventLine::of(&visit, &layout, event, &found)).collect();
    Ok(page(StatusCode::OK, &ActivityPage { layout, frame, lines, later: before.is_some(), older: found.older }))
}

/// `POST /account/activity`: that was not me. Each leaves at most three events, and one person may do so twenty times an hour.
pub async fn post(Sent(visit): Sent<OwnActivity>) -> Result<Response, PageError> {
    let Ok(seq) = visit.typed("event").parse() else { return visit.tell(Notice::NoSuchEvent) };
    let disputed = dispute(&visit.app, &visit.browser.actor(), visit.who.session(), seq).await?;
    visit.tell(match disputed {
        Disputed::Ended => Notice::Disputed,
        Disputed::Here => Notice::DisputedHere,
        Disputed::NoSuchEvent => Notice::NoSuchEvent,
        Disputed::TooMany => Notice::TooManyDisputed,
    })
}
