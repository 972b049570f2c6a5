//! Why somebody who went to a provider does not come in.

use thiserror::Error;

/// Why a sign-in through a provider came to nothing. The text is for the log and `latchkey why`; it has no text that the
/// provider sent but its error code.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum UpstreamRefusal {
    /// The answer belongs to no sign-in that waits in this browser: used, over, of another browser or of another provider.
    #[error("the state is unknown, used, over, or belongs to another browser or provider")]
    State,
    /// The answer names another issuer (RFC 9207).
    #[error("the answer is of another issuer")]
    Issuer,
    /// The person, or the provider, did not want to.
    #[error("the provider answered {error}")]
    Denied {
        /// Its error code.
        error: String,
    },
    /// The answer has neither a code nor an error.
    #[error("the answer has no code")]
    NoCode,
    /// The provider does not take the code, or us.
    #[error("the provider refused the code: {error}")]
    Code {
        /// Its error code.
        error: String,
    },
    /// The ID token is not one for us, for this sign-in, or of this provider.
    #[error("the ID token does not hold: {0}")]
    IdToken(String),
    /// Nothing says who it is.
    #[error("the provider does not say who it is")]
    NoSubject,
    /// People of this tenant are not let in.
    #[error("people of this tenant are not let in")]
    Tenant,
    /// People whose verified address is of no such domain are not let in.
    #[error("people of this domain are not let in")]
    Domain,
    /// People who are in none of the groups that are required are not let in.
    #[error("people of none of their groups are let in")]
    Group,
    /// Whoever has no account gets none through this provider.
    #[error("no account is made for whoever comes from this provider")]
    NoAccount,
    /// The account is disabled, or whoever it was connected to is gone.
    #[error("the account may not sign in")]
    Disabled,
    /// A fresh sign-in was demanded, and the provider does not say that there was one.
    #[error("a fresh sign-in was demanded, and the provider does not say that there was one (auth_time)")]
    Stale,
    /// Another account was asked for a proof.
    #[error("another account was asked for a proof")]
    AnotherAccount,
    /// The provider does not answer, or with what cannot be read.
    #[error("the provider is not to be had: {0}")]
    Down(String),
}

/// The error code of a provider's answer, as far as it is one (RFC 6749 §4.1.2.1): printable and short.
pub fn error_code(text: &str) -> String {
    let is_code =
        (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_code { text.to_owned() } else { "an error".to_owned() }
}
