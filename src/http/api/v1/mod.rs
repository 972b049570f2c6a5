//! The first version of the API. What it takes and gives is described in `openapi.json`, which the tests compare with it.

pub mod caller;
pub mod document;
pub mod keys;
pub mod me;
pub mod path;
