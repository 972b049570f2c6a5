//! How pages name the account that is signed in.

use crate::domain::account::user::User;
use crate::http::respond::layout::initial;

/// The account that is signed in, as a page names it.
#[derive(Clone, Debug)]
pub struct Account {
    /// The person's name, or else what they sign in with.
    pub name: String,
    /// A second line that tells two accounts apart, such as the e-mail address.
    pub detail: Option<String>,
}

impl Account {
    /// How pages present this person.
    pub fn of(user: &User) -> Self {
        let name = user.display_name();
        let detail = user.email.clone().or_else(|| user.username.clone()).filter(|detail| *detail != name);
        Self { name, detail }
    }

    pub(in crate::http) fn initial(&self) -> String {
        initial(&self.name)
    }
}
