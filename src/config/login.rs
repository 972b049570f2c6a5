//! `[login]`: the brake on guessing passwords, and how long a browser stays signed in.

use std::time::Duration;

use super::reader::Reader;
use super::setting::choice;

/// The brake on guessing passwords.
#[derive(Clone, Copy, Debug)]
pub struct Login {
    /// Failures within the window after which an account has to wait.
    pub account_attempts: u32,
    /// The same for a client address.
    pub address_attempts: u32,
    /// The window in which failures are counted.
    pub window: Duration,
    /// Failures in a row after which an account takes no more passwords from browsers that it does not know.
    pub consecutive_failures: u32,
    /// Failures of one client's authentication, from one place and within the window, after which the answer is 429.
    pub client_attempts: u32,
    /// Whether a browser that is closed is still signed in when it is opened again.
    pub keep_signed_in: KeepSignedIn,
    /// Whether people are told by mail of sign-ins with a browser that was not used for their account before.
    pub new_browser_mail: Switch,
    /// Whether people sign in with passwords, choose them and ask for others.
    pub password: Switch,
    /// Whether people can sign in by a link or a code that is mailed to them.
    pub email: Switch,
    /// Accounts that can be signed in at the same time in one browser.
    pub accounts_per_browser: u32,
}

/// Whether a browser that is closed is still signed in when it is opened again; the session's own limits hold anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeepSignedIn {
    /// The person says so at each sign-in.
    Offer,
    /// Yes.
    Always,
    /// No.
    Never,
}

impl KeepSignedIn {
    /// Whether the sign-in page has a box to tick.
    pub fn is_offered(self) -> bool {
        self == Self::Offer
    }

    /// Whether the browser keeps its cookie, for a person who did or did not tick the box.
    pub fn applies(self, ticked: bool) -> bool {
        self == Self::Always || (self == Self::Offer && ticked)
    }
}

choice!(KeepSignedIn: Offer = "offer", Always = "always" or Never = "never");

/// Something that is there or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// It is.
    On,
    /// It is not.
    Off,
}

choice!(Switch: On = "on" or Off = "off");

impl Login {
    /// Whether people sign in with passwords.
    pub fn takes_passwords(&self) -> bool {
        self.password == Switch::On
    }

    /// Accounts that stay signed in in a browser beside the one that is current.
    pub fn most_others(&self) -> usize {
        self.accounts_per_browser.saturating_sub(1) as usize
    }

    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let account_attempts = from.within("login.account_attempts", 1..=1_000_000);
        let address_attempts = from.within("login.address_attempts", 1..=1_000_000);
        let window = from.within("login.window", Duration::from_secs(1)..=Duration::from_secs(86_400));
        let keep_signed_in = from.value("login.keep_signed_in");
        let new_browser_mail = from.value("login.new_browser_mail");
        let password = from.value("login.password");
        let email = from.value("login.email");
        let accounts_per_browser = from.within("login.accounts_per_browser", 1..=5);
        // NIST SP 800-63B-4 §3.2.2: no more than a hundred.
        let consecutive_failures = from.within("login.consecutive_failures", 10..=100);
        let client_attempts = from.within("login.client_attempts", 1..=1_000_000);
        Some(Self {
            account_attempts: account_attempts?,
            address_attempts: address_attempts?,
            window: window?,
            keep_signed_in: keep_signed_in?,
            new_browser_mail: new_browser_mail?,
            password: password?,
            email: email?,
            accounts_per_browser: accounts_per_browser?,
            consecutive_failures: consecutive_failures?,
            client_attempts: client_attempts?,
        })
    }
}
