//! The way back for whoever has lost every second factor, and the codes on paper too. It is slow on purpose: whoever has
//! stolen a password, and perhaps reads the mail, waits as long as the owner has to notice and to stop it.

use std::time::Duration;

use super::method::Method;
use super::proof::Proofs;
use crate::domain::account::recovery::reachable;
use crate::domain::account::user::User;
use crate::foundation::mail_address::MailAddress;
use crate::foundation::{Timestamp, id::UserId};

/// For how long the factors can be removed once the delay is over.
const HOLDS: Duration = Duration::from_secs(7 * 86_400);
/// How far the clocks of instances may differ.
const SKEW: Duration = Duration::from_secs(60);

/// Somebody has said that they have lost every second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostFactors {
    /// Whose they are.
    pub user: UserId,
    /// When the account had changed last: if it has changed since, in whatever way, this is void.
    pub user_seen_at: Timestamp,
    /// When that was said.
    pub requested_at: Timestamp,
    /// From when on the factors can be removed.
    pub effective_at: Timestamp,
    /// When the person is told again; `None`: that was done.
    pub remind_at: Option<Timestamp>,
    /// Until when they can be removed.
    pub expires_at: Timestamp,
}

/// Why this way is not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotOffered {
    /// The operator does not want it.
    Off,
    /// There is no second factor to be lost.
    NoFactor,
    /// The password was not given: whoever only reads the mail is to need it too.
    NoPassword,
    /// Nobody has proved the address, so nobody can be told.
    Unverified,
}

/// Where to write to `user`, who has proved `proofs` and can say that every second factor is lost.
///
/// # Errors
/// When they cannot say so, with the reason.
pub fn offered(user: &User, proofs: &Proofs, delay: Option<Duration>) -> Result<MailAddress, NotOffered> {
    if delay.is_none() {
        return Err(NotOffered::Off);
    }
    if !user.second_factor {
        return Err(NotOffered::NoFactor);
    }
    if !proofs.iter().any(|proof| proof.method == Method::Password) {
        return Err(NotOffered::NoPassword);
    }
    reachable(user).ok().filter(|_| user.email_verified).ok_or(NotOffered::Unverified)
}

/// When the delay begins of what is said at `now`.
pub fn begins_at(delay: Duration, mailed_at: Option<Timestamp>, now: Timestamp) -> Timestamp {
    mailed_at.map_or(now, |at| now.max(at.after(delay)))
}

impl LostFactors {
    /// That `user` has lost them, said at `now`. A password that was chosen at `mailed_at` by whoever read a mail counts for it once
    /// it is as old as the delay: or whoever reads the mail, and knows nothing else, would need no more than one delay for both.
    pub fn new(user: &User, delay: Duration, mailed_at: Option<Timestamp>, now: Timestamp) -> Self {
        let effective_at = begins_at(delay, mailed_at, now).after(delay);
        Self {
            user: user.id,
            user_seen_at: user.updated_at,
            requested_at: now,
            effective_at,
            // When two thirds have gone.
            remind_at: Some(effective_at.before(delay / 3)),
            expires_at: effective_at.after(HOLDS),
        }
    }

    /// Whether it holds at `now`, if the account has changed last at `changed_at`.
    pub fn is_open(&self, changed_at: Timestamp, now: Timestamp) -> bool {
        self.user_seen_at == changed_at && now < self.expires_at && self.requested_at <= now.after(SKEW)
    }

    /// Whether the delay is over at `now`.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.effective_at <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::profile::Profile;
    use crate::domain::account::user::Status;
    use crate::domain::factor::proof::Proof;
    use crate::foundation::Random;

    const DELAY: Duration = Duration::from_secs(3 * 86_400);
    const MOMENT: Duration = Duration::from_micros(1);

    fn alice(now: Timestamp) -> User {
        User {
            id: UserId::generate(&Random::seeded(1), now),
            status: Status::Active,
            username: Some("alice".into()),
            email: Some("alice@example.com".into()),
            email_verified: true,
            administrator: false,
            profile: Profile::default(),
            password_hash: None,
            second_factor: true,
            created_at: now,
            delete_at: None,
            second_factor_from: None,
            updated_at: now,
        }
    }

    #[test]
    fn it_is_offered_after_the_password_to_whoever_can_be_told() {
        let now = Timestamp::from_secs(1_800_000_000);
        let (alice, password) = (alice(now), Proofs::of(Proof::by_password(now)));
        assert_eq!(offered(&alice, &password, Some(DELAY)).map(|to| to.to_string()), Ok("alice@example.com".into()));
        assert_eq!(offered(&alice, &password, None), Err(NotOffered::Off));
        let by_mail = Proofs::of(Proof { method: Method::Email, ..Proof::by_password(now) });
        assert_eq!(offered(&alice, &by_mail, Some(DELAY)), Err(NotOffered::NoPassword));
        for (user, why) in [
            (User { second_factor: false, ..alice.clone() }, NotOffered::NoFactor),
            (User { email_verified: false, ..alice.clone() }, NotOffered::Unverified),
            (User { email: None, ..alice.clone() }, NotOffered::Unverified),
            (User { status: Status::Disabled, ..alice.clone() }, NotOffered::Unverified),
        ] {
            assert_eq!(offered(&user, &password, Some(DELAY)), Err(why));
        }
    }

    #[test]
    fn a_password_that_came_by_mail_counts_once_it_is_as_old_as_the_delay() {
        let now = Timestamp::from_secs(1_800_000_000);
        let due = |mailed_at| LostFactors::new(&alice(now), DELAY, mailed_at, now).effective_at;
        assert_eq!(due(Some(now)), now.after(DELAY * 2));
        assert_eq!(due(Some(now.before(DELAY / 3))), now.after(DELAY * 2).before(DELAY / 3));
        assert_eq!(due(Some(now.before(DELAY))), now.after(DELAY));
        assert_eq!(due(Some(now.before(DELAY * 9))), now.after(DELAY), "it is as good as any other by now");
        assert_eq!(due(None), now.after(DELAY));
    }

    #[test]
    fn it_holds_for_a_week_after_the_delay_and_while_the_account_is_as_it_was() {
        let now = Timestamp::from_secs(1_800_000_000);
        let lost = LostFactors::new(&alice(now), DELAY, None, now);
        let due = now.after(DELAY);
        assert!(!lost.is_due(due.before(MOMENT)) && lost.is_due(due));
        assert_eq!(lost.remind_at, Some(now.after(DELAY / 3 * 2)), "a day before");
        let end = due.after(HOLDS);
        assert!(lost.is_open(now, now) && lost.is_open(now, end.before(MOMENT)) && !lost.is_open(now, end));
        assert!(!lost.is_open(now.after(MOMENT), now), "the account was changed");
        assert!(lost.is_open(now, now.before(SKEW)) && !lost.is_open(now, now.before(SKEW).before(MOMENT)));
    }
}
