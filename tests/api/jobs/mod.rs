//! What happens without a request.

mod clocks;
mod key_revocation;
mod keys;
mod prune;
mod worker;
