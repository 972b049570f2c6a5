//! The groups of a person, each with where it comes from.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::foundation::id::CredentialId;

/// Every group is in every ID token and userinfo answer that has the claim.
const MOST: usize = 200;
const LONGEST: usize = 128;

/// The groups of a person: those that the operator gave, and those that each identity at an upstream provider brought. A source
/// changes its own and no other, so that what ends at one ends here, and what another says stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    own: Vec<String>,
    upstream: Vec<UpstreamGroups>,
    all: Vec<String>,
}

/// The groups that one identity brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamGroups {
    /// Which.
    pub identity: CredentialId,
    /// The name of its provider in the configuration.
    pub provider: String,
    /// In alphabetical order.
    pub names: Vec<String>,
}

impl Groups {
    /// As they were stored.
    pub fn from_stored(own: Vec<String>, upstream: Vec<UpstreamGroups>) -> Self {
        Self { own, upstream, all: Vec::new() }.united()
    }

    /// These with other groups of the operator's.
    ///
    /// # Errors
    /// Says how they have to be, when there are too many or a name is empty, long or not printable.
    pub fn with_own(self, names: Vec<String>) -> Result<Self, &'static str> {
        if names.len() > MOST || !names.iter().all(|name| is_sound(name)) {
            return Err("at most 200 names of 1 to 128 printable bytes");
        }
        Ok(Self { own: sorted(names), ..self }.united())
    }

    /// These with those that an identity brings now, in place of those that it brought before. Names that no group here can have
    /// are left out, and so are those after the first two hundred: what one name is like keeps none of the others from ending.
    #[must_use]
    pub fn with_upstream(mut self, identity: CredentialId, provider: &str, names: &[String]) -> Self {
        self.upstream.retain(|one| one.identity != identity);
        let names = sorted(names.iter().filter(|name| is_sound(name)).take(MOST).cloned().collect());
        if !names.is_empty() {
            self.upstream.push(UpstreamGroups { identity, provider: provider.to_owned(), names });
            self.upstream.sort_by_key(|one| one.identity);
        }
        self.united()
    }

    /// These without those that these identities brought.
    #[must_use]
    pub fn without(mut self, identities: &[CredentialId]) -> Self {
        self.upstream.retain(|one| !identities.contains(&one.identity));
        self.united()
    }

    /// All of them, in alphabetical order and each once. Where there are more than [`MOST`], the operator's come first, then
    /// those of the identity that was connected first.
    pub fn all(&self) -> &[String] {
        &self.all
    }

    /// Those that the operator gave, in alphabetical order.
    pub fn own(&self) -> &[String] {
        &self.own
    }

    /// Those that identities brought, the one that was connected first before the others.
    pub fn upstream(&self) -> &[UpstreamGroups] {
        &self.upstream
    }

    fn united(mut self) -> Self {
        let mut all = BTreeSet::new();
        for name in self.own.iter().chain(self.upstream.iter().flat_map(|one| &one.names)) {
            if all.len() < MOST {
                all.insert(name.clone());
            }
        }
        self.all = all.into_iter().collect();
        self
    }
}

fn is_sound(name: &str) -> bool {
    !name.trim().is_empty() && name.len() <= LONGEST && !name.chars().any(char::is_control)
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::{Random, Timestamp};

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn identity(seconds: i64) -> CredentialId {
        CredentialId::generate(&Random::seeded(1), Timestamp::from_secs(seconds))
    }

    #[test]
    fn a_source_changes_its_own_groups_and_no_others() {
        let (first, second) = (identity(1_000), identity(2_000));
        let groups = Groups::default().with_own(names(&["staff", "admins"])).unwrap();
        let groups = groups.with_upstream(second, "b", &names(&["staff", "drivers"]));
        let groups = groups.with_upstream(first, "a", &names(&["ops", "drivers", "ops"]));
        assert_eq!(groups.all(), ["admins", "drivers", "ops", "staff"]);
        let sources: Vec<_> = groups.upstream().iter().map(|one| one.provider.as_str()).collect();
        assert_eq!(sources, ["a", "b"]);
        let groups = groups.with_upstream(first, "a", &[]);
        assert_eq!(groups.all(), ["admins", "drivers", "staff"], "the other still says drivers");
        let groups = groups.without(&[second]);
        assert_eq!((groups.all(), groups.own()), (&*names(&["admins", "staff"]), &*names(&["admins", "staff"])));
        assert!(groups.upstream().is_empty());
        assert_eq!(groups.with_own(vec![]).unwrap(), Groups::default());
    }

    #[test]
    fn a_name_that_no_group_can_have_is_left_out_alone() {
        let long = "a".repeat(129);
        let groups = Groups::default().with_upstream(identity(1), "a", &names(&["ops", "", "a\nb", &long]));
        assert_eq!(groups.all(), ["ops"]);
    }

    #[test]
    fn there_are_two_hundred_at_most_and_the_operators_come_first() {
        let many: Vec<_> = (0..300).map(|n| format!("a{n:03}")).collect();
        let groups = Groups::default().with_own(names(&["z"])).unwrap().with_upstream(identity(1), "a", &many);
        assert_eq!((groups.all().len(), groups.all().last().map(String::as_str)), (200, Some("z")));
        assert!(Groups::default().with_own(many).is_err());
    }

    #[test]
    fn what_was_stored_comes_back() {
        let groups = Groups::default().with_own(names(&["a"])).unwrap();
        let groups = groups.with_upstream(identity(1), "p", &names(&["b"]));
        let text = serde_json::to_string(groups.upstream()).unwrap();
        let stored = Groups::from_stored(groups.own().to_vec(), serde_json::from_str(&text).unwrap());
        assert_eq!(stored, groups);
    }
}
