//! What running a server needs: which time to believe, which key signs.

pub mod believed_time;
pub mod signing_key;
