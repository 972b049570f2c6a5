//! What only `latchkey dev` shows.

pub mod clock;
pub mod mail;
