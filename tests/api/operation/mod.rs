//! What those who run the server meet.

mod health;
mod transport;
