//! The standard claims about a person.

use serde_json::{Map, Value};
use thiserror::Error;

/// The standard claims of OpenID Connect Core §5.1, but for those that have a column of their own (`sub`, `email`,
/// `email_verified`, `preferred_username`, `updated_at`). Checked when made, so that what is sent is well typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile(Map<String, Value>);

/// Why a set of claims cannot be a profile.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ProfileError {
    /// The claims are not a JSON object.
    #[error("claims must be a JSON object")]
    NotAnObject,
    /// Not a standard claim, or one that has an option of its own.
    #[error("unknown claim {0:?}: allowed are {1}")]
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

impl Profile {
    /// Checks claims that come from outside.
    ///
    /// # Errors
    /// Names the first claim that is unknown or not of its type.
    pub fn parse(claims: Value) -> Result<Self, ProfileError> {
        let Value::Object(claims) = claims else {
            return Err(ProfileError::NotAnObject);
        };
        for (name, value) in &claims {
            let Some((_, kind)) = CLAIMS.iter().find(|(known, _)| known == name) else {
                let known = CLAIMS.map(|(name, _)| name).join(", ");
                return Err(ProfileError::Unknown(name.clone(), known));
            };
            kind.check(value).map_err(|form| ProfileError::Value(name.clone(), form))?;
        }
        Ok(Self(claims))
    }

    /// A claim's value; `None` when the person has none.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The claims as a JSON object, to store.
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
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
        assert_eq!(profile.claim("name"), Some(&json!("Alice Liddell")));
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
    fn birthdates_may_leave_out_the_year_or_the_day() {
        for good in ["1990-01-31", "0000-02-29", "1990"] {
            assert!(is_birthdate(good), "{good}");
        }
        for bad in ["1990-02-30", "90-01-31", "1700", "1990-1-31", "1990- 1-31", "1990-+1-31", "0000", "soon"] {
            assert!(!is_birthdate(bad), "{bad}");
        }
    }
}
