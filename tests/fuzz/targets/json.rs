//! JSON that strangers send.

use latchkey::crypto::strict_json::is_unambiguous_object;
use latchkey::domain::account::profile::Profile;
use latchkey::domain::oauth::token::claim_catalogue::ClaimCatalogue;
use latchkey::domain::oauth::token::claims::ClaimsRequest;
use serde_json::Value;

use super::given;

/// Whether a text is one object without repeated names, against a count of its members: a parser keeps one of two with the same
/// name, and the text has a colon for each.
pub fn strict_json(data: &[u8]) {
    let parsed: Result<Value, _> = serde_json::from_slice(data);
    let unambiguous = is_unambiguous_object(data);
    let Ok(parsed) = parsed else {
        assert!(!unambiguous, "it is no JSON that can be read");
        return;
    };
    assert_eq!(unambiguous, parsed.is_object() && members(&parsed) == colons(data));
    if unambiguous {
        let again = parsed.to_string();
        assert!(is_unambiguous_object(again.as_bytes()));
        assert_eq!(serde_json::from_str::<Value>(&again).ok(), Some(parsed));
    }
}

fn members(value: &Value) -> usize {
    match value {
        Value::Object(all) => all.len() + all.values().map(members).sum::<usize>(),
        Value::Array(all) => all.iter().map(members).sum(),
        _ => 0,
    }
}

/// The colons of a JSON text that stand in no string.
fn colons(json: &[u8]) -> usize {
    let (mut count, mut within, mut escaped) = (0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if within => escaped = true,
            b'"' => within = !within,
            b':' if !within => count += 1,
            _ => {}
        }
    }
    count
}

/// The parameter `claims` (OpenID Connect Core §5.5).
pub fn claims_parameter(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let request = match ClaimsRequest::parse(text) {
        Ok(request) => request,
        Err(refusal) => return assert!(given::is_sendable(refusal.description)),
    };
    assert!(text.len() <= 4096 && request.userinfo.len() + request.id_token.len() <= 64);
    let written = serde_json::to_string(&request).expect("JSON");
    assert_eq!(serde_json::from_str::<ClaimsRequest>(&written).expect("a request"), request);

    let sent: Value = serde_json::from_str(text).expect("JSON");
    let acr = sent.pointer("/id_token/acr");
    let insists = acr.and_then(|acr| acr.get("essential")) == Some(&Value::Bool(true));
    assert!(request.essential_acr().is_none() || insists, "nobody insists on a class");
    let subject = sent.pointer("/id_token/sub/value").and_then(Value::as_str);
    assert_eq!(request.subject(), subject);
    let catalogue = ClaimCatalogue::default();
    let beyond = request.beyond(&given::scope("openid profile"), &catalogue);
    assert!(beyond.iter().all(|name| catalogue.knows(name) && name != "name"), "{beyond:?}");
    let with = request.clone().with_acr_values("urn:latchkey:acr:mfa");
    assert!(with == request || acr.is_none_or(Value::is_null), "what it says of acr stays");
}

/// Claims about a person, put into a profile that has some.
pub fn profile(data: &[u8]) {
    let Ok(claims) = serde_json::from_slice::<Value>(data) else { return };
    let is_custom = |name: &str| name == "department";
    let before = Profile::parse(serde_json::json!({"name": "Alice", "birthdate": "1990-01-31"})).expect("a profile");
    let Ok(after) = before.with(claims.clone(), is_custom) else { return };
    // Put in once more it changes nothing.
    assert_eq!(after.clone().with(claims.clone(), is_custom).as_ref(), Ok(&after));
    for (name, value) in claims.as_object().expect("only an object is taken") {
        match value {
            Value::Null => {
                assert_eq!(after.claim(name).filter(|value| value != &serde_json::json!([])), None, "{name}")
            }
            _ if name == "groups" => {}
            value => assert_eq!(after.claim(name).as_ref(), Some(value), "{name}"),
        }
    }
    for protected in ["sub", "email", "email_verified", "updated_at", "roles"] {
        assert_eq!(after.claim(protected), None);
    }
}
