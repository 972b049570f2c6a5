//! Sessions, and the way through the pages to one.

pub mod authorization_request;
pub mod challenge;
pub mod consent;
pub mod decision;
pub mod destination;
pub mod device;
pub mod device_name;
pub mod login_throttle;
pub mod mailed_code;
pub mod page_refusal;
pub mod pending_sign_in;
pub mod place;
pub mod remembered_device;
pub mod selection;
pub mod session;
