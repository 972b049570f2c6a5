//! People and their accounts.

mod apps;
mod claims;
mod entrance;
mod factors;
mod lifecycle;
mod password;
mod passwords;
mod profile;
mod sessions;
