//! Where providers send people back.

pub mod callback;

/// The path of every provider's callback.
pub const CALLBACK: &str = "/federation/{provider}/callback";
