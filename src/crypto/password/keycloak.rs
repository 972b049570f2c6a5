//! A credential as Keycloak exports it: JSON, whose members `credentialData` and `secretData` are JSON in text again.

use serde_json::Value;

use super::argon2::Stored;
use super::encoding::{decode, encode};
use super::error::HashRefused;
use super::pbkdf2::{Hash, Pbkdf2};

/// What such a credential is.
pub enum Credential {
    Argon2(Stored),
    Pbkdf2(Pbkdf2),
}

fn malformed(part: &'static str) -> HashRefused {
    HashRefused::Malformed { family: "a credential of Keycloak", part }
}

/// Reads one element of `credentials` of an exported user.
pub fn parse(text: &str) -> Result<Credential, HashRefused> {
    let credential: Value = serde_json::from_str(text).map_err(|_| malformed("the JSON"))?;
    if credential.get("type").is_some_and(|kind| kind != "password") {
        return Err(malformed("a type of \"password\""));
    }
    let (data, secret) = (member(&credential, "credentialData")?, member(&credential, "secretData")?);
    let bytes = |name| secret.get(name).and_then(Value::as_str).and_then(decode);
    let salt = bytes("salt").ok_or(malformed("the salt"))?;
    let output = bytes("value").ok_or(malformed("the value"))?;
    let iterations = data.get("hashIterations").and_then(Value::as_u64).ok_or(malformed("hashIterations"))?.to_string();
    let hash = match data.get("algorithm").and_then(Value::as_str) {
        Some("pbkdf2") => Hash::Sha1,
        Some("pbkdf2-sha256") => Hash::Sha256,
        Some("pbkdf2-sha512") => Hash::Sha512,
        Some("argon2") => return argon2(&data, &iterations, &salt, &output),
        _ => return Err(malformed("an algorithm that is known")),
    };
    Pbkdf2::new(hash, &iterations, salt, &output).map(Credential::Pbkdf2)
}

fn argon2(data: &Value, passes: &str, salt: &[u8], output: &[u8]) -> Result<Credential, HashRefused> {
    let parameters = data.get("additionalParameters").ok_or(malformed("additionalParameters"))?;
    // Each is a list of one text.
    let parameter = |name| parameters.get(name).and_then(|list| list.get(0)).and_then(Value::as_str);
    let (Some(kind), Some(memory), Some(lanes)) = (parameter("type"), parameter("memory"), parameter("parallelism"))
    else {
        return Err(malformed("type, memory or parallelism"));
    };
    let version = match parameter("version") {
        None | Some("1.3") => 19,
        Some("1.0") => 16,
        Some(_) => return Err(malformed("a version that is known")),
    };
    let (salt, output) = (encode(salt), encode(output));
    Stored::parse(&format!("$argon2{kind}$v={version}$m={memory},t={passes},p={lanes}${salt}${output}"))
        .map(Credential::Argon2)
}

/// A member, whether it is JSON or JSON in text.
fn member(credential: &Value, name: &'static str) -> Result<Value, HashRefused> {
    match credential.get(name) {
        Some(Value::String(text)) => serde_json::from_str(text).map_err(|_| malformed(name)),
        Some(value) => Ok(value.clone()),
        None => Err(malformed(name)),
    }
}
