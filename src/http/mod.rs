//! Everything that speaks HTTP.

pub mod pages;
pub mod respond;
pub mod static_files;
