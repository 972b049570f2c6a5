//! What clients ask for, and clients themselves.

pub mod access_token;
pub mod authorization_parameters;
pub mod back_channel_logout;
pub mod client;
pub mod client_throttle;
pub mod id_token;
pub mod id_token_hint;
pub mod introspect;
pub mod issue_code;
pub mod jwt_answer;
pub mod key_manager;
pub mod own_account;
pub mod pushed_request;
pub mod recipient;
pub mod registration;
mod request_object;
pub mod revoke;
pub mod token;
pub mod upstream_holder;
pub mod userinfo;
