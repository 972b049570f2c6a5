//! Signing in through other providers.

pub mod identity;
pub mod logout_token;
pub mod upstream_flow;
pub mod upstream_token;
