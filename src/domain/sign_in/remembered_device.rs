//! Browsers in which a person need not give a second factor for a while. One lowers what is demanded of its person, and proves
//! nothing: it is in no `amr`, and makes no session stronger.

use crate::foundation::{SecretHash, Timestamp, id::CredentialId, id::UserId};

/// So many of one person; the oldest makes room.
pub const MOST: usize = 10;
/// The accounts that one browser is remembered for; the one that was remembered longest ago makes room.
const ACCOUNTS: usize = 5;
/// Characters of a secret in the cookie.
const LENGTH: usize = 43;

/// One of them, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RememberedDevice {
    /// By which its person finds it.
    pub id: CredentialId,
    /// The hash of the secret that the browser has.
    pub hash: SecretHash,
    /// Whose it is.
    pub user: UserId,
    /// What the browser called itself when it was remembered.
    pub user_agent: Option<String>,
    /// From where.
    pub address: Option<String>,
    /// When it was remembered.
    pub created_at: Timestamp,
    /// When it last stood in for a second factor.
    pub last_used_at: Option<Timestamp>,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

/// The secrets in a cookie, the newest first. It names nobody: each is looked for among those of whoever gives a password.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceSecrets(Vec<String>);

impl DeviceSecrets {
    /// Reads a cookie's value. What cannot be a secret of ours is left out.
    pub fn read(value: &str) -> Self {
        let sound = |text: &&str| {
            text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        Self(value.split('.').take(ACCOUNTS).filter(sound).map(str::to_owned).collect())
    }

    /// The hash of each.
    pub fn hashes(&self) -> Vec<SecretHash> {
        self.0.iter().map(|secret| SecretHash::of(secret)).collect()
    }

    /// The cookie's value with one more.
    pub fn and(&self, new: &str) -> String {
        let others = self.0.iter().map(String::as_str).take(ACCOUNTS - 1);
        std::iter::once(new).chain(others).collect::<Vec<_>>().join(".")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::{Random, Secret};

    #[test]
    fn a_cookie_holds_the_newest_five_and_nothing_that_is_not_ours() {
        let random = Random::seeded(3);
        let secrets: Vec<_> = (0..7).map(|_| Secret::generate(&random).reveal()).collect();
        let cookie = secrets.iter().fold(String::new(), |cookie, secret| DeviceSecrets::read(&cookie).and(secret));
        let newest: Vec<_> = secrets.iter().rev().take(5).map(|secret| SecretHash::of(secret)).collect();
        assert!(DeviceSecrets::read(&cookie).hashes() == newest);
        let spoiled = format!("{}.{}.ü.{}", "x".repeat(42), "=".repeat(43), secrets[0]);
        assert!(DeviceSecrets::read(&spoiled).hashes() == [SecretHash::of(&secrets[0])]);
        assert_eq!(DeviceSecrets::read(""), DeviceSecrets::default());
    }
}
