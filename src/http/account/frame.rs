//! What the account pages share: whose account it is, the way to the other pages, and a word on what was just done.

use super::notice::Notice;
use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::sign_in::destination::OwnPage;
use crate::http::respond::account::{Account, ListedAccount};
use crate::language::{Sentence, sentence};

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
    /// The ways to sign in that there are here.
    pub ways: Ways,
    /// The way to other accounts in this browser; `None` where it holds one account.
    pub switcher: Option<Switcher>,
}

/// The ways to sign in that there are, as far as pages differ by them.
#[derive(Clone, Copy, Debug)]
pub struct Ways {
    /// Through other providers.
    pub providers: bool,
    /// With a password.
    pub passwords: bool,
}

impl Ways {
    /// Of this server.
    pub fn of(app: &App) -> Self {
        Self { providers: !app.settings.providers.is_empty(), passwords: app.settings.login.takes_passwords() }
    }
}

/// The accounts that are signed in in this browser, and what can be done with them.
#[derive(Clone, Debug)]
pub struct Switcher {
    /// The session of the account that the page is shown for.
    pub current: String,
    /// The others, the one that was current last first.
    pub others: Vec<ListedAccount>,
    /// The token of the switcher's form, which holds whoever is current.
    pub csrf: String,
}

/// A page in the list of pages.
pub struct Entry {
    /// Which.
    pub page: OwnPage,
    /// Its name.
    pub title: Sentence,
    /// What it is for.
    pub description: Sentence,
}

/// Each page that is listed, in this order.
static ENTRIES: [Entry; 11] = [
    Entry { page: OwnPage::Account, title: sentence!("entry-account"), description: sentence!("entry-account-what") },
    Entry { page: OwnPage::Profile, title: sentence!("entry-profile"), description: sentence!("entry-profile-what") },
    Entry { page: OwnPage::Email, title: sentence!("entry-email"), description: sentence!("entry-email-what") },
    Entry {
        page: OwnPage::Password,
        title: sentence!("entry-password"),
        description: sentence!("entry-password-what"),
    },
    Entry { page: OwnPage::Factors, title: sentence!("entry-factors"), description: sentence!("entry-factors-what") },
    Entry {
        page: OwnPage::Sessions,
        title: sentence!("entry-sessions"),
        description: sentence!("entry-sessions-what"),
    },
    Entry { page: OwnPage::Apps, title: sentence!("entry-apps"), description: sentence!("entry-apps-what") },
    Entry {
        page: OwnPage::Connections,
        title: sentence!("entry-connections"),
        description: sentence!("entry-connections-what"),
    },
    Entry {
        page: OwnPage::Activity,
        title: sentence!("entry-activity"),
        description: sentence!("entry-activity-what"),
    },
    Entry { page: OwnPage::Data, title: sentence!("entry-data"), description: sentence!("entry-data-what") },
    Entry { page: OwnPage::Delete, title: sentence!("entry-delete"), description: sentence!("entry-delete-what") },
];

impl Frame {
    /// For this account, on this page.
    pub fn new(
        user: &User,
        csrf: String,
        current: OwnPage,
        notice: Option<Notice>,
        switcher: Option<Switcher>,
        ways: Ways,
    ) -> Self {
        Self { account: Account::of(user), csrf, current, notice, ways, switcher }
    }

    /// The pages that are listed: those that are of use here.
    pub(super) fn entries(&self) -> impl Iterator<Item = &'static Entry> {
        ENTRIES.iter().filter(|entry| match entry.page {
            OwnPage::Connections => self.ways.providers,
            OwnPage::Password => self.ways.passwords,
            _ => true,
        })
    }
}
