//! What happens without a request.

mod keys;
mod prune;
