//! Everything that speaks HTTP.

pub mod account;
pub mod api;
mod asked;
pub mod dev;
pub mod documents;
mod etag;
pub mod extract;
pub mod federation;
pub mod front;
pub mod health;
pub mod language;
pub mod language_choice;
pub mod layers;
pub mod oauth;
pub mod open_page;
pub mod probe;
pub mod recover;
pub mod request_id;
pub mod respond;
pub mod router;
pub mod same_origin;
pub mod security_txt;
pub mod serve;
pub mod set_out;
pub mod sign_in;
pub mod static_files;
pub mod under_path;
