//! The authorization request and its answer (RFC 6749 §4.1.1 and §4.1.2).

pub mod pkce;
pub mod pushed;
pub mod request;
pub mod response;
