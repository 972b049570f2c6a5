//! Signing in through another provider: which there are, what they say of somebody, and whose account that is.

pub mod arrival;
pub mod claim_mapping;
pub mod client_proof;
pub mod freshness;
pub mod identity;
pub mod link;
pub mod logout_token;
pub mod offer;
pub mod policy;
pub mod posted_name;
pub mod presets;
pub mod provider;
pub mod refusal;
pub mod upstream_token;
