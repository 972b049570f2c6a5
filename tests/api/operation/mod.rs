//! What those who run the server meet.

mod health;
mod security_txt;
mod transport;
