//! What cannot be done with second factors, and why.

use thiserror::Error;

/// Why something cannot be done with second factors. The text is for the log.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum FactorRefusal {
    /// The configuration says so.
    #[error("second factors are switched off")]
    SwitchedOff,
    /// The person has as many as there may be, or is gone.
    #[error("the user has as many second factors as there may be")]
    TooMany,
    /// Passkeys are bound to a name, and this server has none or takes none.
    #[error("passkeys are switched off, or the issuer's host is a number")]
    NoPasskeys,
    /// Recovery codes stand in for a factor that there is not.
    #[error("the user has no second factor")]
    NoFactor,
}
