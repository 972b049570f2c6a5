//! Clients, grants, and the tokens that stand on them.

pub mod access_token;
pub mod authorization_code;
pub mod client;
pub mod client_registration;
mod code_row;
pub mod grant;
pub mod initial_access_token;
pub mod pushed_request;
pub mod refresh_token;
pub mod revoked_token;
pub mod used_assertion;
