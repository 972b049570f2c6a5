//! Who does something, and what they may do.

pub mod actor;
pub mod permission;
