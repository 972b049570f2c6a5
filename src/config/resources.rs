//! `[resources.ID]`: the operator's own APIs, which tokens are for (RFC 8707).

use std::time::Duration;

use super::reader::Reader;
use super::scopes::is_scope_token;
use super::setting::{choice, quote};

/// The settings of one API.
#[derive(Clone, Debug)]
pub struct ResourceSettings {
    /// The name of the section.
    pub id: String,
    /// How it is called in requests and tokens.
    pub identifier: String,
    /// What people are shown; `None`: the name of the section.
    pub name: Option<String>,
    /// Its scopes, each a scope-token (RFC 6749 §3.3).
    pub scopes: Vec<String>,
    /// What its tokens look like; `None`: as their client says.
    pub access_token_format: Option<ResourceTokens>,
    /// How long its tokens live at most; `None`: as their client's.
    pub access_token_lifetime: Option<Duration>,
}

/// What tokens look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceTokens {
    /// JWTs, which the API checks by itself.
    Jwt,
    /// Strings, of which it asks us.
    Opaque,
}

choice!(ResourceTokens: Jwt = "jwt" or Opaque = "opaque");

/// The shortest life of a token: it has to reach the API, whose clock may differ.
const SHORTEST: Duration = Duration::from_secs(10);

pub(super) fn read(from: &mut Reader) -> Option<Vec<ResourceSettings>> {
    let ids = from.sections("resources");
    let read: Vec<_> = ids.into_iter().map(|id| resource(from, &id)).collect();
    read.into_iter().collect()
}

fn resource(from: &mut Reader, id: &str) -> Option<ResourceSettings> {
    let key = |name: &str| format!("resources.{id}.{name}");
    let identifier = from.value(key("identifier"));
    let name = from.optional(key("name"));
    let scopes: Option<Option<Vec<String>>> = from.optional(key("scopes"));
    let access_token_format = from.optional(key("access_token_format"));
    let access_token_lifetime: Option<Option<Duration>> = from.optional(key("access_token_lifetime"));
    let scopes = scopes?.unwrap_or_default();
    let bad: Vec<_> = scopes.iter().filter(|scope| !is_scope_token(scope)).map(|scope| quote(scope)).collect();
    if !bad.is_empty() {
        from.refuse(&key("scopes"), format!("not a scope: {}", bad.join(", ")));
        return None;
    }
    let access_token_lifetime = access_token_lifetime?;
    if access_token_lifetime.is_some_and(|lifetime| lifetime < SHORTEST) {
        from.refuse(&key("access_token_lifetime"), "must be 10s or more");
        return None;
    }
    Some(ResourceSettings {
        id: id.to_owned(),
        identifier: identifier?,
        name: name?,
        scopes,
        access_token_format: access_token_format?,
        access_token_lifetime,
    })
}
