//! A page that tells something, and has at most one way to go on.

use askama::Template;

use super::layout::Layout;
use super::page::Page;

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
    pub href: &'static str,
}

impl Page for MessagePage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}
