//! The rules of OAuth 2.x and OpenID Connect. Each doc comment names the section that it implements.

pub mod authorize;
pub mod client;
pub mod discovery;
pub mod error;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod foreign_claims;
pub mod grant;
pub mod logout;
pub mod params;
pub mod profile;
pub mod protected_resource;
pub mod refusal_kind;
mod state_machine;
pub mod token;
