//! How each kind of answer is written.

pub mod authorization;
pub mod oauth_error;
pub mod page;
pub mod page_error;
