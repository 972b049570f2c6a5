//! The rules of OAuth 2.x and OpenID Connect. Each doc comment names the section that it implements.

pub mod access_token;
pub mod authorize;
pub mod claim_catalogue;
pub mod claims;
pub mod client;
pub mod client_auth;
pub mod client_credentials;
pub mod client_id;
pub mod code;
pub mod decision;
pub mod discovery;
pub mod error;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod flow;
pub mod grant;
pub mod id_token;
pub mod lifetimes;
pub mod logout;
mod machine;
pub mod params;
pub mod pkce;
pub mod redirect;
pub mod redirect_registration;
pub mod refresh_token;
pub mod registration;
pub mod response;
pub mod scope;
