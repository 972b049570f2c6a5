//! See code.rs.
