//! See grant.rs.
