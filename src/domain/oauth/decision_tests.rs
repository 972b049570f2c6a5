//! See decision.rs.
