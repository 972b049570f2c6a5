//! What a token has to be to be served at the API of one's own account: whoever holds it acts there as its person.

use std::time::Duration;

use super::scope::{ACCOUNT, ACCOUNT_WRITE};
use crate::domain::factor::class::{Class, class_of};
use crate::domain::factor::policy::{Demand, FactorPolicy};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::grant::GrantState;
use crate::domain::sign_in::session::{FRESH, Session};
use crate::foundation::Timestamp;

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Tells something.
    Read,
    /// Changes something.
    Change,
    /// Changes what would take the account away from its person: it demands a proof of the last minutes, as the pages do.
    Sensitive,
}

impl Access {
    /// The scope that it takes.
    pub const fn scope(self) -> &'static str {
        match self {
            Self::Read => ACCOUNT,
            Self::Change | Self::Sensitive => ACCOUNT_WRITE,
        }
    }
}

/// A token that holds, of a sign-in that is not enough: what another one has to be (RFC 9470 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepUp {
    /// How long ago it may have been at most.
    pub max_age: Option<Duration>,
    /// The class that it has to reach.
    pub acr: Option<Class>,
    /// Why, within the characters of RFC 6749 §5.2.
    pub why: &'static str,
}

/// Judges the sign-in behind a token. What is changed is changed within a session that still lasts, even by a token that
/// outlives it: signing out takes that right away. The age is that of the token's own sign-in, so that a sign-in elsewhere
/// makes no old token young; and what was proved is what the session holds, because a factor that was added in it counts.
///
/// # Errors
/// What is missing.
pub fn check(
    access: Access,
    state: &GrantState,
    client: &Client,
    policy: &FactorPolicy,
    now: Timestamp,
) -> Result<(), StepUp> {
    let again = |why| StepUp { max_age: None, acr: None, why };
    let live: Option<&Session> = state.session.as_ref().filter(|_| state.session_holds(now));
    let reached = match live {
        Some(session) => class_of(&session.proofs),
        None => state.grant.acr.as_deref().and_then(Class::parse),
    };
    let Some(reached) = reached else { return Err(again("It is not known how this person has signed in.")) };
    // That a browser is remembered is nothing that an application can show.
    match policy.missing(&state.user, Some(client), reached, false, now) {
        Ok(Demand::Nothing) => {}
        Ok(Demand::Factor | Demand::NewFactor) | Err(_) => {
            return Err(StepUp { acr: Some(Class::TwoFactors), ..again("A second factor is due.") });
        }
    }
    let Some(session) = live else {
        return match access {
            Access::Read => Ok(()),
            Access::Change | Access::Sensitive => Err(again("The sign-in that this token was issued for has ended.")),
        };
    };
    let is_fresh = session.is_fresh(now) && now.since(state.grant.authenticated_at) <= FRESH;
    match access {
        Access::Sensitive if !is_fresh => {
            Err(StepUp { max_age: Some(FRESH), ..again("This takes a sign-in of the last five minutes.") })
        }
        Access::Read | Access::Change | Access::Sensitive => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::factor::method::Method;
    use crate::domain::factor::policy::Rule;
    use crate::domain::factor::proof::{Proof, Proofs};
    use crate::domain::oauth::fixtures::{NOW, client, grant, session, user};

    const OPTIONAL: FactorPolicy = FactorPolicy { rule: Rule::Optional, enrol_by: None };

    fn state() -> GrantState {
        let session = session(NOW);
        GrantState { grant: grant(&session), user: user(session.user), session: Some(session) }
    }

    fn judge(access: Access, state: &GrantState, now: Timestamp) -> Result<(), StepUp> {
        check(access, state, &client(), &OPTIONAL, now)
    }

    #[test]
    fn what_is_sensitive_takes_a_sign_in_of_the_last_five_minutes_by_the_token_itself() {
        let (end, moment) = (NOW.after(FRESH), Duration::from_micros(1));
        for access in [Access::Read, Access::Change, Access::Sensitive] {
            assert_eq!(judge(access, &state(), end), Ok(()), "{access:?}");
            let late = judge(access, &state(), end.after(moment));
            assert_eq!(late.err().and_then(|late| late.max_age), (access == Access::Sensitive).then_some(FRESH));
        }
        let mut renewed = state();
        renewed.session = renewed.session.map(|session| Session { authenticated_at: end.after(moment), ..session });
        assert!(judge(Access::Sensitive, &renewed, end.after(moment)).is_err(), "the sign-in was another's");
    }

    #[test]
    fn a_token_that_outlives_its_session_reads_and_changes_nothing() {
        let mut ended = state();
        ended.session = ended.session.map(|session| Session { ended_at: Some(NOW), ..session });
        let gone = GrantState { session: None, ..state() };
        for state in [ended, gone] {
            assert_eq!(judge(Access::Read, &state, NOW), Ok(()));
            for access in [Access::Change, Access::Sensitive] {
                let refused = judge(access, &state, NOW).unwrap_err();
                assert_eq!((refused.max_age, refused.acr), (None, None), "{access:?}");
            }
        }
    }

    #[test]
    fn whoever_has_a_second_factor_needs_it_here_too() {
        let mut held = state();
        held.user.second_factor = true;
        let refused = judge(Access::Read, &held, NOW).unwrap_err();
        assert_eq!(refused.acr, Some(Class::TwoFactors));
        let password = Proof::by_password(NOW);
        let both = Proofs::of(password).and(Proof { method: Method::Totp, ..password });
        held.session = held.session.map(|session| Session { proofs: both, ..session });
        assert_eq!(judge(Access::Sensitive, &held, NOW), Ok(()), "it was added in this session");
        let required = FactorPolicy { rule: Rule::Required, enrol_by: None };
        let refused = check(Access::Read, &state(), &client(), &required, NOW).unwrap_err();
        assert_eq!(refused.acr, Some(Class::TwoFactors), "where everybody needs one");
    }
}
