//! Sessions and browsers, and what braking guesses needs.

pub mod authorization_request;
pub mod browser_session;
pub mod consent;
pub mod login_throttle;
pub mod session;
