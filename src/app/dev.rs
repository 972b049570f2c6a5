//! What only `latchkey dev` has.

/// What only `latchkey dev` has.
#[derive(Clone, Debug, Default)]
pub struct Dev {
    /// Demo users, with their passwords.
    pub personas: Vec<Persona>,
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
