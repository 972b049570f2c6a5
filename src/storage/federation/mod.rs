//! Signing in through other providers.

pub mod identity;
pub mod upstream_flow;
