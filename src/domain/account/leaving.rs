//! Who may delete their own account.

use super::identifier::LoginIdentifier;
use super::user::User;

/// Why an account is not deleted by its person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotLeave {
    /// This installation does not let people delete their accounts.
    SwitchedOff,
    /// Whoever administers this server might be the last who does: another administrator takes the mark away first.
    Administrator,
    /// What was typed to confirm it is not what they sign in with.
    NotConfirmed,
}

/// Whether `user` may delete their account, who has typed `confirmation`.
///
/// # Errors
/// When they may not.
pub fn may_leave(user: &User, switched_on: bool, confirmation: &str) -> Result<(), CannotLeave> {
    if !switched_on {
        return Err(CannotLeave::SwitchedOff);
    }
    if user.administrator {
        return Err(CannotLeave::Administrator);
    }
    let typed = LoginIdentifier::typed(confirmation).ok();
    let own = [user.username.as_deref(), user.email.as_deref()];
    let mut own = own.into_iter().flatten().filter_map(|name| LoginIdentifier::typed(name).ok());
    match typed.is_some_and(|typed| own.any(|name| name.spellings().contains(&typed))) {
        true => Ok(()),
        false => Err(CannotLeave::NotConfirmed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::profile::Profile;
    use crate::domain::account::user::Status;
    use crate::foundation::{Random, Timestamp, id::UserId};

    #[test]
    fn whoever_types_a_name_of_their_own_may_unless_they_administer_the_server() {
        let now = Timestamp::from_secs(1);
        let user = User {
            id: UserId::generate(&Random::seeded(1), now),
            status: Status::Active,
            username: Some("Alice".into()),
            email: Some("alice@example.com".into()),
            email_verified: true,
            administrator: false,
            profile: Profile::default(),
            password_hash: None,
            second_factor: false,
            delete_at: None,
            second_factor_from: None,
            created_at: now,
            updated_at: now,
        };
        for typed in ["alice", " Alice ", "ALICE@example.com"] {
            assert_eq!(may_leave(&user, true, typed), Ok(()), "{typed}");
            assert_eq!(may_leave(&user, false, typed), Err(CannotLeave::SwitchedOff));
        }
        for typed in ["", "bob", "delete", "alice@"] {
            assert_eq!(may_leave(&user, true, typed), Err(CannotLeave::NotConfirmed), "{typed}");
        }
        let administrator = User { administrator: true, ..user };
        assert_eq!(may_leave(&administrator, true, "alice"), Err(CannotLeave::Administrator));
    }
}
