//! What a client says of itself, and what it wants where a request says nothing, in a document.

use std::collections::BTreeMap;

use serde_json::Value;

use super::value::{DocumentError, not_among, optional_flag, optional_text, texts};
use crate::domain::oauth::client::about::ApplicationType;
use crate::domain::oauth::client::changes::Changes;

/// The members that are read here.
pub(super) const MEMBERS: [&str; 8] = [
    "application_type",
    "contacts",
    "default_acr_values",
    "default_max_age",
    "initiate_login_uri",
    "require_auth_time",
    "software_id",
    "software_version",
];

/// Reads one of its members.
pub(super) fn read(changes: &mut Changes, name: &str, value: &Value) -> Result<(), DocumentError> {
    match name {
        "contacts" => changes.contacts = Some(texts(name, value)?),
        "initiate_login_uri" => changes.initiate_login_uri = Some(optional_text(name, value)?),
        "software_id" => changes.software_id = Some(optional_text(name, value)?),
        "software_version" => changes.software_version = Some(optional_text(name, value)?),
        "application_type" => {
            let known = |text: String| {
                ApplicationType::parse(&text)
                    .ok_or_else(|| not_among(name, &ApplicationType::ALL.map(ApplicationType::as_str)))
            };
            changes.application_type = Some(optional_text(name, value)?.map(known).transpose()?);
        }
        "default_max_age" => {
            let seconds = match value {
                Value::Null => Some(None),
                other => other.as_u64().and_then(|seconds| u32::try_from(seconds).ok()).map(Some),
            };
            let form = || DocumentError::Value(name.to_owned(), "a number of seconds".to_owned());
            changes.default_max_age = Some(seconds.ok_or_else(form)?);
        }
        "require_auth_time" => changes.require_auth_time = Some(optional_flag(name, value)?.unwrap_or_default()),
        _ => changes.default_acr_values = Some(texts(name, value)?),
    }
    Ok(())
}

/// Reads a member in one language.
pub(super) fn read_translation(
    into: &mut Option<BTreeMap<String, String>>,
    name: &str,
    value: &Value,
) -> Result<(), DocumentError> {
    let text = optional_text(name, value)?;
    into.get_or_insert_default().extend(text.map(|text| (name.to_owned(), text)));
    Ok(())
}
