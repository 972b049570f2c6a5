//! What a person sees.

mod anonymous;
mod choose_account;
mod consent;
mod cookies;
mod csrf;
mod errors;
mod fresh_sign_in;
mod login;
mod login_throttle;
mod no_dead_ends;
mod outages;
