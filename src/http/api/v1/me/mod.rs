//! One's own account.

pub mod account;
pub mod consents;
pub mod email;
pub mod factors;
pub mod password;
pub mod sessions;
