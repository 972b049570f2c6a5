//! oxide-auth's sets of scope tokens: their grammar (RFC 6749 §3.3) and the question whether one is within another.

pub use oxide_auth::primitives::scope::Scope as Set;
