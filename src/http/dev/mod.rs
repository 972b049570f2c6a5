//! What only `latchkey dev` shows.

pub mod mail;
