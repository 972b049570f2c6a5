//! People and their accounts.

mod claims;
mod lifecycle;
