//! The page that a link of a mail leads to: one button. Programs that look at the links of a mail open this page, and nothing
//! happens by that.

use askama::Template;

use super::layout::Layout;
use super::page::{Page, Policy};

/// What a link does, and the button that does it. It posts `csrf` and `token`.
#[derive(Template)]
#[template(path = "respond/mail_link.html")]
pub struct MailLinkPage {
    /// The shared part.
    pub layout: Layout,
    /// What it does, in a few words.
    pub heading: String,
    /// What it does, in a sentence.
    pub lead: String,
    /// What stands on the button.
    pub button: String,
    /// Where the form goes.
    pub action: &'static str,
    /// The form's CSRF token.
    pub csrf: String,
    /// The secret of the link.
    pub token: String,
    /// Whether what follows may be an answer to a client.
    pub leads_to_client: bool,
}

impl Page for MailLinkPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        Policy { leads_to_client: self.leads_to_client, ..Policy::default() }
    }
}
