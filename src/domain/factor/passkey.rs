//! Ceremonies of passkeys: a challenge is made, carried by a page, and answered once.

use std::time::Duration;

use crate::foundation::{SecretHash, id::UserId};

/// How long a challenge can be answered. A login page stays open while its reader is away.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(30 * 60);

/// What a challenge is for. It is sealed for that and nothing else: no answer to one is an answer to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To add a passkey to this account, in this session or half sign-in.
    Register(UserId, SecretHash),
    /// To prove to be this person after their password, in this session or half sign-in.
    SecondFactor(UserId, SecretHash),
    /// To sign in, whoever it is: in this browser, in answer to this request.
    SignIn {
        /// The secret of the browser.
        browser: SecretHash,
        /// The request.
        flow: SecretHash,
    },
}

impl Purpose {
    /// What its challenge is sealed for.
    pub fn context(&self) -> String {
        let hex = |hash: &SecretHash| hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        match self {
            Self::Register(user, place) => format!("passkey/register/{user}/{}", hex(place)),
            Self::SecondFactor(user, place) => format!("passkey/second_factor/{user}/{}", hex(place)),
            Self::SignIn { browser, flow } => format!("passkey/sign_in/{}/{}", hex(browser), hex(flow)),
        }
    }
}

/// Whether a signature counter may follow `last` (WebAuthn §6.1.1): it grows with each use, or the authenticator has none and
/// it stays 0. Storage compares the same way, in the statement that takes it.
pub const fn follows(last: i64, now: i64) -> bool {
    now > last || (now == 0 && last == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::{Random, Timestamp};

    #[test]
    fn no_challenge_is_sealed_for_two_things() {
        let now = Timestamp::from_secs(1_800_000_000);
        let [alice, bob] = [1, 2].map(|seed| UserId::generate(&Random::seeded(seed), now));
        let [a, b] = ["a", "b"].map(SecretHash::of);
        let purposes = [
            Purpose::Register(alice, a),
            Purpose::Register(alice, b),
            Purpose::Register(bob, a),
            Purpose::SecondFactor(alice, a),
            Purpose::SecondFactor(alice, b),
            Purpose::SecondFactor(bob, a),
            Purpose::SignIn { browser: a, flow: b },
            Purpose::SignIn { browser: b, flow: a },
            Purpose::SignIn { browser: a, flow: a },
        ];
        let mut contexts: Vec<_> = purposes.iter().map(Purpose::context).collect();
        contexts.sort();
        contexts.dedup();
        assert_eq!(contexts.len(), purposes.len());
    }

    #[test]
    fn a_counter_grows_or_there_is_none() {
        for (last, now, may) in [(0, 0, true), (0, 1, true), (5, 6, true), (5, 5, false), (5, 4, false), (5, 0, false)]
        {
            assert_eq!(follows(last, now), may, "{last} {now}");
        }
    }
}
