//! People: who they are and how they prove it.

pub mod device;
pub mod identifier;
pub mod login_throttle;
pub mod password_policy;
pub mod place;
pub mod profile;
pub mod user;
