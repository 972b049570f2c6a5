//! A sign-in session: one user, one browser.

use std::time::Duration;

use crate::domain::factor::proof::{Proof, Proofs};
use crate::domain::factor::second_factor::SetUpIn;
use crate::foundation::{
    SecretHash, Timestamp,
    id::{SessionId, UserId},
};

/// One sign-in of one user in one browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The `sid` claim.
    pub id: SessionId,
    /// Who signed in.
    pub user: UserId,
    /// When they last proved who they are: the `auth_time` claim.
    pub authenticated_at: Timestamp,
    /// What they gave to prove it: the `acr` and `amr` claims.
    pub proofs: Proofs,
    /// When the session began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// The absolute limit.
    pub expires_at: Timestamp,
    /// When it was ended, by its user or by an administrator.
    pub ended_at: Option<Timestamp>,
    /// The flow that the last sign-in was for, as long as that flow has not been answered: proof, once, that the user
    /// signed in for it. A later sign-in takes its place, so that a session has room for one.
    pub proved_in: Option<SecretHash>,
    /// The flow in which the user last chose to go on with this session.
    pub chosen_in: Option<SecretHash>,
}

/// How long a proof counts as just given. What is hard to undo (another password, the end of the account) demands one.
pub const FRESH: Duration = Duration::from_secs(300);

/// Reading a session is not worth a write each time: `seen_at` moves when it is this old.
pub const SEEN_PRECISION: Duration = Duration::from_secs(60);

impl Session {
    /// Whether the session holds at `now`: not ended, within its absolute limit, and used within `idle`.
    pub fn is_live(&self, now: Timestamp, idle: Duration) -> bool {
        self.ended_at.is_none() && now < self.expires_at && now < self.seen_at.after(idle)
    }

    /// Whether its user has just proved who they are, by something that they did.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.is_within(FRESH, now)
    }

    /// Whether its user has proved who they are within so long, by something that they did.
    pub fn is_within(&self, age: Duration, now: Timestamp) -> bool {
        let is_recent = |at| now.since(at) <= age;
        let proved = |proof: &Proof| proof.method.is_an_act() && is_recent(proof.at);
        is_recent(self.authenticated_at) && self.proofs.iter().any(proved)
    }

    /// What a factor that is set up in this session belongs to until it is confirmed.
    pub fn set_up_in(&self) -> SetUpIn {
        SetUpIn::Session(SecretHash::of(&self.id.to_string()))
    }

    /// Whether `seen_at` is due to move.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now.since(self.seen_at) >= SEEN_PRECISION
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::factor::method::Method;
    use crate::foundation::Random;

    /// A session that began at `start` and lasts a day.
    pub(crate) fn session(start: Timestamp) -> Session {
        let random = Random::seeded(3);
        Session {
            id: SessionId::generate(&random, start),
            user: UserId::generate(&random, start),
            authenticated_at: start,
            proofs: Proofs::of(Proof::by_password(start)),
            created_at: start,
            seen_at: start,
            expires_at: start.after(Duration::from_secs(86_400)),
            ended_at: None,
            proved_in: None,
            chosen_in: None,
        }
    }

    #[test]
    fn a_session_ends_at_each_of_its_limits_to_the_microsecond() {
        let start = Timestamp::from_secs(1_000);
        let idle = Duration::from_secs(3_600);
        let mut session = session(start);
        assert!(session.is_live(Timestamp::from_micros(start.after(idle).as_micros() - 1), idle));
        assert!(!session.is_live(start.after(idle), idle), "idle limit");
        session.seen_at = session.expires_at;
        assert!(!session.is_live(session.expires_at, idle), "absolute limit");
        session.ended_at = Some(start);
        assert!(!session.is_live(start, idle), "ended");
    }

    #[test]
    fn what_makes_a_session_fresh_somebody_did_and_lately() {
        let start = Timestamp::from_secs(1_000);
        let by = |method| Proof { method, ..Proof::by_password(start) };
        let fresh = |proofs, now| Session { proofs, ..session(start) }.is_fresh(now);
        assert!(fresh(Proofs::of(by(Method::Upstream)), start.after(FRESH)));
        assert!(!fresh(Proofs::of(by(Method::Upstream)), start.after(FRESH + Duration::from_micros(1))));
        let undated = Proofs::of(by(Method::UpstreamSometime));
        assert!(!fresh(undated.clone(), start), "a browser that was left open at the provider");
        assert!(!fresh(undated.clone().and(by(Method::UpstreamFactor)), start), "it is as old");
        assert!(fresh(undated.and(by(Method::Totp)), start), "a code has been typed");
    }

    #[test]
    fn when_it_was_seen_is_written_again_after_a_minute() {
        let start = Timestamp::from_secs(1_000);
        let session = session(start);
        for (later, stale) in [(0, false), (59_999_999, false), (60_000_000, true), (3_600_000_000, true)] {
            assert_eq!(session.is_stale(start.after(Duration::from_micros(later))), stale, "{later} us later");
        }
        assert!(!session.is_stale(start.before(Duration::from_secs(3_600))), "by a clock that was set back");
    }
}
