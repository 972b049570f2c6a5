//! Proofs of who somebody is: by which methods, and what class of sign-in they make.

pub mod class;
pub mod method;
pub mod proof;
