//! The name that Apple sends beside the code, once, when somebody allows an application for the first time
/// (<https://developer.apple.com/documentation/signinwithapple/configuring-your-webpage-for-sign-in-with-apple>).
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::domain::oauth::params::Params;

/// What somebody calls themselves. The browser brings it and nobody has signed it: it is worth as much as a name that is typed at a
/// sign-up, and says nothing of who somebody is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostedName {
    given: Option<String>,
    family: Option<String>,
}

#[derive(Deserialize)]
struct User {
    name: Name,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Name {
    first_name: Option<String>,
    last_name: Option<String>,
}

/// Longer ones are no names.
const LONGEST: usize = 200;

const GIVEN: &str = "given_name";
const FAMILY: &str = "family_name";

impl PostedName {
    /// Reads the form's `user`; what cannot be read is as if it were not there.
    pub fn read(user: Option<&str>) -> Self {
        let user: Option<User> = user.and_then(|json| serde_json::from_str(json).ok());
        let Some(User { name: Name { first_name, last_name } }) = user else { return Self::default() };
        Self { given: sound(first_name), family: sound(last_name) }
    }

    /// Reads what [`PostedName::claims`] had put into a link.
    pub fn of_link(params: &Params) -> Self {
        let read = |name| sound(params.get(name).map(str::to_owned));
        Self { given: read(GIVEN), family: read(FAMILY) }
    }

    /// It as claims, by their names.
    pub fn claims(self) -> impl Iterator<Item = (&'static str, String)> {
        [(GIVEN, self.given), (FAMILY, self.family)].into_iter().filter_map(|(name, value)| Some((name, value?)))
    }

    /// Adds it to what a provider has said, where that lacks it.
    pub fn add_to(self, claims: &mut Map<String, Value>) {
        for (name, value) in self.claims() {
            claims.entry(name).or_insert(Value::String(value));
        }
    }
}

fn sound(name: Option<String>) -> Option<String> {
    let name = name.map(|name| name.trim().to_owned())?;
    let is_name = !name.is_empty() && name.len() <= LONGEST && !name.chars().any(char::is_control);
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_is_read_carried_on_and_does_not_replace_what_was_signed() {
        let name = PostedName::read(Some(r#"{"name":{"firstName":" Zoë ","lastName":"Doe"},"email":"a@b.example"}"#));
        let link = form_urlencoded::Serializer::new(String::new()).extend_pairs(name.clone().claims()).finish();
        assert_eq!(PostedName::of_link(&Params::parse(link.as_bytes()).unwrap()), name);
        let mut claims = json!({"sub": "1", "given_name": "Signed"}).as_object().unwrap().clone();
        name.add_to(&mut claims);
        assert_eq!(Value::Object(claims), json!({"sub": "1", "given_name": "Signed", "family_name": "Doe"}));
    }

    #[test]
    fn what_is_no_name_is_left_out() {
        let long = format!(r#"{{"name":{{"firstName":"{}"}}}}"#, "x".repeat(LONGEST + 1));
        for odd in
            ["", "[]", r#"{"name":"Zoe"}"#, r#"{"name":{}}"#, r#"{"name":{"firstName":" ","lastName":"a\nb"}}"#, &long]
        {
            assert_eq!(PostedName::read(Some(odd)), PostedName::default(), "{odd}");
        }
        assert_eq!(PostedName::read(None), PostedName::default());
    }
}
