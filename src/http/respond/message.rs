//! A page that tells something, and has at most one way to go on.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::layout::Layout;
use super::page::{Page, page};
use crate::app::App;
use crate::domain::sign_in::destination::OwnPage;
use crate::language::{Sentence, sentence};

/// What is told.
#[derive(Template)]
#[template(path = "respond/message.html")]
pub struct MessagePage {
    /// The shared part.
    pub layout: Layout,
    /// In a few words.
    pub heading: String,
    /// In a sentence or two.
    pub lead: String,
    /// The way to go on.
    pub link: Option<MessageLink>,
}

/// A way to go on.
pub struct MessageLink {
    /// What stands there.
    pub label: String,
    /// Where it leads: a path of ours.
    pub href: String,
}

impl Page for MessagePage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// A page with this heading and lead, and maybe with a link: what stands there, and a path of ours.
pub fn message(
    app: &App,
    status: StatusCode,
    (heading, lead): (Sentence, Sentence),
    link: Option<(Sentence, &'static str)>,
) -> Response {
    let layout = Layout::new(app);
    let link = link.map(|(label, href)| MessageLink { label: layout.say(label), href: href.to_owned() });
    let (heading, lead) = (layout.say(heading), layout.say(lead));
    page(status, &MessagePage { layout, heading, lead, link })
}

/// The link of a mail does not hold any more, or never did. `lead` says what can be done now; `label` leads to one's own account.
pub fn link_over(app: &App, lead: Sentence, label: Sentence) -> Response {
    let words = (sentence!("link-over-title"), lead);
    message(app, StatusCode::NOT_FOUND, words, Some((label, OwnPage::Account.path())))
}
