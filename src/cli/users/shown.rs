//! How users are shown.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::domain::account::user::User;
use crate::foundation::text::plain;

/// The most characters of a value.
const SHOWN: usize = 10_000;

/// A user, without anything secret.
pub fn describe(user: &User) -> Value {
    json!({
        "sub": user.id.to_string(),
        "username": user.username,
        "email": user.email,
        "email_verified": user.email_verified,
        "administrator": user.administrator,
        "status": user.status.as_str(),
        "groups": user.profile.groups(),
        "own_groups": user.profile.own_groups(),
        "upstream_groups": upstream_groups(user),
        "claims": user.profile.to_json(),
        "custom_claims": user.profile.custom(),
        "has_password": user.password_hash.is_some(),
        "second_factor": user.second_factor,
        "second_factor_from": user.second_factor_from.map(|at| at.to_string()),
        "created_at": user.created_at.to_string(),
        "updated_at": user.updated_at.to_string(),
    })
}

/// The groups that identities brought, by the name of their provider.
fn upstream_groups(user: &User) -> BTreeMap<&str, BTreeSet<&String>> {
    let mut groups: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for source in user.profile.upstream_groups() {
        groups.entry(source.provider.as_str()).or_default().extend(&source.names);
    }
    groups
}

/// One line for each member.
pub fn lines(object: &Value) -> String {
    let members = object.as_object().into_iter().flatten();
    let line = |(name, value): (&String, &Value)| match value {
        Value::Null => name.clone(),
        // People, and providers, choose what stands here: nothing of it forges a line or moves the cursor.
        Value::String(text) => format!("{name:20}{}", plain(text, SHOWN)),
        other => format!("{name:20}{}", plain(&other.to_string(), SHOWN)),
    };
    members.map(line).collect::<Vec<_>>().join("\n")
}

/// Each of a page in a line, and how to go on; or all of them in one object.
pub fn listed(page: &[User], limit: u32) -> (Value, String) {
    let line = |user: &User| {
        let names = [user.username.as_deref(), user.email.as_deref()];
        let names = names.into_iter().flatten().collect::<Vec<_>>().join("  ");
        let notes = [(user.administrator, "  (administrator)"), (user.status.as_str() == "disabled", "  (disabled)")];
        let notes = notes.into_iter().filter_map(|(holds, note)| holds.then_some(note)).collect::<String>();
        format!("{}  {names}{notes}", user.id)
    };
    // A full page may be the last; then the next one is empty.
    let full = u32::try_from(page.len()).is_ok_and(|count| count == limit);
    let next = page.last().filter(|_| full).map(|user| user.id.to_string());
    let mut text: Vec<_> = page.iter().map(line).collect();
    text.extend(next.as_ref().map(|id| format!("More: latchkey users list --after {id}")));
    (json!({"users": page.iter().map(describe).collect::<Vec<_>>(), "next": next}), text.join("\n"))
}
