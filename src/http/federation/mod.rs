//! Where providers send people back, and tell that they have signed out.

pub mod callback;
pub mod logout;

/// The path at which every provider tells that somebody has signed out there.
pub const LOGOUT: &str = "/federation/{provider}/backchannel-logout";
/// The path of every provider's callback.
pub const CALLBACK: &str = "/federation/{provider}/callback";
