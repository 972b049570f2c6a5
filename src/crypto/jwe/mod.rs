//! Encrypted JWTs (RFC 7516): which algorithms, and how those are opened that are encrypted to us. To others they are
//! encrypted in [`super::foreign`].

pub mod algorithm;

pub use algorithm::{ContentEncryption, Encryption, KeyManagement};
