//! What others have signed: their public keys (RFC 7517), their signed JWTs (RFC 7515), and secrets that they sign with.
//! What we sign with is elsewhere: nothing that is read here can become a key of ours.

pub mod algorithm;
pub mod jwk;
pub mod jwk_set;
pub mod jws;
pub mod recipient;
pub mod shared_secret;

pub use algorithm::{ForeignAlgorithm, KeyAlgorithm, SecretAlgorithm};
pub use jwk::{ForeignJwk, JwkRefused};
pub use jwk_set::{ForeignJwkSet, JwkSetRefused};
pub use jws::{ForeignJws, ProvenJws};
pub use shared_secret::SharedSecret;
