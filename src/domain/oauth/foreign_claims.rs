//! Claims of JWTs that others have made, as far as they have forms of their own (RFC 7519 §4.1).

use serde::Deserialize;

use crate::foundation::Timestamp;

/// How far clocks may differ.
pub const LEEWAY: std::time::Duration = std::time::Duration::from_secs(60);

/// A time in seconds since 1970, which may have a fraction (RFC 7519 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "f64")]
pub struct NumericDate(Timestamp);

impl NumericDate {
    /// The time.
    pub const fn time(self) -> Timestamp {
        self.0
    }
}

impl From<f64> for NumericDate {
    #[expect(clippy::cast_possible_truncation, reason = "it saturates, and what is left of a microsecond is nothing")]
    fn from(seconds: f64) -> Self {
        Self(Timestamp::from_micros((seconds * 1_000_000.0) as i64))
    }
}

/// For whom a JWT is (RFC 7519 §4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One, as a text.
    One(String),
    /// Any number, as an array.
    Many(Vec<String>),
}

impl Audience {
    /// Whether it names one of `names`, compared byte for byte.
    pub fn has_any(&self, names: &[&str]) -> bool {
        match self {
            Self::One(name) => names.contains(&name.as_str()),
            Self::Many(all) => all.iter().any(|name| names.contains(&name.as_str())),
        }
    }

    /// Whether it is this name as one text, and nobody else's.
    pub fn is(&self, name: &str) -> bool {
        matches!(self, Self::One(only) if only == name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_may_have_a_fraction_and_be_absurd() {
        let read = |value: serde_json::Value| serde_json::from_value::<NumericDate>(value).map(NumericDate::time).ok();
        assert_eq!(read(json!(1_800_000_000)), Some(Timestamp::from_secs(1_800_000_000)));
        assert_eq!(read(json!(1_800_000_000.5)), Some(Timestamp::from_micros(1_800_000_000_500_000)));
        assert_eq!(read(json!(-1)), Some(Timestamp::from_secs(-1)));
        assert_eq!(read(json!(1e300)), Some(Timestamp::from_micros(i64::MAX)));
        assert_eq!(read(json!(u64::MAX)), Some(Timestamp::from_micros(i64::MAX)));
        assert_eq!((read(json!("1800000000")), read(json!(null))), (None, None));
    }

    #[test]
    fn an_audience_is_a_text_or_several() {
        let read = |value: serde_json::Value| serde_json::from_value::<Audience>(value).unwrap();
        assert!(read(json!("a")).has_any(&["b", "a"]) && read(json!(["x", "a"])).has_any(&["a"]));
        assert!(!read(json!("A")).has_any(&["a"]) && !read(json!([])).has_any(&["a"]));
        assert!(read(json!("a")).is("a") && !read(json!(["a"])).is("a"));
        assert!(serde_json::from_value::<Audience>(json!(7)).is_err());
    }
}
