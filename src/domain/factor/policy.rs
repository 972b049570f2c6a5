//! What a sign-in has to reach.

use super::class::Class;
use crate::domain::account::user::User;
use crate::domain::oauth::client::{Client, SecondFactorFor};
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::foundation::Timestamp;

/// Whether people have a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// None can be added. Those that there are are asked for all the same: switching something off must not make
    /// anybody's account weaker.
    Off,
    /// Whoever wants one.
    Optional,
    /// Everybody.
    Required,
}

/// What passkeys are good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passkeys {
    /// None can be added. Those that there are are asked for all the same, after the password.
    Off,
    /// They come after the password.
    SecondFactor,
    /// They sign in by themselves too.
    SignIn,
}

/// What this installation demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactorPolicy {
    /// Of whom.
    pub rule: Rule,
    /// Until then, whoever has none yet may go on without; `None`: not at all.
    pub enrol_by: Option<Timestamp>,
}

/// What comes after a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Nothing.
    Nothing,
    /// A factor that the person has.
    Factor,
    /// A factor that the person has not got yet.
    NewFactor,
}

impl FactorPolicy {
    /// What this person has to reach for this client, or for a page of ours.
    pub fn demanded(&self, user: &User, client: Option<&Client>, now: Timestamp) -> Class {
        let by_rule = self.rule == Rule::Required && self.enrol_by.is_none_or(|date| now >= date);
        let by_client = client.is_some_and(|client| client.metadata.second_factor == SecondFactorFor::Everybody);
        // Where none can be added, it would only lock them out.
        let by_user = self.rule != Rule::Off && user.second_factor_from.is_some_and(|date| now >= date);
        // A password alone never signs in whoever has more.
        match user.second_factor || by_rule || by_client || by_user {
            true => Class::TwoFactors,
            false => Class::Password,
        }
    }

    /// What is still missing, of someone who has `reached` so much. `remembered`: in a browser in which they gave their second
    /// factor some time ago. That spares whoever has one giving it again, but for a client that demands one; it adds
    /// nothing to what was reached.
    ///
    /// # Errors
    /// For the client: it demands what nobody can add here.
    pub fn missing(
        &self,
        user: &User,
        client: Option<&Client>,
        reached: Class,
        remembered: bool,
        now: Timestamp,
    ) -> Result<Demand, Refusal> {
        if reached >= self.demanded(user, client, now) {
            return Ok(Demand::Nothing);
        }
        let demands = client.is_some_and(|client| client.metadata.second_factor == SecondFactorFor::Everybody);
        if remembered && user.second_factor && !demands {
            return Ok(Demand::Nothing);
        }
        match (user.second_factor, self.rule) {
            (true, _) => Ok(Demand::Factor),
            (false, Rule::Optional | Rule::Required) => Ok(Demand::NewFactor),
            (false, Rule::Off) => Err(Refusal::new(
                ErrorCode::UnmetAuthenticationRequirements,
                "The user has no second factor, and none can be added here.",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::oauth::fixtures::{NOW, client, session, user};

    fn person(second_factor: bool) -> User {
        User { second_factor, ..user(session(NOW).user) }
    }

    fn strict() -> Client {
        let mut client = client();
        client.metadata.second_factor = SecondFactorFor::Everybody;
        client
    }

    #[test]
    fn whoever_has_a_second_factor_always_needs_it() {
        for rule in [Rule::Off, Rule::Optional, Rule::Required] {
            for enrol_by in [None, Some(NOW.after(Duration::from_secs(1)))] {
                let policy = FactorPolicy { rule, enrol_by };
                let missing = policy.missing(&person(true), Some(&client()), Class::Password, false, NOW);
                assert_eq!(missing, Ok(Demand::Factor), "{policy:?}");
                let missing = policy.missing(&person(true), Some(&strict()), Class::TwoFactors, false, NOW);
                assert_eq!(missing, Ok(Demand::Nothing), "{policy:?}");
            }
        }
    }

    #[test]
    fn whoever_has_none_needs_one_where_the_rule_or_the_client_says_so() {
        let missing = |rule, client: &Client| {
            FactorPolicy { rule, enrol_by: None }.missing(&person(false), Some(client), Class::Password, false, NOW)
        };
        assert_eq!(missing(Rule::Off, &client()), Ok(Demand::Nothing));
        assert_eq!(missing(Rule::Optional, &client()), Ok(Demand::Nothing));
        assert_eq!(missing(Rule::Required, &client()), Ok(Demand::NewFactor));
        assert_eq!(missing(Rule::Optional, &strict()), Ok(Demand::NewFactor));
        assert_eq!(missing(Rule::Required, &strict()), Ok(Demand::NewFactor));
        let own = FactorPolicy { rule: Rule::Required, enrol_by: None };
        assert_eq!(
            own.missing(&person(false), None, Class::Password, false, NOW),
            Ok(Demand::NewFactor),
            "a page of ours"
        );
        let refused = missing(Rule::Off, &strict()).unwrap_err();
        assert_eq!(refused.code, ErrorCode::UnmetAuthenticationRequirements);
    }

    #[test]
    fn until_the_date_the_rule_binds_nobody_who_has_none() {
        let by = |date| FactorPolicy { rule: Rule::Required, enrol_by: Some(date) };
        let missing =
            |policy: FactorPolicy| policy.missing(&person(false), Some(&client()), Class::Password, false, NOW);
        assert_eq!(missing(by(NOW.after(Duration::from_micros(1)))), Ok(Demand::Nothing));
        assert_eq!(missing(by(NOW)), Ok(Demand::NewFactor));
        assert_eq!(missing(by(NOW.before(Duration::from_secs(1)))), Ok(Demand::NewFactor));
    }

    #[test]
    fn of_one_person_it_is_required_from_a_date_whatever_is_required_of_others() {
        let by = |date| User { second_factor_from: Some(date), ..person(false) };
        let later = NOW.after(Duration::from_micros(1));
        for enrol_by in [None, Some(later)] {
            let policy = FactorPolicy { rule: Rule::Optional, enrol_by };
            let missing = |user: &User| policy.missing(user, Some(&client()), Class::Password, false, NOW);
            assert_eq!(missing(&by(NOW)), Ok(Demand::NewFactor));
            assert_eq!(missing(&by(later)), Ok(Demand::Nothing));
            let has_one = User { second_factor: true, ..by(NOW) };
            assert_eq!(missing(&has_one), Ok(Demand::Factor));
        }
        let own_page = FactorPolicy { rule: Rule::Optional, enrol_by: None };
        assert_eq!(
            own_page.missing(&by(NOW), None, Class::Password, true, NOW),
            Ok(Demand::NewFactor),
            "a page of ours"
        );
        // A grace that others have is none of theirs.
        let graceful = FactorPolicy { rule: Rule::Required, enrol_by: Some(later) };
        assert_eq!(graceful.missing(&by(NOW), None, Class::Password, false, NOW), Ok(Demand::NewFactor));
        let off = FactorPolicy { rule: Rule::Off, enrol_by: None };
        assert_eq!(off.missing(&by(NOW), None, Class::Password, false, NOW), Ok(Demand::Nothing), "none can be added");
    }

    #[test]
    fn a_remembered_browser_spares_a_factor_that_there_is_and_no_other_demand() {
        for rule in [Rule::Off, Rule::Optional, Rule::Required] {
            let missing = |user: &User, client: Option<&Client>| {
                FactorPolicy { rule, enrol_by: None }.missing(user, client, Class::Password, true, NOW)
            };
            assert_eq!(missing(&person(true), Some(&client())), Ok(Demand::Nothing), "{rule:?}");
            assert_eq!(missing(&person(true), None), Ok(Demand::Nothing), "{rule:?}, a page of ours");
            assert_eq!(missing(&person(true), Some(&strict())), Ok(Demand::Factor), "{rule:?}, the client demands one");
        }
        let required = FactorPolicy { rule: Rule::Required, enrol_by: None };
        let missing = required.missing(&person(false), Some(&client()), Class::Password, true, NOW);
        assert_eq!(missing, Ok(Demand::NewFactor), "it is no factor");
    }
}
