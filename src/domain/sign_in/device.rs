//! Browsers that have signed in before, known by a cookie that only we can make (OWASP, "Slow Down Online Guessing
//! Attacks with Device Cookies").

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::crypto::MacKey;
use crate::domain::account::user::User;
use crate::foundation::{Timestamp, id::UserId};

/// How long a browser is remembered after it has signed in: as long as browsers keep a cookie.
pub const REMEMBERED: Duration = Duration::from_secs(400 * 86_400);
/// The accounts that one browser is remembered for; the one that signed in longest ago makes room.
const ACCOUNTS: usize = 5;

const NONCE: usize = 16;
const TIME: usize = 8;
const MAC: usize = 32;

/// The content of the cookie: for each account that signed in, a random number, the time, and a MAC over both, the
/// account and its password. It names nobody, and proves nothing until it is asked about an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceCookie(Vec<Entry>);

/// An account with its current password. Devices that signed in with an earlier password are strangers again.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    id: UserId,
    password_hash: &'a str,
}

/// A browser that has signed in to the account which it was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device([u8; NONCE]);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    nonce: [u8; NONCE],
    at: Timestamp,
    mac: [u8; MAC],
}

impl DeviceCookie {
    /// Reads a cookie's value. Entries of another form are left out.
    pub fn read(value: &str) -> Self {
        Self(value.split('.').take(ACCOUNTS).filter_map(Entry::read).collect())
    }

    /// The proof that this browser has signed in to `account`, if it has.
    pub fn device(&self, key: &MacKey, account: Account<'_>, now: Timestamp) -> Option<Device> {
        let live = self.0.iter().filter(|entry| entry.at.after(REMEMBERED) > now);
        live.filter(|entry| entry.is_for(key, account)).map(|entry| Device(entry.nonce)).next()
    }

    /// The same after another sign-in to `account`, which is then known by `nonce`.
    #[must_use]
    pub fn remember(&self, key: &MacKey, account: Account<'_>, nonce: [u8; NONCE], now: Timestamp) -> Self {
        // In seconds, as it is written.
        let at = Timestamp::from_secs(now.as_secs());
        let new = Entry { nonce, at, mac: key.mac(&parts(account, &nonce, at).each_ref().map(Vec::as_slice)) };
        let others = self.0.iter().filter(|entry| !entry.is_for(key, account)).cloned();
        Self(std::iter::once(new).chain(others).take(ACCOUNTS).collect())
    }
}

impl<'a> Account<'a> {
    /// The account of `user`, as it is now.
    pub fn of(user: &'a User) -> Self {
        Self { id: user.id, password_hash: user.password_hash.as_deref().unwrap_or_default() }
    }
}

impl Device {
    /// Tells this browser from every other.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Entry {
    fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE>()?;
        let (at, mac) = rest.split_first_chunk::<TIME>()?;
        let at = Timestamp::from_secs(i64::from_be_bytes(*at));
        Some(Self { nonce: *nonce, at, mac: mac.try_into().ok()? })
    }

    fn is_for(&self, key: &MacKey, account: Account<'_>) -> bool {
        key.verify(&parts(account, &self.nonce, self.at).each_ref().map(Vec::as_slice), &self.mac)
    }
}

fn parts(account: Account<'_>, nonce: &[u8; NONCE], at: Timestamp) -> [Vec<u8>; 5] {
    let (id, password) = (account.id.as_uuid().as_bytes().to_vec(), account.password_hash.as_bytes().to_vec());
    let time = at.as_secs().to_be_bytes().to_vec();
    [b"device cookie".to_vec(), id, password, nonce.to_vec(), time]
}

/// The cookie's value.
impl fmt::Display for DeviceCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, entry) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "." };
            let bytes = [&entry.nonce[..], &entry.at.as_secs().to_be_bytes(), &entry.mac].concat();
            write!(f, "{separator}{}", URL_SAFE_NO_PAD.encode(bytes))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::MasterKey;
    use crate::foundation::Random;

    const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_123_456);

    fn key() -> MacKey {
        MasterKey::parse(&MasterKey::generate(&Random::System)).unwrap().derive("login").unwrap()
    }

    fn user(seed: u64) -> Account<'static> {
        Account { id: UserId::generate(&Random::seeded(seed), NOW), password_hash: "$argon2id$1" }
    }

    fn again(cookie: &DeviceCookie) -> DeviceCookie {
        DeviceCookie::read(&cookie.to_string())
    }

    #[test]
    fn a_browser_is_known_to_the_account_that_it_signed_in_to_and_to_no_other() {
        let (key, other) = (key(), key());
        let cookie = again(&DeviceCookie::default().remember(&key, user(1), [7; NONCE], NOW));
        let device = cookie.device(&key, user(1), NOW).unwrap();
        assert_eq!(device.as_bytes(), [7; NONCE], "its own budget");
        assert_eq!(cookie.device(&key, user(2), NOW), None);
        assert_eq!(cookie.device(&other, user(1), NOW), None);
        assert_eq!(DeviceCookie::default().device(&key, user(1), NOW), None);
    }

    #[test]
    fn another_password_makes_every_browser_a_stranger() {
        let key = key();
        let cookie = DeviceCookie::default().remember(&key, user(1), [7; NONCE], NOW);
        let changed = Account { password_hash: "$argon2id$2", ..user(1) };
        assert_eq!(cookie.device(&key, changed, NOW), None);
        let again = cookie.remember(&key, changed, [8; NONCE], NOW);
        assert_eq!(again.device(&key, changed, NOW), Some(Device([8; NONCE])));
    }

    #[test]
    fn nothing_of_it_can_be_changed() {
        let key = key();
        let value = DeviceCookie::default().remember(&key, user(1), [7; NONCE], NOW).to_string();
        let bytes = URL_SAFE_NO_PAD.decode(&value).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let cookie = DeviceCookie::read(&URL_SAFE_NO_PAD.encode(changed));
            assert_eq!(cookie.device(&key, user(1), NOW), None, "byte {at}");
        }
        for value in ["", ".", "x", &value[1..], &format!("{value}AAAA"), &value.replace('A', "=")] {
            assert_eq!(DeviceCookie::read(value).device(&key, user(1), NOW), None, "{value}");
        }
    }

    #[test]
    fn it_is_remembered_for_four_hundred_days_from_the_last_sign_in() {
        let key = key();
        let first = DeviceCookie::default().remember(&key, user(1), [1; NONCE], NOW);
        let end = Timestamp::from_secs(NOW.as_secs()).after(Duration::from_secs(34_560_000));
        assert!(first.device(&key, user(1), end.before(Duration::from_micros(1))).is_some());
        assert_eq!(first.device(&key, user(1), end), None);
        let second = again(&first.remember(&key, user(1), [2; NONCE], end));
        assert_eq!(second.device(&key, user(1), end), Some(Device([2; NONCE])));
        assert_eq!(second.0.len(), 1, "the new one takes the place of the old");
    }

    #[test]
    fn a_browser_that_several_people_use_is_known_to_the_last_five() {
        let key = key();
        let mut cookie = DeviceCookie::default();
        for seed in 1..=6 {
            cookie = again(&cookie.remember(&key, user(seed), [u8::try_from(seed).unwrap(); NONCE], NOW));
        }
        assert_eq!(cookie.device(&key, user(1), NOW), None);
        for seed in 2..=6 {
            assert!(cookie.device(&key, user(seed), NOW).is_some(), "{seed}");
        }
        assert!(cookie.to_string().len() < 400);
    }
}
