//! What becomes of the names that somebody signs in with when their account changes.

use super::error::AccountError;
use super::identifier::LoginIdentifier;
use super::user::User;

/// The names after a change. One that is not given anew stays as it was read when it was given: rules have become stricter since,
/// and nobody loses a name, or is kept from changing something else, by that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renaming {
    username: Name,
    email: Name,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Name {
    #[default]
    Kept,
    Given(Option<LoginIdentifier>),
}

impl Renaming {
    /// What an account takes that was like `before` and is to be like `after`.
    ///
    /// # Errors
    /// When a name that is new cannot be one, or none is left.
    pub fn of(before: &User, after: &User) -> Result<Self, AccountError> {
        if after.username.is_none() && after.email.is_none() {
            return Err(AccountError::Nameless);
        }
        let username = match &after.username {
            same if *same == before.username => Name::Kept,
            None => Name::Given(None),
            Some(text) => Name::Given(Some(username(text)?)),
        };
        let email = match &after.email {
            same if *same == before.email => Name::Kept,
            None => Name::Given(None),
            Some(text) => Name::Given(Some(email(text)?)),
        };
        Ok(Self { username, email })
    }

    /// Another address, and the username that there is.
    pub fn email(name: LoginIdentifier) -> Self {
        Self { username: Name::Kept, email: Name::Given(Some(name)) }
    }

    /// These names and no others.
    pub fn to(names: &[LoginIdentifier]) -> Self {
        let given = |is_address| Name::Given(names.iter().find(|name| name.is_address() == is_address).cloned());
        Self { username: given(false), email: given(true) }
    }

    /// The names of whoever `had` these.
    pub fn names(&self, had: &[LoginIdentifier]) -> Vec<LoginIdentifier> {
        let of = |name: &Name, is_address: bool| match name {
            Name::Kept => had.iter().filter(|name| name.is_address() == is_address).cloned().collect(),
            Name::Given(name) => name.iter().cloned().collect::<Vec<_>>(),
        };
        [of(&self.username, false), of(&self.email, true)].concat()
    }
}

/// The canonical form of a username.
///
/// # Errors
/// When it cannot be one.
pub fn username(text: &str) -> Result<LoginIdentifier, AccountError> {
    LoginIdentifier::username(text).map_err(|why| AccountError::Username { username: text.to_owned(), why })
}

/// The canonical form of an address.
///
/// # Errors
/// When mail cannot be sent there.
pub fn email(text: &str) -> Result<LoginIdentifier, AccountError> {
    LoginIdentifier::email(text).map_err(|why| AccountError::Email { email: text.to_owned(), why })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::identifier::IdentifierError;
    use crate::domain::account::profile::Profile;
    use crate::domain::account::user::Status;
    use crate::foundation::{Random, Timestamp, id::UserId};

    fn user(username: Option<&str>, email: Option<&str>) -> User {
        let now = Timestamp::from_secs(1);
        User {
            id: UserId::generate(&Random::seeded(1), now),
            status: Status::Active,
            username: username.map(str::to_owned),
            email: email.map(str::to_owned),
            email_verified: false,
            administrator: false,
            profile: Profile::default(),
            password_hash: None,
            second_factor: false,
            delete_at: None,
            second_factor_from: None,
            created_at: now,
            updated_at: now,
        }
    }

    fn names(texts: &[&str]) -> Vec<LoginIdentifier> {
        texts.iter().map(|text| LoginIdentifier::typed(text).unwrap()).collect()
    }

    #[test]
    fn a_name_that_stays_is_not_judged_and_one_that_is_new_is() {
        let before = user(Some("alice"), Some("a..b@example.com"));
        let had = names(&["alice", "a..b@example.com"]);
        let renamed = Renaming::of(&before, &user(Some("alicia"), Some("a..b@example.com"))).unwrap();
        assert_eq!(renamed.names(&had), names(&["alicia", "a..b@example.com"]));
        assert_eq!(Renaming::of(&before, &before).unwrap(), Renaming::default());
        assert_eq!(Renaming::default().names(&had), had);
        let refused = Renaming::of(&before, &user(Some("alice"), Some("a..c@example.com")));
        assert_eq!(refused, Err(AccountError::Email { email: "a..c@example.com".into(), why: IdentifierError::Email }));
        let without = Renaming::of(&before, &user(Some("alice"), None)).unwrap();
        assert_eq!(without.names(&had), names(&["alice"]));
        assert_eq!(Renaming::of(&before, &user(None, None)), Err(AccountError::Nameless));
        assert_eq!(Renaming::to(&had).names(&names(&["bob"])), had);
    }
}
