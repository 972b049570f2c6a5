//! Somebody who comes from a provider, as it describes them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::policy::ProviderPolicy;
use super::refusal::UpstreamRefusal;

/// Somebody who comes from a provider. Who it is, issuer and subject say; all else is what the provider says of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// Who says so.
    pub issuer: String,
    /// Who it is there.
    pub subject: String,
    /// Their address.
    pub email: Option<String>,
    /// Whether the provider says that the address is theirs.
    pub email_verified: bool,
    /// What they are called there.
    pub username: Option<String>,
    /// Standard claims.
    pub profile: Map<String, Value>,
    /// Their groups; `None` where they are not taken over.
    pub groups: Option<Vec<String>>,
    /// The session there, as far as it is named.
    pub session: Option<String>,
    /// How they signed in there (RFC 8176).
    pub amr: Vec<String>,
    /// The class of that sign-in there.
    pub acr: Option<String>,
}

impl Arrival {
    /// Their address, where the provider says that it is theirs: no other names anybody here.
    pub fn verified_email(&self) -> Option<&str> {
        self.email.as_deref().filter(|_| self.email_verified)
    }

    /// Whether people like them are let in, whether they have an account or not.
    ///
    /// # Errors
    /// When they are not.
    pub fn admitted(&self, policy: &ProviderPolicy) -> Result<(), UpstreamRefusal> {
        let is_in = |group: &String| self.groups.as_ref().is_some_and(|groups| groups.contains(group));
        if !policy.required_groups.is_empty() && !policy.required_groups.iter().any(is_in) {
            return Err(UpstreamRefusal::Group);
        }
        if policy.domains.is_empty() {
            return Ok(());
        }
        let domain = self.verified_email().and_then(|email| email.rsplit_once('@')).map(|(_, domain)| domain);
        let admitted = domain.is_some_and(|domain| policy.domains.iter().any(|one| one.eq_ignore_ascii_case(domain)));
        if admitted { Ok(()) } else { Err(UpstreamRefusal::Domain) }
    }

    /// Whether the way in which they signed in there counts as a second factor here.
    pub fn is_strong(&self, policy: &ProviderPolicy) -> bool {
        let is_strong_class = |class: &String| policy.second_factor_acr.contains(class);
        self.amr.iter().any(|word| policy.second_factor_amr.contains(word)) || self.acr.iter().any(is_strong_class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(domains: &[&str]) -> ProviderPolicy {
        ProviderPolicy {
            creates: true,
            trusts_email: true,
            domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
            required_groups: vec![],
            second_factor_amr: vec!["mfa".to_owned()],
            second_factor_acr: vec!["phrh".to_owned()],
            updates_profile: false,
        }
    }

    fn arrival(email: &str, email_verified: bool) -> Arrival {
        Arrival {
            issuer: "https://op.example".into(),
            subject: "1".into(),
            email: Some(email.into()),
            email_verified,
            username: None,
            profile: Map::new(),
            groups: None,
            session: None,
            amr: vec!["pwd".into()],
            acr: None,
        }
    }

    #[test]
    fn the_domain_of_a_verified_address_lets_in_and_that_of_another_does_not() {
        let own = policy(&["example.com"]);
        assert_eq!(arrival("a@Example.COM", true).admitted(&own), Ok(()));
        for (email, verified) in
            [("a@example.com", false), ("a@sub.example.com", true), ("a@example.com.evil.test", true), ("a", true)]
        {
            assert_eq!(arrival(email, verified).admitted(&own), Err(UpstreamRefusal::Domain), "{email}");
        }
        assert_eq!(arrival("a@evil.test", false).admitted(&policy(&[])), Ok(()));
    }

    #[test]
    fn where_groups_are_required_whoever_is_in_one_of_them_is_let_in() {
        let own = ProviderPolicy { required_groups: vec!["staff".into(), "ops".into()], ..policy(&[]) };
        let of = |groups: Option<&[&str]>| {
            let groups = groups.map(|groups| groups.iter().map(|one| (*one).to_owned()).collect());
            Arrival { groups, ..arrival("a@example.com", true) }.admitted(&own)
        };
        assert_eq!(of(Some(&["other", "ops"])), Ok(()));
        for outside in [None, Some(&[][..]), Some(&["Ops", "staffs"][..])] {
            assert_eq!(of(outside), Err(UpstreamRefusal::Group), "{outside:?}");
        }
    }

    #[test]
    fn what_counts_as_a_second_factor_the_operator_says() {
        let mut somebody = arrival("a@example.com", true);
        assert!(!somebody.is_strong(&policy(&[])));
        somebody.amr.push("mfa".into());
        assert!(somebody.is_strong(&policy(&[])));
        let by_class = |acr: &str| Arrival { acr: Some(acr.into()), ..arrival("a@example.com", true) };
        assert!(by_class("phrh").is_strong(&policy(&[])) && !by_class("0").is_strong(&policy(&[])));
    }
}
