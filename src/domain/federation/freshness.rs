//! How recent a sign-in at a provider has to be, and what is known of that.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::refusal::UpstreamRefusal;
use crate::foundation::Timestamp;

/// How far a provider's clock may differ from ours.
pub const LEEWAY: Duration = Duration::from_secs(60);

/// What somebody was sent to a provider with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// When they left.
    pub left_at: Timestamp,
    /// How many seconds ago they may have signed in there (`max_age`, OpenID Connect Core §3.1.2.1); 0: they sign in anew.
    pub max_age: Option<u64>,
}

/// When somebody signed in at a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedIn {
    /// Then: the provider says so, or there is nobody who could know better.
    At(Timestamp),
    /// They are signed in there. Since when, the provider does not say.
    Sometime,
}

/// Decides when somebody who came back at `now` has signed in at the provider, which `said` it (`auth_time`), and whether that
/// is recent enough. Whoever sits before a browser that was left open can take `prompt=login` out of the address to which they
/// are sent: only what the provider has signed tells. One that does not say it is taken for what it is where the account has
/// `another_way` to prove who somebody is, one that takes more than an open browser; and where it has none, there is no better
/// proof to be had.
///
/// # Errors
/// When it is not recent enough.
pub fn signed_in(
    sent: Sent,
    said: Option<Timestamp>,
    another_way: bool,
    now: Timestamp,
) -> Result<SignedIn, UpstreamRefusal> {
    match (said, sent.max_age) {
        // By a clock that goes behind ours, they have signed in since they left.
        (Some(said), _) if said.after(LEEWAY) >= sent.left_at => Ok(SignedIn::At(said.max(sent.left_at).min(now))),
        (Some(said), Some(most)) if now.since(said) > Duration::from_secs(most) => Err(UpstreamRefusal::Stale),
        (Some(said), _) => Ok(SignedIn::At(said.min(now))),
        (None, _) if !another_way => Ok(SignedIn::At(now)),
        (None, Some(_)) => Err(UpstreamRefusal::Stale),
        (None, None) => Ok(SignedIn::Sometime),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: Timestamp = Timestamp::from_secs(10_000);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(10_000 + seconds)
    }

    fn came(max_age: Option<u64>, said: Option<i64>, another_way: bool) -> Result<SignedIn, UpstreamRefusal> {
        signed_in(Sent { left_at: LEFT, max_age }, said.map(at), another_way, at(30))
    }

    #[test]
    fn a_sign_in_since_they_left_is_fresh_whatever_the_clocks_differ_by() {
        for (said, told) in [(20, 20), (0, 0), (-60, 0), (30, 30), (90, 30)] {
            assert_eq!(came(Some(0), Some(said), true), Ok(SignedIn::At(at(told))), "{said}");
        }
        assert_eq!(came(Some(0), Some(-61), true), Err(UpstreamRefusal::Stale), "a browser that was left open");
        assert_eq!(came(Some(0), Some(-61), false), Err(UpstreamRefusal::Stale), "the provider says that it is not");
    }

    #[test]
    fn an_age_that_is_allowed_counts_to_the_second_and_is_told_as_it_is() {
        assert_eq!(came(Some(600), Some(-570), true), Ok(SignedIn::At(at(-570))));
        assert_eq!(came(Some(600), Some(-571), true), Err(UpstreamRefusal::Stale));
        assert_eq!(came(None, Some(-86_400), true), Ok(SignedIn::At(at(-86_400))), "nobody wanted more");
    }

    #[test]
    fn a_provider_that_does_not_say_when_proves_nothing_fresh_where_something_else_does() {
        assert_eq!(came(None, None, true), Ok(SignedIn::Sometime));
        for max_age in [0, 600] {
            assert_eq!(came(Some(max_age), None, true), Err(UpstreamRefusal::Stale));
        }
        for max_age in [None, Some(0), Some(600)] {
            assert_eq!(came(max_age, None, false), Ok(SignedIn::At(at(30))), "there is no other way");
        }
    }
}
