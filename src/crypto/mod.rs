//! CPU work only: signatures, sealing, password hashing. The only folder that names josekit, argon2, bcrypt, openssl,
//! totp-rs and webauthn-rs.

pub mod algorithm;
pub mod digest;
pub mod foreign;
pub mod jwe;
pub mod jwk;
pub mod jwt;
pub mod key;
pub mod mac;
pub mod machine_secret;
pub mod passkey;
pub mod password;
pub mod sealing;
pub mod strict_json;
pub mod totp;

use thiserror::Error;

pub use algorithm::{Algorithm, Algorithms};
pub use jwk::PublicJwk;
pub use jwt::VerifiedJwt;
pub use key::{GeneratedKey, SigningKey, VerifyingKey};
pub use mac::MacKey;
pub use sealing::MasterKey;

/// Why something could not be verified, opened or made. The text never holds key material or what was presented.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CryptoError {
    /// What was presented is not a well-formed JWT of the kind we accept.
    #[error("malformed JWT: {0}")]
    Malformed(&'static str),
    /// No key that we trust has the JWT's `kid`.
    #[error("JWT names an unknown key")]
    UnknownKey,
    /// The signature is not that of the named key over this header and payload.
    #[error("JWT signature does not match")]
    Signature,
    /// A key that we were given cannot be used.
    #[error("unusable key: {0}")]
    Key(&'static str),
    /// Sealed bytes were altered, belong to another context, or were sealed under another master key.
    #[error("sealed data cannot be opened: it was altered, or secrets.master_key is not the one it was sealed with")]
    Sealed,
    /// What was encrypted to us cannot be decrypted. Whatever the reason, there is this one answer: from finer ones somebody
    /// could learn what is inside of a message that they only saw pass (RFC 7516 §11.5).
    #[error("it cannot be decrypted with the key that it is for")]
    Decryption,
    /// The library failed, or a value could not be serialised: our fault, not the caller's.
    #[error("cryptographic operation failed: {0}")]
    Internal(&'static str),
}
