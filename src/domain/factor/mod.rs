//! Proofs of who somebody is: by which methods, what class of sign-in they make, and what is demanded.

pub mod class;
pub mod error;
pub mod lost_factors;
pub mod method;
pub mod passkey;
pub mod policy;
pub mod proof;
pub mod recovery_code;
pub mod second_factor;
pub mod totp;
