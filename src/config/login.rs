//! `[login]`: the brake on guessing passwords.

use std::time::Duration;

use super::reader::Reader;

/// The brake on guessing passwords.
#[derive(Clone, Copy, Debug)]
pub struct Login {
    /// Failures within the window after which an account has to wait.
    pub account_attempts: u32,
    /// The same for a client address.
    pub address_attempts: u32,
    /// Over how long failures are counted.
    pub window: Duration,
    /// Failures in a row after which an account takes no more passwords from browsers that it does not know.
    pub consecutive_failures: u32,
    /// Failures of one client's authentication, from one place and within the window, after which they are told so.
    pub client_attempts: u32,
}

impl Login {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let account_attempts = from.within("login.account_attempts", 1..=1_000_000);
        let address_attempts = from.within("login.address_attempts", 1..=1_000_000);
        let window = from.within("login.window", Duration::from_secs(1)..=Duration::from_secs(86_400));
        // NIST SP 800-63B-4 §3.2.2: no more than a hundred.
        let consecutive_failures = from.within("login.consecutive_failures", 10..=100);
        let client_attempts = from.within("login.client_attempts", 1..=1_000_000);
        Some(Self {
            account_attempts: account_attempts?,
            address_attempts: address_attempts?,
            window: window?,
            consecutive_failures: consecutive_failures?,
            client_attempts: client_attempts?,
        })
    }
}
