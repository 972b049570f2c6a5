//! The JSON interfaces that are no part of OAuth.

pub mod v1;
