//! What only `latchkey dev` has.

use std::sync::Arc;

use crate::foundation::clock_file::ClockFile;

/// What only `latchkey dev` has.
#[derive(Clone, Debug, Default)]
pub struct Dev {
    /// Demo users, with their passwords.
    pub personas: Vec<Persona>,
    /// Where it is kept how far the clock was moved forward; without it, that is forgotten at the end.
    pub clock: Option<Arc<ClockFile>>,
}

/// A demo user.
#[derive(Clone, Debug)]
pub struct Persona {
    /// To sign in with.
    pub username: &'static str,
    /// In clear: it is printed on the login page.
    pub password: &'static str,
    /// Who they are.
    pub role: &'static str,
    /// The secret of their authenticator app, in clear: whoever wants to try it types it into their own.
    pub totp: Option<&'static str>,
}
