//! What is sent by mail and works once. A link of one purpose can never be taken for one of another: the purpose is a part of
//! the hash by which it is found, and of each query.

use std::time::Duration;

use crate::domain::sign_in::mailed_code::MOST_TRIES;
use crate::foundation::url::{Issuer, OwnLink};
use crate::foundation::{Secret, SecretHash, Timestamp, id::UserId};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

/// How far the clocks of instances may differ.
const SKEW: Duration = Duration::from_secs(60);

/// What a link does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Chooses another password, where the old one is lost.
    Reset,
    /// Signs in, in the browser that asked for it.
    SignIn,
    /// Stops what somebody has begun who says to have lost every second factor.
    CancelFactorRecovery,
    /// Removes them, once its delay is over. Its mail has the code alone.
    LostFactors,
    /// Makes the account that somebody has asked for, whose address it proves.
    SignUp,
    /// Lets somebody make an account who was invited.
    Invitation,
    /// Gives an account the address that it was sent to.
    EmailConfirm,
    /// Gives an account the address back that it had before.
    EmailUndo,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Reset,
        Self::SignIn,
        Self::CancelFactorRecovery,
        Self::LostFactors,
        Self::SignUp,
        Self::Invitation,
        Self::EmailConfirm,
        Self::EmailUndo,
    ];

    /// Its word, in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::SignIn => "sign_in",
            Self::CancelFactorRecovery => "cancel_factor_recovery",
            Self::LostFactors => "lost_factors",
            Self::SignUp => "sign_up",
            Self::Invitation => "invitation",
            Self::EmailConfirm => "email_confirm",
            Self::EmailUndo => "email_undo",
        }
    }

    /// Reads the stored word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text)
    }

    /// The page that it leads to, and what comes before its secret there.
    const fn page(self) -> &'static str {
        match self {
            Self::Reset => "/recover/reset?token=",
            Self::SignIn => "/login/link?token=",
            Self::CancelFactorRecovery => "/recover/factors/cancel?token=",
            Self::LostFactors => "/second-factor/lost?token=",
            Self::SignUp => "/signup/confirm?token=",
            Self::Invitation => "/signup?invitation=",
            Self::EmailConfirm => "/account/email/confirm?token=",
            Self::EmailUndo => "/account/email/undo?token=",
        }
    }

    /// How long one holds, unless whoever makes it says otherwise.
    pub const fn lifetime(self) -> Duration {
        match self {
            Self::SignIn | Self::LostFactors => MINUTE.saturating_mul(10),
            Self::Reset => MINUTE.saturating_mul(30),
            Self::SignUp | Self::EmailConfirm => DAY,
            Self::CancelFactorRecovery | Self::Invitation | Self::EmailUndo => DAY.saturating_mul(7),
        }
    }

    /// So many of one subject hold at a time: with another the oldest is void. Two of those that one asks for oneself, since
    /// mails overtake each other.
    pub const fn most(self) -> usize {
        match self {
            Self::SignIn | Self::LostFactors | Self::Invitation => 1,
            // Of that which can be cancelled one is told twice.
            Self::Reset | Self::CancelFactorRecovery | Self::SignUp | Self::EmailConfirm => 2,
            // What an owner can undo must not be pushed out by whoever does it again.
            Self::EmailUndo => 20,
        }
    }

    /// Whether it is void when the account changes, in whatever way, or all ends that its person had. The others are how an
    /// owner gets back what somebody else has changed.
    pub const fn ends_with_a_change(self) -> bool {
        !matches!(self, Self::EmailUndo | Self::CancelFactorRecovery)
    }

    /// Whether it is over when [`MOST_TRIES`] answers were compared with what it remembers. Where a code stands beside a link,
    /// the code is over then, and the link still holds.
    pub const fn ends_with_tries(self) -> bool {
        matches!(self, Self::SignUp)
    }

    /// The hash by which a link of this purpose is found.
    pub fn hash(self, presented: &str) -> SecretHash {
        SecretHash::of(&format!("one-time link/{}/{presented}", self.as_str()))
    }

    /// Which link a path of ours leads to: its purpose, and the hash by which it is found. `None` for any other path.
    pub fn of_path(path: &str) -> Option<(Self, SecretHash)> {
        Self::ALL.into_iter().find_map(|purpose| Some((purpose, purpose.hash(path.strip_prefix(purpose.page())?))))
    }

    /// The path of ours that a mail's link leads to: [`Issuer::link`] makes a URL of it, and nothing else does.
    pub fn path(self, secret: &Secret) -> String {
        self.path_of(&secret.reveal())
    }

    /// The same for a secret that was presented.
    pub fn path_of(self, presented: &str) -> String {
        format!("{}{presented}", self.page())
    }

    /// The same as a URL.
    pub fn link(self, issuer: &Issuer, secret: &Secret) -> OwnLink {
        issuer.link(&self.path(secret))
    }
}

/// A link as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTimeLink {
    /// By which it is found.
    pub hash: SecretHash,
    /// What it does.
    pub purpose: Purpose,
    /// The person or the address that it is for; of each so many stay.
    pub subject: SecretHash,
    /// Whose it is, and when that account had changed last; `None` where there is none yet.
    pub user: Option<(UserId, Timestamp)>,
    /// What it is to do, sealed.
    pub sealed: Option<Vec<u8>>,
    /// The secret of the browser that asked for it.
    pub browser: Option<SecretHash>,
    /// The code in the same mail.
    pub code: Option<SecretHash>,
    /// How many answers were compared with it: codes, or passwords.
    pub tries: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it holds no longer.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

impl OneTimeLink {
    /// Whether it can be used at `now`, if its account has changed last at `changed_at`.
    pub fn is_open(&self, changed_at: Option<Timestamp>, now: Timestamp) -> bool {
        let same = match self.user {
            Some((_, seen_at)) if self.purpose.ends_with_a_change() => changed_at == Some(seen_at),
            Some(_) => changed_at.is_some(),
            None => true,
        };
        let left = !self.purpose.ends_with_tries() || self.tries < MOST_TRIES;
        // One that a wrong clock made would be open for as much longer.
        same && left && self.used_at.is_none() && now < self.expires_at && self.created_at <= now.after(SKEW)
    }

    /// Whether it was asked for in the browser with this secret.
    pub fn is_of_browser(&self, browser: &SecretHash) -> bool {
        self.browser.is_some_and(|own| own.matches(browser))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::foundation::Random;

    #[test]
    fn a_secret_is_another_link_for_each_purpose_and_leads_to_a_page_of_its_own() {
        let issuer = Issuer::parse("https://id.example.com").unwrap();
        let secret = Secret::generate(&Random::seeded(1));
        let hashes: BTreeSet<_> = Purpose::ALL.map(|purpose| *purpose.hash(&secret.reveal()).as_bytes()).into();
        let links: BTreeSet<_> = Purpose::ALL.map(|purpose| purpose.link(&issuer, &secret).to_string()).into();
        assert_eq!((hashes.len(), links.len()), (Purpose::ALL.len(), Purpose::ALL.len()));
        assert!(
            links.iter().all(|link| link.starts_with("https://id.example.com/") && link.ends_with(&secret.reveal()))
        );
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::parse(purpose.as_str()), Some(purpose));
            assert_eq!(Purpose::of_path(&purpose.path(&secret)), Some((purpose, purpose.hash(&secret.reveal()))));
        }
    }

    #[test]
    fn a_path_without_a_link_leads_to_none() {
        assert_eq!(Purpose::of_path("/account"), None);
        assert_eq!(Purpose::of_path("/recover/reset"), None);
    }

    #[test]
    fn a_link_holds_once_in_its_time_and_while_its_account_is_as_it_was() {
        let now = Timestamp::from_secs(1_800_000_000);
        let moment = Duration::from_micros(1);
        let user = UserId::generate(&Random::seeded(1), now);
        let link = OneTimeLink {
            hash: SecretHash::of("h"),
            purpose: Purpose::Reset,
            subject: SecretHash::of("s"),
            user: Some((user, now)),
            sealed: None,
            browser: Some(SecretHash::of("b")),
            code: None,
            tries: MOST_TRIES,
            created_at: now,
            expires_at: now.after(MINUTE),
            used_at: None,
        };
        let (seen, other) = (Some(now), Some(now.after(moment)));
        let end = link.expires_at;
        for (changed_at, at, open) in [
            (seen, now, true),
            (seen, end.before(moment), true),
            (seen, end, false),
            (seen, now.before(SKEW), true),
            (seen, now.before(SKEW).before(moment), false),
            (other, now, false),
            (None, now, false),
        ] {
            assert_eq!(link.is_open(changed_at, at), open, "{changed_at:?} {at}");
        }
        assert!(!OneTimeLink { used_at: Some(now), ..link.clone() }.is_open(seen, now));
        let undo = OneTimeLink { purpose: Purpose::EmailUndo, ..link.clone() };
        assert!(undo.is_open(other, now) && !undo.is_open(None, now), "while there is an account");
        assert!(OneTimeLink { user: None, ..link.clone() }.is_open(None, now), "there was none");
        let sign_up = |tries| OneTimeLink { purpose: Purpose::SignUp, user: None, tries, ..link.clone() };
        assert!(sign_up(MOST_TRIES - 1).is_open(None, now) && !sign_up(MOST_TRIES).is_open(None, now));
        assert!(link.is_of_browser(&SecretHash::of("b")) && !link.is_of_browser(&SecretHash::of("c")));
        assert!(!OneTimeLink { browser: None, ..link }.is_of_browser(&SecretHash::of("b")), "it is no browser's");
    }
}
