//! The page on which one takes one's data along.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::entrance::{AccountPage, Opened, Sent, Visit};
use super::frame::Frame;
use super::notice::Notice;
use super::throttled;
use crate::domain::sign_in::destination::OwnPage;
use crate::http::respond::layout::Layout;
use crate::http::respond::own_data::as_file;
use crate::http::respond::page::{Page, page};
use crate::http::respond::page_error::PageError;
use crate::language::{Sentence, sentence};
use crate::services::account::{Exported, own_data};
use crate::services::sign_in::own_page::FreshSession;

/// What is in it, and the button. Its form posts `csrf` to `/account/data`.
#[derive(Template)]
#[template(path = "account/data.html")]
pub struct DataPage {
    /// The shared part.
    pub layout: Layout,
    /// What the account pages share.
    pub frame: Frame,
    /// Why there is nothing now.
    pub error: Option<Sentence>,
}

impl Page for DataPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// One's data as a page.
pub struct Data;

impl AccountPage for Data {
    const PAGE: OwnPage = OwnPage::Data;
    type Who = FreshSession;
}

/// `GET /account/data`.
pub async fn get(Opened(visit): Opened<Data>) -> Response {
    page(StatusCode::OK, &form(&visit, None))
}

/// `POST /account/data`: the document. Each leaves one event, and one person may do so five times an hour; of what is sent, a
/// page of events is in memory at a time.
pub async fn post(Sent(visit): Sent<Data>) -> Result<Response, PageError> {
    match own_data(&visit.app, &visit.browser.actor(), &visit.who).await? {
        Exported::Data(data) => Ok(as_file(&visit.app, &data)?),
        Exported::Wait(wait) => {
            let minutes = wait.as_secs().div_ceil(60).max(1);
            let error = sentence!("data-too-often", minutes = minutes);
            Ok(throttled::with_wait(page(StatusCode::OK, &form(&visit, Some(error))), wait))
        }
        Exported::Overtaken => visit.tell(Notice::Stale),
    }
}

fn form(visit: &Visit<FreshSession>, error: Option<Sentence>) -> DataPage {
    let (layout, frame) = visit.frame();
    DataPage { layout, frame, error }
}
