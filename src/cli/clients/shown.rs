//! How clients are shown.

use serde_json::{Value, json};

use crate::domain::oauth::client::Client;
use crate::domain::oauth::client::registration::{in_vain, warnings};
use crate::domain::oauth::profile::Rules;
use crate::foundation::SecretString;
use crate::foundation::text;

/// The most characters of a value: applications register themselves with texts of theirs, and no screen shows more.
const SHOWN: usize = 10_000;

/// A client in the terms of RFC 7591 §2.
pub fn describe(client: &Client) -> Value {
    let mut object = serde_json::to_value(&client.metadata).unwrap_or_default();
    if let Some(object) = object.as_object_mut() {
        object.insert("client_id".to_owned(), json!(client.id));
        object.insert("client_id_issued_at".to_owned(), json!(client.created_at.as_secs()));
        object.insert("client_name".to_owned(), json!(client.name));
        object.insert("enabled".to_owned(), json!(client.enabled));
        if client.registered_itself {
            object.insert("registered_itself".to_owned(), json!(true));
        }
    }
    object
}

/// A client with a secret that is shown this once, or with none.
pub fn created(client: &Client, secret: Option<&SecretString>, rules: Rules) -> (Value, String) {
    let (id, mut object) = (&client.id, describe(client));
    let text = match (secret.map(SecretString::expose), object.as_object_mut()) {
        (Some(secret), Some(object)) => {
            object.insert("client_secret".to_owned(), json!(secret));
            format!("client_id      {id}\nclient_secret  {secret}\nThe secret is not shown again.")
        }
        _ if client.is_public() => format!("client_id      {id}\nA public client has no secret; it must use PKCE."),
        _ => format!("client_id      {id}\nIt has no secret: it proves itself by its own key."),
    };
    with_warnings(object, text, client, rules)
}

/// Every client in a line, with what it is registered for in vain below, or all of them in one object.
pub fn listed(all: &[Client], rules: Rules) -> (Value, String) {
    let line = |client: &Client| {
        let off = if client.enabled { "" } else { "  (disabled)" };
        let (id, name) = (text::plain(client.id.as_str(), SHOWN), text::plain(&client.name, SHOWN));
        let line = format!("{id}  {name}{off}");
        in_vain(client, rules).fold(line, |text, warning| {
            text + "
  warning: " + &warning
        })
    };
    let text: Vec<_> = all.iter().map(line).collect();
    let object = |client| with_warnings(describe(client), String::new(), client, rules).0;
    (json!({ "clients": all.iter().map(object).collect::<Vec<_>>() }), text.join("\n"))
}

/// One line for each member.
pub fn lines(object: &Value) -> String {
    let members = object.as_object().into_iter().flatten();
    let line = |(name, value): (&String, &Value)| format!("{name:34}{}", plain(value)).trim_end().to_owned();
    members.map(line).collect::<Vec<_>>().join("\n")
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        // What an application says of itself must not forge a line or move the cursor of whoever decides about it.
        Value::String(text) => text::plain(text, SHOWN),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| format!("{}={}", text::plain(name, SHOWN), plain(value)))
            .collect::<Vec<_>>()
            .join(" "),
        other => other.to_string(),
    }
}

/// Adds what the client gives up by how it is registered.
pub fn with_warnings(mut object: Value, mut text: String, client: &Client, rules: Rules) -> (Value, String) {
    let warnings = warnings(client, rules);
    for warning in &warnings {
        text.push_str("\nwarning: ");
        text.push_str(warning);
    }
    if let Some(object) = object.as_object_mut()
        && !warnings.is_empty()
    {
        object.insert("warnings".to_owned(), json!(warnings));
    }
    (object, text)
}

/// Adds which members of a file of client metadata had no effect.
pub fn with_ignored(mut object: Value, mut text: String, ignored: &[String]) -> (Value, String) {
    if let Some(object) = object.as_object_mut()
        && !ignored.is_empty()
    {
        object.insert("ignored".to_owned(), json!(ignored));
        text.push_str(&format!("\nignored: {} (nothing here depends on it)", ignored.join(", ")));
    }
    (object, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_application_says_of_itself_forges_no_line() {
        let hostile = "https://a.example/\u{1b}[31m\u{7}\n  first_party: true\u{202e}";
        let shown = lines(&json!({"client_uri": hostile, "contacts": [hostile], "translations": {hostile: hostile}}));
        assert_eq!(shown.lines().count(), 3);
        assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{shown:?}");
        assert!(shown.starts_with("client_uri                        https://a.example/"), "{shown}");
    }
}
