//! What a process keeps in memory, so that requests need not ask the database or compute it again. Bounded, and never the
//! only record of anything.

pub mod client_cache;
pub mod client_failures;
pub mod client_keys;
pub mod clock_guard;
pub mod decision_traces;
pub mod encryption_keys;
pub mod event_counts;
pub mod fetch_turns;
pub mod kept_key;
pub mod key_context;
pub mod key_making;
pub mod key_ring;
pub mod password_pool;
pub mod places;
pub mod request_objects;
pub mod sector_documents;
pub mod upstream;
pub mod verification_lanes;
pub mod verified_tokens;
