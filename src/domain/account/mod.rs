//! People: who they are and how they prove it.

pub mod activity;
pub mod breach;
pub mod confusable;
pub mod error;
pub mod groups;
pub mod identifier;
pub mod leaving;
pub mod one_time_link;
pub mod own_profile;
pub mod password_policy;
pub mod profile;
pub mod recovery;
pub mod renaming;
pub mod sign_up;
pub mod user;
