//! Whose account somebody is who comes from a provider: the one decision.

use super::arrival::Arrival;
use super::policy::ProviderPolicy;
use super::refusal::UpstreamRefusal;
use crate::domain::account::user::{Status, User};

/// What is known when the decision is made.
pub struct Situation<'a> {
    /// Who came.
    pub arrival: &'a Arrival,
    /// What the provider's word is good for.
    pub policy: &'a ProviderPolicy,
    /// The account that this identity is connected to.
    pub connected: Option<&'a User>,
    /// The account that has their verified address.
    pub owner: Option<&'a User>,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// They sign in to the account that the identity is connected to.
    SignIn,
    /// The identity is connected to the account that has the address, and they sign in to it.
    Connect,
    /// They get an account.
    Create,
    /// There is an account with that address: they prove first that it is theirs.
    ProveFirst,
}

/// Decides it. Connected by itself is an identity only where both sides know the address to be theirs: the provider, which the
/// operator trusts for it, and we. An account whose address nobody has proven may have been made by somebody else in advance
/// ("pre-hijacking"): nothing is connected to it, and nobody is led into it.
///
/// # Errors
/// When they do not come in at all.
pub fn decide(s: &Situation<'_>) -> Result<Decision, UpstreamRefusal> {
    s.arrival.admitted(s.policy)?;
    let active = |user: &User| user.status == Status::Active;
    if let Some(user) = s.connected {
        return if active(user) { Ok(Decision::SignIn) } else { Err(UpstreamRefusal::Disabled) };
    }
    match s.owner {
        Some(owner) if !active(owner) => Err(UpstreamRefusal::Disabled),
        Some(owner) if owner.email_verified && s.policy.trusts_email => Ok(Decision::Connect),
        Some(_) => Ok(Decision::ProveFirst),
        None if s.policy.creates => Ok(Decision::Create),
        None => Err(UpstreamRefusal::NoAccount),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::domain::account::profile::Profile;
    use crate::foundation::{Random, Timestamp, id::UserId};

    fn user(email_verified: bool, status: Status) -> User {
        User {
            id: UserId::generate(&Random::seeded(1), Timestamp::from_secs(0)),
            status,
            username: None,
            email: Some("a@b.example".into()),
            email_verified,
            administrator: false,
            profile: Profile::default(),
            password_hash: None,
            second_factor: false,
            delete_at: None,
            second_factor_from: None,
            created_at: Timestamp::from_secs(1),
            updated_at: Timestamp::from_secs(1),
        }
    }

    fn decided(
        trusts: bool,
        creates: bool,
        connected: Option<&User>,
        owner: Option<&User>,
    ) -> Result<Decision, UpstreamRefusal> {
        let policy = ProviderPolicy {
            creates,
            trusts_email: trusts,
            domains: vec![],
            required_groups: vec![],
            second_factor_amr: vec![],
            second_factor_acr: vec![],
            updates_profile: false,
        };
        let arrival = Arrival {
            issuer: "https://op.example".into(),
            subject: "1".into(),
            email: Some("a@b.example".into()),
            email_verified: true,
            username: None,
            profile: Map::new(),
            groups: None,
            session: None,
            amr: vec![],
            acr: None,
        };
        decide(&Situation { arrival: &arrival, policy: &policy, connected, owner })
    }

    #[test]
    fn who_is_connected_signs_in_whoever_has_the_address() {
        let (own, other) = (user(true, Status::Active), user(true, Status::Active));
        assert_eq!(decided(false, false, Some(&own), Some(&other)), Ok(Decision::SignIn));
        let disabled = user(true, Status::Disabled);
        assert_eq!(decided(true, true, Some(&disabled), None), Err(UpstreamRefusal::Disabled));
    }

    #[test]
    fn an_address_connects_only_where_both_sides_know_it_to_be_theirs() {
        let (proven, unproven) = (user(true, Status::Active), user(false, Status::Active));
        assert_eq!(decided(true, true, None, Some(&proven)), Ok(Decision::Connect));
        assert_eq!(decided(false, true, None, Some(&proven)), Ok(Decision::ProveFirst));
        assert_eq!(decided(true, true, None, Some(&unproven)), Ok(Decision::ProveFirst));
        assert_eq!(decided(true, true, None, Some(&user(true, Status::Disabled))), Err(UpstreamRefusal::Disabled));
    }

    #[test]
    fn whoever_is_nobody_yet_gets_an_account_where_the_operator_wants_that() {
        assert_eq!(decided(true, true, None, None), Ok(Decision::Create));
        assert_eq!(decided(true, false, None, None), Err(UpstreamRefusal::NoAccount));
    }
}
