//! The tokens that a provider gave for somebody who signed in through it, kept for applications that may use them.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::foundation::Timestamp;
use crate::foundation::id::CredentialId;

/// So long before it expires, or half its life if that is less, an access token is renewed.
const AHEAD: Duration = Duration::from_secs(300);
/// One that expires so soon is handed to nobody: it has a way to go.
const TOO_SHORT: Duration = Duration::from_secs(10);
/// How long it is waited after the first renewal that failed; twice as long after each further one,
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// and never longer than that.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// Whoever has not signed in with an identity, and nobody asked for its tokens, for so long: they are renewed when somebody
/// asks, and not ahead.
pub const IDLE: Duration = Duration::from_secs(7 * 24 * 3600);
/// The longest token that is kept.
const LONGEST: usize = 16 * 1024;

/// What is sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamTokens {
    /// By which an application calls the provider.
    pub access: String,
    /// By which we get another one.
    pub refresh: Option<String>,
    /// What it is good for, as the provider says.
    pub scope: Option<String>,
    /// Until when; `None` where the provider does not say.
    pub expires_at: Option<Timestamp>,
}

/// Says nothing of what they are.
impl fmt::Debug for UpstreamTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpstreamTokens").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Tokens as they are kept, sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptTokens {
    /// The identity that they belong to.
    pub identity: CredentialId,
    /// The name of its provider in the configuration.
    pub provider: String,
    /// The tokens.
    pub sealed: Vec<u8>,
    /// When they are to be renewed next; `None`: never.
    pub renew_at: Option<Timestamp>,
    /// How often that has failed in a row.
    pub failures: i64,
    /// Grows with every change: whoever renews them writes only over what they have taken.
    pub version: i64,
    /// When somebody last signed in with the identity, or asked for its tokens; to the hour.
    pub used_at: Timestamp,
}

/// What becomes of an application's wish for an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It can be handed out.
    Give,
    /// It has to be renewed first.
    Renew,
    /// It was tried a moment ago in vain; how long to wait.
    Wait(Duration),
    /// There is nothing to renew it with.
    Over,
}

impl UpstreamTokens {
    /// Whether they can be kept at all.
    pub fn fit(&self) -> bool {
        self.access.len() <= LONGEST && self.refresh.as_ref().is_none_or(|token| token.len() <= LONGEST)
    }

    /// These, where the provider has given other ones: those parts that it did not name again stay (RFC 6749 §5.1, §6).
    #[must_use]
    pub fn replaced_by(self, other: Self) -> Self {
        Self { refresh: other.refresh.or(self.refresh), scope: other.scope.or(self.scope), ..other }
    }

    /// When they are to be renewed, having been given at `now`.
    pub fn renew_at(&self, now: Timestamp) -> Option<Timestamp> {
        let expires = self.expires_at.filter(|_| self.refresh.is_some())?;
        let ahead = AHEAD.min(expires.since(now) / 2);
        Some(expires.before(ahead))
    }

    /// What to do for whoever asks for them now.
    pub fn next(&self, kept: &KeptTokens, now: Timestamp) -> Next {
        if self.expires_at.is_none_or(|at| at > now.after(TOO_SHORT)) {
            return Next::Give;
        }
        match (&self.refresh, kept.renew_at) {
            (None, _) => Next::Over,
            (Some(_), Some(at)) if kept.failures > 0 && at > now => Next::Wait(at.since(now)),
            (Some(_), _) => Next::Renew,
        }
    }
}

/// How long to wait after so many renewals that failed in a row.
pub fn wait_after(failures: i64) -> Duration {
    let doubled = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX).min(20);
    FIRST_WAIT.saturating_mul(1 << doubled).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn tokens(seconds: Option<u64>, refresh: bool) -> UpstreamTokens {
        UpstreamTokens {
            access: "at".into(),
            refresh: refresh.then(|| "rt".into()),
            scope: Some("a".into()),
            expires_at: seconds.map(|seconds| NOW.after(Duration::from_secs(seconds))),
        }
    }

    fn kept(renew_at: Option<Timestamp>, failures: i64) -> KeptTokens {
        KeptTokens {
            identity: CredentialId::from_uuid(uuid::Uuid::nil()),
            provider: "p".into(),
            sealed: vec![],
            renew_at,
            failures,
            version: 1,
            used_at: NOW,
        }
    }

    #[test]
    fn they_are_renewed_ahead_of_their_end_where_that_is_known_and_can_be_done() {
        let after = |seconds| Some(NOW.after(Duration::from_secs(seconds)));
        assert_eq!(tokens(Some(3600), true).renew_at(NOW), after(3300));
        assert_eq!(tokens(Some(60), true).renew_at(NOW), after(30));
        assert_eq!((tokens(Some(3600), false).renew_at(NOW), tokens(None, true).renew_at(NOW)), (None, None));
    }

    #[test]
    fn an_application_gets_one_that_lasts_a_moment() {
        assert_eq!(tokens(Some(11), true).next(&kept(None, 0), NOW), Next::Give);
        assert_eq!(tokens(None, false).next(&kept(None, 0), NOW), Next::Give);
        assert_eq!(tokens(Some(10), true).next(&kept(Some(NOW), 0), NOW), Next::Renew);
        assert_eq!(tokens(Some(10), false).next(&kept(None, 0), NOW), Next::Over);
        let later = NOW.after(Duration::from_secs(5));
        assert_eq!(tokens(Some(0), true).next(&kept(Some(later), 1), NOW), Next::Wait(Duration::from_secs(5)));
        assert_eq!(tokens(Some(0), true).next(&kept(Some(NOW), 1), NOW), Next::Renew);
    }

    #[test]
    fn what_is_not_given_again_stays() {
        let new = UpstreamTokens { access: "new".into(), refresh: None, scope: None, expires_at: None };
        let both = tokens(Some(1), true).replaced_by(new);
        assert_eq!(
            (both.access.as_str(), both.refresh.as_deref(), both.scope.as_deref()),
            ("new", Some("rt"), Some("a"))
        );
        assert_eq!(both.expires_at, None);
    }

    #[test]
    fn a_provider_that_fails_is_asked_ever_more_rarely_and_never_given_up() {
        let waits: Vec<_> = (1..=9).map(|failures| wait_after(failures).as_secs()).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
        assert_eq!(wait_after(i64::MAX).as_secs(), 3600);
    }

    #[test]
    fn nothing_of_them_can_be_logged() {
        let shown = format!("{:?}", tokens(Some(1), true));
        assert!(!shown.contains("at\"") && !shown.contains("rt"), "{shown}");
    }
}
