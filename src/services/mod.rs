//! One use case per file.

pub mod password_pool;
