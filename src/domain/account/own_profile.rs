//! What people may change of their profile themselves. A list of what is allowed: groups, custom claims and whatever says
//! that something was verified are not in it.

use serde_json::{Map, Value, json};

use super::profile::Profile;

/// A field that people fill in themselves: a claim, or a member of the claim `address`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnField {
    /// Its name in forms.
    pub name: &'static str,
    /// Whether it is a member of `address`.
    pub of_address: bool,
}

/// Every one of them.
pub const FIELDS: [OwnField; 18] = [
    claim("name"),
    claim("given_name"),
    claim("middle_name"),
    claim("family_name"),
    claim("nickname"),
    claim("picture"),
    claim("profile"),
    claim("website"),
    claim("gender"),
    claim("birthdate"),
    claim("zoneinfo"),
    claim("locale"),
    claim("phone_number"),
    part("street_address"),
    part("locality"),
    part("region"),
    part("postal_code"),
    part("country"),
];

/// Characters of a value. Each of them is in every answer about the person.
pub const LONGEST: usize = 200;

const fn claim(name: &'static str) -> OwnField {
    OwnField { name, of_address: false }
}

const fn part(name: &'static str) -> OwnField {
    OwnField { name, of_address: true }
}

/// A field that cannot be taken: its name, and what it must be.
pub type Wrong = (&'static str, Form);

/// What a field must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// At most [`LONGEST`] characters.
    Short,
    /// A single line of text.
    Line,
    /// An address that begins with `https://`.
    Https,
    /// An address of the web.
    WebAddress,
    /// A date, or a year.
    Birthdate,
    /// Any text.
    Text,
}

impl OwnField {
    /// Whether it may have several lines (OpenID Connect Core §5.1.1).
    pub fn has_lines(self) -> bool {
        self.name == "street_address"
    }

    /// Its value; empty where there is none.
    pub fn value(self, profile: &Profile) -> String {
        let found = match self.of_address {
            true => profile.claim("address").and_then(|address| address.get(self.name).cloned()),
            false => profile.claim(self.name),
        };
        found.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// The profile with what was typed in; a field that is empty takes its claim away, and one that was not sent leaves it.
///
/// # Errors
/// Each field that cannot be taken.
pub fn filled_in<'a>(profile: &Profile, typed: impl Fn(&str) -> Option<&'a str>) -> Result<Profile, Vec<Wrong>> {
    let (mut next, mut wrong) = (profile.clone(), Vec::new());
    let mut address = profile.claim("address").and_then(|value| value.as_object().cloned()).unwrap_or_default();
    let before = address.clone();
    for field in FIELDS {
        let Some(text) = typed(field.name).map(|text| read(field, text)) else { continue };
        // Whatever an operator has put there may stay: it is not what this person has typed.
        if text == read(field, &field.value(profile)) {
            continue;
        }
        let text = text.as_str();
        if let Err(form) = check(field, text) {
            wrong.push((field.name, form));
            continue;
        }
        match field.of_address {
            true if text.is_empty() => drop(address.remove(field.name)),
            true => drop(address.insert(field.name.to_owned(), json!(text))),
            false => match put(&next, field.name, if text.is_empty() { Value::Null } else { json!(text) }) {
                Ok(changed) => next = changed,
                Err(form) => wrong.push((field.name, form)),
            },
        }
    }
    if address != before {
        // Written out by somebody else, and no longer what the parts say.
        address.remove("formatted");
        let value = if address.is_empty() { Value::Null } else { Value::Object(address) };
        next = put(&next, "address", value).map_err(|form| vec![("street_address", form)])?;
    }
    if next.claim("phone_number") != profile.claim("phone_number") {
        next = put(&next, "phone_number_verified", Value::Null).map_err(|form| vec![("phone_number", form)])?;
    }
    if wrong.is_empty() { Ok(next) } else { Err(wrong) }
}

/// A text as a form sends it: a field of one line has no line breaks (HTML, "value sanitization algorithm"), and one of
/// several has each as a carriage return and a line feed.
fn read(field: OwnField, text: &str) -> String {
    match field.has_lines() {
        true => text.trim().replace("\r\n", "\n"),
        false => text.trim().replace(['\r', '\n'], ""),
    }
}

fn check(field: OwnField, text: &str) -> Result<(), Form> {
    if text.chars().count() > LONGEST {
        return Err(Form::Short);
    }
    if text.chars().any(|c| c.is_control() && !(c == '\n' && field.has_lines())) {
        return Err(Form::Line);
    }
    // The person's browser, and those of everybody whom it is shown to, load it.
    let is_picture = field.name == "picture" && !text.is_empty();
    match is_picture && !url::Url::parse(text).is_ok_and(|url| url.scheme() == "https") {
        true => Err(Form::Https),
        false => Ok(()),
    }
}

fn put(profile: &Profile, name: &str, value: Value) -> Result<Profile, Form> {
    let claims = Map::from_iter([(name.to_owned(), value)]);
    profile.clone().with(Value::Object(claims), |_| false).map_err(|_| match name {
        "profile" | "picture" | "website" => Form::WebAddress,
        "birthdate" => Form::Birthdate,
        _ => Form::Text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alice() -> Profile {
        let claims = json!({"name": "Alice", "phone_number": "+44 1", "phone_number_verified": true, "groups": ["staff"],
            "address": {"formatted": "1 High St\nOxford", "locality": "Oxford"}});
        Profile::parse(claims).unwrap()
    }

    fn typed<'a>(fields: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<&'a str> {
        |name| fields.iter().find(|(field, _)| *field == name).map(|(_, value)| *value)
    }

    #[test]
    fn what_was_typed_is_there_and_what_was_emptied_is_not() {
        let next = filled_in(&alice(), typed(&[("name", " Alice Liddell "), ("nickname", ""), ("locality", "Oxford")]));
        let next = next.unwrap();
        assert_eq!(next.claim("name"), Some(json!("Alice Liddell")));
        assert_eq!(next.claim("phone_number_verified"), Some(json!(true)), "another field");
        assert_eq!(next.claim("address"), alice().claim("address"), "unchanged, as it was written out");
        let gone = filled_in(&alice(), typed(&[("name", ""), ("phone_number", "+44 2"), ("country", "GB")])).unwrap();
        assert_eq!((gone.claim("name"), gone.claim("phone_number_verified")), (None, None));
        assert_eq!(gone.claim("address"), Some(json!({"locality": "Oxford", "country": "GB"})));
    }

    #[test]
    fn what_an_operator_wrote_stays_as_it_is_until_somebody_types_something_else() {
        let claims = json!({"name": "Al", "picture": "http://intranet.example/al.png",
            "address": {"formatted": "1 High St", "street_address": "1 High St\nFlat 2"}});
        let profile = Profile::parse(claims).unwrap();
        let sent = [
            ("name", "Al"),
            ("picture", "http://intranet.example/al.png"),
            ("street_address", "1 High St\r\nFlat 2"),
            ("nickname", "A"),
        ];
        let next = filled_in(&profile, typed(&sent)).unwrap();
        assert_eq!(next.claim("address"), profile.claim("address"));
        assert_eq!((next.claim("picture"), next.claim("nickname")), (profile.claim("picture"), Some(json!("A"))));
        let other = filled_in(&profile, typed(&[("picture", "http://intranet.example/other.png")])).unwrap_err();
        assert_eq!(other[0].0, "picture", "nobody adds one that is not https");
        let moved = filled_in(&profile, typed(&[("street_address", "2 High St\r\nFlat 3")])).unwrap();
        assert_eq!(moved.claim("address"), Some(json!({"street_address": "2 High St\nFlat 3"})));
    }

    #[test]
    fn nobody_gives_themselves_a_group_a_verification_or_a_claim_of_the_operator() {
        let fields =
            [("groups", "admins"), ("phone_number_verified", "true"), ("email_verified", "true"), ("sub", "x")];
        assert_eq!(filled_in(&alice(), typed(&fields)), Ok(alice()));
        assert!(FIELDS.iter().all(|field| !field.name.contains("verified") && field.name != "groups"));
    }

    #[test]
    fn each_field_that_cannot_be_taken_is_named() {
        let long = "x".repeat(201);
        let fields = [
            ("picture", "http://a.example/me.png"),
            ("website", "javascript:alert(1)"),
            ("birthdate", "yesterday"),
            ("nickname", long.as_str()),
            ("name", "a\tb"),
            ("gender", "null"),
        ];
        let wrong = filled_in(&alice(), typed(&fields)).unwrap_err();
        let names: Vec<_> = wrong.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["name", "nickname", "picture", "website", "gender", "birthdate"]);
    }
}
