//! What a person sees.

mod accounts;
mod accounts_attacks;
mod add_factor;
mod anonymous;
mod bad_input;
mod branding;
mod by_mail;
mod choose_account;
mod consent;
mod cookies;
mod csrf;
mod errors;
mod fresh_sign_in;
mod injection;
mod languages;
mod login;
mod login_throttle;
mod no_dead_ends;
mod outages;
mod passkey;
mod passkey_attacks;
mod remembered_device;
mod second_factor;
mod second_factor_attacks;
mod step_up;
