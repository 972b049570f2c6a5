//! People.

pub mod user;
