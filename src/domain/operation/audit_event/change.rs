//! What an event says of a change: the field, what was there and what is there now. Never a secret: only values of types
//! that are declared here can be put in, and those of secrets have no form to be written in at all.

use serde::Serialize;
use serde_json::Value;

use crate::domain::account::user::Status;
use crate::domain::oauth::client::Metadata;

/// One field of what was changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    field: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<Value>,
    /// Only that it was changed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    hidden: bool,
}

/// A value that may be written down for years. Not for text as such, which could be anything: see [`Public`].
pub trait Recordable: Serialize {}

impl Recordable for bool {}
impl Recordable for Metadata {}
impl Recordable for Public<'_> {}
impl Recordable for [String] {}

/// A text that is no secret: the name of a person or an application, an address. Each use is a place to look at in a
/// review.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Public<'a>(pub Option<&'a str>);

impl<'a> From<&'a Option<String>> for Public<'a> {
    fn from(text: &'a Option<String>) -> Self {
        Self(text.as_deref())
    }
}

impl From<Status> for Public<'_> {
    fn from(status: Status) -> Self {
        Self(Some(status.as_str()))
    }
}

/// Bytes of JSON that are kept of a value.
const LONGEST: usize = 2_000;

impl Change {
    /// The field now has another value; `None` when it has the same.
    pub fn of<T: Recordable + ?Sized>(field: &str, old: &T, new: &T) -> Option<Self> {
        let value = |value: &T| serde_json::to_value(value).unwrap_or_default();
        Self::between(field, value(old), value(new))
    }

    /// Each member in which two objects differ.
    pub fn members<T: Recordable>(old: &T, new: &T) -> Vec<Self> {
        let members = |value: &T| match serde_json::to_value(value) {
            Ok(Value::Object(members)) => members,
            _ => serde_json::Map::new(),
        };
        let (mut old, new) = (members(old), members(new));
        let mut changes: Vec<_> = new
            .into_iter()
            .filter_map(|(field, value)| {
                let before = old.remove(&field).unwrap_or_default();
                Self::between(&field, before, value)
            })
            .collect();
        changes.extend(old.into_iter().filter_map(|(field, value)| Self::between(&field, value, Value::Null)));
        changes
    }

    /// The field was changed, and its value is not to be written down: it is a secret, or says more about a person than
    /// whoever reads events needs to know.
    pub fn hidden(field: impl Into<String>) -> Self {
        Self { field: field.into(), old: None, new: None, hidden: true }
    }

    fn between(field: &str, old: Value, new: Value) -> Option<Self> {
        let there = |value: Value| Some(value).filter(|value| !value.is_null()).map(bounded);
        (old != new).then(|| Self { field: field.to_owned(), old: there(old), new: there(new), hidden: false })
    }
}

/// A value that is too long is kept as the beginning of its text.
fn bounded(value: Value) -> Value {
    let text = value.to_string();
    if text.len() <= LONGEST {
        return value;
    }
    let end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    Value::String(format!("{}…", text.get(..end).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use std::marker::PhantomData;

    use serde_json::json;

    use super::*;
    use crate::domain::account::user::User;
    use crate::domain::oauth::client::Client;
    use crate::domain::operation::signing_key::SigningKeyRecord;
    use crate::foundation::{Secret, SecretHash, SecretString};

    /// Whether a type can be put into a change, asked of the compiler: the inherent constant is only there for types that
    /// can, and comes first.
    struct Probe<T>(PhantomData<T>);

    impl<T: Recordable> Probe<T> {
        const CAN: bool = true;
    }

    trait Cannot {
        const CAN: bool = false;
    }

    impl<T> Cannot for Probe<T> {}

    #[test]
    fn no_secret_and_no_text_as_such_can_be_put_in() {
        let can = [Probe::<bool>::CAN, Probe::<Public<'_>>::CAN, Probe::<Metadata>::CAN];
        assert_eq!(can, [true; 3], "the question can be answered");
        let secrets = [Probe::<Secret>::CAN, Probe::<SecretHash>::CAN, Probe::<SecretString>::CAN];
        let texts = [Probe::<String>::CAN, Probe::<Option<String>>::CAN, Probe::<&str>::CAN];
        let wholes = [Probe::<User>::CAN, Probe::<Client>::CAN, Probe::<SigningKeyRecord>::CAN];
        assert_eq!([secrets, texts, wholes], [[false; 3]; 3]);
    }

    #[test]
    fn what_stays_is_no_change_and_what_differs_is_told_both_ways() {
        assert_eq!(Change::of("email_verified", &true, &true), None);
        let changed = Change::of("email", &Public(None), &Public(Some("a@b.example")));
        assert_eq!(json!(changed), json!({"field": "email", "new": "a@b.example"}));
        assert_eq!(json!(Change::hidden("password")), json!({"field": "password", "hidden": true}));
    }

    #[test]
    fn of_an_object_only_the_members_that_differ() {
        let old = Metadata { logo_uri: Some("https://a.example/l".into()), ..Metadata::default() };
        let new = Metadata { redirect_uris: vec!["https://a.example/cb".into()], ..Metadata::default() };
        let mut changes = Change::members(&old, &new);
        changes.sort_by(|one, other| one.field.cmp(&other.field));
        assert_eq!(
            json!(changes),
            json!([
                {"field": "logo_uri", "old": "https://a.example/l"},
                {"field": "redirect_uris", "old": [], "new": ["https://a.example/cb"]},
            ])
        );
        assert_eq!(Change::members(&old, &old), []);
    }

    #[test]
    fn a_value_is_bounded() {
        let long = "ä".repeat(100_000);
        let change = Change::of("name", &Public(None), &Public(Some(&long))).unwrap();
        assert!(serde_json::to_string(&change).unwrap().len() < LONGEST + 100);
    }
}
