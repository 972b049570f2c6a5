//! What people prove beside the password.

pub mod recovery_code;
pub mod second_factor;
