//! Logout, as OpenID Connect defines it.

pub mod rp_initiated;
