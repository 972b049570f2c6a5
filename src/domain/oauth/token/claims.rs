//! Which claims about a user go where (OpenID Connect Core §5).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::claim_catalogue::ClaimCatalogue;
use super::scope::Scope;
use crate::crypto::strict_json::is_unambiguous_object;
use crate::domain::account::user::User;
use crate::domain::factor::class::Class;
use crate::domain::oauth::error::{ErrorCode, Refusal};

/// Claims about the sign-in itself; the ID token has them anyway.
const ABOUT_SIGN_IN: [&str; 5] = ["sub", "acr", "auth_time", "amr", "sid"];

/// The `claims` parameter (§5.5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimsRequest {
    /// Asked for in the userinfo answer.
    pub userinfo: BTreeMap<String, Option<ClaimWish>>,
    /// Asked for in the ID token.
    pub id_token: BTreeMap<String, Option<ClaimWish>>,
}

/// How one claim is asked for (§5.5.1); `None` in its place is `null`: voluntary.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct ClaimWish {
    /// Needed for a smooth authorization.
    pub essential: bool,
    /// Only this value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Only one of these, best first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<Value>>,
}

/// A derived reader would also take an array for the object. Unknown members are ignored (§5.5.1).
impl TryFrom<Map<String, Value>> for ClaimWish {
    type Error = &'static str;

    fn try_from(mut members: Map<String, Value>) -> Result<Self, Self::Error> {
        let essential = match members.remove("essential") {
            None => false,
            Some(Value::Bool(essential)) => essential,
            Some(_) => return Err("essential must be true or false"),
        };
        let values = match members.remove("values") {
            None => None,
            Some(Value::Array(values)) => Some(values),
            Some(_) => return Err("values must be an array"),
        };
        Ok(Self { essential, value: members.remove("value"), values })
    }
}

const MAX_BYTES: usize = 4096;
const MAX_CLAIMS: usize = 64;

impl ClaimsRequest {
    /// Reads the parameter's JSON.
    ///
    /// # Errors
    /// `invalid_request` when it is not the object that §5.5 describes, or is too large.
    pub fn parse(json: &str) -> Result<Self, Refusal> {
        let refuse = |description| Err(Refusal::new(ErrorCode::InvalidRequest, description));
        if json.len() > MAX_BYTES {
            return refuse("The claims parameter is too long.");
        }
        let request = match is_unambiguous_object(json.as_bytes()) {
            true => serde_json::from_str::<Self>(json).ok(),
            false => None,
        };
        let Some(request) = request else {
            return refuse("The claims parameter is not a JSON object as OpenID Connect Core 5.5 describes it.");
        };
        match request.userinfo.len() + request.id_token.len() > MAX_CLAIMS {
            true => refuse("The claims parameter asks for too many claims."),
            false => Ok(request),
        }
    }

    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }

    /// The `sub` that the client insists on, if any (§5.5.1).
    pub fn subject(&self) -> Option<&str> {
        self.wish("sub").and_then(|wish| wish.value.as_ref()).and_then(Value::as_str)
    }

    /// The acr values that the client insists on; `None` when it does not (§5.5.1.1).
    pub fn essential_acr(&self) -> Option<Vec<&str>> {
        let wish = self.wish("acr").filter(|wish| wish.essential)?;
        let mut accepted = wish.value.iter().chain(wish.values.iter().flatten()).peekable();
        accepted.peek()?;
        Some(accepted.filter_map(Value::as_str).collect())
    }

    /// Whether it asks for a sign-in of this class, insisting on it or not (§5.5.1.1).
    pub fn asks_for(&self, class: Class) -> bool {
        let Some(wish) = self.wish("acr") else { return false };
        wish.value.iter().chain(wish.values.iter().flatten()).any(|value| value.as_str() == Some(class.as_str()))
    }

    /// The same with `acr_values` (§3.1.2.1), which asks for classes as a voluntary claim does. What this says of `acr` already
    /// is left as it is; classes that nobody reaches here are left out.
    #[must_use]
    pub fn with_acr_values(mut self, text: &str) -> Self {
        let known: Vec<Value> =
            text.split(' ').filter_map(Class::parse).map(|class| class.as_str().into()).take(8).collect();
        if !known.is_empty() && self.wish("acr").is_none() {
            let wish = ClaimWish { values: Some(known), ..ClaimWish::default() };
            self.id_token.insert("acr".to_owned(), Some(wish));
        }
        self
    }

    /// Claims about the user that are asked for by name and that `scope` does not bring anyway: what consent must name.
    pub fn beyond(&self, scope: &Scope, catalogue: &ClaimCatalogue) -> BTreeSet<String> {
        let brought: BTreeSet<_> = catalogue.of_scope(scope).collect();
        let asked = self.userinfo.keys().chain(self.id_token.keys());
        asked.filter(|name| catalogue.knows(name) && !brought.contains(name.as_str())).cloned().collect()
    }

    fn wish(&self, name: &str) -> Option<&ClaimWish> {
        self.id_token.get(name).and_then(Option::as_ref)
    }
}

/// The userinfo answer (§5.3.2): `sub`, which is that of the ID token, the claims of the granted scopes, and those that were asked
/// for by name.
pub fn userinfo(
    sub: String,
    user: &User,
    scope: &Scope,
    asked: &ClaimsRequest,
    catalogue: &ClaimCatalogue,
) -> Map<String, Value> {
    let by_name = asked.userinfo.keys().map(String::as_str);
    let mut claims = values(user, catalogue.of_scope(scope).chain(by_name), catalogue);
    claims.insert("sub".to_owned(), sub.into());
    claims
}

/// What an ID token says of the user beyond the sign-in itself: only what was asked for there by name, because an
/// access token comes with it (§5.4); and the claims of `scope` for a client that cannot use that access token.
pub fn in_id_token(
    user: &User,
    scope: &Scope,
    asked: &ClaimsRequest,
    catalogue: &ClaimCatalogue,
) -> Map<String, Value> {
    let by_name = asked.id_token.keys().map(String::as_str).filter(|name| !ABOUT_SIGN_IN.contains(name));
    values(user, catalogue.of_scope(scope).chain(by_name), catalogue)
}

/// The user's values for `names`. A stored value whose claim is not in the catalogue is not given out.
fn values<'a>(user: &User, names: impl IntoIterator<Item = &'a str>, catalogue: &ClaimCatalogue) -> Map<String, Value> {
    let known = names.into_iter().filter(|name| catalogue.knows(name));
    known.filter_map(|name| user.claim(name).map(|value| (name.to_owned(), value))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::account::profile::Profile;
    use crate::domain::oauth::fixtures::{NOW, catalogue, scope, session, user};

    #[test]
    fn null_values_and_essential_are_read() {
        let request = ClaimsRequest::parse(
            r#"{"userinfo":{"name":{"essential":true},"email":null,"x":{"value":1}},
                "id_token":{"acr":{"essential":true,"values":["a","b"]},"sub":{"value":"u1"}},"other":{}}"#,
        )
        .unwrap();
        assert_eq!(request.essential_acr(), Some(vec!["a", "b"]));
        assert_eq!(request.subject(), Some("u1"));
        assert_eq!(request.userinfo.get("email"), Some(&None));
    }

    #[test]
    fn a_voluntary_acr_is_not_insisted_on() {
        let request = ClaimsRequest::parse(r#"{"id_token":{"acr":{"values":["a"]}}}"#).unwrap();
        assert_eq!(request.essential_acr(), None);
        let no_value = ClaimsRequest::parse(r#"{"id_token":{"acr":{"essential":true}}}"#).unwrap();
        assert_eq!(no_value.essential_acr(), None, "any value will do");
    }

    #[test]
    fn acr_values_ask_for_what_can_be_reached_and_insist_on_nothing() {
        let none = ClaimsRequest::default();
        assert!(none.clone().with_acr_values("gold silver").is_empty() && !none.asks_for(Class::TwoFactors));
        let asked = none.with_acr_values("gold urn:latchkey:acr:mfa");
        assert!(asked.asks_for(Class::TwoFactors) && !asked.asks_for(Class::Password));
        assert_eq!(asked.essential_acr(), None);
        let essential = r#"{"id_token":{"acr":{"essential":true,"values":["a"]}}}"#;
        let request = ClaimsRequest::parse(essential).unwrap().with_acr_values("urn:latchkey:acr:mfa");
        assert_eq!(request, ClaimsRequest::parse(essential).unwrap());
    }

    #[test]
    fn consent_names_what_the_scope_does_not_bring() {
        let request = ClaimsRequest::parse(r#"{"userinfo":{"name":null,"email":null,"shoe_size":null}}"#).unwrap();
        let standard = ClaimCatalogue::default();
        assert_eq!(request.beyond(&scope("openid email"), &standard), BTreeSet::from(["name".to_owned()]));
        let custom = catalogue(&[("shoe_size", "body")]);
        let named = BTreeSet::from(["name".to_owned(), "shoe_size".to_owned()]);
        assert_eq!(request.beyond(&scope("openid email"), &custom), named);
        assert_eq!(request.beyond(&scope("profile email body"), &custom), BTreeSet::new());
    }

    #[test]
    fn what_is_not_such_an_object_is_refused() {
        for bad in [
            "",
            "[]",
            "1",
            "{",
            r#"{"userinfo":[]}"#,
            r#"{"userinfo":{"name":true}}"#,
            r#"{"userinfo":{"name":[true]}}"#,
            r#"{"userinfo":{"name":{"essential":"true"}}}"#,
            r#"{"userinfo":{"name":{"values":"x"}}}"#,
            r#"{"userinfo":{"name":null,"name":null}}"#,
        ] {
            assert!(ClaimsRequest::parse(bad).is_err(), "{bad}");
        }
        let deep = format!("{}{}", "[".repeat(2000), "]".repeat(2000));
        assert!(ClaimsRequest::parse(&format!(r#"{{"userinfo":{{"x":{{"value":{deep}}}}}}}"#)).is_err());
    }

    #[test]
    fn userinfo_holds_what_the_scope_brings_and_what_was_asked_for_by_name() {
        let user = user(session(NOW).user);
        let names = |text: &str, asked: &str| {
            let asked = ClaimsRequest::parse(asked).unwrap();
            let told = userinfo("s".into(), &user, &scope(text), &asked, &ClaimCatalogue::default());
            assert_eq!(told.get("sub"), Some(&json!("s")), "as the client calls them");
            told.keys().cloned().collect::<BTreeSet<_>>()
        };
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(names("openid", "{}"), set(&["sub"]));
        assert_eq!(names("openid email", "{}"), set(&["sub", "email", "email_verified"]));
        let profile = ["sub", "name", "preferred_username", "updated_at"];
        assert_eq!(names("openid profile", "{}"), set(&profile), "claims without a value are left out");
        assert_eq!(names("openid", r#"{"userinfo":{"name":{"essential":true}}}"#), set(&["sub", "name"]));
        assert_eq!(names("openid", r#"{"id_token":{"name":null}}"#), set(&["sub"]), "that was for the ID token");
        assert_eq!(names("openid", r#"{"userinfo":{"password_hash":null,"administrator":null}}"#), set(&["sub"]));
    }

    #[test]
    fn a_custom_claim_is_given_out_with_its_scope_or_by_name_and_only_while_the_configuration_names_it() {
        let mut user = user(session(NOW).user);
        user.profile = Profile::default().with(json!({"department": "R&D", "groups": ["ops"]}), |_| true).unwrap();
        let configured = catalogue(&[("department", "hr")]);
        let given = |text: &str, asked: &str, catalogue: &ClaimCatalogue| {
            let asked = ClaimsRequest::parse(asked).unwrap();
            let userinfo = userinfo(String::new(), &user, &scope(text), &asked, catalogue).get("department").cloned();
            (userinfo, in_id_token(&user, &scope(text), &asked, catalogue).get("department").cloned())
        };
        let both = r#"{"userinfo":{"department":null},"id_token":{"department":null}}"#;
        let there = Some(json!("R&D"));
        assert_eq!(given("openid hr", "{}", &configured), (there.clone(), there.clone()));
        assert_eq!(given("openid profile", "{}", &configured), (None, None));
        assert_eq!(given("openid", both, &configured), (there.clone(), there));
        assert_eq!(given("openid hr", both, &ClaimCatalogue::default()), (None, None));
        let groups = userinfo(String::new(), &user, &scope("openid groups"), &ClaimsRequest::default(), &configured);
        assert_eq!(groups.get("groups"), Some(&json!(["ops"])));
    }

    #[test]
    fn only_the_id_tokens_sub_is_insisted_on_and_only_as_text() {
        let subject = |json: &str| ClaimsRequest::parse(json).unwrap().subject().map(str::to_owned);
        assert_eq!(subject(r#"{"id_token":{"sub":{"value":"u"}}}"#).as_deref(), Some("u"));
        for none in [r#"{"id_token":{"sub":null}}"#, r#"{"userinfo":{"sub":{"value":"u"}}}"#, "{}"] {
            assert_eq!(subject(none), None, "{none}");
        }
    }

    #[test]
    fn a_request_is_bounded_in_bytes_and_claims() {
        let claims = |count: usize| {
            let names = (0..count).map(|i| format!(r#""c{i}":null"#)).collect::<Vec<_>>().join(",");
            format!(r#"{{"userinfo":{{{names}}}}}"#)
        };
        assert!(ClaimsRequest::parse(&claims(MAX_CLAIMS)).is_ok());
        assert!(ClaimsRequest::parse(&claims(MAX_CLAIMS + 1)).is_err());
        let padded = |bytes: usize| format!("{{{}}}", " ".repeat(bytes - 2));
        assert!(ClaimsRequest::parse(&padded(MAX_BYTES)).is_ok());
        assert!(ClaimsRequest::parse(&padded(MAX_BYTES + 1)).is_err());
    }

    #[test]
    fn a_member_named_twice_is_refused() {
        assert!(ClaimsRequest::parse(r#"{"userinfo":{},"userinfo":{"name":null}}"#).is_err());
        assert!(ClaimsRequest::parse(r#"{"id_token":{"acr":{"value":"a","value":"b"}}}"#).is_err());
    }
}
