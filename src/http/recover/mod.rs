//! The pages for whoever cannot sign in. Each struct stands beside its handler and is the whole input of its template.

pub mod ask;
pub mod cancel;
pub mod reset;

/// Where one asks for another password.
pub const RECOVER: &str = "/recover";
/// Where one says that the second factors are not lost.
pub const CANCEL: &str = "/recover/factors/cancel";
/// Where one chooses another password.
pub const RESET: &str = "/recover/reset";
