//! The authorization request and its answer (RFC 6749 §4.1.1 and §4.1.2).

pub mod pkce;
pub mod pushed;
pub mod request;
pub mod request_object;
pub mod response;
pub mod response_mode;
pub mod response_type;
pub mod response_type_rules;
