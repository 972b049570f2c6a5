//! Claims and tokens as a reader sees them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::exchange::indent;
use crate::foundation::Timestamp;

/// One claim, with its meaning.
#[derive(Clone, Debug)]
pub struct Row {
    /// The claim's name.
    pub name: String,
    /// Its value as JSON, or the bare text of a string.
    pub value: String,
    /// What it means.
    pub meaning: &'static str,
}

/// A JWT, taken apart without being trusted.
#[derive(Clone, Debug)]
pub struct Jwt {
    /// The first part, as sent.
    pub header: String,
    /// The second part.
    pub payload: String,
    /// The third part.
    pub signature: String,
    /// The first part, decoded and indented.
    pub header_json: String,
    /// The second part's claims.
    pub claims: Vec<Row>,
}

impl Jwt {
    /// Takes a token apart; `None` when it is opaque.
    pub fn read(token: &str) -> Option<Self> {
        let (header, rest) = token.split_once('.')?;
        let (payload, signature) = rest.split_once('.')?;
        let decode = |part: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(part).ok()?).ok();
        let claims: Map<String, Value> = serde_json::from_str(&decode(payload)?).ok()?;
        Some(Self {
            header: header.to_owned(),
            payload: payload.to_owned(),
            signature: signature.to_owned(),
            header_json: indent(&decode(header)?),
            claims: rows(&claims),
        })
    }
}

/// The claims in the order in which one reads them, the unknown last.
pub fn rows(claims: &Map<String, Value>) -> Vec<Row> {
    let place = |name: &str| MEANINGS.iter().position(|(known, _)| *known == name);
    let mut names: Vec<&String> = claims.keys().collect();
    names.sort_by_key(|name| place(name).unwrap_or(MEANINGS.len()));
    let row = |name: &String| Row {
        name: name.clone(),
        value: claims.get(name).map(|value| text(name, value)).unwrap_or_default(),
        meaning: place(name).and_then(|at| MEANINGS.get(at)).map_or("", |(_, meaning)| meaning),
    };
    names.into_iter().map(row).collect()
}

fn text(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if TIMES.contains(&name) => match number.as_i64() {
            Some(seconds) => {
                let time = Timestamp::from_secs(seconds).to_string();
                format!("{seconds} ({})", time.replace(".000000Z", "Z").replace('T', " "))
            }
            None => number.to_string(),
        },
        Value::Object(fields) if !fields.is_empty() => indent(&value.to_string()),
        other => other.to_string(),
    }
}

const TIMES: [&str; 5] = ["exp", "iat", "nbf", "auth_time", "updated_at"];

/// What the claims mean (OpenID Connect Core §2 and §5.1, RFC 9068 §2.2, RFC 7662 §2.2), in reading order.
const MEANINGS: &[(&str, &str)] = &[
    ("active", "Whether the token is valid now"),
    ("iss", "Who issued it"),
    ("sub", "Who it is about: never changes, never used again"),
    ("aud", "Whom it is for"),
    ("azp", "The client it was issued to"),
    ("client_id", "The client it was issued to"),
    ("token_type", "How to present it"),
    ("scope", "What it allows"),
    ("roles", "Roles, for the audience that asks for them"),
    ("permissions", "Permissions, for the audience that asks for them"),
    ("exp", "Valid until"),
    ("iat", "Issued at"),
    ("nbf", "Not valid before"),
    ("auth_time", "When the person signed in"),
    ("nonce", "Ties the token to the browser that asked"),
    ("acr", "How strong the sign-in was"),
    ("amr", "Methods of the sign-in: pwd is a password"),
    ("at_hash", "Ties the access token to this token"),
    ("sid", "The sign-in session, for logout"),
    ("jti", "The token's own id"),
    ("name", "Full name"),
    ("given_name", "First name"),
    ("family_name", "Last name"),
    ("middle_name", "Middle name"),
    ("nickname", "Nickname"),
    ("preferred_username", "Username: may change, never a key"),
    ("username", "Username"),
    ("email", "E-mail address: may change, never a key"),
    ("email_verified", "Whether the address was proven"),
    ("phone_number", "Phone number"),
    ("phone_number_verified", "Whether the number was proven"),
    ("profile", "Profile page"),
    ("picture", "Picture"),
    ("website", "Web site"),
    ("gender", "Gender"),
    ("birthdate", "Birth date"),
    ("zoneinfo", "Time zone"),
    ("locale", "Language"),
    ("address", "Postal address"),
    ("updated_at", "When the profile last changed"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_apart_and_an_opaque_one_is_not() {
        let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
        let token = format!("{}.{}.sig", part(r#"{"alg":"ES256"}"#), part(r#"{"x":[1],"exp":0,"iss":"i"}"#));
        let jwt = Jwt::read(&token).unwrap();
        let names: Vec<_> = jwt.claims.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["iss", "exp", "x"]);
        assert_eq!(jwt.claims[1].value, "0 (1970-01-01 00:00:00Z)");
        assert!(Jwt::read("opaque").is_none());
        assert!(Jwt::read("a.b.c").is_none());
    }
}
