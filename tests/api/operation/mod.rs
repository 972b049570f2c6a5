//! What those who run the server meet.

mod events;
mod health;
mod security_txt;
mod transport;
