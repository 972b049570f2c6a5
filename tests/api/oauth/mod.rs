//! The protocol endpoints.

mod algorithms;
mod authorize;
mod back_channel_logout;
pub mod bad_input;
mod challenge;
mod challenge_sign_up;
mod challenge_steps;
mod client_assertion;
mod client_keys;
mod client_lifecycle;
mod client_options;
mod cors;
mod discovery;
mod front_channel_logout;
mod introspect;
mod jwks;
mod jwt_answers;
mod logout;
mod par;
mod redirect_uri;
mod revoke;
mod session_management;
mod token_client_credentials;
mod token_code;
mod token_refresh;
mod userinfo;
