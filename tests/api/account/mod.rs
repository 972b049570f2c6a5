//! People and their accounts.

mod claims;
mod entrance;
mod lifecycle;
mod passwords;
