//! How pages name the account that is signed in.

use crate::domain::account::user::User;
use crate::domain::sign_in::selection;
use crate::http::respond::layout::initial;

/// The account that is signed in, as a page names it.
#[derive(Clone, Debug)]
pub struct Account {
    /// The person's name, or else what they sign in with.
    pub name: String,
    /// A second line that tells two accounts apart, such as the e-mail address.
    pub detail: Option<String>,
}

/// One of the accounts that are signed in in a browser.
#[derive(Clone, Debug)]
pub struct ListedAccount {
    /// The id of its session.
    pub id: String,
    /// Whose it is.
    pub account: Account,
}

impl ListedAccount {
    /// As it is found behind the browser's cookie.
    pub fn of((session, user): &selection::Account) -> Self {
        Self { id: session.id.to_string(), account: Account::of(user) }
    }
}

impl Account {
    /// How pages present this person.
    pub fn of(user: &User) -> Self {
        let name = user.display_name();
        let detail = user.email.clone().or_else(|| user.username.clone()).filter(|detail| *detail != name);
        Self { name, detail }
    }

    /// The name with what tells it apart: for whoever hears a button alone, such as that of the account switcher.
    pub(in crate::http) fn in_full(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} ({detail})", self.name),
            None => self.name.clone(),
        }
    }

    pub(in crate::http) fn initial(&self) -> String {
        initial(&self.name)
    }
}
