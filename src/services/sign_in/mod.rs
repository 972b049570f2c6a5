//! The way through the pages to a session, and out of it.

pub mod accounts;
pub mod authorization_request;
pub mod authorize;
pub mod browser_session;
pub mod by_mail;
pub mod challenge;
pub mod consent;
pub mod enter;
pub mod login;
pub mod login_throttle;
pub mod logout;
pub mod lost_factors;
pub mod own_page;
pub mod passkey;
pub mod pending_sign_in;
pub mod progress;
pub mod remembered_device;
pub mod second_factor;
pub mod session;
pub(in crate::services) mod session_end;
