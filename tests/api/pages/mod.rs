//! What a person sees.

mod choose_account;
mod consent;
mod cookies;
mod csrf;
mod errors;
mod login;
mod login_throttle;
mod no_dead_ends;
mod outages;
