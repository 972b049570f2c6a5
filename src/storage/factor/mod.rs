//! What people prove beside the password.

pub mod passkey;
pub mod recovery_code;
pub mod second_factor;
