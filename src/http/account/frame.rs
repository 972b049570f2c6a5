//! What the account pages share: whose account it is, the way to the other pages, and a word on what was just done.

use super::notice::Notice;
use crate::domain::account::user::User;
use crate::domain::sign_in::destination::OwnPage;
use crate::http::respond::account::Account;

/// The shared part of an account page.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Whose it is.
    pub account: Account,
    /// The token of the page's forms.
    pub csrf: String,
    /// Which page it is.
    pub current: OwnPage,
    /// What was just done.
    pub notice: Option<Notice>,
}

/// A page in the list of pages.
pub struct Entry {
    /// Which.
    pub page: OwnPage,
    /// Its name.
    pub title: &'static str,
    /// What it is for.
    pub description: &'static str,
}

/// Each page that is listed, in this order.
pub const ENTRIES: [Entry; 6] = [
    Entry { page: OwnPage::Account, title: "Overview", description: "What there is to your account." },
    Entry { page: OwnPage::Profile, title: "Profile", description: "Your name, picture, address and the like." },
    Entry { page: OwnPage::Password, title: "Password", description: "Choose another one." },
    Entry {
        page: OwnPage::Factors,
        title: "Second factors",
        description: "What you prove beside your password, and recovery codes.",
    },
    Entry {
        page: OwnPage::Sessions,
        title: "Sessions",
        description: "Where you are signed in, and signing out there.",
    },
    Entry { page: OwnPage::Apps, title: "Apps", description: "What you have allowed to whom, and taking it back." },
];

impl Frame {
    /// For this account, on this page.
    pub fn new(user: &User, csrf: String, current: OwnPage, notice: Option<Notice>) -> Self {
        Self { account: Account::of(user), csrf, current, notice }
    }

    pub(super) fn entries(&self) -> &'static [Entry] {
        &ENTRIES
    }
}
