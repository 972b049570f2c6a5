//! The endpoints that applications and services call.

pub mod authorize;
pub mod challenge;
pub mod check_session;
pub mod endpoints;
pub mod introspect;
pub mod par;
pub mod register;
pub mod revoke;
pub mod token;
pub mod userinfo;
