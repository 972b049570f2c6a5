//! Which of a provider's claims is what here.

use serde_json::{Map, Value};

use super::arrival::Arrival;
use super::refusal::UpstreamRefusal;

/// The most that is kept of one text: a name, an address of a picture.
const LONGEST: usize = 2048;
/// The most groups that are kept.
const MOST_GROUPS: usize = 200;

/// Which of a provider's claims is what here, by its name; a dot leads into an object, a number into a list. Names of ours that
/// say who somebody is or what they may do (`sub`, `roles`, …) cannot be written: there are only these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimMapping {
    /// Which never changes and is given to nobody else.
    pub subject: String,
    /// The address.
    pub email: String,
    /// Whether the provider knows the address to be theirs; empty: it does not say.
    pub email_verified: String,
    /// What they are called there.
    pub username: String,
    /// Their whole name.
    pub name: String,
    /// The first.
    pub given_name: String,
    /// The last.
    pub family_name: String,
    /// Where a picture of them is.
    pub picture: String,
    /// Their language.
    pub locale: String,
    /// Their groups; empty: none are taken over.
    pub groups: String,
}

impl Default for ClaimMapping {
    /// The standard claims (OpenID Connect Core §5.1).
    fn default() -> Self {
        let own = str::to_owned;
        Self {
            subject: own("sub"),
            email: own("email"),
            email_verified: own("email_verified"),
            username: own("preferred_username"),
            name: own("name"),
            given_name: own("given_name"),
            family_name: own("family_name"),
            picture: own("picture"),
            locale: own("locale"),
            groups: String::new(),
        }
    }
}

impl ClaimMapping {
    /// Reads who somebody is. What is not of its type is as if it were not there: `email_verified` is the boolean `true` and
    /// nothing else (threats.md 1.4).
    ///
    /// # Errors
    /// When nothing says who it is.
    pub fn read(&self, issuer: &str, claims: &Map<String, Value>) -> Result<Arrival, UpstreamRefusal> {
        let subject = match at(claims, &self.subject) {
            Some(Value::String(text)) if !text.is_empty() && text.len() <= 255 => text.clone(),
            // GitHub counts its people.
            Some(Value::Number(number)) if number.is_u64() || number.is_i64() => number.to_string(),
            _ => return Err(UpstreamRefusal::NoSubject),
        };
        let text = |name: &str| at(claims, name).and_then(Value::as_str).and_then(fit);
        let email = text(&self.email);
        let email_verified = email.is_some() && at(claims, &self.email_verified) == Some(&Value::Bool(true));
        let said = [
            ("name", text(&self.name)),
            ("given_name", text(&self.given_name)),
            ("family_name", text(&self.family_name)),
            ("picture", text(&self.picture).filter(|url| url.starts_with("https://"))),
            ("locale", text(&self.locale)),
        ];
        let profile = said.into_iter().filter_map(|(name, text)| Some((name.to_owned(), Value::String(text?))));
        Ok(Arrival {
            issuer: issuer.to_owned(),
            subject,
            email,
            email_verified,
            username: text(&self.username),
            profile: profile.collect(),
            groups: (!self.groups.is_empty()).then(|| words(at(claims, &self.groups), MOST_GROUPS)),
            session: text("sid"),
            amr: words(claims.get("amr"), 20),
            acr: text("acr"),
        })
    }

    /// Whether groups are taken over and these claims say nothing of any.
    pub fn lacks_groups(&self, claims: &Map<String, Value>) -> bool {
        !self.groups.is_empty() && at(claims, &self.groups).is_none()
    }
}

/// The claim of that name. Where a name with dots is itself a claim, as those that are URLs are, it is meant.
fn at<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if name.is_empty() {
        return None;
    }
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let mut parts = name.split('.');
    let first = claims.get(parts.next()?)?;
    parts.try_fold(first, |value, part| match value {
        Value::Object(object) => object.get(part),
        Value::Array(list) => list.get(part.parse::<usize>().ok()?),
        _ => None,
    })
}

/// A text that can be shown, without what surrounds it.
fn fit(text: &str) -> Option<String> {
    let text = text.trim();
    let sound = !text.is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control);
    sound.then(|| text.to_owned())
}

fn words(value: Option<&Value>, most: usize) -> Vec<String> {
    let list = match value {
        Some(Value::Array(list)) => list.as_slice(),
        Some(one @ Value::String(_)) => std::slice::from_ref(one),
        _ => &[],
    };
    let mut words: Vec<_> = list.iter().filter_map(Value::as_str).filter_map(fit).take(most).collect();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(claims: &Value) -> Result<Arrival, UpstreamRefusal> {
        ClaimMapping::default().read("https://op.example", claims.as_object().unwrap())
    }

    #[test]
    fn an_address_is_verified_by_the_boolean_true_and_by_nothing_else() {
        let verified = |value: Value| {
            read(&json!({"sub": "1", "email": "a@b.example", "email_verified": value})).unwrap().email_verified
        };
        assert!(verified(json!(true)));
        for other in [json!("true"), json!(1), json!(false), json!(null), json!([true]), json!({})] {
            assert!(!verified(other.clone()), "{other}");
        }
        assert!(!read(&json!({"sub": "1", "email": "a@b.example"})).unwrap().email_verified);
        assert!(!read(&json!({"sub": "1", "email_verified": true})).unwrap().email_verified, "of no address");
    }

    #[test]
    fn a_subject_is_a_text_or_a_whole_number() {
        assert_eq!(read(&json!({"sub": "x"})).unwrap().subject, "x");
        assert_eq!(read(&json!({"sub": 583_231})).unwrap().subject, "583231");
        for none in [json!({}), json!({"sub": ""}), json!({"sub": null}), json!({"sub": 1.5}), json!({"sub": [1]})] {
            assert_eq!(read(&none), Err(UpstreamRefusal::NoSubject), "{none}");
        }
        assert_eq!(read(&json!({"sub": "x".repeat(256)})), Err(UpstreamRefusal::NoSubject));
    }

    #[test]
    fn names_lead_into_objects_and_lists_and_what_is_of_another_type_is_not_there() {
        let mapping = ClaimMapping {
            picture: "images.0.url".into(),
            groups: "realm_access.roles".into(),
            name: "https://op.example/name".into(),
            ..ClaimMapping::default()
        };
        let claims = json!({
            "sub": "1", "images": [{"url": "https://pics.example/1"}], "realm_access": {"roles": ["a", 7, "b"]},
            "https://op.example/name": "Ada", "given_name": 5, "family_name": "a\u{0}b", "locale": " en "
        });
        let arrival = mapping.read("https://op.example", claims.as_object().unwrap()).unwrap();
        let profile = json!({"name": "Ada", "picture": "https://pics.example/1", "locale": "en"});
        assert_eq!(Value::Object(arrival.profile), profile);
        assert_eq!(arrival.groups, Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(read(&json!({"sub": "1", "groups": ["admin"]})).unwrap().groups, None, "nobody asked for them");
    }

    #[test]
    fn a_picture_is_an_https_address() {
        for picture in ["http://pics.example/1", "javascript:alert(1)", "data:image/png;base64,AA"] {
            assert!(read(&json!({"sub": "1", "picture": picture})).unwrap().profile.is_empty(), "{picture}");
        }
    }
}
