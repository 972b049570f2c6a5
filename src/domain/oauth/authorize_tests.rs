//! See authorize.rs.
