//! The claims about a person: the standard ones, their groups, and those that the configuration names.

use serde_json::{Map, Value};
use thiserror::Error;

use super::groups::{Groups, UpstreamGroups};
use crate::foundation::id::CredentialId;

/// The claims of OpenID Connect Core §5.1, but for those that have a column of their own (`sub`, `email`,
/// `email_verified`, `preferred_username`, `updated_at`); groups; and custom claims. Checked when made, so that what is
/// sent is well typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    standard: Map<String, Value>,
    groups: Groups,
    custom: Map<String, Value>,
}

/// Why a set of claims cannot be a profile.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ProfileError {
    /// The claims are not a JSON object.
    #[error("claims must be a JSON object")]
    NotAnObject,
    /// Not a standard claim and not one that the configuration names, or one that has an option of its own.
    #[error("unknown claim {0:?}: allowed are {1}, and what claims.extra names")]
    Unknown(String, String),
    /// A value of the wrong type or form.
    #[error("claim {0:?} must be {1}")]
    Value(String, &'static str),
}

/// How a claim's value must look.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Url,
    Birthdate,
    Boolean,
    Address,
}

const CLAIMS: [(&str, Kind); 15] = [
    ("name", Kind::Text),
    ("given_name", Kind::Text),
    ("family_name", Kind::Text),
    ("middle_name", Kind::Text),
    ("nickname", Kind::Text),
    ("profile", Kind::Url),
    ("picture", Kind::Url),
    ("website", Kind::Url),
    ("gender", Kind::Text),
    ("birthdate", Kind::Birthdate),
    ("zoneinfo", Kind::Text),
    ("locale", Kind::Text),
    ("phone_number", Kind::Text),
    ("phone_number_verified", Kind::Boolean),
    ("address", Kind::Address),
];

const ADDRESS_MEMBERS: [&str; 6] = ["formatted", "street_address", "locality", "region", "postal_code", "country"];

/// The claim that names the groups of a person.
pub const GROUPS: &str = "groups";
/// Of one custom claim, as JSON.
const MAX_CUSTOM_BYTES: usize = 4096;

impl Profile {
    /// Checks claims that come from outside; there are no custom ones.
    ///
    /// # Errors
    /// As [`Profile::with`].
    pub fn parse(claims: Value) -> Result<Self, ProfileError> {
        Self::default().with(claims, |_| false)
    }

    /// This profile with the claims that come from outside put in; `null` takes one away (RFC 7396). `is_custom` tells
    /// which names beside the standard ones exist. Of groups these are the operator's: no claim writes those of another source.
    ///
    /// # Errors
    /// Names the first claim that is unknown or not of its type.
    pub fn with(mut self, claims: Value, is_custom: impl Fn(&str) -> bool) -> Result<Self, ProfileError> {
        let Value::Object(claims) = claims else {
            return Err(ProfileError::NotAnObject);
        };
        for (name, value) in claims {
            let standard = CLAIMS.iter().find(|(known, _)| *known == name);
            match (standard, &value) {
                (_, Value::Null) if name == GROUPS => self = self.in_groups(Vec::new())?,
                (Some(_), Value::Null) => drop(self.standard.remove(&name)),
                (Some((_, kind)), _) => {
                    kind.check(&value).map_err(|form| ProfileError::Value(name.clone(), form))?;
                    self.standard.insert(name, value);
                }
                (None, _) if name == GROUPS => {
                    let form = "a list of names, as in [\"admins\"]";
                    let groups: Vec<String> =
                        serde_json::from_value(value).map_err(|_| ProfileError::Value(name, form))?;
                    self = self.in_groups(groups)?;
                }
                // Also one that the configuration no longer names can be taken away.
                (None, Value::Null) => drop(self.custom.remove(&name)),
                (None, _) if is_custom(&name) => {
                    if value.to_string().len() > MAX_CUSTOM_BYTES {
                        return Err(ProfileError::Value(name, "at most 4096 bytes of JSON"));
                    }
                    self.custom.insert(name, value);
                }
                (None, _) => {
                    let known: Vec<_> = CLAIMS.iter().map(|(known, _)| *known).chain([GROUPS]).collect();
                    return Err(ProfileError::Unknown(name, known.join(", ")));
                }
            }
        }
        Ok(self)
    }

    /// This profile with these groups of the operator's, and those that come from elsewhere.
    ///
    /// # Errors
    /// When there are too many, or a name is empty, long or not printable.
    pub fn in_groups(mut self, groups: Vec<String>) -> Result<Self, ProfileError> {
        let groups = self.groups.with_own(groups).map_err(|form| ProfileError::Value(GROUPS.to_owned(), form))?;
        self.groups = groups;
        Ok(self)
    }

    /// This profile with the groups that an identity at an upstream provider brings now, in place of those that it brought.
    #[must_use]
    pub fn in_upstream_groups(self, identity: CredentialId, provider: &str, groups: &[String]) -> Self {
        Self { groups: self.groups.with_upstream(identity, provider, groups), ..self }
    }

    /// This profile without the groups that these identities brought.
    #[must_use]
    pub fn without_groups_of(self, identities: &[CredentialId]) -> Self {
        Self { groups: self.groups.without(identities), ..self }
    }

    /// A profile that was stored. Custom claims are read as they are: what the configuration names decides what is
    /// given out, not what is kept.
    ///
    /// # Errors
    /// When the standard claims cannot have been stored by us.
    pub fn from_stored(standard: Value, groups: Groups, custom: Map<String, Value>) -> Result<Self, ProfileError> {
        Ok(Self { groups, custom, ..Self::parse(standard)? })
    }

    /// A claim's value; `None` when the person has none. A custom claim never stands in for a standard one.
    pub fn claim(&self, name: &str) -> Option<Value> {
        match name {
            GROUPS if self.groups().is_empty() => None,
            GROUPS => Some(self.groups().into()),
            _ if CLAIMS.iter().any(|(known, _)| *known == name) => self.standard.get(name).cloned(),
            _ => self.custom.get(name).cloned(),
        }
    }

    /// The groups, wherever they come from, in alphabetical order.
    pub fn groups(&self) -> &[String] {
        self.groups.all()
    }

    /// Those of them that the operator gave.
    pub fn own_groups(&self) -> &[String] {
        self.groups.own()
    }

    /// Those of them that identities at upstream providers brought.
    pub fn upstream_groups(&self) -> &[UpstreamGroups] {
        self.groups.upstream()
    }

    /// The custom claims.
    pub fn custom(&self) -> &Map<String, Value> {
        &self.custom
    }

    /// Every claim that the person has, also the custom ones that the configuration no longer names.
    pub fn all(&self) -> Map<String, Value> {
        let groups = self.claim(GROUPS).map(|groups| (GROUPS.to_owned(), groups));
        // A custom claim never stands in for a standard one.
        self.custom.clone().into_iter().chain(groups).chain(self.standard.clone()).collect()
    }

    /// The standard claims as a JSON object, to store.
    pub fn to_json(&self) -> Value {
        Value::Object(self.standard.clone())
    }
}

impl Kind {
    fn check(self, value: &Value) -> Result<(), &'static str> {
        let text = || value.as_str().filter(|text| !text.trim().is_empty() && *text != "null");
        let (sound, form) = match self {
            Self::Text => (text().is_some(), "a string that is not empty"),
            Self::Url => (text().is_some_and(is_web_url), "an http or https URL"),
            Self::Birthdate => (text().is_some_and(is_birthdate), "YYYY-MM-DD, 0000-MM-DD or YYYY"),
            Self::Boolean => (value.is_boolean(), "true or false"),
            Self::Address => (is_address(value), "an object of strings (OpenID Connect Core 5.1.1)"),
        };
        match sound {
            true => Ok(()),
            false => Err(form),
        }
    }
}

/// Stored URLs are shown as links by others: nothing but the web's schemes (CVE-2026-29192).
fn is_web_url(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
}

fn is_birthdate(text: &str) -> bool {
    // chrono's reader would also take a space or a sign for a digit.
    if !text.bytes().enumerate().all(|(i, byte)| if i == 4 || i == 7 { byte == b'-' } else { byte.is_ascii_digit() }) {
        return false;
    }
    let year = |text: &str| text.len() == 4 && text.parse::<u16>().is_ok_and(|year| year == 0 || year >= 1850);
    match text.len() {
        4 => text != "0000" && year(text),
        // A leap year stands in for the unknown year, so that 29 February passes.
        10 => match text.strip_prefix("0000") {
            Some(rest) => format!("2000{rest}").parse::<chrono::NaiveDate>().is_ok(),
            None => text.get(..4).is_some_and(year) && text.parse::<chrono::NaiveDate>().is_ok(),
        },
        _ => false,
    }
}

fn is_address(value: &Value) -> bool {
    value.as_object().is_some_and(|members| {
        !members.is_empty()
            && members.iter().all(|(name, value)| ADDRESS_MEMBERS.contains(&name.as_str()) && value.is_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_full_profile_is_accepted() {
        let profile = Profile::parse(json!({
            "name": "Alice Liddell", "birthdate": "1990-01-31", "website": "https://alice.example",
            "phone_number": "+44 20 7946 0000", "phone_number_verified": true,
            "address": {"locality": "Oxford", "country": "GB"},
        }))
        .unwrap();
        assert_eq!(profile.claim("name"), Some(json!("Alice Liddell")));
        assert_eq!(profile.claim("nickname"), None);
    }

    #[test]
    fn a_wrong_type_names_the_claim() {
        let wrong = |claims: Value| Profile::parse(claims).unwrap_err().to_string();
        assert!(wrong(json!({"phone_number_verified": "true"})).contains("phone_number_verified"));
        assert!(wrong(json!({"website": "javascript:alert(1)"})).contains("website"));
        assert!(wrong(json!({"name": " "})).contains("name"));
        assert!(wrong(json!({"address": {"planet": "Earth"}})).contains("address"));
        assert!(wrong(json!({"sub": "1"})).contains("unknown claim"));
        assert!(wrong(json!(["name"])).contains("object"));
    }

    #[test]
    fn groups_are_a_list_of_names_in_order_and_once() {
        let profile = Profile::parse(json!({"groups": ["ops", "admins", "ops"]})).unwrap();
        assert_eq!(profile.claim("groups"), Some(json!(["admins", "ops"])));
        assert_eq!(Profile::default().claim("groups"), None, "no value, no claim");
        for bad in [json!("admins"), json!([1]), json!([""]), json!(["a\nb"]), json!(["a".repeat(129)]), json!({})] {
            assert!(Profile::parse(json!({"groups": bad.clone()})).is_err(), "{bad}");
        }
        let many: Vec<_> = (0..201).map(|n| n.to_string()).collect();
        assert!(Profile::default().in_groups(many).is_err());
    }

    #[test]
    fn a_custom_claim_is_one_that_the_configuration_names() {
        let department = |name: &str| name == "department";
        let profile = Profile::default().with(json!({"department": {"id": 7}, "name": "Alice"}), department).unwrap();
        assert_eq!(profile.claim("department"), Some(json!({"id": 7})));
        let error = Profile::default().with(json!({"shoe_size": 42}), department).unwrap_err();
        assert!(error.to_string().contains("claims.extra"), "{error}");
        assert!(Profile::default().with(json!({"department": "x".repeat(4096)}), department).is_err());
        // Even one that got in somehow does not change what the standard defines.
        let custom = json!({"name": "Mallory", "department": "x"});
        let stored = Profile::from_stored(json!({}), Groups::default(), custom.as_object().unwrap().clone()).unwrap();
        assert_eq!((stored.claim("name"), stored.claim("department")), (None, Some(json!("x"))));
    }

    #[test]
    fn null_takes_a_claim_away_and_what_is_not_named_stays() {
        let all = json!({"name": "Alice", "nickname": "Al", "groups": ["a"], "department": 1});
        let profile = Profile::default().with(all, |_| true).unwrap();
        let less = json!({"nickname": null, "groups": null, "department": null});
        let less = profile.with(less, |_| false).unwrap();
        assert_eq!(less, Profile::parse(json!({"name": "Alice"})).unwrap());
    }

    #[test]
    fn no_claim_writes_the_groups_that_come_from_elsewhere() {
        let identity = CredentialId::from_uuid(uuid::Uuid::nil());
        let profile = Profile::parse(json!({"groups": ["staff"]})).unwrap();
        let profile = profile.in_upstream_groups(identity, "google", &["ops".to_owned()]);
        assert_eq!(profile.claim("groups"), Some(json!(["ops", "staff"])));
        let none = profile.with(json!({"groups": null}), |_| true).unwrap();
        assert_eq!((none.claim("groups"), none.own_groups()), (Some(json!(["ops"])), &[][..]));
        assert_eq!(none.without_groups_of(&[identity]), Profile::default());
    }

    #[test]
    fn birthdates_may_leave_out_the_year_or_the_day() {
        for good in ["1990-01-31", "0000-02-29", "1990"] {
            assert!(is_birthdate(good), "{good}");
        }
        for bad in ["1990-02-30", "90-01-31", "1700", "1990-1-31", "1990- 1-31", "1990-+1-31", "0000", "soon"] {
            assert!(!is_birthdate(bad), "{bad}");
        }
    }
}
