//! The page on which one deletes one's account.

use std::time::Duration;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::entrance::{AccountPage, Opened, Sent, Visit};
use super::frame::Frame;
use super::notice::Notice;
use crate::app::Switch;
use crate::domain::account::leaving::CannotLeave;
use crate::domain::sign_in::destination::OwnPage;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, page};
use crate::http::respond::page_error::PageError;
use crate::http::respond::when::When;
use crate::language::{Sentence, sentence};
use crate::services::account::{Leaving, leave};
use crate::services::sign_in::own_page::FreshSession;

/// The deletion. Its form posts `csrf` and `confirmation` to `/account/delete`.
#[derive(Template)]
#[template(path = "account/delete.html")]
pub struct DeletePage {
    /// The shared part.
    pub layout: Layout,
    /// What the account pages share.
    pub frame: Frame,
    /// What is to be typed.
    pub name: String,
    /// For how long they can change their mind.
    pub lead: Sentence,
    /// Why it cannot be done at all.
    pub refused: Option<Sentence>,
    /// What is wrong with what was typed.
    pub error: Option<Sentence>,
}

/// What is shown when it was done.
#[derive(Template)]
#[template(path = "account/deletion_begun.html")]
pub struct DeletionBegunPage {
    /// The shared part.
    pub layout: Layout,
    /// When the account is deleted.
    pub at: When,
}

impl Page for DeletePage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Page for DeletionBegunPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// The deletion as a page.
pub struct Delete;

impl AccountPage for Delete {
    const PAGE: OwnPage = OwnPage::Delete;
    type Who = FreshSession;
}

/// `GET /account/delete`.
pub async fn get(Opened(visit): Opened<Delete>) -> Response {
    page(StatusCode::OK, &form(&visit, None))
}

/// `POST /account/delete`. Whoever did it is signed in nowhere any more.
pub async fn post(Sent(mut visit): Sent<Delete>) -> Result<Response, PageError> {
    match leave(&visit.app, &visit.browser.actor(), &visit.who, visit.typed("confirmation")).await? {
        Leaving::At(at) => {
            let account = (visit.who.session().clone(), visit.who.user().clone());
            visit.browser.sign_out(&visit.app, &[account]).await?;
            let layout = Layout::new(&visit.app).or_back_to(|| "/".to_owned());
            Ok(page(StatusCode::OK, &DeletionBegunPage { layout, at: When::ahead(at, visit.app.clock.now()) }))
        }
        Leaving::Not(CannotLeave::NotConfirmed) => {
            Ok(page(StatusCode::OK, &form(&visit, Some(sentence!("delete-not-confirmed")))))
        }
        // The page says so.
        Leaving::Not(CannotLeave::SwitchedOff | CannotLeave::Administrator) => {
            Ok(page(StatusCode::OK, &form(&visit, None)))
        }
        Leaving::Overtaken => visit.tell(Notice::Stale),
    }
}

fn form(visit: &Visit<FreshSession>, error: Option<Sentence>) -> DeletePage {
    let (layout, frame) = visit.frame();
    let (user, settings) = (visit.who.user(), visit.app.settings.account);
    let refused = match (settings.self_deletion, user.administrator) {
        (Switch::Off, _) => Some(sentence!("delete-switched-off")),
        (Switch::On, true) => Some(sentence!("delete-administrator")),
        (Switch::On, false) => None,
    };
    DeletePage {
        layout,
        frame,
        name: user.login_name().unwrap_or_default().to_owned(),
        lead: lead(settings.delete_after),
        refused,
        error,
    }
}

/// For how long, in the largest unit that tells it without rounding.
fn lead(delay: Duration) -> Sentence {
    let seconds = delay.as_secs();
    match (seconds % 86_400, seconds % 3_600) {
        (0, _) => sentence!("delete-lead", days = seconds / 86_400),
        (_, 0) => sentence!("delete-lead-hours", hours = seconds / 3_600),
        _ => sentence!("delete-lead-minutes", minutes = seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn a_delay_of_hours_is_told_in_hours() {
        for (seconds, told) in [
            (0, "within an hour"),
            (86_400, "after a day"),
            (14 * 86_400, "after 14 days"),
            (36 * 3_600, "after 36 hours"),
            (3_600, "after an hour"),
            (90 * 60, "after 90 minutes"),
            (1, "after a minute"),
        ] {
            let said = Language::ENGLISH.say(&lead(Duration::from_secs(seconds)));
            assert!(said.contains(told), "{said}");
        }
    }
}
