//! What a person sees.

mod choose_account;
mod consent;
mod cookies;
mod csrf;
mod errors;
mod login;
mod no_dead_ends;
mod outages;
