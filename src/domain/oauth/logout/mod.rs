//! Logout, as OpenID Connect defines it.

pub mod back_channel;
pub mod front_channel;
pub mod rp_initiated;
pub mod session_state;
