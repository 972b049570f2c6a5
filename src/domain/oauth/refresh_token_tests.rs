//! See refresh_token.rs.
