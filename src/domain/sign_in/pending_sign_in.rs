//! Half a sign-in: the right password was given, and something else is due. It is no session, so nothing that looks for
//! one can take it for more than it is.

use std::time::Duration;

use crate::domain::factor::proof::Proofs;
use crate::foundation::{SecretHash, Timestamp, id::UserId};

/// How long the rest may take.
pub const COMPLETE_WITHIN: Duration = Duration::from_secs(600);
/// So many of one person may wait at the same time; the oldest makes room.
pub const MOST: usize = 10;

/// How far the clocks of instances may differ.
const SKEW: Duration = Duration::from_secs(60);

/// A sign-in that is not complete. The browser that it was made in has its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingSignIn {
    /// Who gave the password.
    pub user: UserId,
    /// When the account had changed last: if it has changed since, in whatever way, this is void.
    pub user_seen_at: Timestamp,
    /// What was given so far.
    pub proofs: Proofs,
    /// The authorization request that it answers, and no other.
    pub flow: SecretHash,
    /// The secret of the browser that it was made in.
    pub browser: SecretHash,
    /// Whether the browser is to stay signed in when it is closed.
    pub stays: bool,
    /// When the password was given.
    pub created_at: Timestamp,
    /// When the rest can no longer be given.
    pub expires_at: Timestamp,
}

impl PendingSignIn {
    /// Whether it can be completed at `now` in answer to `flow`, by the browser with this secret.
    pub fn is_open(&self, flow: &SecretHash, browser: &SecretHash, now: Timestamp) -> bool {
        let here = self.flow.matches(flow) && self.browser.matches(browser);
        // One that a wrong clock made would be open for as much longer.
        here && now < self.expires_at && self.created_at <= now.after(SKEW)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::Random;

    #[test]
    fn it_is_completed_in_its_own_browser_for_its_own_request_and_in_time() {
        let now = Timestamp::from_secs(1_800_000_000);
        let moment = Duration::from_micros(1);
        let (flow, browser, other) = (SecretHash::of("f"), SecretHash::of("b"), SecretHash::of("x"));
        let pending = PendingSignIn {
            user: UserId::generate(&Random::seeded(1), now),
            user_seen_at: now,
            proofs: Proofs::default(),
            flow,
            browser,
            stays: false,
            created_at: now,
            expires_at: now.after(COMPLETE_WITHIN),
        };
        let end = pending.expires_at;
        for (flow, browser, at, open) in [
            (&flow, &browser, now, true),
            (&flow, &browser, end.before(moment), true),
            (&flow, &browser, end, false),
            (&other, &browser, now, false),
            (&flow, &other, now, false),
            (&flow, &browser, now.before(SKEW), true),
            (&flow, &browser, now.before(SKEW).before(moment), false),
        ] {
            assert_eq!(pending.is_open(flow, browser, at), open, "{at}");
        }
    }
}
