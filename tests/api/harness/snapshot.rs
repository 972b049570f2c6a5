//! Whole answers, compared with those in tests/api/snapshots. What differs from run to run is replaced by its name;
//! the rest must be the same on both databases. CONTRIBUTING.md says how a change is accepted.

use serde_json::{Map, Value, json};

use super::{Answer, Page, jwt};

/// Headers that a snapshot shows: what decides how the answer may be kept and what a page may do.
const HEADERS: [&str; 10] = [
    "access-control-allow-origin",
    "cache-control",
    "content-security-policy",
    "content-type",
    "cross-origin-opener-policy",
    "permissions-policy",
    "pragma",
    "referrer-policy",
    "x-content-type-options",
    "x-frame-options",
];

/// What stands in front of a value that differs from run to run, and how the snapshot shows the value.
const VOLATILE: [(&str, &str); 26] = [
    ("id=\"totp-secret\" class=\"copyable\">", "[secret]"),
    ("<path fill=\"#000\" d=\"", "[drawing]"),
    ("nonce=\"", "[nonce]"),
    ("name=\"challenge\" value=\"", "[challenge]"),
    ("data-options=\"", "[options]"),
    ("src=\"/static/", "[file]"),
    ("&#38;sid=", "[session]"),
    ("name=\"session_state\" value=\"", "[session state]"),
    ("name=\"csrf\" value=\"", "[csrf]"),
    ("name=\"account\" value=\"", "[session]"),
    ("name=\"sign_out\" value=\"", "[session]"),
    ("name=\"flow\" value=\"", "[flow]"),
    ("name=\"asked\" value=\"", "[asked]"),
    ("value=\"/signup?flow=", "[flow]"),
    ("?told=", "[told]"),
    ("name=\"code\" value=\"", "[code]"),
    ("name=\"token\" value=\"", "[token]"),
    ("class=\"button\" href=\"/login?flow=", "[flow]"),
    ("class=\"button primary\" href=\"/login?flow=", "[flow]"),
    ("name=\"factor\" value=\"", "[factor]"),
    ("?token=", "[token]"),
    ("name=\"invitation\" value=\"", "[token]"),
    ("class=\"recovery-code copyable\">", "[recovery code]"),
    ("href=\"/static/", "[file]"),
    ("href=\"/dev/mail/", "[mail]"),
    ("id=\"request-id\" class=\"copyable\">", "[request id]"),
];

/// Compares a page, with its status and headers.
#[track_caller]
pub fn assert_page(name: &str, page: &Page) {
    let mut text = head(&page.answer) + page.answer.text();
    for (before, shown) in VOLATILE {
        for value in values_after(&text, before) {
            text = text.replace(&value, shown);
        }
    }
    assert_same(name, &text);
}

/// Compares a JSON answer, with its status and headers. Tokens are shown by what is in them.
#[track_caller]
pub fn assert_json(name: &str, answer: &Answer, volatile: &[&str]) {
    let mut value = answer.json();
    redact(&mut value, volatile);
    let json = serde_json::to_string_pretty(&value).expect("JSON");
    assert_same(name, &(head(answer) + &json));
}

fn assert_same(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

fn head(answer: &Answer) -> String {
    let mut head = format!("{}\n", answer.status);
    for name in HEADERS.into_iter().filter(|name| answer.headers.contains_key(*name)) {
        let mut value = answer.header(name).to_owned();
        if let Some(nonce) = values_after(&value, "'nonce-").into_iter().next() {
            value = value.replace(&nonce, "[nonce]");
        }
        head.push_str(&format!("{name}: {value}\n"));
    }
    head + "\n"
}

/// What follows each `before`, up to the end of the attribute or element.
fn values_after(text: &str, before: &str) -> Vec<String> {
    let value = |rest: &str| rest.split(['"', '\'', '<']).next().unwrap_or_default().to_owned();
    let mut values: Vec<String> = text.split(before).skip(1).map(value).filter(|value| !value.is_empty()).collect();
    values.sort();
    values.dedup();
    values
}

/// Replaces the members named `volatile` at any depth, and every JWT by its header and claims.
fn redact(value: &mut Value, volatile: &[&str]) {
    match value {
        Value::Object(members) => redact_members(members, volatile),
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, volatile)),
        Value::String(text) if text.matches('.').count() == 2 && text.starts_with("ey") => {
            let mut shown = json!({ "header": jwt::header(text), "claims": jwt::claims(text) });
            redact(&mut shown, volatile);
            *value = shown;
        }
        _ => {}
    }
}

fn redact_members(members: &mut Map<String, Value>, volatile: &[&str]) {
    for (name, value) in members {
        match volatile.contains(&name.as_str()) {
            true => *value = json!(format!("[{name}]")),
            false => redact(value, volatile),
        }
    }
}
