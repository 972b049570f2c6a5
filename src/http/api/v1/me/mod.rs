//! One's own account.

pub mod account;
pub mod consents;
pub mod data;
pub mod email;
pub mod factors;
pub mod passkey;
pub mod password;
pub mod sessions;
pub mod upstream;
