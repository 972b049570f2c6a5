//! People.

pub mod login_identifier;
pub mod one_time_link;
pub mod user;
