//! People and their accounts.

mod apps;
mod claims;
mod entrance;
mod lifecycle;
mod password;
mod passwords;
mod profile;
mod sessions;
