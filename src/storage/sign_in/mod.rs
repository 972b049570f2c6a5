//! Sessions, browsers, half sign-ins, and the counts that slow guesses down.

pub mod authorization_request;
pub mod browser_session;
pub mod consent;
pub mod login_throttle;
pub mod pending_sign_in;
pub mod remembered_device;
pub mod session;
