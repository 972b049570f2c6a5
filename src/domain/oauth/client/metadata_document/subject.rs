//! What a document says of how a client is to know people.

use serde_json::Value;

use super::value::{DocumentError, not_among, optional_text};
use crate::domain::oauth::client::changes::Changes;
use crate::domain::oauth::client::subject_type::SubjectType;

/// Reads one of its members.
pub(super) fn read(changes: &mut Changes, name: &str, value: &Value) -> Result<(), DocumentError> {
    let text = optional_text(name, value)?;
    if name == "sector_identifier_uri" {
        changes.sector_identifier_uri = Some(text);
        return Ok(());
    }
    let known = |text: String| {
        SubjectType::parse(&text).ok_or_else(|| not_among(name, &SubjectType::ALL.map(SubjectType::as_str)))
    };
    changes.subject_type = Some(text.map(known).transpose()?.unwrap_or_default());
    Ok(())
}
