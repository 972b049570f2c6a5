//! What handlers get instead of a raw request.

pub mod accepts;
pub mod actor;
pub mod bearer;
pub mod browser;
pub mod browser_layer;
pub mod client;
pub mod client_ip;
pub mod client_metadata;
pub mod device;
pub mod form;
pub mod json;
pub mod named;
pub mod unread;
