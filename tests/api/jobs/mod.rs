//! What happens without a request.

mod clocks;
mod keys;
mod prune;
