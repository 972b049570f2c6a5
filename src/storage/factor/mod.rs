//! What people prove beside the password.

pub mod lost_factors;
pub mod passkey;
pub mod recovery_code;
pub mod second_factor;
