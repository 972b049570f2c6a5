//! How each kind of answer is written.

pub mod page;
