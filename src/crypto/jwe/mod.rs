//! Encrypted JWTs (RFC 7516): which algorithms, and how those are opened that are encrypted to us. To others they are
//! encrypted in [`super::foreign`].

pub mod algorithm;
mod content;
pub mod decryption;
pub mod message;

pub use algorithm::{ContentEncryption, Encryption, KeyManagement, KeyManagements};
pub use decryption::{DecryptionKey, EncryptionJwk};
pub use message::EncryptedJwt;
