//! Who can be written to in order to get back into an account.

use super::user::{Status, User};
use crate::foundation::mail_address::MailAddress;

/// Why nobody is written to. Whoever asked is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreachable {
    /// An administrator has closed the account, and says so to whoever asks.
    Disabled,
    /// The account has no address, or none that mail can be sent to.
    NoAddress,
}

/// Where to write to `user`. Mail goes to the account's own address, whatever was typed (GHSA-qgqp-xh8r-v73r); verified or
/// not, since only an operator gives an account an address that nobody has proved, and reading the mail proves it.
///
/// # Errors
/// When there is no such place.
pub fn reachable(user: &User) -> Result<MailAddress, Unreachable> {
    if user.status != Status::Active {
        return Err(Unreachable::Disabled);
    }
    let address = user.email.as_deref().and_then(|email| MailAddress::parse(email).ok());
    address.ok_or(Unreachable::NoAddress)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::profile::Profile;
    use crate::foundation::{Random, Timestamp, id::UserId};

    #[test]
    fn mail_goes_to_the_accounts_own_address_while_it_is_open() {
        let now = Timestamp::from_secs(1);
        let user = User {
            id: UserId::generate(&Random::seeded(1), now),
            status: Status::Active,
            username: Some("alice".into()),
            email: Some("Alice@example.com".into()),
            email_verified: false,
            administrator: false,
            profile: Profile::default(),
            password_hash: None,
            second_factor: false,
            delete_at: None,
            second_factor_from: None,
            created_at: now,
            updated_at: now,
        };
        assert_eq!(reachable(&user).map(|to| to.to_string()), Ok("Alice@example.com".to_owned()));
        assert_eq!(reachable(&User { status: Status::Disabled, ..user.clone() }), Err(Unreachable::Disabled));
        for email in [None, Some("a b@example.com".into())] {
            assert_eq!(reachable(&User { email, ..user.clone() }), Err(Unreachable::NoAddress));
        }
    }
}
