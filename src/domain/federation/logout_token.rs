//! The logout token of a provider (OpenID Connect Back-Channel Logout 1.0).

use std::time::Duration;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::foundation::Timestamp;

/// How far a provider's clock may differ from ours.
const LEEWAY: Duration = Duration::from_secs(60);
/// How old a token may be. Its id is kept for as long, so that it is taken once.
const OLDEST: Duration = Duration::from_secs(600);
/// The longest subject, session and id.
const LONGEST: usize = 255;
/// The event that makes it one (§2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Whose sessions end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutToken {
    /// Who says so.
    pub issuer: String,
    /// Of whom; `None` where only the session is named.
    pub subject: Option<String>,
    /// Which session there; `None`: all of them.
    pub session: Option<String>,
    /// By which it is told from others.
    pub id: String,
    /// From when on nobody takes it any more, so that its id need not be remembered.
    pub over: Timestamp,
}

/// What a logout token has to be.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Who we are there.
    pub client_id: &'a str,
    /// Now.
    pub now: Timestamp,
}

/// Why a logout token does not hold. The texts have nothing that the token says.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum LogoutRefusal {
    /// The provider has no ID tokens, and so no logout tokens.
    #[error("the provider does not speak OpenID Connect")]
    Protocol,
    /// No token, or none that can be read.
    #[error("it cannot be read")]
    Unreadable,
    /// It is a token of another type (§2.6: `typ`).
    #[error("it is of another type (typ)")]
    Type,
    /// An algorithm that is none, or takes a secret.
    #[error("it is signed with an algorithm that is not allowed (alg)")]
    Algorithm,
    /// Nobody's signature that counts.
    #[error("its signature does not hold")]
    Signature,
    /// A key that the provider does not publish.
    #[error("its key is not known")]
    UnknownKey,
    /// Of another issuer.
    #[error("it is of another issuer (iss)")]
    Issuer,
    /// Not for us.
    #[error("it is for another client (aud)")]
    Audience,
    /// `iat` or `exp` is missing, over or not yet.
    #[error("its time is over, has not come, or is not said (iat, exp)")]
    Time,
    /// It has no id.
    #[error("it has no id (jti)")]
    Id,
    /// It has been taken before.
    #[error("it was taken before (jti)")]
    Replayed,
    /// It does not say that it is a logout.
    #[error("it is no logout (events)")]
    Event,
    /// It names neither a subject nor a session.
    #[error("it names nobody (sub, sid)")]
    Nobody,
    /// It is an ID token (§2.6: `nonce`).
    #[error("it has a nonce, as ID tokens have")]
    Nonce,
}

/// Reads the claims of a token whose signature holds, and that is of `issuer` (§2.6).
///
/// # Errors
/// Names the first rule that it breaks.
pub fn read(issuer: String, claims: &Map<String, Value>, expected: Expected<'_>) -> Result<LogoutToken, LogoutRefusal> {
    let for_us = match claims.get("aud") {
        Some(Value::String(one)) => one == expected.client_id,
        Some(Value::Array(all)) => all.iter().any(|one| one == expected.client_id),
        _ => false,
    };
    if !for_us {
        return Err(LogoutRefusal::Audience);
    }
    let time = |name: &str| seconds(claims.get(name)?).map(Timestamp::from_secs);
    let (Some(issued), Some(expires)) = (time("iat"), time("exp")) else { return Err(LogoutRefusal::Time) };
    let oldest = issued.after(OLDEST);
    let over = expires.min(oldest).after(LEEWAY);
    if issued > expected.now.after(LEEWAY) || expected.now >= over {
        return Err(LogoutRefusal::Time);
    }
    if claims.contains_key("nonce") {
        return Err(LogoutRefusal::Nonce);
    }
    let event = claims.get("events").and_then(|events| events.get(EVENT));
    if !event.is_some_and(Value::is_object) {
        return Err(LogoutRefusal::Event);
    }
    let id = text(claims, "jti")?.ok_or(LogoutRefusal::Id)?;
    let (subject, session) = (text(claims, "sub")?, text(claims, "sid")?);
    match (&subject, &session) {
        (None, None) => Err(LogoutRefusal::Nobody),
        _ => Ok(LogoutToken { issuer, subject, session, id, over }),
    }
}

/// Whether the `typ` of a header is one that logout tokens have. Many providers still write what every JWT may have.
///
/// # Errors
/// When it is another.
pub fn check_type(typ: Option<&str>) -> Result<(), LogoutRefusal> {
    let fits = |typ: &str| {
        let typ = match typ.split_at_checked("application/".len()) {
            Some((start, rest)) if start.eq_ignore_ascii_case("application/") => rest,
            _ => typ,
        };
        ["logout+jwt", "jwt"].iter().any(|known| typ.eq_ignore_ascii_case(known))
    };
    if typ.is_none_or(fits) { Ok(()) } else { Err(LogoutRefusal::Type) }
}

/// A time in whole seconds; providers may write fractions (RFC 7519 §2).
fn seconds(value: &Value) -> Option<i64> {
    /// No clock is further than this: the year 9999.
    const LAST: i64 = 253_402_300_799;
    #[expect(clippy::cast_possible_truncation, reason = "what is out of range is refused after it")]
    let seconds = value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))?;
    (0..=LAST).contains(&seconds).then_some(seconds)
}

/// A claim that is a text if it is there at all.
fn text(claims: &Map<String, Value>, name: &str) -> Result<Option<String>, LogoutRefusal> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if (1..=LONGEST).contains(&text.len()) => Ok(Some(text.clone())),
        Some(_) => Err(LogoutRefusal::Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn claims() -> Map<String, Value> {
        let claims = json!({
            "aud": "us", "iat": NOW, "exp": NOW + 120, "jti": "1", "sub": "carl", "sid": "s", "events": { EVENT: {} }
        });
        claims.as_object().unwrap().clone()
    }

    fn read_with(name: &str, value: Value) -> Result<LogoutToken, LogoutRefusal> {
        let mut claims = claims();
        match value {
            Value::Null => drop(claims.remove(name)),
            value => drop(claims.insert(name.to_owned(), value)),
        }
        read_at(NOW, &claims)
    }

    fn read_at(now: i64, claims: &Map<String, Value>) -> Result<LogoutToken, LogoutRefusal> {
        let expected = Expected { client_id: "us", now: Timestamp::from_secs(now) };
        read("https://op.example".to_owned(), claims, expected)
    }

    #[test]
    fn each_rule_is_kept() {
        for (name, value, refusal) in [
            ("aud", json!("another"), LogoutRefusal::Audience),
            ("aud", json!(["another"]), LogoutRefusal::Audience),
            ("aud", Value::Null, LogoutRefusal::Audience),
            ("iat", Value::Null, LogoutRefusal::Time),
            ("iat", json!("now"), LogoutRefusal::Time),
            ("iat", json!(NOW + 61), LogoutRefusal::Time),
            ("iat", json!(NOW - 660), LogoutRefusal::Time),
            ("exp", Value::Null, LogoutRefusal::Time),
            ("exp", json!(NOW - 60), LogoutRefusal::Time),
            ("exp", json!(i64::MAX), LogoutRefusal::Time),
            ("jti", Value::Null, LogoutRefusal::Id),
            ("jti", json!(7), LogoutRefusal::Unreadable),
            ("jti", json!("x".repeat(256)), LogoutRefusal::Unreadable),
            ("nonce", json!("n"), LogoutRefusal::Nonce),
            ("nonce", json!(false), LogoutRefusal::Nonce),
            ("events", Value::Null, LogoutRefusal::Event),
            ("events", json!({}), LogoutRefusal::Event),
            ("events", json!([EVENT]), LogoutRefusal::Event),
            ("events", json!({ EVENT: "now" }), LogoutRefusal::Event),
            ("sub", json!(""), LogoutRefusal::Unreadable),
            ("sid", json!(["s"]), LogoutRefusal::Unreadable),
        ] {
            assert_eq!(read_with(name, value.clone()), Err(refusal), "{name} = {value}");
        }
        let mut nobody = claims();
        nobody.retain(|name, _| name != "sub" && name != "sid");
        assert_eq!(read_at(NOW, &nobody), Err(LogoutRefusal::Nobody));
    }

    #[test]
    fn a_token_names_a_subject_a_session_or_both_and_is_remembered_until_nobody_takes_it() {
        let token = read_with("aud", json!(["another", "us"])).unwrap();
        assert_eq!((token.subject.as_deref(), token.session.as_deref()), (Some("carl"), Some("s")));
        assert_eq!(token.over, Timestamp::from_secs(NOW + 180));
        assert!(read_with("sid", Value::Null).is_ok() && read_with("sub", Value::Null).is_ok());
        let mut long = claims();
        long.insert("exp".to_owned(), json!(NOW + 1_000_000));
        assert_eq!(read_at(NOW, &long).unwrap().over, Timestamp::from_secs(NOW + 660));
        assert!(read_at(NOW + 659, &long).is_ok());
        assert_eq!(read_at(NOW + 660, &long), Err(LogoutRefusal::Time));
    }

    #[test]
    fn what_names_another_type_is_no_logout_token() {
        for typ in [None, Some("logout+jwt"), Some("application/logout+JWT"), Some("JWT")] {
            assert_eq!(check_type(typ), Ok(()), "{typ:?}");
        }
        for typ in ["at+jwt", "dpop+jwt", "application/", "application/x", "", "üüüüüüüüüüü"] {
            assert_eq!(check_type(Some(typ)), Err(LogoutRefusal::Type), "{typ}");
        }
    }
}
