//! What tokens say, for whom, and for how long.

pub mod access_token;
pub mod audience;
pub mod claim_catalogue;
pub mod claims;
pub mod id_token;
pub mod lifetimes;
pub mod own_account;
pub mod pairwise_sub;
pub mod resource;
pub mod scope;
pub mod subject;
pub mod target;
