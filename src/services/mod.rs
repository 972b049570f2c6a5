//! One use case per file: what is allowed, in which transaction, and what is remembered of it. Only services touch the
//! database, so that nothing goes round their checks.

pub mod account;

pub mod error;
pub mod factor;
pub mod federation;
pub mod oauth;
pub mod operation;
pub mod sign_in;

pub use self::error::{ServiceError, Unavailable};
