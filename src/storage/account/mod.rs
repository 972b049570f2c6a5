//! People.

pub mod one_time_link;
pub mod user;
