//! How each kind of answer is written.

pub mod account;
pub mod authorization;
pub mod client_brand;
pub mod error_page;
pub mod form_post;
pub mod layout;
pub mod mail_link;
pub mod message;
pub mod oauth_error;
pub mod own_data;
pub mod page;
pub mod page_error;
mod page_refusal;
pub mod password_refusal;
pub mod problem;
pub mod provider_button;
pub mod qr_code;
pub mod refused;
pub mod registration_error;
pub mod scope_line;
pub mod turned_away;
pub mod upstream;
pub mod when;
