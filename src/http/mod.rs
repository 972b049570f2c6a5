//! Everything that speaks HTTP.

pub mod server;
pub mod shutdown;
pub mod tls;
