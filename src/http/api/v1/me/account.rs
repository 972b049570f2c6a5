//! `/api/v1/me`: who one is, and one's profile.

use axum::Json;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::domain::account::own_profile::FIELDS;
use crate::domain::account::user::User;
use crate::http::api::v1::caller::Called;
use crate::http::extract::json::Sent;
use crate::http::respond::problem::{Code, Problem};
use crate::services::account::{ProfileChange, update_profile_if};
use crate::services::oauth::own_account::{Author, Reader};

/// An account, as its person sees it.
#[derive(Serialize)]
struct Account {
    sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
    has_password: bool,
    has_second_factor: bool,
    created_at: String,
    updated_at: String,
    /// The claims that people may change, and what follows from them.
    #[serde(flatten)]
    claims: Map<String, Value>,
}

impl Account {
    fn of(user: &User) -> Self {
        let own = FIELDS.into_iter().filter(|field| !field.of_address).map(|field| field.name);
        let shown = own.chain(["phone_number_verified", "address"]);
        let claims = shown.filter_map(|name| Some((name.to_owned(), user.claim(name)?))).collect();
        Self {
            sub: user.id.to_string(),
            username: user.username.clone(),
            email: user.email.clone(),
            email_verified: user.email.as_ref().map(|_| user.email_verified),
            has_password: user.password_hash.is_some(),
            has_second_factor: user.second_factor,
            created_at: user.created_at.to_string(),
            updated_at: user.updated_at.to_string(),
            claims,
        }
    }
}

/// `GET`.
pub async fn get(Called { who, .. }: Called<Reader>) -> Response {
    shown(&who.user)
}

/// `PATCH`: a merge patch (RFC 7396) of the members that people may change, by the rules of `/account/profile`. With
/// `If-Match` it is done only if the account is still as it was (RFC 9110 §13.1.1). One call stores one event at most, and
/// there are sixty in an hour, with those of the page.
///
/// # Errors
/// Each member that cannot be taken; then nothing is changed.
pub async fn patch(
    Called { app, who }: Called<Author>,
    headers: HeaderMap,
    Sent(patch): Sent<Map<String, Value>>,
) -> Result<Response, Problem> {
    let typed = read(&patch)?;
    let expected = condition(&headers);
    let is_expected = |user: &User| expected.as_ref().is_none_or(|tags| tags.hold_for(user));
    let find = |name: &str| typed.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    match update_profile_if(&app, &who.by, &who.session, is_expected, find).await? {
        ProfileChange::Saved(user) => Ok(shown(&user)),
        ProfileChange::Wait(wait) => Err(Problem::wait(wait)),
        ProfileChange::Unexpected => {
            Err(Problem::new(Code::PreconditionFailed, "The account is not as If-Match says; read it again."))
        }
        ProfileChange::Wrong(wrong) => {
            let refused = Problem::new(Code::ProfileRefused, "Nothing was changed; errors says what cannot be taken.");
            Err(wrong.iter().fold(refused, |refused, (name, _)| refused.at(location(name), must_be(name))))
        }
    }
}

fn shown(user: &User) -> Response {
    let mut response = Json(Account::of(user)).into_response();
    if let Ok(tag) = HeaderValue::try_from(tag(user)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Of all that is shown. A second factor is added and removed without a change of the account itself.
fn tag(user: &User) -> String {
    let factor = if user.second_factor { "-2" } else { "" };
    format!("\"{}{factor}\"", user.updated_at.as_micros())
}

/// What `If-Match` lists.
struct Expected(Vec<String>);

impl Expected {
    fn hold_for(&self, user: &User) -> bool {
        let tag = tag(user);
        self.0.iter().any(|known| known == "*" || *known == tag)
    }
}

fn condition(headers: &HeaderMap) -> Option<Expected> {
    let lists: Vec<_> = headers.get_all(header::IF_MATCH).iter().collect();
    let tags = lists.iter().flat_map(|list| list.to_str().unwrap_or_default().split(','));
    (!lists.is_empty()).then(|| Expected(tags.map(|tag| tag.trim().to_owned()).collect()))
}

/// The members of a patch as texts; an empty one takes its claim away, as `null` does.
fn read(patch: &Map<String, Value>) -> Result<Vec<(&'static str, &str)>, Problem> {
    let (mut typed, mut wrong) = (Vec::new(), Vec::new());
    let mut put = |known: Option<&'static str>, at: String, value: &'_ Value| match (known, text(value)) {
        (None, _) => wrong.push((at, "cannot be changed here")),
        (Some(_), None) => wrong.push((at, "must be a text or null")),
        (Some(name), Some(_)) => typed.push((name, at)),
    };
    for (name, value) in patch {
        match (name.as_str(), value) {
            ("address", Value::Object(parts)) => {
                parts
                    .iter()
                    .for_each(|(part, value)| put(field(part, true), format!("/address/{}", escaped(part)), value));
            }
            ("address", Value::Null) => {
                FIELDS
                    .iter()
                    .filter(|field| field.of_address)
                    .for_each(|part| put(Some(part.name), String::new(), value));
            }
            ("address", _) => put(Some("address"), "/address".to_owned(), &Value::Bool(true)),
            _ => put(field(name, false), format!("/{}", escaped(name)), value),
        }
    }
    if !wrong.is_empty() {
        let refused = Problem::new(Code::ProfileRefused, "Nothing was changed; errors says what cannot be taken.");
        return Err(wrong.into_iter().fold(refused, |refused, (at, message)| refused.at(at, message)));
    }
    let value = |name: &str| match field(name, true) {
        Some(_) => patch.get("address").and_then(|address| address.get(name)),
        None => patch.get(name),
    };
    Ok(typed.into_iter().map(|(name, _)| (name, value(name).and_then(text).unwrap_or_default())).collect())
}

fn field(name: &str, of_address: bool) -> Option<&'static str> {
    FIELDS.iter().find(|field| field.name == name && field.of_address == of_address).map(|field| field.name)
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Null => Some(""),
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// RFC 6901 §3. What cannot be a name of ours is cut short.
fn escaped(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(40).collect::<String>().replace('~', "~0").replace('/', "~1")
}

/// What a member has to be, in full: pages have words of their own for it.
fn must_be(name: &str) -> &'static str {
    match name {
        "picture" => "must be an https URL of at most 200 characters",
        "profile" | "website" => "must be an http or https URL of at most 200 characters",
        "birthdate" => "must be a date as in 1990-01-31, or a year",
        "street_address" => "must have at most 200 characters",
        _ => "must be a single line of at most 200 characters",
    }
}

fn location(name: &str) -> String {
    if field(name, true).is_some() { format!("/address/{name}") } else { format!("/{name}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patch(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_patch_sets_empties_and_leaves_alone() {
        let sent = patch(json!({"name": "Al", "nickname": null, "address": {"locality": "Oxford", "country": null}}));
        let mut typed = read(&sent).unwrap();
        typed.sort_unstable();
        assert_eq!(typed, [("country", ""), ("locality", "Oxford"), ("name", "Al"), ("nickname", "")]);
        let whole = patch(json!({"address": null}));
        assert_eq!(read(&whole).unwrap().len(), 5, "every part of it goes");
        assert!(read(&Map::new()).unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_changed_here_is_refused_and_not_ignored() {
        for sent in [
            json!({"email": "eve@evil.example"}),
            json!({"email_verified": true}),
            json!({"groups": ["admins"]}),
            json!({"locality": "Oxford"}),
            json!({"address": {"name": "x"}}),
            json!({"address": "1 High St"}),
            json!({"name": 1}),
            json!({"name": ["a"]}),
        ] {
            assert!(read(&patch(sent.clone())).is_err(), "{sent}");
        }
    }
}
